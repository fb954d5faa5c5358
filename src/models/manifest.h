#pragma once
// A model's manifest as JSON, version 1. Internal to this room.
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/store.h"

namespace hearth::models {

inline constexpr std::size_t kManifestBytes = 1 << 20;

[[nodiscard]] std::string encode_manifest(const Model& model);
// Paths of the files are left empty: the store knows where its blobs are. Code::corrupt, naming the field.
[[nodiscard]] Result<Model> decode_manifest(std::string_view json);

}  // namespace hearth::models

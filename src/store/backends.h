#pragma once
// Every backend that this build knows.
#include <span>
#include <string_view>

#include "store/store.h"

namespace hearth::store {

[[nodiscard]] std::span<const Backend> backends();

// Error: Code::config, with the names that are known.
[[nodiscard]] Result<const Backend*> find_backend(std::string_view name);

}  // namespace hearth::store

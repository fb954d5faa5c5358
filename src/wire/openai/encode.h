#pragma once
// Inside this folder: the pieces of request encoding.
#include <string_view>
#include <vector>

#include "text/json_writer.h"
#include "wire/reader.h"
#include "wire/openai/request.h"

namespace hearth::wire::openai {

// Writes the unknown fields that stood within the nested object of that name (empty: beside the known ones), if
// options.extra.
void write_extra(json::Writer& w, const EncodeOptions& options, const std::vector<exchange::RawField>& extra,
                 std::string_view within);
void write_turn(json::Writer& w, const exchange::Turn& turn, const EncodeOptions& options);

}  // namespace hearth::wire::openai

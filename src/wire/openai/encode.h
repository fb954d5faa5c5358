#pragma once
// Inside this folder: the pieces of request encoding.
#include <string_view>
#include <vector>

#include "text/json_writer.h"
#include "wire/openai/request.h"
#include "wire/reader.h"

namespace hearth::wire::openai {

// Writes the unknown fields that stood within the nested object of that name (empty: beside the known ones), if
// options.extra.
void write_extra(json::Writer& w, const EncodeOptions& options, const std::vector<exchange::RawField>& extra,
                 std::string_view within);
// A member: one prompt as it is, several as an array.
void write_prompts(json::Writer& w, std::string_view field,
                   const std::vector<std::variant<std::string, exchange::TokenIds>>& prompts);
void write_turn(json::Writer& w, const exchange::Turn& turn, const EncodeOptions& options);

}  // namespace hearth::wire::openai

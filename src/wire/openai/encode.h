#pragma once
// Inside this folder: the pieces of request encoding.
#include <string_view>
#include <vector>

#include "text/json_writer.h"
#include "wire/openai/request.h"

namespace hearth::wire::openai {

// Writes unknown fields kept by decode_*.cpp, if options.extra: those kept from inside a nested object carry its name and
// a dot ("function.") and are written with that prefix asked for; the others with an empty one.
void write_extra(json::Writer& w, const EncodeOptions& options, const std::vector<exchange::RawField>& extra,
                 std::string_view prefix);
void write_turn(json::Writer& w, const exchange::Turn& turn, const EncodeOptions& options);

}  // namespace hearth::wire::openai

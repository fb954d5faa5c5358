#pragma once
// Inside this folder: the pieces of request decoding. Each answers false when reader.error is set.
#include "wire/reader.h"

namespace hearth::wire::responses {

inline constexpr std::size_t kParts = 4096;  // content parts of one item

// Items into turns. The tools must be known and named: earlier calls are written with their namespaces.
bool read_input(Reader& reader, json::Value value, const Path& path, exchange::Chat& chat);
bool read_content(Reader& reader, json::Value value, const Path& path, std::vector<exchange::Part>& out);

bool read_tools(Reader& reader, json::Value value, const Path& path, std::vector<exchange::Tool>& tools);
// Those of the additional_tools items; one that is already there is replaced.
bool read_additional_tools(Reader& reader, json::Value input, const Path& path,
                           std::vector<exchange::Tool>& tools);
bool read_tool_choice(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_text_options(Reader& reader, json::Value value, const Path& path, exchange::Request& out);

}  // namespace hearth::wire::responses

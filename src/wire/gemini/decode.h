#pragma once
// Inside this folder: the pieces of request decoding. Each answers false when reader.error is set.
#include <string_view>
#include <vector>

#include "wire/gemini/fields.h"
#include "wire/reader.h"

namespace hearth::wire::gemini {

inline constexpr std::size_t kParts = 4096;  // parts of one content

// One part that is no functionResponse; appends one or two parts, or none for an empty text.
bool read_part(Reader& reader, json::Value part, const Path& path, std::vector<exchange::Part>& out);
bool read_parts(Reader& reader, json::Value parts, const Path& path, std::vector<exchange::Part>& out);
bool within(Reader& reader, json::Value array, const Path& path, std::size_t most);  // an array, not too long

bool read_contents(Reader& reader, json::Value contents, const Path& path, exchange::Chat& out);
bool read_system(Reader& reader, json::Value value, const Path& path, exchange::Chat& out);
bool read_tools(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_tool_config(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_generation_config(Reader& reader, json::Value value, const Path& path, exchange::Request& out);

}  // namespace hearth::wire::gemini

#pragma once
// Inside this folder: the pieces of request decoding. Each answers false when reader.error is set.
#include <span>

#include "wire/openai/parts.h"
#include "wire/reader.h"

namespace hearth::wire::openai {

inline constexpr std::size_t kLogitBias = 4096;  // entries of logit_bias

// One known top-level field. Tables are sorted by name, so that a field is found in a few comparisons.
struct Field {
    std::string_view name;
    bool (*read)(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
};
[[nodiscard]] const Field* find_field(std::span<const Field> table, std::string_view name);

// Reads each member by `own`, then by the sampling fields when `sampling`, then by those of any request; else keeps it.
bool read_fields(Reader& reader, json::Value root, std::span<const Field> own, bool sampling,
                 exchange::Request& out);

bool read_messages(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_content(Reader& reader, json::Value value, const Path& path, std::vector<exchange::Part>& out);
bool read_tools(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_functions(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_tool_choice(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_function_choice(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_response_format(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
// A string, an array of strings, an array of token ids, or an array of such arrays.
bool read_prompts(Reader& reader, json::Value value, const Path& path,
                  std::vector<std::variant<std::string, exchange::TokenIds>>& out);
bool read_tool_calls(Reader& reader, json::Value value, const Path& path, std::vector<exchange::Part>& out);

}  // namespace hearth::wire::openai

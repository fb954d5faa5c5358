#pragma once
// What OpenAI's two dialects, chat and Responses, write alike: the parts of a message, the format of a free-form tool. Each
// answers false when reader.error is set.
#include <initializer_list>
#include <string_view>
#include <vector>

#include "wire/reader.h"

namespace hearth::wire::openai {

inline constexpr std::size_t kParts = 4096;  // content parts or tool calls of one message

using ReadPart = bool (*)(Reader& reader, json::Value part, const Path& path, exchange::Part& out);
// A string (an empty one is no part) or an array of parts.
bool read_parts(Reader& reader, json::Value value, const Path& path, ReadPart read_part,
                std::vector<exchange::Part>& out);

// `known`: members that are not kept as unknown.
bool read_text_part(Reader& reader, json::Value part, const Path& path,
                    std::initializer_list<std::string_view> known, exchange::Part& out);
bool read_audio_part(Reader& reader, json::Value part, const Path& path, exchange::Part& out);
bool read_refusal_part(Reader& reader, json::Value part, const Path& path, exchange::Part& out);
// As the form has it: a grammar's fields beside the type. Chat nests them, and some clients of Responses do.
bool read_custom_format(Reader& reader, json::Value value, const Path& path, std::string& out);
// A data: URL becomes media type and data; any other stays one.
void set_image_url(std::string_view url, exchange::Image& image);

}  // namespace hearth::wire::openai

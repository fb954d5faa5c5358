#pragma once
// Requests of the Messages API, read. Inside this folder the pieces; each answers false when reader.error is set.
#include "wire/dialect.h"
#include "wire/reader.h"

namespace hearth::wire::anthropic {

inline constexpr std::size_t kBlocks = 4096;  // content blocks of one message

// A body of /v1/messages (Kind::chat) or /v1/messages/count_tokens (Kind::count). max_tokens, which the vendor demands,
// may be left out: compatible servers have a limit of their own.
[[nodiscard]] Result<exchange::Request> decode_request(exchange::Kind kind, const json::Document& document);

bool read_system(Reader& reader, json::Value value, const Path& path, exchange::Turn& out);
bool read_messages(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
// A string, or a list of blocks with a type; an unknown type becomes Foreign.
bool read_blocks(Reader& reader, json::Value value, const Path& path, std::vector<exchange::Part>& out);
bool read_block(Reader& reader, json::Value block, const Path& path, std::vector<exchange::Part>& out);
// A block's `type`, or false with an error.
bool read_type(Reader& reader, json::Value block, const Path& path, std::string& out);
bool too_many_blocks(Reader& reader, json::Value value, const Path& path);

bool read_tools(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool read_tool_choice(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
bool check_tool_choice(Reader& reader, json::Value root, const exchange::Chat& chat);

}  // namespace hearth::wire::anthropic

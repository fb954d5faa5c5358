// Messages and the system prompt. One user message of Anthropic's may hold the results of tools and words of the user:
// each result becomes a turn of its own, in order, and what remains becomes the user's turn behind them.
#include <fmt/format.h>

#include "base/limits.h"
#include "wire/anthropic/decode.h"
#include "wire/anthropic/words.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Part;
using exchange::Role;
using exchange::Turn;
using json::Value;

bool read_role(Reader& r, Value value, const Path& path, Role& out) {
    if (!value) return r.missing(path);
    if (!value.is_string()) return r.wrong_type(value, "string", path);
    const auto word = value.as_string();
    if (word == "user") {
        out = Role::user;
    } else if (word == "assistant") {
        out = Role::assistant;
    } else if (word == "system") {
        out = Role::system;
    } else {
        return r.fail(path,
                      fmt::format("'{}' must be one of 'user', 'assistant' and 'system'.", path.text()));
    }
    return true;
}

bool read_result(Reader& r, Value block, const Path& path, Turn& turn) {
    turn.role = Role::tool;
    if (!r.name(block["tool_use_id"], path.at("tool_use_id"), turn.tool_call_id)) return false;
    if (!r.boolean(block["is_error"], path.at("is_error"), turn.is_error)) return false;
    const Value content = block["content"];
    if (content && !content.is_null() && !read_blocks(r, content, path.at("content"), turn.parts))
        return false;
    keep_unknown(turn.extra, block, {}, {"type", "tool_use_id", "is_error", "content"});
    return true;
}

bool read_user_block(Reader& r, Value block, const Path& path, std::vector<Turn>& results, Turn& rest) {
    std::string type;
    if (!read_type(r, block, path, type)) return false;
    if (type == "tool_result") return read_result(r, block, path, results.emplace_back());
    if (type == "tool_use" || type == "thinking" || type == "redacted_thinking") {
        return r.fail(path.at("type"),
                      fmt::format("Only messages with the role 'assistant' may have '{}' blocks.", type));
    }
    return read_block(r, block, path, rest.parts);
}

bool read_user(Reader& r, Value content, const Path& path, Turn&& rest, std::vector<Turn>& out) {
    std::vector<Turn> results;
    if (!content.is_array()) {
        if (!read_blocks(r, content, path, rest.parts)) return false;
    } else {
        if (too_many_blocks(r, content, path)) return false;
        std::size_t index = 0;
        for (const Value block : content.elements()) {
            if (!read_user_block(r, block, path.at(index++), results, rest)) return false;
        }
    }
    if (!rest.parts.empty() || results.empty()) {
        results.push_back(std::move(rest));
    } else {
        auto& extra = results.back().extra;
        extra.insert(extra.end(), rest.extra.begin(), rest.extra.end());
    }
    for (auto& turn : results) out.push_back(std::move(turn));
    return true;
}

// Thought signatures of calls that came as a redacted block before their tool_use go back into the call.
void attach_signatures(std::vector<Part>& parts) {
    for (std::size_t i = 0; i + 1 < parts.size();) {
        auto* thought = std::get_if<exchange::Reasoning>(&parts[i]);
        auto* call = std::get_if<exchange::ToolCall>(&parts[i + 1]);
        const bool of_call = thought != nullptr && thought->text.empty() && !thought->opaque.origin.empty() &&
                             thought->opaque.data.starts_with(kOfCall);
        if (!of_call || call == nullptr) {
            ++i;
            continue;
        }
        thought->opaque.data.erase(0, kOfCall.size());
        call->opaque = std::move(thought->opaque);
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

bool read_message(Reader& r, Value message, const Path& path, std::vector<Turn>& out) {
    if (!message.is_object()) return r.wrong_type(message, "object", path);
    Turn turn;
    if (!read_role(r, message["role"], path.at("role"), turn.role)) return false;
    keep_unknown(turn.extra, message, {}, {"role", "content"});
    const Value content = message["content"];
    const Path at = path.at("content");
    if (!content) return r.missing(at);
    if (turn.role == Role::user) return read_user(r, content, at, std::move(turn), out);
    if (!read_blocks(r, content, at, turn.parts)) return false;
    attach_signatures(turn.parts);
    out.push_back(std::move(turn));
    return true;
}

}  // namespace

bool read_system(Reader& reader, Value value, const Path& path, Turn& out) {
    if (value.is_null()) return true;
    return read_blocks(reader, value, path, out.parts);
}

bool read_messages(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (!value.is_array()) return reader.wrong_type(value, "array of messages", path);
    if (value.size() == 0)
        return reader.fail(path, "'messages' is empty, but must have at least one message.");
    if (value.size() > limits::kMessages) {
        return reader.fail(path, fmt::format("'messages' has {} entries, but may have {}.", value.size(),
                                             limits::kMessages));
    }
    auto& turns = std::get<exchange::Chat>(out.body).turns;
    turns.reserve(value.size() + 1);
    std::size_t index = 0;
    for (const Value message : value.elements()) {
        if (!read_message(reader, message, path.at(index++), turns)) return false;
    }
    return true;
}

}  // namespace hearth::wire::anthropic

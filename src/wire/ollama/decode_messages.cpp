// Messages of /api/chat: content is a string, images stand beside it, tool calls carry their arguments as an object.
#include <fmt/format.h>

#include "base/limits.h"
#include "wire/ollama/calls.h"
#include "wire/ollama/decode.h"
#include "wire/openai/decode.h"

namespace hearth::wire::ollama {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Value;

struct RoleName {
    std::string_view name;
    Role role;
};
constexpr RoleName kRoles[] = {{"system", Role::system},
                               {"developer", Role::developer},
                               {"user", Role::user},
                               {"assistant", Role::assistant},
                               {"tool", Role::tool}};

bool read_role(Reader& r, Value value, const Path& path, Role& out) {
    std::string name;
    if (!r.name(value, path, name)) return false;
    for (char& c : name) {  // Ollama does not mind capitals
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto found = std::ranges::find(kRoles, name, &RoleName::name);
    if (found == std::end(kRoles)) {
        return r.fail(
            path, fmt::format("'{}' must be one of 'system', 'user', 'assistant' and 'tool'.", path.text()));
    }
    out = found->role;
    return true;
}

// An image's media type from the first characters of its base64: this API does not have it, other dialects need it.
std::string_view media_type_of(std::string_view base64) {
    if (base64.starts_with("/9j/")) return "image/jpeg";
    if (base64.starts_with("R0lGOD")) return "image/gif";
    if (base64.starts_with("UklGR")) return "image/webp";
    return "image/png";
}

bool read_arguments(Reader& r, Value value, const Path& path, std::string& out) {
    out = "{}";
    if (!value || value.is_null()) return true;
    if (value.is_object()) {
        out = value.raw();
    } else if (!value.is_string()) {
        return r.wrong_type(value, "object", path);
    } else if (!value.as_string().empty()) {  // OpenAI's way, sent by clients that speak both
        out = value.as_string();
    }
    return true;
}

bool read_call(Reader& r, Value value, const Path& path, Calls& calls, exchange::ToolCall& call) {
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    const Value inner = value["function"];
    const Path at = path.at("function");
    if (!r.object(inner, at)) return false;
    if (!r.name(inner["name"], at.at("name"), call.name)) return false;
    if (!read_arguments(r, inner["arguments"], at.at("arguments"), call.arguments)) return false;
    if (!r.string(value["id"], path.at("id"), call.id)) return false;
    call.id = calls.begin(call.name, call.id);
    keep_unknown(call.extra, inner, "function", {"name", "arguments", "index"});
    keep_unknown(call.extra, value, {}, {"id", "type", "function"});
    return true;
}

bool read_calls(Reader& r, Value value, const Path& path, Calls& calls, Turn& turn) {
    if (!value || value.is_null() || (value.is_array() && value.size() == 0)) return true;
    if (!value.is_array()) return r.wrong_type(value, "array of tool calls", path);
    if (turn.role != Role::assistant)
        return r.fail(path, "Only messages with the role 'assistant' may have 'tool_calls'.");
    if (value.size() > openai::kParts) {
        return r.fail(path, fmt::format("'{}' has {} entries, but may have {}.", path.text(), value.size(),
                                        openai::kParts));
    }
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        exchange::ToolCall call;
        if (!read_call(r, one, path.at(index++), calls, call)) return false;
        turn.parts.emplace_back(std::move(call));
    }
    return true;
}

bool read_message(Reader& r, Value message, const Path& path, Calls& calls, Turn& turn) {
    if (!message.is_object()) return r.wrong_type(message, "object", path);
    if (!read_role(r, message["role"], path.at("role"), turn.role)) return false;
    std::string thinking, content;
    if (!r.string(message["thinking"], path.at("thinking"), thinking)) return false;
    if (!r.string(message["content"], path.at("content"), content)) return false;
    if (!thinking.empty()) turn.parts.emplace_back(exchange::Reasoning{std::move(thinking), {}});
    if (!content.empty()) turn.parts.emplace_back(exchange::Text{std::move(content), {}});
    if (!read_images(r, message["images"], path.at("images"), turn.parts)) return false;
    if (!read_calls(r, message["tool_calls"], path.at("tool_calls"), calls, turn)) return false;
    if (turn.role == Role::tool) {
        if (!r.string(message["tool_name"], path.at("tool_name"), turn.name)) return false;
        if (!r.string(message["tool_call_id"], path.at("tool_call_id"), turn.tool_call_id)) return false;
        calls.answer(turn.tool_call_id, turn.name);
        keep_unknown(turn.extra, message, {},
                     {"role", "thinking", "content", "images", "tool_calls", "tool_name", "tool_call_id"});
        return true;
    }
    keep_unknown(turn.extra, message, {}, {"role", "thinking", "content", "images", "tool_calls"});
    return true;
}

}  // namespace

bool read_images(Reader& reader, Value value, const Path& path, std::vector<exchange::Part>& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of base64 strings", path);
    if (value.size() > openai::kParts) {
        return reader.fail(path, fmt::format("'{}' has {} entries, but may have {}.", path.text(),
                                             value.size(), openai::kParts));
    }
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        exchange::Image image;
        if (!reader.name(one, path.at(index++), image.data)) return false;
        image.media_type = media_type_of(image.data);
        out.emplace_back(std::move(image));
    }
    return true;
}

bool read_messages(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of messages", path);
    if (value.size() > limits::kMessages) {
        return reader.fail(path, fmt::format("'messages' has {} entries, but may have {}.", value.size(),
                                             limits::kMessages));
    }
    auto& turns = std::get<exchange::Chat>(out.body).turns;
    turns.reserve(value.size());
    Calls calls;
    std::size_t index = 0;
    for (const Value message : value.elements()) {
        if (!read_message(reader, message, path.at(index++), calls, turns.emplace_back())) return false;
    }
    return true;
}

}  // namespace hearth::wire::ollama

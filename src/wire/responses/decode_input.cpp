// Input items into turns.
#include <fmt/format.h>

#include "base/limits.h"
#include "wire/opaque.h"
#include "wire/responses/compaction.h"
#include "wire/responses/decode.h"
#include "wire/responses/names.h"

namespace hearth::wire::responses {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Value;

struct RoleName {
    std::string_view name;
    Role role;
};
constexpr RoleName kRoles[] = {{"user", Role::user},
                               {"assistant", Role::assistant},
                               {"system", Role::system},
                               {"developer", Role::developer}};

Turn& turn_of(exchange::Chat& chat, Role role) {
    auto& turn = chat.turns.emplace_back();
    turn.role = role;
    return turn;
}

// The assistant's items come one by one, but what it said and did between two inputs is one turn.
Turn& assistant_turn(exchange::Chat& chat) {
    if (!chat.turns.empty() && chat.turns.back().role == Role::assistant) return chat.turns.back();
    return turn_of(chat, Role::assistant);
}

bool read_message(Reader& r, Value item, const Path& path, exchange::Chat& chat) {
    const Value role = item["role"];
    if (!role) return r.missing(path.at("role"));
    if (!role.is_string()) return r.wrong_type(role, "string", path.at("role"));
    const auto found = std::ranges::find(kRoles, role.as_string(), &RoleName::name);
    if (found == std::end(kRoles)) {
        return r.fail(path.at("role"),
                      fmt::format("'{}' must be one of 'user', 'assistant', 'system' and 'developer'.",
                                  path.at("role").text()));
    }
    Turn& turn = found->role == Role::assistant ? assistant_turn(chat) : turn_of(chat, found->role);
    if (!read_content(r, item["content"], path.at("content"), turn.parts)) return false;
    keep_unknown(turn.extra, item, {}, {"type", "id", "role", "content", "status", "phase", "end_turn"});
    return true;
}

bool join_texts(Reader& r, Value list, const Path& path, std::string_view between, std::string& out) {
    if (!list || list.is_null()) return true;
    if (!list.is_array()) return r.wrong_type(list, "array of parts", path);
    std::size_t index = 0;
    for (const Value part : list.elements()) {
        const Path at = path.at(index++);
        if (!part.is_object()) return r.wrong_type(part, "object", at);
        std::string text;
        if (!r.string(part["text"], at.at("text"), text)) return false;
        if (index > 1) out += between;
        out += text;
    }
    return true;
}

// Thinking as it is where there is any, else its summary.
bool read_reasoning(Reader& r, Value item, const Path& path, exchange::Chat& chat) {
    exchange::Reasoning reasoning;
    std::string summary, sealed;
    if (!join_texts(r, item["content"], path.at("content"), {}, reasoning.text)) return false;
    if (!join_texts(r, item["summary"], path.at("summary"), "\n\n", summary)) return false;
    if (!r.string(item["encrypted_content"], path.at("encrypted_content"), sealed)) return false;
    if (reasoning.text.empty()) reasoning.text = std::move(summary);
    if (!sealed.empty()) reasoning.opaque = unseal(sealed);
    if (reasoning.text.empty() && reasoning.opaque.empty()) return true;
    assistant_turn(chat).parts.emplace_back(std::move(reasoning));
    return true;
}

bool read_call_id(Reader& r, Value item, const Path& path, std::string& out) {
    const bool other = !item["call_id"] && item["id"];
    return other ? r.name(item["id"], path.at("id"), out) : r.name(item["call_id"], path.at("call_id"), out);
}

bool read_call(Reader& r, Value item, const Path& path, bool custom, exchange::Chat& chat) {
    exchange::ToolCall call;
    call.custom = custom;
    std::string name, space;
    if (!read_call_id(r, item, path, call.id)) return false;
    if (!r.tool_name(item["name"], path.at("name"), name)) return false;
    if (!r.string(item["namespace"], path.at("namespace"), space)) return false;
    const std::string_view field = custom ? "input" : "arguments";
    const Value arguments = item[field];
    if (arguments.is_object() && !custom) {
        call.arguments = arguments.raw();
    } else if (!r.string(arguments, path.at(field), call.arguments)) {
        return false;
    }
    call.name = form_name(chat.tools, space, name);
    keep_unknown(call.extra, item, {},
                 {"type", "id", "call_id", "name", "namespace", field, "status", "caller", "created_by"});
    assistant_turn(chat).parts.emplace_back(std::move(call));
    return true;
}

bool read_output(Reader& r, Value item, const Path& path, exchange::Chat& chat) {
    Turn& turn = turn_of(chat, Role::tool);
    if (!r.name(item["call_id"], path.at("call_id"), turn.tool_call_id)) return false;
    const Value output = item["output"];
    if (output.is_object()) {  // some clients send the value instead of its text
        turn.parts.emplace_back(exchange::Text{std::string(output.raw()), {}});
    } else if (!read_content(r, output, path.at("output"), turn.parts)) {
        return false;
    }
    keep_unknown(turn.extra, item, {},
                 {"type", "id", "call_id", "output", "name", "namespace", "status", "caller", "created_by"});
    return true;
}

// Hosted tools' items, references, compaction and what is new: whole, on the side that would have written it.
bool read_other(Value item, std::string_view type, exchange::Chat& chat) {
    if (type == "compaction") {
        if (auto summary = summary_of(item["encrypted_content"].as_string())) {
            turn_of(chat, Role::user).parts.emplace_back(exchange::Text{std::move(*summary), {}});
            return true;
        }
    }
    const bool ours = type.ends_with("_output") || type.ends_with("_response") ||
                      type == "compaction_trigger" || type == "item_reference";
    Turn& turn = ours ? turn_of(chat, Role::user) : assistant_turn(chat);
    turn.parts.emplace_back(exchange::Foreign{std::string(type), std::string(item.raw())});
    return true;
}

bool read_item(Reader& r, Value item, const Path& path, exchange::Chat& chat) {
    if (!item.is_object()) return r.wrong_type(item, "object", path);
    std::string type;
    if (!r.string(item["type"], path.at("type"), type)) return false;
    if (type == "message" || (type.empty() && item["role"])) return read_message(r, item, path, chat);
    if (type.empty()) {
        if (!item["id"]) return r.missing(path.at("type"));
        return read_other(item, "item_reference", chat);
    }
    if (type == "reasoning") return read_reasoning(r, item, path, chat);
    if (type == "function_call") return read_call(r, item, path, false, chat);
    if (type == "custom_tool_call") return read_call(r, item, path, true, chat);
    if (type == "function_call_output" || type == "custom_tool_call_output")
        return read_output(r, item, path, chat);
    if (type == "additional_tools") return true;  // read before
    return read_other(item, type, chat);
}

}  // namespace

bool read_input(Reader& reader, Value value, const Path& path, exchange::Chat& chat) {
    if (value.is_string()) {
        Turn& turn = turn_of(chat, Role::user);
        return read_content(reader, value, path, turn.parts);
    }
    if (!value.is_array()) return reader.wrong_type(value, "string or an array of items", path);
    if (value.size() > limits::kMessages) {
        return reader.fail(
            path, fmt::format("'input' has {} entries, but may have {}.", value.size(), limits::kMessages));
    }
    chat.turns.reserve(chat.turns.size() + value.size());
    std::size_t index = 0;
    for (const Value item : value.elements()) {
        if (!read_item(reader, item, path.at(index++), chat)) return false;
    }
    return true;
}

}  // namespace hearth::wire::responses

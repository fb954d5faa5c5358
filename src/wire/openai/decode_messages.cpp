// Messages of a chat: roles, content, tool calls and their results, modern and legacy.
#include <fmt/format.h>

#include "base/limits.h"
#include "wire/openai/decode.h"
#include "wire/openai/request.h"

namespace hearth::wire::openai {

namespace {

using exchange::Part;
using exchange::Role;
using exchange::Turn;
using json::Value;

struct RoleName {
    std::string_view name;
    Role role;
};
constexpr RoleName kRoles[] = {{"system", Role::system}, {"developer", Role::developer},
                               {"user", Role::user},     {"assistant", Role::assistant},
                               {"tool", Role::tool},     {"function", Role::tool}};

// Legacy calls carry no ids: the form gives them numbered ones, and a result goes to the latest call of its name.
struct LegacyCalls {
    std::vector<std::pair<std::string, std::string>> calls;  // name, id
    std::string begin(std::string_view name) {
        calls.emplace_back(std::string(name), fmt::format("call_fn_{}", calls.size()));
        return calls.back().second;
    }
    [[nodiscard]] std::string find(std::string_view name) const {
        const auto found =
            std::find_if(calls.rbegin(), calls.rend(), [&](const auto& c) { return c.first == name; });
        return found == calls.rend() ? std::string{} : found->second;
    }
};

bool read_role(Reader& r, Value value, const Path& path, Role& out) {
    if (!value) return r.missing(path);
    if (!value.is_string()) return r.wrong_type(value, "string", path);
    const auto found = std::ranges::find(kRoles, value.as_string(), &RoleName::name);
    if (found == std::end(kRoles)) {
        return r.fail(
            path, fmt::format("'{}' must be one of 'system', 'developer', 'user', 'assistant', 'tool' and "
                              "'function'.",
                              path.text()));
    }
    out = found->role;
    return true;
}

// reasoning_content is DeepSeek's and llama.cpp's field, reasoning OpenRouter's and vLLM's; clients send back what
// they were given.
void read_reasoning(Value message, Turn& turn) {
    const Value first = message["reasoning_content"], second = message["reasoning"];
    const Value chosen = first.is_string() ? first : second;
    if (chosen.is_string() && !chosen.as_string().empty()) {
        turn.parts.emplace_back(exchange::Reasoning{std::string(chosen.as_string()), {}});
    }
    if (first && !first.is_string() && !first.is_null()) {
        turn.extra.push_back({"reasoning_content", std::string(first.raw())});
    }
    if (second && !second.is_null() && !second.same(chosen)) {
        turn.extra.push_back({"reasoning", std::string(second.raw())});
    }
}

bool read_function_call(Reader& r, Value value, const Path& path, LegacyCalls& legacy, Turn& turn) {
    if (!value || value.is_null()) return true;
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    exchange::ToolCall call;
    if (!r.name(value["name"], path.at("name"), call.name)) return false;
    if (!r.string(value["arguments"], path.at("arguments"), call.arguments)) return false;
    call.id = legacy.begin(call.name);
    turn.parts.emplace_back(std::move(call));
    return true;
}

bool read_assistant(Reader& r, Value message, const Path& path, LegacyCalls& legacy, Turn& turn) {
    read_reasoning(message, turn);
    if (!read_content(r, message["content"], path.at("content"), turn.parts)) return false;
    std::string refusal;
    if (!r.string(message["refusal"], path.at("refusal"), refusal)) return false;
    if (!refusal.empty()) turn.parts.emplace_back(exchange::Refusal{std::move(refusal)});
    if (!read_tool_calls(r, message["tool_calls"], path.at("tool_calls"), turn.parts)) return false;
    if (!read_function_call(r, message["function_call"], path.at("function_call"), legacy, turn))
        return false;
    keep_unknown(turn.extra, message, {},
                 {"role", "name", "content", "refusal", "tool_calls", "function_call", "reasoning_content",
                  "reasoning"});
    return true;
}

bool read_other(Reader& r, Value message, const Path& path, Turn& turn) {
    const Value content = message["content"];
    // A null result of a tool is an empty one; every other role needs content.
    if (turn.role != Role::tool && (!content || content.is_null())) {
        return content ? r.wrong_type(content, "string or an array of parts", path.at("content"))
                       : r.missing(path.at("content"));
    }
    if (!read_content(r, content, path.at("content"), turn.parts)) return false;
    if (const Value calls = message["tool_calls"]; calls && !calls.is_null() && calls.size() > 0) {
        return r.fail(path.at("tool_calls"),
                      "Only messages with the role 'assistant' may have 'tool_calls'.");
    }
    keep_unknown(turn.extra, message, {}, {"role", "name", "content", "tool_call_id", "tool_calls"});
    return true;
}

bool read_message(Reader& r, Value message, const Path& path, LegacyCalls& legacy, Turn& turn) {
    if (!message.is_object()) return r.wrong_type(message, "object", path);
    if (!read_role(r, message["role"], path.at("role"), turn.role)) return false;
    if (!r.string(message["name"], path.at("name"), turn.name)) return false;
    if (turn.role == Role::assistant) return read_assistant(r, message, path, legacy, turn);
    if (turn.role == Role::tool) {
        if (!r.string(message["tool_call_id"], path.at("tool_call_id"), turn.tool_call_id)) return false;
        if (message["role"].as_string() == "function") turn.tool_call_id = legacy.find(turn.name);
    } else if (message["tool_call_id"]) {
        turn.extra.push_back({"tool_call_id", std::string(message["tool_call_id"].raw())});
    }
    return read_other(r, message, path, turn);
}

}  // namespace

bool read_messages(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (!value.is_array()) return reader.wrong_type(value, "array of messages", path);
    if (value.size() == 0)
        return reader.fail(path, "'messages' is empty, but must have at least one message.");
    if (value.size() > limits::kMessages) {
        return reader.fail(path, fmt::format("'messages' has {} entries, but may have {}.", value.size(),
                                             limits::kMessages));
    }
    auto& turns = std::get<exchange::Chat>(out.body).turns;
    turns.reserve(value.size());
    LegacyCalls legacy;
    std::size_t index = 0;
    for (const Value message : value.elements()) {
        if (!read_message(reader, message, path.at(index++), legacy, turns.emplace_back())) return false;
    }
    return true;
}

namespace {

std::string joined(const std::vector<std::string>& ids) {
    return fmt::format("{}", fmt::join(ids, ", "));
}

// The calls of one assistant turn and which of them have had their result.
struct OpenCalls {
    std::vector<std::string> waiting;
    std::vector<std::string> known;
};

Result<void> open_calls(const Turn& turn, std::size_t index, OpenCalls& open) {
    open = {};
    for (const auto& part : turn.parts) {
        const auto* call = std::get_if<exchange::ToolCall>(&part);
        if (call == nullptr) continue;
        if (std::ranges::find(open.known, call->id) != open.known.end()) {
            return fail(Code::invalid_request,
                        fmt::format("Duplicate tool call id '{}' in one message.", call->id),
                        fmt::format("messages[{}].tool_calls", index));
        }
        open.known.push_back(call->id);
    }
    open.waiting = open.known;
    return {};
}

}  // namespace

Result<void> check_tool_turns(const exchange::Chat& chat) {
    OpenCalls open;
    std::size_t asked_at = 0;
    const auto unanswered = [&]() -> Result<void> {
        if (open.waiting.empty()) return {};
        return fail(
            Code::invalid_request,
            fmt::format(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to "
                "each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
                joined(open.waiting)),
            fmt::format("messages[{}].tool_calls", asked_at));
    };
    for (std::size_t i = 0; i < chat.turns.size(); ++i) {
        const Turn& turn = chat.turns[i];
        if (turn.role != Role::tool) {
            if (auto ok = unanswered(); !ok) return ok;
            if (auto ok = open_calls(turn, i, open); !ok) return ok;
            asked_at = i;
        } else if (std::ranges::find(open.known, turn.tool_call_id) == open.known.end()) {
            return fail(Code::invalid_request,
                        "Messages with role 'tool' must be a response to a preceding message with "
                        "'tool_calls' that has "
                        "their 'tool_call_id'.",
                        fmt::format("messages[{}].tool_call_id", i));
        } else {
            std::erase(open.waiting, turn.tool_call_id);
        }
    }
    return unanswered();
}

}  // namespace hearth::wire::openai

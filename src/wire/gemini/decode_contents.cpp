// The conversation: contents into turns, and which call each function response answers.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <unordered_map>

#include "base/limits.h"
#include "wire/gemini/decode.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Value;

// The calls so far. Clients that got no ids (or dropped them) send none back: then the oldest call of that name that
// has no answer yet is meant, which is the order Google documents for parallel calls.
class Calls {
  public:
    // Gives the call an id if it has none.
    void add(exchange::ToolCall& call) {
        while (call.id.empty()) {
            auto id = fmt::format("call_{}", next_++);
            if (!by_id_.contains(id)) call.id = std::move(id);
        }
        by_id_[call.id] = calls_.size();
        by_name_[call.name].push_back(calls_.size());
        calls_.push_back({call.id, false});
    }
    // The id of the call that a response of that name and id (or none) answers; empty when there is no such call.
    std::string answer(const std::string& id, const std::string& name) {
        if (const auto found = by_id_.find(id); !id.empty() && found != by_id_.end()) {
            calls_[found->second].answered = true;
            return id;
        }
        auto& open = by_name_[name];
        while (!open.empty() && calls_[open.front()].answered) open.pop_front();
        if (open.empty()) return id;
        auto& call = calls_[open.front()];
        call.answered = true;
        return call.id;
    }

  private:
    struct Known {
        std::string id;
        bool answered = false;
    };
    std::vector<Known> calls_;
    std::unordered_map<std::string, std::size_t> by_id_;
    std::unordered_map<std::string, std::deque<std::size_t>> by_name_;
    std::size_t next_ = 0;
};

bool read_role(Reader& r, Value value, const Path& path, Role& out) {
    std::string name = "user";
    if (!r.string(value, path, name)) return false;
    if (name == "model") {
        out = Role::assistant;
    } else if (name == "user" || name == "function" || name.empty()) {
        out = Role::user;
    } else {
        return r.fail(path, fmt::format("'{}' must be 'user' or 'model'.", path.text()));
    }
    return true;
}

// {"output": "…"} and {"error": "…"} are Google's own words for a text; any other object stays JSON.
void set_result(Value response, Turn& turn) {
    if (!response.is_object()) return;
    std::string text(response.raw());
    const Value output = response["output"], error = response["error"];
    if (response.size() == 1 && output.is_string()) {
        text = output.as_string();
    } else if (response.size() == 1 && error.is_string()) {
        text = error.as_string();
        turn.is_error = true;
    }
    if (!text.empty()) turn.parts.emplace_back(exchange::Text{std::move(text), {}});
}

bool read_response(Reader& r, Value response, const Path& path, Calls& calls, Turn& turn) {
    std::string id, name;
    if (!r.object(response, path)) return false;
    if (!r.string(field(response, "id"), path.at("id"), id)) return false;
    if (!r.tool_name(field(response, "name"), path.at("name"), name)) return false;
    const Value value = field(response, "response");
    if (value && !value.is_object() && !value.is_null()) {
        return r.wrong_type(value, "object", path.at("response"));
    }
    turn.role = Role::tool;
    turn.tool_call_id = calls.answer(id, name);
    set_result(value, turn);
    const Value parts = field(response, "parts");
    if (parts && !parts.is_null() && !read_parts(r, parts, path.at("parts"), turn.parts)) return false;
    keep_others(turn.extra, response, "functionResponse", {"id", "name", "response", "parts"});
    return true;
}

class Conversation {
  public:
    Conversation(Reader& reader, std::vector<Turn>& turns) : reader_(reader), turns_(turns) {}

    bool read(Value content, const Path& path) {
        if (!content.is_object()) return reader_.wrong_type(content, "object", path);
        Role role = Role::user;
        if (!read_role(reader_, field(content, "role"), path.at("role"), role)) return false;
        const Path list = path.at("parts");
        const Value parts = field(content, "parts");
        const bool none = !parts || parts.is_null();
        if (!none && !within(reader_, parts, list, kParts)) return false;
        const std::size_t first = turns_.size();
        std::size_t index = 0;
        for (const Value part : parts.elements()) {
            if (!read_one(part, list.at(index++), role, first)) return false;
        }
        if (turns_.size() == first) turns_.emplace_back().role = role;
        keep_others(turns_[first].extra, content, {}, {"role", "parts"});
        if (role == Role::assistant) name_calls(turns_.back());
        if (turns_.size() <= limits::kMessages) return true;
        return reader_.fail(path, fmt::format("'contents' make more than {} messages.", limits::kMessages));
    }

  private:
    bool read_one(Value part, const Path& path, Role role, std::size_t first) {
        if (const Value response = role == Role::user ? field(part, "functionResponse") : Value{}) {
            Turn turn;
            if (!read_response(reader_, response, path.at("functionResponse"), calls_, turn)) return false;
            add_result(std::move(turn), first);
            return true;
        }
        if (turns_.size() == first || turns_.back().role != role) turns_.emplace_back().role = role;
        return read_part(reader_, part, path, turns_.back().parts);
    }
    // The `ai` package writes a result of several parts as several responses to one call, and images after them, with
    // the next call's response behind those. Elsewhere a call has one result, and results stand before the user's words.
    void add_result(Turn turn, std::size_t first) {
        const bool words = turns_.size() > first && turns_.back().role != Role::tool;
        const std::size_t end = turns_.size() - (words ? 1 : 0);
        if (end > first && !turn.tool_call_id.empty() && turns_[end - 1].tool_call_id == turn.tool_call_id) {
            std::ranges::move(turn.parts, std::back_inserter(turns_[end - 1].parts));
            return;
        }
        turns_.insert(turns_.begin() + static_cast<std::ptrdiff_t>(end), std::move(turn));
    }
    void name_calls(Turn& turn) {
        for (auto& part : turn.parts) {
            if (auto* call = std::get_if<exchange::ToolCall>(&part)) calls_.add(*call);
        }
    }

    Reader& reader_;
    std::vector<Turn>& turns_;
    Calls calls_;
};

}  // namespace

bool read_contents(Reader& reader, Value contents, const Path& path, exchange::Chat& out) {
    if (!within(reader, contents, path, limits::kMessages)) return false;
    if (contents.size() == 0) return reader.fail(path, fmt::format("'{}' must not be empty.", path.text()));
    Conversation conversation(reader, out.turns);
    std::size_t index = 0;
    for (const Value content : contents.elements()) {
        if (!conversation.read(content, path.at(index++))) return false;
    }
    return true;
}

bool read_system(Reader& reader, Value value, const Path& path, exchange::Chat& out) {
    if (!value || value.is_null()) return true;
    Turn turn;
    turn.role = Role::system;
    if (value.is_string()) {
        if (!value.as_string().empty())
            turn.parts.emplace_back(exchange::Text{std::string(value.as_string()), {}});
    } else if (value.is_array()) {
        if (!read_parts(reader, value, path, turn.parts)) return false;
    } else if (!value.is_object()) {
        return reader.wrong_type(value, "string or an object", path);
    } else if (const Value parts = field(value, "parts"); parts.is_object()) {  // one part, not in a list
        if (!read_part(reader, parts, path.at("parts"), turn.parts)) return false;
        keep_others(turn.extra, value, {}, {"role", "parts"});
    } else if (parts) {
        if (!read_parts(reader, parts, path.at("parts"), turn.parts)) return false;
        keep_others(turn.extra, value, {}, {"role", "parts"});
    } else if (value.size() > 0 && !read_part(reader, value, path, turn.parts)) {
        return false;
    }
    if (!turn.parts.empty()) out.turns.push_back(std::move(turn));
    return true;
}

}  // namespace hearth::wire::gemini

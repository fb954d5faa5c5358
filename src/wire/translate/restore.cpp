// Calls of a function {"input":"..."} that stands for a custom tool, turned back while they stream in.
#include <algorithm>

#include "text/json.h"
#include "wire/translate/translate.h"

namespace hearth::wire {

namespace {

using namespace exchange;

// Bytes at the end that begin a character of UTF-8 which is not whole yet.
std::size_t cut_character(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte < 0x80) return 0;
        if (byte >= 0xC0) return back < (byte >= 0xF0 ? 4U : byte >= 0xE0 ? 3U : 2U) ? back : 0;
    }
    return 0;
}

// How far the string that begins behind `{"input":"` is there for sure: whole escapes and characters only, and no half of
// a surrogate pair. `ended`: its closing quote has come.
std::size_t safe_length(std::string_view text, bool& ended) {
    std::size_t at = 0, safe = 0;
    while (at < text.size()) {
        if (text[at] == '"') {
            ended = true;
            return at;
        }
        if (text[at] != '\\') {
            safe = ++at;
            continue;
        }
        if (at + 1 >= text.size()) return safe;
        if (text[at + 1] != 'u') {
            safe = at += 2;
            continue;
        }
        if (at + 6 > text.size()) return safe;
        const auto first = text[at + 2], second = text[at + 3];
        const bool high =
            (first == 'd' || first == 'D') && (second == '8' || second == '9' || second == 'a' ||
                                               second == 'b' || second == 'A' || second == 'B');
        if (high && at + 12 > text.size()) return safe;
        safe = at += high ? 12 : 6;
    }
    return safe - cut_character(text.substr(0, safe));
}

// Behind the opening quote of the value of "input"; npos: not there yet, or the object is of another shape.
std::size_t input_begin(std::string_view arguments) {
    std::size_t at = 0;
    const auto skip_space = [&] {
        while (at < arguments.size() &&
               std::string_view(" \t\r\n").find(arguments[at]) != std::string_view::npos)
            ++at;
    };
    for (const std::string_view word : {std::string_view("{"), std::string_view("\"input\""),
                                        std::string_view(":"), std::string_view("\"")}) {
        skip_space();
        if (!arguments.substr(at).starts_with(word)) return std::string_view::npos;
        at += word.size();
    }
    return at;
}

std::string unescape(std::string_view inner) {
    json::Document document;
    std::string quoted = "\"";
    quoted.append(inner).append("\"");
    const auto root = document.parse(quoted);
    return root ? std::string(root->as_string()) : std::string(inner);
}

}  // namespace

Restore::Restore(const Request& original) {
    const auto* chat = std::get_if<Chat>(&original.body);
    if (!chat) return;
    for (const auto& tool : chat->tools) {
        if (tool.kind == Tool::Kind::custom) custom_.push_back(tool.name);
    }
}

// Sends on what is new of the input. Arguments of another shape than {"input":"..."} are the model's own idea: they go on
// as they are when the call ends, for the client to judge.
void Restore::unpack(Open& open, const ToolCallDelta& delta, std::vector<Event>& out) {
    open.arguments += delta.arguments;
    ToolCallDelta piece = delta;
    piece.custom = true;
    piece.arguments.clear();
    const auto begin = input_begin(open.arguments);
    if (begin != std::string::npos && !open.ended) {
        const std::string_view inner = std::string_view(open.arguments).substr(begin + open.sent);
        const auto length = safe_length(inner, open.ended);
        piece.arguments = unescape(inner.substr(0, length));
        open.sent += length;
    }
    if (!piece.id.empty() || !piece.name.empty() || !piece.arguments.empty())
        out.emplace_back(std::move(piece));
}

void Restore::apply(Event event, std::vector<Event>& out) {
    auto* delta = std::get_if<ToolCallDelta>(&event);
    if (custom_.empty() || (!delta && !std::holds_alternative<Finish>(event))) {
        out.push_back(std::move(event));
        return;
    }
    if (delta) {
        const auto same = [&](const Open& o) { return o.choice == delta->choice && o.call == delta->call; };
        auto open = std::ranges::find_if(open_, same);
        if (open == open_.end() && std::ranges::find(custom_, delta->name) != custom_.end())
            open = open_.insert(open_.end(), Open{.choice = delta->choice, .call = delta->call});
        if (open != open_.end()) {
            unpack(*open, *delta, out);
        } else {
            out.push_back(std::move(event));
        }
        return;
    }
    const auto choice = std::get<Finish>(event).choice;
    for (auto& open : open_) {
        if (open.choice != choice || open.sent > 0 || open.ended || open.arguments.empty()) continue;
        out.emplace_back(ToolCallDelta{choice, open.call, {}, {}, std::exchange(open.arguments, {}), true});
        open.ended = true;
    }
    out.push_back(std::move(event));
}

}  // namespace hearth::wire

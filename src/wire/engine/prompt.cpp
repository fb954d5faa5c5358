// A prompt for our own engine is read once and kept: the next turn of a conversation costs what is new in it, if its
// beginning is the same. What changes from request to request without meaning anything is therefore taken out here.
#include "wire/engine/prompt.h"

#include <algorithm>
#include <iterator>

namespace hearth::wire::engine {

namespace {

using namespace exchange;

// Claude Code's first system block names the conversation to Anthropic's billing; it is different for each conversation
// and each helper agent, and stands before everything else.
bool is_billing_line(const Part& part) {
    const auto* text = std::get_if<Text>(&part);
    return text && text->text.starts_with("x-anthropic-billing-header:");
}

bool is_system(const Turn& turn) {
    return turn.role == Role::system || turn.role == Role::developer;
}

void append_parts(Turn& to, Turn& from) {
    std::move(from.parts.begin(), from.parts.end(), std::back_inserter(to.parts));
}

// Most templates know one system message, at the front. One that comes later becomes text of the user, where it stands:
// moved to the front it would change the prompt's beginning.
Turn as_user(Turn turn) {
    turn.role = Role::user;
    turn.name.clear();
    for (auto& part : turn.parts) {
        if (auto* text = std::get_if<Text>(&part))
            text->text = "<system-reminder>\n" + text->text + "\n</system-reminder>";
    }
    return turn;
}

}  // namespace

void prepare_prompt(Chat& chat) {
    for (auto& turn : chat.turns) {
        if (is_system(turn)) std::erase_if(turn.parts, is_billing_line);
    }
    std::vector<Turn> out;
    for (auto& turn : chat.turns) {
        if (turn.parts.empty() && turn.role != Role::tool) continue;
        if (is_system(turn) && (out.empty() || (out.size() == 1 && is_system(out.front())))) {
            turn.role = Role::system;
            out.empty() ? out.push_back(std::move(turn)) : append_parts(out.front(), turn);
            continue;
        }
        if (is_system(turn)) turn = as_user(std::move(turn));
        // Templates that demand alternation refuse two messages of the user in a row.
        if (turn.role == Role::user && !out.empty() && out.back().role == Role::user) {
            append_parts(out.back(), turn);
        } else {
            out.push_back(std::move(turn));
        }
    }
    chat.turns = std::move(out);
}

}  // namespace hearth::wire::engine

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "wire/cross_parts.h"

namespace hearth::wire {

namespace {

using namespace exchange;

// The part as the target can be sent it; nullopt: it goes.
struct PartCrosser {
    const Crossing& crossing;

    std::optional<Part> operator()(Text p) const {
        p.extra.clear();
        return p;
    }
    std::optional<Part> operator()(Image p) const {
        p.extra.clear();
        return p;
    }
    std::optional<Part> operator()(Audio p) const {
        p.extra.clear();
        return p;
    }
    std::optional<Part> operator()(File p) const {
        p.extra.clear();
        if (p.text.empty() || crossing.fate(Feature::document_text) == Fate::kept) return p;
        return Text{p.name.empty() ? p.text : fmt::format("{}:\n{}", p.name, p.text), {}};
    }
    std::optional<Part> operator()(Refusal p) const {
        if (crossing.fate(Feature::refusal) == Fate::kept) return p;
        return Text{std::move(p.text), {}};
    }
    std::optional<Part> operator()(Reasoning p) const {
        if (crossing.carries(p.opaque)) return p;
        p.opaque = {};
        const bool plain =
            crossing.target.reasoning_content || crossing.fate(Feature::earlier_thinking) == Fate::kept;
        if (!plain || p.text.empty()) return std::nullopt;
        return p;
    }
    std::optional<Part> operator()(ToolCall p) const {
        if (!crossing.carries(p.opaque)) p.opaque = {};
        p.extra.clear();
        return p;
    }
    // The tool itself stands among the tools by now; the result says so, for a result without content puzzles models.
    std::optional<Part> operator()(const ToolReference& p) const {
        return Text{fmt::format("The tool {} is available now.", p.name), {}};
    }
    std::optional<Part> operator()(const Foreign&) const { return std::nullopt; }
};

bool says_error(std::string_view text) {
    return text.starts_with("Error") || text.starts_with("error") || text.starts_with("ERROR");
}

void mark_error(Turn& turn) {
    turn.is_error = false;
    for (auto& part : turn.parts) {
        auto* text = std::get_if<Text>(&part);
        if (!text) continue;
        if (!says_error(text->text)) text->text.insert(0, "Error: ");
        return;
    }
    turn.parts.insert(turn.parts.begin(), Text{"Error.", {}});
}

bool is_picture(const Part& part) {
    return std::holds_alternative<Image>(part);
}

// OpenAI's tool messages hold text only: the pictures of a run of results follow it in one message of the user.
void move_pictures(std::vector<Turn>& turns) {
    std::vector<Turn> out;
    std::vector<Part> pictures;
    const auto release = [&] {
        if (pictures.empty()) return;
        Turn user;
        user.parts.emplace_back(Text{"The pictures of the tool results above:", {}});
        for (auto& picture : pictures) user.parts.push_back(std::move(picture));
        pictures.clear();
        out.push_back(std::move(user));
    };
    for (auto& turn : turns) {
        if (turn.role != Role::tool) {
            release();
            out.push_back(std::move(turn));
            continue;
        }
        const auto text_end = std::stable_partition(turn.parts.begin(), turn.parts.end(),
                                                    [](const Part& part) { return !is_picture(part); });
        std::move(text_end, turn.parts.end(), std::back_inserter(pictures));
        const bool only_pictures = text_end == turn.parts.begin() && text_end != turn.parts.end();
        turn.parts.erase(text_end, turn.parts.end());
        if (only_pictures) turn.parts.emplace_back(Text{"(a picture, see below)", {}});
        out.push_back(std::move(turn));
    }
    release();
    turns = std::move(out);
}

}  // namespace

void cross_turns(const Crossing& crossing, Chat& chat) {
    for (auto& turn : chat.turns) {
        std::vector<Part> parts;
        parts.reserve(turn.parts.size());
        for (auto& part : turn.parts) {
            if (auto crossed = std::visit(PartCrosser{crossing}, std::move(part)))
                parts.push_back(std::move(*crossed));
        }
        turn.parts = std::move(parts);
        turn.extra.clear();
        if (turn.is_error && crossing.fate(Feature::tool_result_error) == Fate::mapped) mark_error(turn);
    }
    // A turn of nothing but what could not be carried is gone; a tool's empty result is a result.
    std::erase_if(chat.turns, [](const Turn& turn) { return turn.role != Role::tool && turn.parts.empty(); });
    if (crossing.target.dialect == Dialect::openai) move_pictures(chat.turns);
}

}  // namespace hearth::wire

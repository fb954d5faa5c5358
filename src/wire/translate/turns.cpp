#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "wire/data_url.h"
#include "wire/translate/parts.h"

namespace hearth::wire {

namespace {

using namespace exchange;

// Chat Completions takes a document's data as a URL only, and wants a name beside it.
File as_data_url(File file) {
    const auto url = parse_data_url(file.data);
    std::string media = url && !url->media_type.empty() ? std::string(url->media_type) : file.media_type;
    if (media.empty()) media = "application/pdf";
    if (!url) file.data = fmt::format("data:{};base64,{}", media, file.data);
    if (file.name.empty()) file.name = media == "application/pdf" ? "document.pdf" : "document";
    return file;
}

// The part as the target supports it; nullopt: it is removed.
struct PartTranslator {
    const Translation& translation;

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
        if (!p.data.empty() && translation.target_row.rules.documents_as_data_urls)
            return as_data_url(std::move(p));
        if (p.text.empty() || translation.support(Feature::document_text) == Support::native) return p;
        return Text{p.name.empty() ? p.text : fmt::format("{}:\n{}", p.name, p.text), {}};
    }
    std::optional<Part> operator()(Refusal p) const {
        if (translation.support(Feature::refusal) == Support::native) return p;
        return Text{std::move(p.text), {}};
    }
    std::optional<Part> operator()(Reasoning p) const {
        if (translation.carries(p.opaque)) return p;
        p.opaque = {};
        const bool plain = translation.target.reasoning_content ||
                           translation.support(Feature::earlier_thinking) == Support::native;
        if (!plain || p.text.empty()) return std::nullopt;
        return p;
    }
    std::optional<Part> operator()(ToolCall p) const {
        if (!translation.carries(p.opaque)) p.opaque = {};
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

bool is_text(const Part& part) {
    return std::holds_alternative<Text>(part) || std::holds_alternative<Refusal>(part);
}

struct Kinds {
    bool images = false, documents = false;
};
Kinds kinds_of(std::span<const Part> parts) {
    Kinds out;
    for (const auto& part : parts) (std::holds_alternative<Image>(part) ? out.images : out.documents) = true;
    return out;
}

std::string_view introduction(const Kinds& kinds) {
    if (!kinds.documents) return "The images of the tool results above:";
    return kinds.images ? "The files of the tool results above:" : "The documents of the tool results above:";
}

// OpenAI's tool messages hold text only: images and documents of a run of results follow it in one message of the user.
void move_files(std::vector<Turn>& turns) {
    std::vector<Turn> out;
    std::vector<Part> files;
    const auto release = [&] {
        if (files.empty()) return;
        Turn user;
        user.parts.emplace_back(Text{std::string(introduction(kinds_of(files))), {}});
        for (auto& file : files) user.parts.push_back(std::move(file));
        files.clear();
        out.push_back(std::move(user));
    };
    for (auto& turn : turns) {
        if (turn.role != Role::tool) {
            release();
            out.push_back(std::move(turn));
            continue;
        }
        const auto text_end = std::stable_partition(turn.parts.begin(), turn.parts.end(), is_text);
        const auto kinds = kinds_of({text_end, turn.parts.end()});
        const bool silent = text_end == turn.parts.begin() && text_end != turn.parts.end();
        std::move(text_end, turn.parts.end(), std::back_inserter(files));
        turn.parts.erase(text_end, turn.parts.end());
        if (silent)
            turn.parts.emplace_back(
                Text{kinds.documents ? "(a document, see below)" : "(an image, see below)", {}});
        out.push_back(std::move(turn));
    }
    release();
    turns = std::move(out);
}

}  // namespace

void translate_turns(const Translation& translation, Chat& chat) {
    for (auto& turn : chat.turns) {
        std::vector<Part> parts;
        parts.reserve(turn.parts.size());
        for (auto& part : turn.parts) {
            if (auto part_out = std::visit(PartTranslator{translation}, std::move(part)))
                parts.push_back(std::move(*part_out));
        }
        turn.parts = std::move(parts);
        turn.extra.clear();
        if (turn.is_error && translation.support(Feature::tool_result_error) == Support::mapped)
            mark_error(turn);
    }
    // A turn of nothing but what could not be carried is gone; a tool's empty result is a result.
    std::erase_if(chat.turns, [](const Turn& turn) { return turn.role != Role::tool && turn.parts.empty(); });
    if (translation.support(Feature::tool_result_image) == Support::mapped) move_files(chat.turns);
}

}  // namespace hearth::wire

#include "unit/wire/conversation_parts.h"
#include "unit/wire/conversations.h"
#include "unit/wire/generators.h"

namespace wire_test {

namespace {

using wire::Feature;

constexpr const char* kGoogleFile = "https://generativelanguage.googleapis.com/v1beta/files/f1";

Image some_picture(const Wish& wish) {
    Image image;
    const bool png = flip();  // Ollama tells the type by the first bytes
    image.media_type = png ? "image/png" : "image/jpeg";
    image.data = png ? "iVBORw0KGgoAAAAN" : "/9j/4AAQSkZJRgAB";
    if (wish.openai_like() && flip()) image.detail = "low";
    return image;
}

void add_documents(const Wish& wish, std::vector<Part>& parts) {
    const std::string pdf = "application/pdf";
    const bool google = wish.is(Dialect::gemini);
    if (wish.wants(Feature::document_data)) {
        const std::string head = wish.openai_like() ? "data:" + pdf + ";base64," : "";
        parts.emplace_back(File{.name = flip() ? "paper.pdf" : "",
                                .data = head + "JVBERi0xLjcK",
                                .media_type = wish.is(Dialect::openai) ? "" : pdf});
    }
    if (wish.wants(Feature::document_url))
        parts.emplace_back(File{.url = "https://host/a.pdf", .media_type = google ? pdf : ""});
    if (wish.wants(Feature::document_file_id))
        parts.emplace_back(File{.id = google ? kGoogleFile : "f1", .media_type = google ? pdf : ""});
    if (wish.wants(Feature::document_text))
        parts.emplace_back(File{.name = maybe_word(), .media_type = "text/plain", .text = word()});
}

void add_media(const Wish& wish, std::vector<Part>& parts) {
    if (wish.wants(Feature::image_data)) {
        for (int i = 1 + draw(2); i > 0; --i) parts.emplace_back(some_picture(wish));
    }
    if (wish.wants(Feature::image_url)) parts.emplace_back(Image{.url = "https://host/" + word()});
    if (wish.wants(Feature::image_file_id)) {
        const bool google = wish.is(Dialect::gemini);
        parts.emplace_back(
            Image{.media_type = google ? "image/png" : "", .file_id = google ? kGoogleFile : "i1"});
    }
    if (wish.wants(Feature::audio)) parts.emplace_back(Audio{flip() ? "wav" : "mp3", "UklGRg==", {}});
    add_documents(wish, parts);
    if (!wish.wants(Feature::foreign_part)) return;
    if (wish.is(Dialect::openai)) {
        parts.emplace_back(Foreign{"video_url", R"({"type":"video_url","video_url":{"url":"x"}})"});
    } else {
        parts.emplace_back(Text{kForeignMark, {}});
    }
}

// Texts and media in any order; the media in the first question only.
std::vector<Part> some_question(const Wish& wish, bool first) {
    std::vector<Part> parts;
    if (first) add_media(wish, parts);
    for (int i = 1 + draw(2); i > 0; --i) {
        const auto at = draw(static_cast<int>(parts.size()) + 1);
        parts.insert(parts.begin() + at, Text{word(), {}});
    }
    return parts;
}

// A vendor's own state, or what another provider made, sealed as this gateway hands it to clients.
Opaque some_state(const Wish& wish) {
    if (!wish.wants(Feature::opaque_state)) return {};
    return {flip() || wish.is(Dialect::gemini) ? "c2lnbmF0dXJl" : "hearth:1:provider:c2ln", ""};
}

void add_thought(const Wish& wish, std::vector<Part>& parts) {
    auto state = some_state(wish);
    const bool plain = wish.wants(Feature::earlier_thinking);
    if (!plain && state.empty()) return;
    // Thinking without a signature does not go out to Anthropic and Google, so it is none that they have written.
    if (state.empty() && (wish.is(Dialect::anthropic) || wish.is(Dialect::gemini))) return;
    parts.emplace_back(Reasoning{plain ? word() : "", std::move(state)});
}

class Talk {
  public:
    Talk(const Wish& wish, const std::vector<Tool>& tools) : wish_(wish), tools_(tools) {}

    std::vector<Turn> take() {
        if (wish_.wants(Feature::system_prompt)) {
            add(system_role());
            if (flip()) turns_.back().parts.emplace_back(Text{word(), {}});
        }
        for (int i = 0, count = 1 + draw(3); i < count; ++i) round(i == 0, i + 1 == count);
        return std::move(turns_);
    }

  private:
    [[nodiscard]] Role system_role() const {
        return wish_.openai_like() && flip() ? Role::developer : Role::system;
    }
    void add(Role role) {
        turns_.emplace_back().role = role;
        turns_.back().parts.emplace_back(Text{word(), {}});
    }

    ToolCall call() {
        static const std::string kArguments[] = {"{}", R"({"x":[1, "}"], "y":{"z":null}})",
                                                 R"({"q":"漢 \"a\" \\ \n 🙂"})"};
        ToolCall out;
        out.id = (wish_.is(Dialect::anthropic) ? "toolu_" : "call_") + std::to_string(calls_++);
        if (wish_.is(Dialect::openai) && draw(8) == 7) out.id += ".a:b";
        const int at = draw(static_cast<int>(tools_.size()) + 1);
        out.name = "fn_1";
        if (at > 0 && tools_[static_cast<std::size_t>(at - 1)].kind != Tool::Kind::hosted) {
            out.name = tools_[static_cast<std::size_t>(at - 1)].name;
            out.custom = tools_[static_cast<std::size_t>(at - 1)].kind == Tool::Kind::custom;
        }
        out.arguments = out.custom ? word() : kArguments[draw(3)];
        if (wish_.openai_like() && !out.custom && draw(8) == 7)
            out.arguments = flip() ? "" : R"({"cut": "of)";
        if (wish_.is(Dialect::gemini) && flip()) out.opaque = some_state(wish_);
        return out;
    }

    Turn result(const std::string& id, bool first) const {
        Turn turn{.role = Role::tool, .tool_call_id = id};
        if (first && wish_.is(Dialect::anthropic) && wish_.wants(Feature::deferred_tool)) {
            turn.parts.emplace_back(Text{kReferenceMark, {}});
            return turn;
        }
        if (draw(8) != 7) turn.parts.emplace_back(Text{flip() ? word() : R"({"n":{"deep": [1]}})", {}});
        if (draw(8) == 7) turn.parts.emplace_back(Text{word(), {}});
        if (wish_.wants(Feature::tool_result_image)) turn.parts.emplace_back(some_picture(wish_));
        turn.is_error = wish_.wants(Feature::tool_result_error) && flip();
        return turn;
    }

    // What the user says, and what the assistant thinks, says and calls in answer to it.
    void round(bool first, bool last) {
        turns_.push_back({.role = Role::user, .parts = some_question(wish_, first)});
        if (last && flip()) return;
        Turn answer{.role = Role::assistant};
        add_thought(wish_, answer.parts);
        if (flip()) answer.parts.emplace_back(Text{word(), {}});
        if (wish_.wants(Feature::refusal)) answer.parts.emplace_back(Refusal{word()});
        if (wish_.wants(Feature::hosted_history)) answer.parts.emplace_back(Text{kHostedMark, {}});
        std::vector<Turn> results;
        for (int i = draw(4); i > 0; --i) {
            auto one = call();
            results.push_back(result(one.id, results.empty()));
            answer.parts.emplace_back(std::move(one));
        }
        if (results.size() > 1 && flip()) std::swap(results.front(), results.back());
        if (answer.parts.empty()) answer.parts.emplace_back(Text{word(), {}});
        turns_.push_back(std::move(answer));
        for (auto& turn : results) turns_.push_back(std::move(turn));
        if (wish_.wants(Feature::system_in_the_middle) && !wish_.is(Dialect::anthropic)) add(system_role());
    }

    const Wish& wish_;
    const std::vector<Tool>& tools_;
    std::vector<Turn> turns_;
    int calls_ = 0;
};

}  // namespace

std::vector<Turn> some_turns(const Wish& wish, const std::vector<Tool>& tools) {
    return Talk(wish, tools).take();
}

}  // namespace wire_test

// What the turns of a conversation say.
#include <fmt/format.h>

#include <algorithm>

#include "unit/wire/feature_text_parts.h"

namespace wire_test {

using namespace hearth;
using namespace hearth::exchange;
using wire::Feature;

namespace {

std::string one_string(std::string_view input) {
    return fmt::format(R"({{"input":{}}})", quoted(input));
}

Role plain(Role role) {
    return role == Role::developer ? Role::system : role;
}

// Turns of one role that follow each other. A turn of nothing that can be seen (thinking alone) is none.
struct Run {
    Role role;
    std::string text;
    std::size_t texts = 0;
    std::vector<std::pair<std::size_t, const Part*>> others;  // behind how many texts
};

bool is_seen(const Part& part) {
    if (const auto* text = std::get_if<Text>(&part)) return !text->text.empty();
    return !std::holds_alternative<Reasoning>(part) && !std::holds_alternative<Foreign>(part);
}

std::vector<Run> runs_of(const Chat& chat) {
    std::vector<Run> out;
    for (const auto& turn : chat.turns) {
        if (turn.role != Role::tool && std::ranges::none_of(turn.parts, is_seen)) continue;
        if (out.empty() || out.back().role != plain(turn.role)) out.push_back({plain(turn.role), {}, 0, {}});
        if (turn.role == Role::tool) continue;  // said with the calls
        auto& run = out.back();
        for (const auto& part : turn.parts) {
            const auto* text = std::get_if<Text>(&part);
            if (text == nullptr) {
                run.others.emplace_back(run.texts, &part);
            } else if (!text->text.empty()) {
                run.text += (run.text.empty() ? "" : "\n") + text->text;
                ++run.texts;
            }
        }
    }
    return out;
}

std::string role_word(Role role) {
    static constexpr std::string_view kWords[] = {"system", "developer", "user", "assistant", "tool"};
    return std::string(kWords[static_cast<std::size_t>(role)]);
}

// Data with its media type, however they are written: beside each other or as a data: URL.
std::string media(std::string_view type, std::string_view data) {
    if (!data.starts_with("data:")) return fmt::format("{} {}", type, data);
    const auto comma = data.find(";base64,");
    return fmt::format("{} {}", data.substr(5, comma - 5), data.substr(comma + 8));
}

std::string said_part(const Part& part, Feature feature) {
    if (const auto* image = std::get_if<Image>(&part)) {
        if (feature == Feature::image_data && !image->data.empty())
            return media(image->media_type, image->data);
        if (feature == Feature::image_url) return image->url;
        if (feature == Feature::image_file_id) return image->file_id;
    }
    if (const auto* audio = std::get_if<Audio>(&part); audio != nullptr && feature == Feature::audio)
        return media(audio->format, audio->data);
    if (const auto* refusal = std::get_if<Refusal>(&part); refusal != nullptr && feature == Feature::refusal)
        return quoted(refusal->text);
    const auto* file = std::get_if<File>(&part);
    if (file == nullptr) return {};
    if (feature == Feature::document_text) return file->text;
    if (feature == Feature::document_data && !file->data.empty()) return media(file->media_type, file->data);
    if (feature == Feature::document_url) return file->url;
    return feature == Feature::document_file_id ? file->id : std::string();
}

std::string said_result(const Turn& turn) {
    std::string text, images;
    for (const auto& part : turn.parts) {
        if (const auto* one = std::get_if<Text>(&part); one != nullptr && !one->text.empty())
            text += (text.empty() ? "" : "\n") + one->text;
        if (const auto* image = std::get_if<Image>(&part))
            images += " image " + media(image->media_type, image->data);
    }
    return fmt::format("{}{}{}", turn.is_error ? "failed " : "",
                       is_object(text) ? canonical_json(text) : quoted(text), images);
}

}  // namespace

std::string turns_text(const Chat& chat, bool in_the_middle, bool system_only) {
    std::string out;
    bool talking = false;
    for (const auto& run : runs_of(chat)) {
        const bool system = run.role == Role::system;
        if (system_only && system && talking == in_the_middle) out += quoted(run.text) + "\n";
        if (!system_only) out += fmt::format("{}: {}\n", role_word(run.role), quoted(run.text));
        talking = talking || !system;
    }
    return out;
}

std::string parts_text(const Chat& chat, Feature feature, Place place) {
    std::string out;
    std::size_t number = 0;
    for (const auto& run : runs_of(chat)) {
        ++number;
        for (const auto& [behind, part] : run.others) {
            const auto one = said_part(*part, feature);
            if (one.empty()) continue;
            out += place == Place::exact ? fmt::format("{}.{} {}\n", number, behind, one)
                                         : fmt::format("{} {}\n", number, one);
        }
    }
    return out;
}

std::string thinking_text(const Chat& chat, Feature feature) {
    std::string out;
    for (const auto& turn : chat.turns) {
        for (const auto& part : turn.parts) {
            const auto* thought = std::get_if<Reasoning>(&part);
            if (thought != nullptr && feature == Feature::earlier_thinking && !thought->text.empty())
                out += quoted(thought->text);
            if (thought != nullptr && feature == Feature::opaque_state) out += quoted(thought->opaque.data);
        }
    }
    return out;
}

std::string calls_text(const Request& request) {
    const auto& turns = request.chat().turns;
    std::string out;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        for (const auto& part : turns[i].parts) {
            const auto* call = std::get_if<ToolCall>(&part);
            if (call == nullptr) continue;
            const bool whole = !call->custom && is_object(call->arguments);
            const auto arguments = whole ? canonical_json(call->arguments)
                                   : call->arguments.empty() && !call->custom ? "{}"
                                                                              : one_string(call->arguments);
            out += fmt::format("{}({})", call->name, arguments);
            for (std::size_t at = i + 1; at < turns.size() && turns[at].role == Role::tool; ++at) {
                if (turns[at].tool_call_id == call->id) out += " = " + said_result(turns[at]);
            }
            out += '\n';
        }
    }
    return out;
}

}  // namespace wire_test

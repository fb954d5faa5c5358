#include "unit/wire/said.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "text/json.h"
#include "text/json_writer.h"

namespace wire_test {

using namespace hearth;
using namespace hearth::exchange;
using wire::Feature;

namespace {

void write_sorted(std::string& out, json::Value value) {
    if (value.is_object()) {
        std::map<std::string, json::Value, std::less<>> members;
        for (const json::Member member : value.members()) members.emplace(member.key(), member.value);
        out += '{';
        for (const auto& [key, member] : members) {
            if (out.back() != '{') out += ',';
            json::append_string(out, key);
            out += ':';
            write_sorted(out, member);
        }
        out += '}';
    } else if (value.is_array()) {
        out += '[';
        for (const json::Value one : value.elements()) {
            if (out.back() != '[') out += ',';
            write_sorted(out, one);
        }
        out += ']';
    } else if (value.is_string()) {
        json::append_string(out, value.as_string());
    } else {
        out += value.raw();
    }
}

bool is_object(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text);
    return root && root->is_object();
}

std::string quoted(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

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

std::string said_text(const Chat& chat, bool in_the_middle, bool system_only) {
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

std::string said_parts(const Chat& chat, Feature feature, Place place) {
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

std::string said_result(const Turn& turn) {
    std::string text, pictures;
    for (const auto& part : turn.parts) {
        if (const auto* one = std::get_if<Text>(&part); one != nullptr && !one->text.empty())
            text += (text.empty() ? "" : "\n") + one->text;
        if (const auto* image = std::get_if<Image>(&part))
            pictures += " picture " + media(image->media_type, image->data);
    }
    return fmt::format("{}{}{}", turn.is_error ? "failed " : "",
                       is_object(text) ? canonical_json(text) : quoted(text), pictures);
}

std::string schema_of(std::string_view parameters) {
    auto text = canonical_json(parameters);
    if (text.empty() || text == R"({"properties":{},"type":"object"})") return "nothing";
    return text;
}

std::string said_function(const Tool& tool) {
    const auto schema = schema_of(tool.parameters);
    const bool free = schema.find(R"("properties":{"input":{"type":"string"}})") != std::string::npos;
    if (free || tool.kind == Tool::Kind::custom) return fmt::format("{} of one string\n", tool.name);
    return fmt::format("{} {} {}\n", tool.name, quoted(tool.description), schema);
}

std::string said_tools(const Chat& chat, Feature feature) {
    std::string out;
    for (const auto& tool : chat.tools) {
        if (tool.kind == Tool::Kind::hosted) continue;
        if (feature == Feature::function_tool) out += said_function(tool);
        if (feature == Feature::tool_strict && tool.strict) out += tool.name + "\n";
        if (feature == Feature::tool_namespace && !tool.space.empty())
            out += fmt::format("{} / {}\n", tool.space, tool.own_name);
        if (feature == Feature::custom_tool && tool.kind == Tool::Kind::custom)
            out += fmt::format("{} {} {}\n", tool.name, quoted(tool.description),
                               canonical_json(tool.parameters));
    }
    if (feature != Feature::custom_tool) return out;
    for (const auto& turn : chat.turns) {
        for (const auto& part : turn.parts) {
            const auto* call = std::get_if<ToolCall>(&part);
            if (call != nullptr && call->custom) out += fmt::format("called {}\n", call->name);
        }
    }
    return out;
}

std::string said_choice(const Chat& chat, Feature feature) {
    if (!chat.tool_choice) return {};
    const auto& choice = *chat.tool_choice;
    if (feature == Feature::allowed_tools)
        return choice.allowed.empty() ? "" : fmt::format("{}", choice.allowed);
    if (choice.mode == ToolChoice::Mode::named) return "the tool " + choice.name;
    return choice.mode == ToolChoice::Mode::required ? "any tool" : "";
}

std::string said_thinking(const Chat& chat, Feature feature) {
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

std::string number(const auto& value) {
    return value ? fmt::format("{}", *value) : std::string();
}

std::string said_sampling(const Request& request, Feature feature) {
    const auto& s = request.sampling;
    switch (feature) {
        case Feature::stop_sequences:
            return fmt::format("{}", s.stop);
        case Feature::max_tokens:
            return number(s.max_tokens);
        case Feature::temperature:
            return fmt::format("temperature {} top_p {}", number(s.temperature), number(s.top_p));
        case Feature::top_k:
            return s.top_k.value_or(0) > 0 ? number(s.top_k) : "all";
        case Feature::other_samplers:
            return fmt::format("min_p {} repeat_penalty {}", number(s.min_p), number(s.repeat_penalty));
        case Feature::penalties:
            return fmt::format("presence {} frequency {}", s.presence_penalty.value_or(0),
                               s.frequency_penalty.value_or(0));
        case Feature::seed:
            return number(s.seed);
        case Feature::logit_bias:
            return fmt::format("{}", s.logit_bias);
        case Feature::logprobs:
            return fmt::format("{} {}", s.logprobs, s.top_logprobs);
        case Feature::several_choices:
            return fmt::format("{}", request.n);
        case Feature::grammar:
            return s.grammar;
        case Feature::user:
            return request.user;
        case Feature::cache_key:
            return request.cache_key;
        case Feature::context_size:
            return number(request.context_tokens);
        case Feature::keep_in_memory:
            return number(request.keep_alive_s);
        default:
            return {};
    }
}

std::string said_format(const Chat& chat, Feature feature) {
    using Kind = ResponseFormat::Kind;
    if (!chat.response_format) return {};
    const auto& format = *chat.response_format;
    if (feature == Feature::json_object) return format.kind == Kind::json_object ? "JSON" : "";
    if (format.kind != Kind::json_schema) return {};
    // Anthropic's structured outputs demand closed objects: what the others leave open is closed there.
    constexpr std::string_view kClosed = R"("additionalProperties":false,)";
    auto schema = canonical_json(format.schema);
    for (std::size_t at = 0; (at = schema.find(kClosed)) != std::string::npos;)
        schema.erase(at, kClosed.size());
    return schema;
}

}  // namespace

std::string canonical_json(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root) return std::string(text);
    std::string out;
    write_sorted(out, *root);
    return out;
}

std::string said_calls(const Request& request) {
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

std::string said(const Request& request, Feature feature, Place place) {
    const auto& chat = request.chat();
    switch (feature) {
        case Feature::system_prompt:
            return said_text(chat, false, true);
        case Feature::system_in_the_middle:
            return said_text(chat, true, true);
        case Feature::text:
            return said_text(chat, false, false);
        case Feature::image_data:
        case Feature::image_url:
        case Feature::image_file_id:
        case Feature::audio:
        case Feature::document_data:
        case Feature::document_url:
        case Feature::document_file_id:
        case Feature::document_text:
        case Feature::refusal:
            return said_parts(chat, feature, place);
        case Feature::function_tool:
        case Feature::custom_tool:
        case Feature::tool_strict:
        case Feature::tool_namespace:
            return said_tools(chat, feature);
        case Feature::tool_choice_forced:
        case Feature::allowed_tools:
            return said_choice(chat, feature);
        case Feature::one_call_at_a_time:
            return chat.parallel_tool_calls == false ? "one" : "";
        case Feature::tool_result_image:
        case Feature::tool_result_error:
            return said_calls(request);
        case Feature::earlier_thinking:
        case Feature::opaque_state:
            return said_thinking(chat, feature);
        case Feature::json_object:
        case Feature::json_schema:
            return said_format(chat, feature);
        case Feature::effort:
            return chat.reasoning_effort;
        case Feature::thinking_budget:
            return number(chat.thinking.budget_tokens);
        case Feature::verbosity:
            return chat.verbosity;
        default:
            return said_sampling(request, feature);
    }
}

}  // namespace wire_test

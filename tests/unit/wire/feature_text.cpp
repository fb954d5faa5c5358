#include "unit/wire/feature_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "text/json.h"
#include "text/json_writer.h"
#include "unit/wire/feature_text_parts.h"

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

std::string schema_of(std::string_view parameters) {
    auto text = canonical_json(parameters);
    if (text.empty() || text == R"({"properties":{},"type":"object"})") return "nothing";
    return text;
}

std::string function_text(const Tool& tool) {
    const auto schema = schema_of(tool.parameters);
    const bool free = schema.find(R"("properties":{"input":{"type":"string"}})") != std::string::npos;
    if (free || tool.kind == Tool::Kind::custom) return fmt::format("{} of one string\n", tool.name);
    return fmt::format("{} {} {}\n", tool.name, quoted(tool.description), schema);
}

std::string tools_text(const Chat& chat, Feature feature) {
    std::string out;
    for (const auto& tool : chat.tools) {
        if (tool.kind == Tool::Kind::hosted) continue;
        if (feature == Feature::function_tool) out += function_text(tool);
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

std::string choice_text(const Chat& chat, Feature feature) {
    if (!chat.tool_choice) return {};
    const auto& choice = *chat.tool_choice;
    if (feature == Feature::allowed_tools)
        return choice.allowed.empty() ? "" : fmt::format("{}", choice.allowed);
    if (choice.mode == ToolChoice::Mode::named) return "the tool " + choice.name;
    return choice.mode == ToolChoice::Mode::required ? "any tool" : "";
}

std::string number(const auto& value) {
    return value ? fmt::format("{}", *value) : std::string();
}

std::string sampling_text(const Request& request, Feature feature) {
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

std::string format_text(const Chat& chat, Feature feature) {
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

std::string canonical_json(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root) return std::string(text);
    std::string out;
    write_sorted(out, *root);
    return out;
}

std::string feature_text(const Request& request, Feature feature, Place place) {
    const auto& chat = request.chat();
    switch (feature) {
        case Feature::system_prompt:
            return turns_text(chat, false, true);
        case Feature::system_in_the_middle:
            return turns_text(chat, true, true);
        case Feature::text:
            return turns_text(chat, false, false);
        case Feature::image_data:
        case Feature::image_url:
        case Feature::image_file_id:
        case Feature::audio:
        case Feature::document_data:
        case Feature::document_url:
        case Feature::document_file_id:
        case Feature::document_text:
        case Feature::refusal:
            return parts_text(chat, feature, place);
        case Feature::function_tool:
        case Feature::custom_tool:
        case Feature::tool_strict:
        case Feature::tool_namespace:
            return tools_text(chat, feature);
        case Feature::tool_choice_forced:
        case Feature::allowed_tools:
            return choice_text(chat, feature);
        case Feature::one_call_at_a_time:
            return chat.parallel_tool_calls == false ? "one" : "";
        case Feature::tool_result_image:
        case Feature::tool_result_error:
            return calls_text(request);
        case Feature::earlier_thinking:
        case Feature::opaque_state:
            return thinking_text(chat, feature);
        case Feature::json_object:
        case Feature::json_schema:
            return format_text(chat, feature);
        case Feature::effort:
            return chat.reasoning_effort;
        case Feature::thinking_budget:
            return number(chat.thinking.budget_tokens);
        case Feature::verbosity:
            return chat.verbosity;
        default:
            return sampling_text(request, feature);
    }
}

}  // namespace wire_test

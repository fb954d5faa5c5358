#include <fmt/format.h>

#include <algorithm>

#include "text/json_writer.h"
#include "wire/openai_schema.h"
#include "wire/translate/parts.h"

namespace hearth::wire {

namespace {

using namespace exchange;

constexpr std::string_view kOneString =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false})";

// The grammar or format of the input goes into the description: the function's schema cannot express it.
Tool as_function(const Tool& custom) {
    Tool out;
    out.name = custom.name;
    out.space = custom.space;
    out.own_name = custom.own_name;
    out.description = custom.description;
    json::Document format;
    const auto root = custom.parameters.empty() ? Result<json::Value>{} : format.parse(custom.parameters);
    if (root && (*root)["type"].as_string() == "grammar") {
        out.description += out.description.empty() ? "" : "\n\n";
        out.description += "\"input\" must follow this grammar (";
        out.description += (*root)["syntax"].as_string();
        out.description += "):\n";
        out.description += (*root)["definition"].as_string();
    }
    out.parameters = kOneString;
    return out;
}

// What results have named, and the one that must be called now.
std::vector<std::string_view> referenced(const Chat& chat) {
    std::vector<std::string_view> names;
    for (const auto& turn : chat.turns) {
        for (const auto& part : turn.parts) {
            if (const auto* reference = std::get_if<ToolReference>(&part)) names.push_back(reference->name);
        }
    }
    if (chat.tool_choice && chat.tool_choice->mode == ToolChoice::Mode::named)
        names.emplace_back(chat.tool_choice->name);
    return names;
}

// Tools that were named later stand behind the others, in the order in which they were named: the beginning of the prompt
// stays as it was.
std::vector<Tool> offered(const Chat& chat) {
    std::vector<Tool> out;
    // Where the vendor's own search was to find them, no other provider can: they are all offered.
    const bool searched = std::ranges::any_of(chat.tools, [](const Tool& tool) {
        return tool.kind == Tool::Kind::hosted && tool.name.starts_with("tool_search");
    });
    for (const auto& tool : chat.tools) {
        if (tool.kind != Tool::Kind::hosted && (searched || !tool.deferred)) out.push_back(tool);
    }
    for (const auto name : referenced(chat)) {
        const auto tool = std::ranges::find(chat.tools, name, &Tool::name);
        if (tool == chat.tools.end() || tool->kind == Tool::Kind::hosted) continue;
        if (std::ranges::find(out, name, &Tool::name) == out.end()) out.push_back(*tool);
    }
    return out;
}

// A choice among tools that are not offered is none: upstreams reject names that are not among the tools.
void settle_allowed(Chat& chat, bool only_those) {
    if (!chat.tool_choice || chat.tool_choice->allowed.empty()) return;
    auto& allowed = chat.tool_choice->allowed;
    std::erase_if(allowed, [&](const std::string& name) {
        return std::ranges::find(chat.tools, name, &Tool::name) == chat.tools.end();
    });
    if (!only_those && !allowed.empty()) return;
    std::erase_if(chat.tools,
                  [&](const Tool& tool) { return std::ranges::find(allowed, tool.name) == allowed.end(); });
    allowed.clear();
}

// Another vendor's schemas, as OpenAI takes them.
void fit_openai(const Translation& translation, Chat& chat, std::vector<std::string>& warnings) {
    bool loosened = false;
    const auto loosen = [&](bool& strict, std::string_view schema) {
        if (!strict || is_strict_schema(schema)) return;
        strict = false;
        loosened = true;
    };
    for (auto& tool : chat.tools) {
        if (tool.kind != Tool::Kind::function) continue;
        tool.parameters = with_properties(tool.parameters);
        loosen(tool.strict, tool.parameters);
    }
    if (auto& format = chat.response_format; format && format->kind == ResponseFormat::Kind::json_schema)
        loosen(format->strict, format->schema);
    if (loosened) {
        warnings.push_back(fmt::format(
            "tool_strict: a schema with optional properties is not strict for {}, and not sent as such",
            translation.target.provider));
    }
}

}  // namespace

std::string wrap_input(std::string_view input) {
    std::string out;
    json::Writer(out).begin_object().member("input", input).end_object();
    return out;
}

void translate_tools(const Translation& translation, Chat& chat, std::vector<std::string>& warnings) {
    chat.tools = offered(chat);
    if (translation.needs_openai_schemas()) fit_openai(translation, chat, warnings);
    for (auto& tool : chat.tools) {
        tool.deferred = false;
        tool.extra.clear();
        if (translation.support(Feature::tool_strict) == Support::dropped) tool.strict = false;
        if (tool.kind == Tool::Kind::custom && translation.support(Feature::custom_tool) == Support::mapped)
            tool = as_function(tool);
    }
    settle_allowed(chat, translation.support(Feature::allowed_tools) == Support::mapped);
    if (translation.support(Feature::custom_tool) != Support::mapped) return;
    for (auto& turn : chat.turns) {
        for (auto& part : turn.parts) {
            auto* call = std::get_if<ToolCall>(&part);
            if (!call || !call->custom) continue;
            call->custom = false;
            call->arguments = wrap_input(call->arguments);
        }
    }
}

}  // namespace hearth::wire

// Tools, the choice among them and the answer's format, written.
#include "wire/responses/encode.h"
#include "wire/responses/names.h"

namespace hearth::wire::responses {

namespace {

using exchange::Tool;
using json::Writer;

constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";

void write_tool(Writer& w, const Tool& tool, std::string_view name, const ToolStyle& style) {
    if (tool.kind == Tool::Kind::hosted) {
        w.raw(tool.raw);
        return;
    }
    const bool custom = tool.kind == Tool::Kind::custom;
    w.begin_object().member("type", custom ? "custom" : "function").member("name", name);
    if (!tool.description.empty()) w.member("description", tool.description);
    if (custom) {
        if (!tool.parameters.empty()) w.member_raw("format", tool.parameters);
    } else {
        w.member_raw("parameters", tool.parameters.empty() ? kNoArguments : tool.parameters);
        w.member("strict", tool.strict);  // always: the vendor takes an absent one for true
    }
    if (tool.deferred) w.member("defer_loading", true);
    if (style.hosted) {
        for (const auto& field : tool.extra) {
            if (field.key.find('.') == std::string::npos) w.member_raw(field.key, field.json);
        }
    }
    w.end_object();
}

void write_space(Writer& w, const std::vector<Tool>& tools, std::size_t first, const ToolStyle& style) {
    const std::string& space = tools[first].space;
    w.begin_object().member("type", "namespace").member("name", space).key("description");
    const auto& extra = tools[first].extra;
    const auto found = std::ranges::find(extra, "namespace.description", &exchange::RawField::key);
    if (found != extra.end()) {
        w.raw(found->json);
    } else {
        w.string("Tools of " + space + ".");  // there must be one
    }
    w.key("tools").begin_array();
    for (std::size_t i = first; i < tools.size(); ++i) {
        if (tools[i].space == space) write_tool(w, tools[i], tools[i].own_name, style);
    }
    w.end_array().end_object();
}

void write_named(Writer& w, const exchange::Chat& chat, std::string_view name, const ToolStyle& style) {
    const auto tool = std::ranges::find(chat.tools, name, &Tool::name);
    const bool found = tool != chat.tools.end();
    if (found && tool->kind == Tool::Kind::hosted) {
        w.begin_object().member("type", name).end_object();
        return;
    }
    const bool custom = found && tool->kind == Tool::Kind::custom;
    w.begin_object().member("type", custom ? "custom" : "function");
    w.member("name", style.spaces ? wire_name(chat.tools, name).name : name).end_object();
}

}  // namespace

void write_tools(Writer& w, const std::vector<Tool>& tools, const ToolStyle& style) {
    w.begin_array();
    std::vector<std::string_view> spaces;  // written
    for (std::size_t i = 0; i < tools.size(); ++i) {
        const Tool& tool = tools[i];
        if (tool.kind == Tool::Kind::hosted && !style.hosted) continue;
        if (!style.spaces || tool.space.empty()) {
            write_tool(w, tool, tool.name, style);
        } else if (std::ranges::find(spaces, tool.space) == spaces.end()) {
            spaces.emplace_back(tool.space);
            write_space(w, tools, i, style);
        }
    }
    w.end_array();
}

void write_tool_choice(Writer& w, const exchange::Chat& chat, const ToolStyle& style) {
    using Mode = exchange::ToolChoice::Mode;
    const auto& choice = *chat.tool_choice;
    if (choice.mode == Mode::named) return write_named(w, chat, choice.name, style);
    const std::string_view mode = choice.mode == Mode::none       ? "none"
                                  : choice.mode == Mode::required ? "required"
                                                                  : "auto";
    if (choice.allowed.empty()) {
        w.string(mode);
        return;
    }
    w.begin_object().member("type", "allowed_tools").member("mode", mode).key("tools").begin_array();
    for (const auto& name : choice.allowed) write_named(w, chat, name, style);
    w.end_array().end_object();
}

void write_format(Writer& w, const exchange::ResponseFormat& format) {
    using Kind = exchange::ResponseFormat::Kind;
    w.begin_object();
    if (format.kind == Kind::json_schema) {
        w.member("type", "json_schema");
        w.member("name", format.name.empty() ? std::string_view("answer") : std::string_view(format.name));
        if (!format.description.empty()) w.member("description", format.description);
        w.member_raw("schema", format.schema).member("strict", format.strict);
    } else {
        w.member("type", format.kind == Kind::json_object ? "json_object" : "text");
    }
    w.end_object();
}

}  // namespace hearth::wire::responses

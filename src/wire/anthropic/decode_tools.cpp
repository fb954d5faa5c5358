// Tools and the choice among them.
#include <fmt/format.h>

#include "base/limits.h"
#include "wire/anthropic/decode.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Tool;
using exchange::ToolChoice;
using json::Value;
using Mode = ToolChoice::Mode;

// A client's own tool has no type or "custom"; any other type is a tool of the vendor's ("web_search_20250305").
bool read_tool(Reader& r, Value value, const Path& path, Tool& tool) {
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    std::string type;
    if (!r.string(value["type"], path.at("type"), type)) return false;
    if (!r.boolean(value["defer_loading"], path.at("defer_loading"), tool.deferred)) return false;
    if (!type.empty() && type != "custom") {
        tool.kind = Tool::Kind::hosted;
        tool.name = std::move(type);
        tool.raw = value.raw();
        return true;
    }
    if (!r.tool_name(value["name"], path.at("name"), tool.name)) return false;
    if (!r.string(value["description"], path.at("description"), tool.description)) return false;
    if (!r.object_text(value["input_schema"], path.at("input_schema"), tool.parameters)) return false;
    if (!r.boolean(value["strict"], path.at("strict"), tool.strict)) return false;
    keep_unknown(tool.extra, value, {},
                 {"type", "name", "description", "input_schema", "strict", "defer_loading"});
    return true;
}

}  // namespace

bool read_tools(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of tools", path);
    if (value.size() > limits::kTools) {
        return reader.fail(
            path, fmt::format("'tools' has {} entries, but may have {}.", value.size(), limits::kTools));
    }
    auto& tools = std::get<exchange::Chat>(out.body).tools;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        if (!read_tool(reader, one, path.at(index++), tools.emplace_back())) return false;
    }
    return true;
}

bool read_tool_choice(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_object()) return reader.wrong_type(value, "object", path);
    std::string type;
    if (!reader.name(value["type"], path.at("type"), type)) return false;
    ToolChoice choice;
    if (type == "any") {
        choice.mode = Mode::required;
    } else if (type == "none") {
        choice.mode = Mode::none;
    } else if (type == "tool") {
        choice.mode = Mode::named;
        if (!reader.tool_name(value["name"], path.at("name"), choice.name)) return false;
    } else if (type != "auto") {
        return reader.fail(path.at("type"),
                           "'tool_choice.type' must be one of 'auto', 'any', 'tool' and 'none'.");
    }
    bool single = false;
    const Path at = path.at("disable_parallel_tool_use");
    if (!reader.boolean(value["disable_parallel_tool_use"], at, single)) return false;
    auto& chat = std::get<exchange::Chat>(out.body);
    if (single) chat.parallel_tool_calls = false;
    chat.tool_choice = std::move(choice);
    return true;
}

// A choice may name a tool of the vendor's by the name that stands inside it.
bool check_tool_choice(Reader& reader, Value root, const exchange::Chat& chat) {
    if (!chat.tool_choice) return true;
    const auto& choice = *chat.tool_choice;
    const Path top;
    if (choice.mode == Mode::required && chat.tools.empty()) {
        return reader.fail(top.at("tool_choice"), "'tool_choice' asks for a tool, but there are no tools.");
    }
    if (choice.mode != Mode::named) return true;
    for (const Value tool : root["tools"].elements()) {
        if (tool["name"].as_string() == choice.name) return true;
    }
    return reader.fail(top.at("tool_choice"), "'tool_choice' names a tool that is not among the tools.");
}

}  // namespace hearth::wire::anthropic

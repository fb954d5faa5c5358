// Tools, the choice among them, their calls, and the answer's format.
#include <fmt/format.h>

#include "base/limits.h"
#include "text/json_writer.h"
#include "wire/openai/decode.h"

namespace hearth::wire::openai {

namespace {

using exchange::Tool;
using exchange::ToolChoice;
using json::Value;
using Mode = ToolChoice::Mode;

bool read_function(Reader& r, Value value, const Path& path, std::string_view within, Tool& tool) {
    if (!r.object(value, path)) return false;
    if (!r.tool_name(value["name"], path.at("name"), tool.name)) return false;
    if (!r.string(value["description"], path.at("description"), tool.description)) return false;
    if (!r.object_text(value["parameters"], path.at("parameters"), tool.parameters)) return false;
    if (!r.boolean(value["strict"], path.at("strict"), tool.strict)) return false;
    keep_unknown(tool.extra, value, within, {"name", "description", "parameters", "strict"});
    return true;
}

bool read_custom(Reader& r, Value value, const Path& path, Tool& tool) {
    tool.kind = Tool::Kind::custom;
    if (!r.object(value, path)) return false;
    if (!r.tool_name(value["name"], path.at("name"), tool.name)) return false;
    if (!r.string(value["description"], path.at("description"), tool.description)) return false;
    if (!read_custom_format(r, value["format"], path.at("format"), tool.parameters)) return false;
    keep_unknown(tool.extra, value, "custom", {"name", "description", "format"});
    return true;
}

bool read_tool(Reader& r, Value value, const Path& path, Tool& tool) {
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    std::string type;
    if (!r.name(value["type"], path.at("type"), type)) return false;
    if (type == "function") {
        if (!read_function(r, value["function"], path.at("function"), "function", tool)) return false;
    } else if (type == "custom") {
        if (!read_custom(r, value["custom"], path.at("custom"), tool)) return false;
    } else {
        tool.kind = Tool::Kind::hosted;
        tool.name = std::move(type);
        tool.raw = value.raw();
        return true;
    }
    keep_unknown(tool.extra, value, {}, {"type", type});
    return true;
}

// {"type":"function","function":{"name":N}} and the same with custom.
bool read_named(Reader& r, Value value, const Path& path, std::string_view type, std::string& out) {
    const Path at = path.at(type);
    if (!r.object(value[type], at)) return false;
    return r.tool_name(value[type]["name"], at.at("name"), out);
}

bool read_mode(Reader& r, Value value, const Path& path, Mode& out) {
    const auto mode = value.as_string();
    if (mode == "auto") {
        out = Mode::automatic;
    } else if (mode == "none") {
        out = Mode::none;
    } else if (mode == "required" || mode == "any") {  // "any" is Mistral's word
        out = Mode::required;
    } else {
        return r.fail(path,
                      fmt::format("'{}' must be 'none', 'auto', 'required' or an object.", path.text()));
    }
    return true;
}

bool read_allowed(Reader& r, Value value, const Path& path, ToolChoice& out) {
    if (!r.object(value, path)) return false;
    const Value mode = value["mode"], tools = value["tools"];
    if (!mode) return r.missing(path.at("mode"));
    if (!mode.is_string()) return r.wrong_type(mode, "string", path.at("mode"));
    if (!read_mode(r, mode, path.at("mode"), out.mode)) return false;
    const Path list = path.at("tools");
    if (!tools) return r.missing(list);
    if (!tools.is_array()) return r.wrong_type(tools, "array", list);
    if (tools.size() == 0 || tools.size() > limits::kTools) {
        return r.fail(list, fmt::format("'{}' must have 1 to {} entries.", list.text(), limits::kTools));
    }
    std::size_t index = 0;
    for (const Value one : tools.elements()) {
        const Path at = list.at(index++);
        std::string type;
        if (!one.is_object()) return r.wrong_type(one, "object", at);
        if (!r.name(one["type"], at.at("type"), type)) return false;
        if (!read_named(r, one, at, type, out.allowed.emplace_back())) return false;
    }
    return true;
}

bool too_many(Reader& r, Value value, const Path& path) {
    if (value.size() <= limits::kTools) return false;
    r.fail(path,
           fmt::format("'{}' has {} entries, but may have {}.", path.text(), value.size(), limits::kTools));
    return true;
}

bool read_call(Reader& r, Value value, const Path& path, exchange::ToolCall& call) {
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    std::string type = "function";
    if (!r.string(value["type"], path.at("type"), type)) return false;
    if (!r.string(value["id"], path.at("id"), call.id)) return false;
    call.custom = type == "custom";
    if (!call.custom && type != "function") {
        return r.fail(path.at("type"),
                      fmt::format("'{}' must be 'function' or 'custom'.", path.at("type").text()));
    }
    const Value inner = value[type];
    const Path at = path.at(type);
    if (!r.object(inner, at)) return false;
    if (!r.tool_name(inner["name"], at.at("name"), call.name)) return false;
    const std::string_view field = call.custom ? "input" : "arguments";
    const Value arguments = inner[field];
    if (arguments.is_object() && !call.custom) {
        call.arguments = arguments.raw();  // Ollama's form
    } else if (!r.string(arguments, at.at(field), call.arguments)) {
        return false;
    }
    keep_unknown(call.extra, inner, call.custom ? "custom" : "function", {"name", field});
    keep_unknown(call.extra, value, {}, {"id", "type", type});
    return true;
}

}  // namespace

bool read_tools(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of tools", path);
    if (too_many(reader, value, path)) return false;
    auto& tools = std::get<exchange::Chat>(out.body).tools;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        if (!read_tool(reader, one, path.at(index++), tools.emplace_back())) return false;
    }
    return true;
}

bool read_functions(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of functions", path);
    if (too_many(reader, value, path)) return false;
    auto& chat = std::get<exchange::Chat>(out.body);
    chat.legacy_functions = value.size() > 0;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        const Path at = path.at(index++);
        if (!read_function(reader, one, at, "function", chat.tools.emplace_back())) return false;
    }
    return true;
}

bool read_tool_choice(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    ToolChoice choice;
    if (value.is_string()) {
        if (!read_mode(reader, value, path, choice.mode)) return false;
    } else {
        if (!value.is_object()) return reader.wrong_type(value, "string or an object", path);
        std::string type;
        if (!reader.name(value["type"], path.at("type"), type)) return false;
        if (type == "allowed_tools") {
            if (!read_allowed(reader, value[type], path.at(type), choice)) return false;
        } else if (type == "function" || type == "custom") {
            choice.mode = Mode::named;
            if (!read_named(reader, value, path, type, choice.name)) return false;
        } else {
            return reader.fail(path.at("type"),
                               "'tool_choice.type' must be 'function', 'custom' or 'allowed_tools'.");
        }
    }
    std::get<exchange::Chat>(out.body).tool_choice = std::move(choice);
    return true;
}

bool read_function_choice(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (std::get<exchange::Chat>(out.body).tool_choice) return true;  // the modern field counts
    if (value.is_null()) return true;
    ToolChoice choice;
    if (value.is_string()) {
        if (!read_mode(reader, value, path, choice.mode)) return false;
    } else {
        if (!value.is_object()) return reader.wrong_type(value, "string or an object", path);
        choice.mode = Mode::named;
        if (!reader.tool_name(value["name"], path.at("name"), choice.name)) return false;
    }
    std::get<exchange::Chat>(out.body).tool_choice = std::move(choice);
    return true;
}

bool read_response_format(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_object()) return reader.wrong_type(value, "object", path);
    std::string type;
    if (!reader.name(value["type"], path.at("type"), type)) return false;
    exchange::ResponseFormat format;
    if (type == "json_object") {
        format.kind = exchange::ResponseFormat::Kind::json_object;
        if (!reader.object_text(value["schema"], path.at("schema"), format.schema)) return false;
    } else if (type == "json_schema") {
        format.kind = exchange::ResponseFormat::Kind::json_schema;
        const Value inner = value["json_schema"];
        const Path at = path.at("json_schema");
        if (!reader.object(inner, at)) return false;
        if (!reader.string(inner["name"], at.at("name"), format.name)) return false;
        if (!reader.string(inner["description"], at.at("description"), format.description)) return false;
        if (!reader.object(inner["schema"], at.at("schema"))) return false;
        format.schema = inner["schema"].raw();
        if (!reader.boolean(inner["strict"], at.at("strict"), format.strict)) return false;
    } else if (type != "text") {
        out.extra.push_back({"response_format", std::string(value.raw())});  // a vendor's own kind
        return true;
    }
    std::get<exchange::Chat>(out.body).response_format = std::move(format);
    return true;
}

bool read_tool_calls(Reader& reader, Value value, const Path& path, std::vector<exchange::Part>& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of tool calls", path);
    if (value.size() > kParts) {
        return reader.fail(
            path, fmt::format("'{}' has {} entries, but may have {}.", path.text(), value.size(), kParts));
    }
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        exchange::ToolCall call;
        if (!read_call(reader, one, path.at(index++), call)) return false;
        out.emplace_back(std::move(call));
    }
    return true;
}

}  // namespace hearth::wire::openai

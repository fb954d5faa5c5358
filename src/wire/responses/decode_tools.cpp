// Tools, the choice among them, and the answer's format.
#include <fmt/format.h>

#include <map>

#include "base/limits.h"
#include "wire/openai/parts.h"
#include "wire/responses/decode.h"
#include "wire/responses/names.h"

namespace hearth::wire::responses {

namespace {

using exchange::Tool;
using exchange::ToolChoice;
using json::Value;
using Mode = ToolChoice::Mode;

// A namespace, while its tools are read.
struct Space {
    std::string name;
    std::string_view description;  // raw JSON of it, kept with the namespace's first tool
};

bool too_many(Reader& r, std::size_t count, const Path& path) {
    if (count <= limits::kTools) return false;
    r.fail(path, fmt::format("'{}' has {} entries, but may have {}.", path.text(), count, limits::kTools));
    return true;
}

bool read_own(Reader& r, Value value, const Path& path, bool custom, Tool& tool) {
    if (custom) tool.kind = Tool::Kind::custom;
    const std::string_view form = custom ? "format" : "parameters";
    const auto read_form = [&](std::string& out) {
        return custom ? openai::read_custom_format(r, value[form], path.at(form), out)
                      : r.object_text(value[form], path.at(form), out);
    };
    if (!r.tool_name(value["name"], path.at("name"), tool.name)) return false;
    if (!r.string(value["description"], path.at("description"), tool.description)) return false;
    if (!read_form(tool.parameters)) return false;
    if (!custom && !r.boolean(value["strict"], path.at("strict"), tool.strict)) return false;
    if (!r.boolean(value["defer_loading"], path.at("defer_loading"), tool.deferred)) return false;
    keep_unknown(tool.extra, value, {},
                 {"type", "name", "description", form, custom ? "" : "strict", "defer_loading", "function"});
    return true;
}

bool read_tool(Reader& r, Value value, const Path& path, Space* space, std::vector<Tool>& tools);

bool read_space(Reader& r, Value value, const Path& path, std::vector<Tool>& tools) {
    Space space;
    if (!r.tool_name(value["name"], path.at("name"), space.name)) return false;
    std::string description;
    if (!r.string(value["description"], path.at("description"), description)) return false;
    if (!description.empty()) space.description = value["description"].raw();
    const Value list = value["tools"];
    const Path at = path.at("tools");
    if (!list) return r.missing(at);
    if (!list.is_array()) return r.wrong_type(list, "array of tools", at);
    if (too_many(r, list.size(), at)) return false;
    std::size_t index = 0;
    for (const Value one : list.elements()) {
        if (!read_tool(r, one, at.at(index++), &space, tools)) return false;
    }
    return true;
}

bool read_tool(Reader& r, Value value, const Path& path, Space* space, std::vector<Tool>& tools) {
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    std::string type;
    if (!r.name(value["type"], path.at("type"), type)) return false;
    if (type == "namespace" && space == nullptr) return read_space(r, value, path, tools);
    Tool tool;
    if (type == "function" || type == "custom") {
        // Chat completions' nesting, as some clients mix it in.
        const Value inner = value[type].is_object() ? value[type] : value;
        if (!read_own(r, inner, path, type == "custom", tool)) return false;
    } else if (space != nullptr) {
        return r.fail(path.at("type"),
                      fmt::format("'{}' must be 'function' or 'custom'.", path.at("type").text()));
    } else {
        tool.kind = Tool::Kind::hosted;
        tool.name = std::move(type);
        tool.raw = value.raw();
    }
    if (space != nullptr) {
        tool.space = space->name;
        tool.own_name = tool.name;
        if (!space->description.empty())
            tool.extra.push_back({"namespace.description", std::string(space->description)});
        space->description = {};
    }
    tools.push_back(std::move(tool));
    return !too_many(r, tools.size(), path);
}

bool read_mode(Reader& r, Value value, const Path& path, Mode& out) {
    const auto mode = value.as_string();
    if (mode == "auto") {
        out = Mode::automatic;
    } else if (mode == "none") {
        out = Mode::none;
    } else if (mode == "required") {
        out = Mode::required;
    } else {
        return r.fail(path,
                      fmt::format("'{}' must be 'none', 'auto', 'required' or an object.", path.text()));
    }
    return true;
}

bool known(const std::vector<Tool>& tools, std::string_view name) {
    return std::ranges::find(tools, name, &Tool::name) != tools.end();
}

// {"type":"function","name":N}, with or without its namespace; hosted tools are named by their type.
bool read_named(Reader& r, Value value, const Path& path, const std::vector<Tool>& tools, std::string& out) {
    std::string type, name, space;
    if (!r.name(value["type"], path.at("type"), type)) return false;
    if (type != "function" && type != "custom") {
        out = type;
    } else {
        const Value inner = value[type].is_object() ? value[type] : value;
        if (!r.tool_name(inner["name"], path.at("name"), name)) return false;
        if (!r.string(inner["namespace"], path.at("namespace"), space)) return false;
        out = form_name(tools, space, name);
        if (space.empty() && !known(tools, out)) {
            const auto own = std::ranges::find(tools, name, &Tool::own_name);
            if (own != tools.end()) out = own->name;
        }
    }
    if (known(tools, out)) return true;
    return r.fail(path, fmt::format("'{}' names a tool that is not among the tools.", path.text()));
}

bool read_allowed(Reader& r, Value value, const Path& path, const std::vector<Tool>& tools, ToolChoice& out) {
    const Value mode = value["mode"], list = value["tools"];
    if (mode && !mode.is_string()) return r.wrong_type(mode, "string", path.at("mode"));
    if (mode && !read_mode(r, mode, path.at("mode"), out.mode)) return false;
    const Path at = path.at("tools");
    if (!list) return r.missing(at);
    if (!list.is_array()) return r.wrong_type(list, "array", at);
    if (list.size() == 0 || list.size() > limits::kTools) {
        return r.fail(at, fmt::format("'{}' must have 1 to {} entries.", at.text(), limits::kTools));
    }
    std::size_t index = 0;
    for (const Value one : list.elements()) {
        const Path here = at.at(index++);
        if (!one.is_object()) return r.wrong_type(one, "object", here);
        if (one["type"].as_string() == "namespace") {
            for (const auto& tool : tools) {
                if (!tool.space.empty() && tool.space == one["name"].as_string())
                    out.allowed.push_back(tool.name);
            }
        } else if (!read_named(r, one, here, tools, out.allowed.emplace_back())) {
            return false;
        }
        if (too_many(r, out.allowed.size(), at)) return false;
    }
    return true;
}

}  // namespace

bool read_tools(Reader& reader, Value value, const Path& path, std::vector<Tool>& tools) {
    if (value.is_null()) return true;
    if (!value.is_array()) return reader.wrong_type(value, "array of tools", path);
    if (too_many(reader, value.size(), path)) return false;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        if (!read_tool(reader, one, path.at(index++), nullptr, tools)) return false;
    }
    return true;
}

bool read_additional_tools(Reader& reader, Value input, const Path& path, std::vector<Tool>& tools) {
    const auto key_of_tool = [](const Tool& tool) {
        return fmt::format("{}\n{}\n{}", static_cast<int>(tool.kind), tool.space, tool.name);
    };
    std::map<std::string, std::size_t> places;  // where each tool stands
    const auto find_places = [&] {
        places.clear();
        for (std::size_t i = 0; i < tools.size(); ++i) places.emplace(key_of_tool(tools[i]), i);
    };
    find_places();
    std::size_t index = 0;
    for (const Value item : input.elements()) {
        const Path at = path.at(index++);
        const bool found = item["type"].as_string() == "tool_search_output";
        if (!found && item["type"].as_string() != "additional_tools") continue;
        std::vector<Tool> more;
        const Path list = at.at("tools");
        if (!item["tools"] && !found) return reader.missing(list);
        if (!read_tools(reader, item["tools"], list, more)) return false;
        if (found) {  // what was deferred is on offer from here on, behind the others
            for (auto& tool : more) {
                tool.deferred = false;
                std::erase_if(tools, [&](const Tool& one) { return key_of_tool(one) == key_of_tool(tool); });
            }
            find_places();
        }
        for (auto& tool : more) {
            const auto [place, fresh] = places.emplace(key_of_tool(tool), tools.size());
            if (fresh) {
                tools.push_back(std::move(tool));
            } else {
                tools[place->second] = std::move(tool);
            }
        }
        if (too_many(reader, tools.size(), list)) return false;
    }
    return true;
}

bool read_tool_choice(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    auto& chat = std::get<exchange::Chat>(out.body);
    ToolChoice choice;
    if (value.is_string()) {
        if (!read_mode(reader, value, path, choice.mode)) return false;
    } else {
        if (!value.is_object()) return reader.wrong_type(value, "string or an object", path);
        std::string type;
        if (!reader.name(value["type"], path.at("type"), type)) return false;
        if (type == "allowed_tools") {
            if (!read_allowed(reader, value, path, chat.tools, choice)) return false;
        } else if (type == "function" || type == "custom") {
            choice.mode = Mode::named;
            if (!read_named(reader, value, path, chat.tools, choice.name)) return false;
        } else {  // a hosted tool's own
            out.extra.push_back({"tool_choice", std::string(value.raw())});
            return true;
        }
    }
    if (choice.mode == Mode::required && chat.tools.empty())
        return reader.fail(path, "'tool_choice' asks for a tool, but there are no tools.");
    chat.tool_choice = std::move(choice);
    return true;
}

bool read_text_options(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (value.is_null()) return true;
    if (!value.is_object()) return reader.wrong_type(value, "object", path);
    auto& chat = std::get<exchange::Chat>(out.body);
    if (!reader.string(value["verbosity"], path.at("verbosity"), chat.verbosity)) return false;
    keep_unknown(out.extra, value, "text", {"format", "verbosity"});
    const Value form = value["format"];
    if (!form || form.is_null()) return true;
    const Path at = path.at("format");
    if (!form.is_object()) return reader.wrong_type(form, "object", at);
    std::string type;
    if (!reader.name(form["type"], at.at("type"), type)) return false;
    exchange::ResponseFormat format;
    if (type == "json_object") {
        format.kind = exchange::ResponseFormat::Kind::json_object;
    } else if (type == "json_schema") {
        format.kind = exchange::ResponseFormat::Kind::json_schema;
        if (!reader.string(form["name"], at.at("name"), format.name)) return false;
        if (!reader.string(form["description"], at.at("description"), format.description)) return false;
        if (!reader.object(form["schema"], at.at("schema"))) return false;
        format.schema = form["schema"].raw();
        if (!reader.boolean(form["strict"], at.at("strict"), format.strict)) return false;
    } else if (type != "text") {
        out.extra.push_back({"text.format", std::string(form.raw())});  // a vendor's own kind
        return true;
    }
    chat.response_format = std::move(format);
    return true;
}

}  // namespace hearth::wire::responses

// Tools and the choice among them.
#include <fmt/format.h>

#include "base/limits.h"
#include "text/json_writer.h"
#include "wire/gemini/decode.h"
#include "wire/gemini/schema.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Tool;
using exchange::ToolChoice;
using json::Value;
using Mode = ToolChoice::Mode;

bool read_declaration(Reader& r, Value value, const Path& path, Tool& tool) {
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    if (!r.tool_name(field(value, "name"), path.at("name"), tool.name)) return false;
    if (!r.string(field(value, "description"), path.at("description"), tool.description)) return false;
    const Value plain = field(value, "parametersJsonSchema"), google = field(value, "parameters");
    if (plain && !plain.is_null()) {
        if (!plain.is_object()) return r.wrong_type(plain, "object", path.at("parametersJsonSchema"));
        tool.parameters = plain_json_schema(plain);
    } else if (google && !google.is_null()) {
        if (!google.is_object()) return r.wrong_type(google, "object", path.at("parameters"));
        tool.parameters = to_json_schema(google);
    }
    keep_others(tool.extra, value, {}, {"name", "description", "parameters", "parametersJsonSchema"});
    return true;
}

bool read_declarations(Reader& r, Value list, const Path& path, std::vector<Tool>& out) {
    if (!list || list.is_null()) return true;
    if (!within(r, list, path, limits::kTools)) return false;
    std::size_t index = 0;
    for (const Value one : list.elements()) {
        if (!read_declaration(r, one, path.at(index++), out.emplace_back())) return false;
    }
    return true;
}

// {"functionDeclarations":[…]}, {"googleSearch":{}}, or several of them in one object.
bool read_tool(Reader& r, Value value, const Path& path, exchange::Request& out) {
    auto& tools = std::get<exchange::Chat>(out.body).tools;
    if (!value.is_object()) return r.wrong_type(value, "object", path);
    for (const json::Member member : value.members()) {
        if (is_field(member.key(), "functionDeclarations")) {
            if (!read_declarations(r, member.value, path.at("functionDeclarations"), tools)) return false;
        } else if (!member.value.is_object()) {
            keep(out.extra, "tools", member);
        } else {
            Tool hosted;
            hosted.kind = Tool::Kind::hosted;
            hosted.name = member.key();
            json::Writer w(hosted.raw);
            w.begin_object().key(member.key()).raw(member.value.raw()).end_object();
            tools.push_back(std::move(hosted));
        }
    }
    if (tools.size() <= limits::kTools) return true;
    return r.fail(path, fmt::format("'tools' has more than {} entries.", limits::kTools));
}

bool read_mode(Reader& r, Value value, const Path& path, Mode& out) {
    std::string mode;
    if (!r.string(value, path, mode)) return false;
    for (char& c : mode) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    // VALIDATED is AUTO with calls that keep to their schema.
    if (mode.empty() || mode == "AUTO" || mode == "VALIDATED" || mode == "MODE_UNSPECIFIED") {
        out = Mode::automatic;
    } else if (mode == "ANY") {
        out = Mode::required;
    } else if (mode == "NONE") {
        out = Mode::none;
    } else {
        return r.fail(path, fmt::format("'{}' must be 'AUTO', 'ANY', 'NONE' or 'VALIDATED'.", path.text()));
    }
    return true;
}

bool read_allowed(Reader& r, Value value, const Path& path, const std::vector<Tool>& tools, ToolChoice& out) {
    if (!value || value.is_null()) return true;
    if (!within(r, value, path, limits::kTools)) return false;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        const Path at = path.at(index++);
        if (!r.tool_name(one, at, out.allowed.emplace_back())) return false;
        if (std::ranges::find(tools, out.allowed.back(), &Tool::name) == tools.end()) {
            return r.fail(at, fmt::format("'{}' names a function that is not among the tools.", at.text()));
        }
    }
    return true;
}

}  // namespace

bool read_tools(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (!value || value.is_null()) return true;
    if (!within(reader, value, path, limits::kTools)) return false;
    std::size_t index = 0;
    for (const Value one : value.elements()) {
        if (!read_tool(reader, one, path.at(index++), out)) return false;
    }
    return true;
}

bool read_tool_config(Reader& reader, Value value, const Path& path, exchange::Request& out) {
    if (!value || value.is_null()) return true;
    if (!value.is_object()) return reader.wrong_type(value, "object", path);
    keep_others(out.extra, value, "toolConfig", {"functionCallingConfig"});
    const Value calling = field(value, "functionCallingConfig");
    if (!calling || calling.is_null()) return true;
    const Path at = path.at("functionCallingConfig");
    if (!calling.is_object()) return reader.wrong_type(calling, "object", at);
    auto& chat = std::get<exchange::Chat>(out.body);
    ToolChoice choice;
    if (!read_mode(reader, field(calling, "mode"), at.at("mode"), choice.mode)) return false;
    if (!read_allowed(reader, field(calling, "allowedFunctionNames"), at.at("allowedFunctionNames"),
                      chat.tools, choice)) {
        return false;
    }
    keep_others(out.extra, calling, "functionCallingConfig", {"mode", "allowedFunctionNames"});
    if (choice.mode == Mode::required && chat.tools.empty()) {
        return reader.fail(at.at("mode"), fmt::format("'{}' asks for a call, but there are no tools.",
                                                      at.at("mode").text()));
    }
    if (choice.mode == Mode::none) choice.allowed.clear();
    if (choice.mode == Mode::required && choice.allowed.size() == 1) {
        choice.mode = Mode::named;
        choice.name = std::move(choice.allowed.front());
        choice.allowed.clear();
    }
    chat.tool_choice = std::move(choice);
    return true;
}

}  // namespace hearth::wire::gemini

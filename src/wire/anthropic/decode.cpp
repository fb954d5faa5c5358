// The top level of a request: a table of its fields.
#include "wire/anthropic/decode.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Request;
using exchange::Thinking;
using json::Value;

exchange::Chat& chat(Request& out) {
    return std::get<exchange::Chat>(out.body);
}

bool read_metadata(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    if (!r.string(v["user_id"], p.at("user_id"), out.user)) return false;
    keep_unknown(out.extra, v, "metadata", {"user_id"});
    return true;
}

bool read_thinking(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    std::string type, display;
    if (!r.name(v["type"], p.at("type"), type)) return false;
    auto& thinking = chat(out).thinking;
    if (type == "enabled") {
        thinking.mode = Thinking::Mode::budget;
        constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
        const Path at = p.at("budget_tokens");
        if (!r.integer(v["budget_tokens"], at, thinking.budget_tokens, {0, kMost})) return false;
        if (!thinking.budget_tokens) return r.missing(at);
    } else if (type == "adaptive") {
        thinking.mode = Thinking::Mode::adaptive;
    } else if (type == "disabled") {
        thinking.mode = Thinking::Mode::off;
    } else {
        out.extra.push_back({"thinking", std::string(v.raw())});  // a kind to come
        return true;
    }
    if (!r.string(v["display"], p.at("display"), display)) return false;
    if (display == "omitted" || display == "summarized") {
        thinking.show = display == "omitted" ? "omitted" : "auto";
        display.clear();
    }
    if (!display.empty()) out.extra.push_back({"thinking.display", std::string(v["display"].raw())});
    keep_unknown(out.extra, v, "thinking", {"type", "budget_tokens", "display"});
    return true;
}

// {"type":"json_schema","schema":{…}}; any other kind is kept as it came.
bool read_format(Reader& r, Value v, const Path& p, std::string_view kept_as, Request& out) {
    if (!v || v.is_null()) return true;
    if (v["type"].as_string() != "json_schema") {
        out.extra.push_back({std::string(kept_as), std::string(v.raw())});
        return true;
    }
    exchange::ResponseFormat format;
    format.kind = exchange::ResponseFormat::Kind::json_schema;
    if (!r.object(v["schema"], p.at("schema"))) return false;
    format.schema = v["schema"].raw();
    chat(out).response_format = std::move(format);
    return true;
}

bool read_output_config(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    if (!r.string(v["effort"], p.at("effort"), chat(out).reasoning_effort)) return false;
    if (!read_format(r, v["format"], p.at("format"), "output_config.format", out)) return false;
    keep_unknown(out.extra, v, "output_config", {"effort", "format"});
    return true;
}

// The name that output_config.format had in the beta.
bool read_output_format(Reader& r, Value v, const Path& p, Request& out) {
    if (chat(out).response_format) return true;
    return read_format(r, v, p, "output_format", out);
}

struct Field {
    std::string_view name;
    bool (*read)(Reader& reader, Value value, const Path& path, Request& out);
};
constexpr std::int64_t kMostTokens = std::numeric_limits<std::int32_t>::max();
constexpr Field kFields[] = {
    {"messages", read_messages},
    {"model", [](Reader& r, Value v, const Path& p, Request& o) { return r.model(v, p, o.model); }},
    {"max_tokens", [](Reader& r, Value v, const Path& p,
                      Request& o) { return r.integer(v, p, o.sampling.max_tokens, {0, kMostTokens}); }},
    {"metadata", read_metadata},
    {"output_config", read_output_config},
    {"output_format", read_output_format},
    {"stop_sequences",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.stops(v, p, false, o.sampling.stop); }},
    {"stream", [](Reader& r, Value v, const Path& p, Request& o) { return r.boolean(v, p, o.stream); }},
    // Anthropic itself allows 1 at most; local models and compatible servers go further.
    {"temperature", [](Reader& r, Value v, const Path& p,
                       Request& o) { return r.real(v, p, o.sampling.temperature, 0, 2); }},
    {"thinking", read_thinking},
    {"tool_choice", read_tool_choice},
    {"tools", read_tools},
    {"top_k", [](Reader& r, Value v, const Path& p,
                 Request& o) { return r.integer(v, p, o.sampling.top_k, {-1, kMostTokens}); }},
    {"top_p",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.real(v, p, o.sampling.top_p, 0, 1); }},
};

bool read_root(Reader& reader, Value root, Request& out) {
    const Path top;
    if (!root.is_object()) return reader.wrong_type(root, "object", top);
    exchange::Turn system;
    system.role = exchange::Role::system;
    for (const json::Member member : root.members()) {
        const Path path = top.at(member.key());
        if (member.key() == "system") {
            if (!read_system(reader, member.value, path, system)) return false;
            continue;
        }
        const auto field = std::ranges::find(kFields, member.key(), &Field::name);
        if (field == std::end(kFields)) {
            keep(out.extra, {}, member);
        } else if (!field->read(reader, member.value, path, out)) {
            return false;
        }
    }
    auto& turns = chat(out).turns;
    if (turns.empty()) return reader.missing(top.at("messages"));
    if (!system.parts.empty()) turns.insert(turns.begin(), std::move(system));
    return check_tool_choice(reader, root, chat(out));
}

}  // namespace

Result<Request> decode_request(exchange::Kind kind, const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = kind;
    out.dialect = exchange::Dialect::anthropic;
    out.include_usage = true;  // every answer of this dialect tells its usage
    out.body = exchange::Chat{};
    if (!read_root(reader, document.root(), out)) return fail(std::move(*reader.error));
    return out;
}

}  // namespace hearth::wire::anthropic

// The body's own fields.
#include "wire/responses/decode.h"
#include "wire/responses/compaction.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wire/responses/names.h"
#include "wire/responses/request.h"

namespace hearth::wire::responses {

namespace {

using exchange::Request;
using json::Value;

constexpr std::string_view kLogprobs = "message.output_text.logprobs";
constexpr std::string_view kEncrypted = "reasoning.encrypted_content";

exchange::Chat& chat(Request& out) {
    return std::get<exchange::Chat>(out.body);
}

bool read_include(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_array()) return r.wrong_type(v, "array of strings", p);
    bool others = false;
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        const Path at = p.at(index++);
        if (!one.is_string()) return r.wrong_type(one, "string", at);
        if (one.as_string() == kLogprobs) {
            out.sampling.logprobs = true;
        } else {
            others = true;
        }
    }
    if (others) out.extra.push_back({"include", std::string(v.raw())});
    return true;
}

bool read_instructions(Reader& r, Value v, const Path& p, Request& out) {
    std::string text;
    if (!r.string(v, p, text)) return false;
    if (text.empty()) return true;
    exchange::Turn turn;
    turn.role = exchange::Role::system;
    turn.parts.emplace_back(exchange::Text{std::move(text), {}});
    chat(out).turns.insert(chat(out).turns.begin(), std::move(turn));
    return true;
}

bool read_reasoning(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    auto& body = chat(out);
    if (!r.string(v["effort"], p.at("effort"), body.reasoning_effort)) return false;
    if (!r.string(v["generate_summary"], p.at("generate_summary"), body.thinking.show)) return false;
    if (!r.string(v["summary"], p.at("summary"), body.thinking.show)) return false;
    keep_unknown(out.extra, v, "reasoning", {"effort", "summary", "generate_summary"});
    return true;
}

// include_usage is chat completions' word; Cursor writes it beside an `input`.
bool read_stream_options(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    if (!r.boolean(v["include_usage"], p.at("include_usage"), out.include_usage)) return false;
    keep_unknown(out.extra, v, "stream_options", {"include_usage"});
    return true;
}

bool read_user(Reader& r, Value v, const Path& p, Request& out) {
    return r.user(v, p, p.key, out.user);
}

bool later(Reader& /*r*/, Value /*v*/, const Path& /*p*/, Request& /*out*/) {
    return true;
}

struct Field {
    std::string_view name;
    bool (*read)(Reader& reader, Value value, const Path& path, Request& out);
};

constexpr Field kFields[] = {
    {"frequency_penalty", [](Reader& r, Value v, const Path& p,
                             Request& o) { return r.real(v, p, o.sampling.frequency_penalty, -2, 2); }},
    {"include", read_include},
    {"input", later},
    {"instructions", read_instructions},
    {"max_output_tokens",
     [](Reader& r, Value v, const Path& p, Request& o) {
         return r.integer(v, p, o.sampling.max_tokens, {1, std::numeric_limits<std::int32_t>::max()});
     }},
    {"model", [](Reader& r, Value v, const Path& p, Request& o) { return r.model(v, p, o.model); }},
    {"parallel_tool_calls", [](Reader& r, Value v, const Path& p,
                               Request& o) { return r.boolean(v, p, chat(o).parallel_tool_calls); }},
    {"presence_penalty", [](Reader& r, Value v, const Path& p,
                            Request& o) { return r.real(v, p, o.sampling.presence_penalty, -2, 2); }},
    {"previous_response_id",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, o.previous_id); }},
    {"prompt_cache_key",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, o.cache_key); }},
    {"reasoning", read_reasoning},
    {"safety_identifier", read_user},
    {"store", [](Reader& r, Value v, const Path& p, Request& o) { return r.boolean(v, p, o.store); }},
    {"stream", [](Reader& r, Value v, const Path& p, Request& o) { return r.boolean(v, p, o.stream); }},
    {"stream_options", read_stream_options},
    {"temperature", [](Reader& r, Value v, const Path& p,
                       Request& o) { return r.real(v, p, o.sampling.temperature, 0, 2); }},
    {"text", read_text_options},
    {"tool_choice", later},
    {"tools", later},
    {"top_logprobs", [](Reader& r, Value v, const Path& p,
                        Request& o) { return r.integer(v, p, o.sampling.top_logprobs, {0, 20}); }},
    {"top_p",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.real(v, p, o.sampling.top_p, 0, 1); }},
    {"user", read_user},
};
static_assert(std::ranges::is_sorted(kFields, {}, &Field::name));

bool read_fields(Reader& reader, Value root, Request& out) {
    if (!root.is_object()) return reader.fail({}, "The request's body must be a JSON object.");
    const Path top;
    for (const json::Member member : root.members()) {
        const auto found = std::ranges::lower_bound(kFields, member.key(), {}, &Field::name);
        if (found == std::end(kFields) || found->name != member.key()) {
            keep(out.extra, {}, member);
        } else if (!found->read(reader, member.value, top.at(member.key()), out)) {
            return false;
        }
    }
    return true;
}

bool has_extra(const Request& request, std::string_view key) {
    const auto found = std::ranges::find(request.extra, key, &exchange::RawField::key);
    return found != request.extra.end() && found->json != "null";
}

// Tools before items: the items' calls are named by them.
bool read_body(Reader& reader, Value root, Request& out) {
    const Path top, input_path = top.at("input");
    auto& body = chat(out);
    const Value input = root["input"];
    if (const Value tools = root["tools"]; tools && !read_tools(reader, tools, top.at("tools"), body.tools))
        return false;
    if (!read_additional_tools(reader, input, input_path, body.tools)) return false;
    name_tools(body.tools);
    if (const Value choice = root["tool_choice"];
        choice && !read_tool_choice(reader, choice, top.at("tool_choice"), out))
        return false;
    // What an earlier answer, a conversation or a prompt template holds, stands elsewhere.
    const bool elsewhere =
        !out.previous_id.empty() || has_extra(out, "conversation") || has_extra(out, "prompt");
    if (!input || input.is_null()) return elsewhere ? true : reader.missing(input_path);
    const std::size_t before = body.turns.size();
    if (!read_input(reader, input, input_path, body)) return false;
    if (asks_compaction(input)) ask_for_summary(out);
    if (body.turns.size() > before || elsewhere) return true;
    return reader.fail(input_path, "'input' holds no message, but must have at least one.");
}

}  // namespace

Result<Request> decode_request(exchange::Kind kind, const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = kind;
    out.dialect = exchange::Dialect::responses;
    out.body = exchange::Chat{};
    if (!read_fields(reader, document.root(), out) || !read_body(reader, document.root(), out))
        return fail(std::move(*reader.error));
    return out;
}

bool wants_encrypted_reasoning(const Request& request) {
    const auto found = std::ranges::find(request.extra, "include", &exchange::RawField::key);
    return found != request.extra.end() && found->json.find(kEncrypted) != std::string::npos;
}

}  // namespace hearth::wire::responses

// The three request bodies: tables of their own fields, and the checks that need the whole.
#include "wire/openai/decode.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wire/facts.h"
#include "wire/openai/request.h"

namespace hearth::wire::openai {

namespace {

using exchange::Request;
using exchange::TokenIds;
using json::Value;
using Prompt = std::variant<std::string, TokenIds>;

bool read_tokens(Reader& r, Value v, const Path& p, TokenIds& out) {
    if (v.size() == 0) return r.fail(p, fmt::format("'{}' must not be empty.", p.text()));
    out.reserve(v.size());
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        std::optional<std::int64_t> id;
        const Path at = p.at(index++);
        if (one.is_null()) return r.wrong_type(one, "token id", at);
        if (!r.integer(one, at, id, {0, std::numeric_limits<std::int32_t>::max()})) return false;
        out.push_back(static_cast<std::int32_t>(*id));
    }
    return true;
}

}  // namespace

bool read_prompts(Reader& r, Value v, const Path& p, std::vector<Prompt>& out) {
    if (v.is_string()) {
        out.emplace_back(std::string(v.as_string()));
        return true;
    }
    if (!v.is_array()) return r.wrong_type(v, "string, an array of strings or an array of token ids", p);
    if (v.size() == 0) return r.fail(p, fmt::format("'{}' must not be empty.", p.text()));
    if (v.at(0).is_number()) return read_tokens(r, v, p, std::get<TokenIds>(out.emplace_back(TokenIds{})));
    if (v.size() > limits::kEmbeddingInputs) {
        return r.fail(p, fmt::format("'{}' has {} entries, but may have {}.", p.text(), v.size(),
                                     limits::kEmbeddingInputs));
    }
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        const Path at = p.at(index++);
        if (one.is_string()) {
            out.emplace_back(std::string(one.as_string()));
        } else if (!one.is_array()) {
            return r.wrong_type(one, "string or an array of token ids", at);
        } else if (!read_tokens(r, one, at, std::get<TokenIds>(out.emplace_back(TokenIds{})))) {
            return false;
        }
    }
    return true;
}

namespace {

exchange::Chat& chat(Request& out) {
    return std::get<exchange::Chat>(out.body);
}

constexpr Field kChat[] = {
    {"function_call", read_function_choice},
    {"functions", read_functions},
    {"logprobs",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.boolean(v, p, o.sampling.logprobs); }},
    {"messages", read_messages},
    {"parallel_tool_calls", [](Reader& r, Value v, const Path& p,
                               Request& o) { return r.boolean(v, p, chat(o).parallel_tool_calls); }},
    {"reasoning_effort",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, chat(o).reasoning_effort); }},
    {"response_format", read_response_format},
    {"tool_choice", read_tool_choice},
    {"tools", read_tools},
    {"top_logprobs", [](Reader& r, Value v, const Path& p,
                        Request& o) { return r.integer(v, p, o.sampling.top_logprobs, {0, 20}); }},
    {"verbosity",
     [](Reader& r, Value v, const Path& p, Request& o) { return r.string(v, p, chat(o).verbosity); }},
};

constexpr Field kCompletion[] = {
    {"echo", [](Reader& r, Value v, const Path& p,
                Request& o) { return r.boolean(v, p, std::get<exchange::Completion>(o.body).echo); }},
    {"logprobs",
     [](Reader& r, Value v, const Path& p, Request& o) {
         std::optional<std::int64_t> top;
         if (!r.integer(v, p, top, {0, 20})) return false;
         o.sampling.logprobs = top.has_value();
         o.sampling.top_logprobs = top.value_or(0);
         return true;
     }},
    {"prompt",
     [](Reader& r, Value v, const Path& p, Request& o) {
         return read_prompts(r, v, p, std::get<exchange::Completion>(o.body).prompts);
     }},
    {"suffix", [](Reader& r, Value v, const Path& p,
                  Request& o) { return r.string(v, p, std::get<exchange::Completion>(o.body).suffix); }},
};

constexpr Field kEmbedding[] = {
    {"dimensions",
     [](Reader& r, Value v, const Path& p, Request& o) {
         return r.integer(v, p, std::get<exchange::Embedding>(o.body).dimensions, {1, 1 << 20});
     }},
    {"encoding_format",
     [](Reader& r, Value v, const Path& p, Request& o) {
         std::string format = "float";
         if (!r.string(v, p, format)) return false;
         std::get<exchange::Embedding>(o.body).base64 = format == "base64";
         return format == "float" || format == "base64"
                    ? true
                    : r.fail(p, "'encoding_format' must be 'float' or 'base64'.");
     }},
    {"input", [](Reader& r, Value v, const Path& p,
                 Request& o) { return read_prompts(r, v, p, std::get<exchange::Embedding>(o.body).inputs); }},
};

static_assert(std::ranges::is_sorted(kChat, {}, &Field::name) &&
              std::ranges::is_sorted(kCompletion, {}, &Field::name) &&
              std::ranges::is_sorted(kEmbedding, {}, &Field::name));

bool check_tool_choice(Reader& r, const exchange::Chat& body) {
    if (!body.tool_choice) return true;
    const auto& choice = *body.tool_choice;
    const std::string_view field = body.legacy_functions ? "function_call" : "tool_choice";
    const auto known = [&](const std::string& name) {
        return std::ranges::find(body.tools, name, &exchange::Tool::name) != body.tools.end();
    };
    const Path top;
    if (choice.mode == exchange::ToolChoice::Mode::required && body.tools.empty()) {
        return r.fail(top.at(field), fmt::format("'{}' asks for a tool, but there are no tools.", field));
    }
    if (choice.mode == exchange::ToolChoice::Mode::named && !known(choice.name)) {
        return r.fail(top.at(field), fmt::format("'{}' names a tool that is not among the tools.", field));
    }
    if (!std::ranges::all_of(choice.allowed, known)) {
        return r.fail(top.at(field).at("allowed_tools"),
                      "'tool_choice' allows a tool that is not among the tools.");
    }
    return true;
}

Result<Request> finished(Reader& reader, bool ok, Request&& request) {
    if (!ok) return fail(std::move(*reader.error));
    if (!request.stream) request.include_usage = false;  // a whole answer has its usage in any case
    return std::move(request);
}

}  // namespace

Result<Request> decode_chat(const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = exchange::Kind::chat;
    out.dialect = exchange::Dialect::openai;
    out.body = exchange::Chat{};
    bool ok = read_fields(reader, document.root(), kChat, true, out);
    if (document.root()["tools"].size() > 0) chat(out).legacy_functions = false;  // it knows the modern forms
    const Path top;
    if (ok && chat(out).turns.empty()) ok = reader.missing(top.at("messages"));
    ok = ok && check_tool_choice(reader, chat(out));
    return finished(reader, ok, std::move(out));
}

Result<Request> decode_completion(const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = exchange::Kind::completion;
    out.dialect = exchange::Dialect::openai;
    out.body = exchange::Completion{};
    bool ok = read_fields(reader, document.root(), kCompletion, true, out);
    const Path top;
    const auto answers = static_cast<std::int64_t>(out.completion().prompts.size()) * out.n;
    if (ok && answers == 0) ok = reader.missing(top.at("prompt"));
    if (ok && answers > static_cast<std::int64_t>(kAnswerChoices)) {
        ok = reader.fail(top.at("n"),
                         fmt::format("'prompt' times 'n' asks for {} answers, but one request may have {}.",
                                     answers, kAnswerChoices));
    }
    return finished(reader, ok, std::move(out));
}

Result<Request> decode_embedding(const json::Document& document) {
    Reader reader;
    Request out;
    out.kind = exchange::Kind::embedding;
    out.dialect = exchange::Dialect::openai;
    out.body = exchange::Embedding{};
    bool ok = read_fields(reader, document.root(), kEmbedding, false, out);
    const Path top;
    if (ok && out.embedding().inputs.empty()) ok = reader.missing(top.at("input"));
    return finished(reader, ok, std::move(out));
}

Result<Request> decode_request(exchange::Kind kind, const json::Document& document) {
    switch (kind) {
        case exchange::Kind::completion:
            return decode_completion(document);
        case exchange::Kind::embedding:
            return decode_embedding(document);
        case exchange::Kind::chat:
        case exchange::Kind::count:
        case exchange::Kind::rerank:
        case exchange::Kind::audio:
        case exchange::Kind::image:
        case exchange::Kind::file:
        case exchange::Kind::batch:
            break;
    }
    return decode_chat(document);
}

}  // namespace hearth::wire::openai

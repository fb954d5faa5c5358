// The four request bodies: tables of their own fields, and what needs the whole.
#include "wire/ollama/decode.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wire/llama/sampling.h"
#include "wire/ollama/request.h"
#include "wire/openai/decode.h"

namespace hearth::wire::ollama {

namespace {

using exchange::Chat;
using exchange::Kind;
using exchange::Request;
using json::Value;
using openai::Field;

Chat& chat(Request& out) {
    return std::get<Chat>(out.body);
}

bool read_options(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null()) return true;
    if (!v.is_object()) return r.wrong_type(v, "object", p);
    for (const json::Member member : v.members()) {
        const std::string_view key = member.key();
        const Path at = p.at(key);
        bool ok = true;
        if (key == "num_predict") {
            ok = llama::read_predict(r, member.value, at, out);
        } else if (key == "num_ctx") {
            ok = r.integer(member.value, at, out.context_tokens,
                           {1, std::numeric_limits<std::int32_t>::max()});
        } else if (const Field* field = llama::sampling_field(key)) {
            ok = field->read(r, member.value, at, out);
        } else {
            keep(out.extra, "options", member);
        }
        if (!ok) return false;
    }
    return true;
}

bool read_format(Reader& r, Value v, const Path& p, Request& out) {
    if (v.is_null() || (v.is_string() && v.as_string().empty())) return true;
    exchange::ResponseFormat format;
    if (v.is_object()) {
        format.kind = exchange::ResponseFormat::Kind::json_schema;
        format.schema = v.raw();
    } else if (v.is_string() && v.as_string() == "json") {
        format.kind = exchange::ResponseFormat::Kind::json_object;
    } else {
        return r.fail(p, "'format' must be \"json\" or a JSON schema.");
    }
    chat(out).response_format = std::move(format);
    return true;
}

bool read_think(Reader& r, Value v, const Path& p, Request& out) {
    using Mode = exchange::Thinking::Mode;
    if (v.is_null()) return true;
    if (const auto wanted = v.as_bool()) {
        chat(out).thinking.mode = *wanted ? Mode::adaptive : Mode::off;
        if (!*wanted) chat(out).reasoning_effort = "none";
        return true;
    }
    static constexpr std::string_view kLevels[] = {"low", "medium", "high", "max"};
    if (std::ranges::find(kLevels, v.as_string()) == std::end(kLevels))
        return r.fail(p, fmt::format("'think' must be true, false or one of {}.", listed(kLevels)));
    chat(out).thinking.mode = Mode::adaptive;
    chat(out).reasoning_effort = v.as_string();
    return true;
}

bool read_stream(Reader& r, Value v, const Path& p, Request& out) {
    return r.boolean(v, p, out.stream);
}
bool read_logprobs(Reader& r, Value v, const Path& p, Request& out) {
    return r.boolean(v, p, out.sampling.logprobs);
}
bool read_top_logprobs(Reader& r, Value v, const Path& p, Request& out) {
    return r.integer(v, p, out.sampling.top_logprobs, {0, 20});
}
// Read elsewhere, together with the fields that it belongs to; or of another endpoint, where it would be written twice.
bool later(Reader& /*r*/, Value /*v*/, const Path& /*p*/, Request& /*out*/) {
    return true;
}

constexpr Field kChat[] = {
    {"format", read_format},       {"logprobs", read_logprobs},
    {"messages", read_messages},   {"options", read_options},
    {"stream", read_stream},       {"think", read_think},
    {"tools", openai::read_tools}, {"top_logprobs", read_top_logprobs},
};
constexpr Field kGenerate[] = {
    {"format", read_format},
    {"images", later},
    {"logprobs", read_logprobs},
    {"messages", later},
    {"options", read_options},
    {"prompt", later},
    {"raw", later},
    {"stream", read_stream},
    {"suffix", later},
    {"system", later},
    {"think", read_think},
    {"tools", later},
    {"top_logprobs", read_top_logprobs},
};
// What only a template could use stays unknown here.
constexpr Field kRaw[] = {
    {"logprobs", read_logprobs},
    {"options", read_options},
    {"prompt", later},
    {"raw", later},
    {"stream", read_stream},
    {"suffix", later},
    {"top_logprobs", read_top_logprobs},
};
constexpr Field kEmbed[] = {
    {"dimensions",
     [](Reader& r, Value v, const Path& p, Request& o) {
         return r.integer(v, p, std::get<exchange::Embedding>(o.body).dimensions, {1, 1 << 20});
     }},
    {"input", later},
    {"options", read_options},
};
constexpr Field kEmbeddings[] = {
    {"dimensions", later}, {"input", later}, {"options", read_options}, {"prompt", later}};

static_assert(std::ranges::is_sorted(kChat, {}, &Field::name) &&
              std::ranges::is_sorted(kGenerate, {}, &Field::name) &&
              std::ranges::is_sorted(kRaw, {}, &Field::name) &&
              std::ranges::is_sorted(kEmbed, {}, &Field::name));

bool decode_chat(Reader& r, Value root, Request& out) {
    out.kind = Kind::chat;
    out.stream = true;
    out.body = Chat{};
    return openai::read_fields(r, root, kChat, false, out);
}

bool decode_generate(Reader& r, Value root, Request& out) {
    const Path top;
    std::string prompt, suffix, system;
    bool raw = false;
    if (!r.string(root["prompt"], top.at("prompt"), prompt) ||
        !r.string(root["suffix"], top.at("suffix"), suffix) || !r.boolean(root["raw"], top.at("raw"), raw))
        return false;
    out.stream = true;
    if (raw || !suffix.empty()) {
        out.kind = Kind::completion;
        exchange::Completion body;
        body.prompts.emplace_back(std::move(prompt));
        // A raw prompt has the suffix in it already, in whatever form its sender thought right.
        if (!raw) body.suffix = std::move(suffix);
        out.body = std::move(body);
        return openai::read_fields(r, root, kRaw, false, out);
    }
    out.kind = Kind::chat;
    out.body = Chat{};
    exchange::Turn user;
    if (!r.string(root["system"], top.at("system"), system)) return false;
    if (!prompt.empty()) user.parts.emplace_back(exchange::Text{prompt, {}});
    if (!read_images(r, root["images"], top.at("images"), user.parts)) return false;
    if (!prompt.empty() && !system.empty()) {
        exchange::Turn first;
        first.role = exchange::Role::system;
        first.parts.emplace_back(exchange::Text{std::move(system), {}});
        chat(out).turns.push_back(std::move(first));
    }
    if (!prompt.empty()) chat(out).turns.push_back(std::move(user));  // without: only to be loaded
    return openai::read_fields(r, root, kGenerate, false, out);
}

bool read_input(Reader& r, Value v, const Path& p, exchange::Embedding& out) {
    if (!v || v.is_null()) return r.missing(p);
    if (v.is_string()) {
        out.inputs.emplace_back(std::string(v.as_string()));
        return true;
    }
    if (!v.is_array()) return r.wrong_type(v, "string or an array of strings", p);
    if (v.size() == 0) return r.fail(p, fmt::format("'{}' must not be empty.", p.text()));
    if (v.size() > limits::kEmbeddingInputs) {
        return r.fail(p, fmt::format("'{}' has {} entries, but may have {}.", p.text(), v.size(),
                                     limits::kEmbeddingInputs));
    }
    std::size_t index = 0;
    for (const Value one : v.elements()) {
        const Path at = p.at(index++);
        if (!one.is_string()) return r.wrong_type(one, "string", at);
        out.inputs.emplace_back(std::string(one.as_string()));
    }
    return true;
}

bool decode_embed(Reader& r, Value root, bool legacy, Request& out) {
    out.kind = Kind::embedding;
    exchange::Embedding body;
    const Path top;
    const std::string_view field = legacy ? "prompt" : "input";
    if (!root.is_object()) return r.fail({}, "The request's body must be a JSON object.");
    if (!read_input(r, root[field], top.at(field), body)) return false;
    if (legacy && body.inputs.size() != 1)
        return r.fail(top.at(field), "'prompt' must be one string; /api/embed takes several.");
    out.body = std::move(body);
    return legacy ? openai::read_fields(r, root, kEmbeddings, false, out)
                  : openai::read_fields(r, root, kEmbed, false, out);
}

}  // namespace

Result<Request> decode_request(const Call& call, const json::Document& document) {
    Reader reader;
    Request out;
    out.dialect = exchange::Dialect::ollama;
    const Value root = document.root();
    const bool embeds = call.endpoint == "embed" || call.endpoint == "embeddings" ||
                        (call.endpoint.empty() && call.kind == Kind::embedding);
    const bool generates =
        call.endpoint == "generate" || (call.endpoint.empty() && call.kind == Kind::completion);
    const bool ok = embeds      ? decode_embed(reader, root, call.endpoint == "embeddings", out)
                    : generates ? decode_generate(reader, root, out)
                                : decode_chat(reader, root, out);
    if (!ok) return fail(std::move(*reader.error));
    return out;
}

bool is_load(const Request& request) {
    if (request.dialect != exchange::Dialect::ollama) return false;
    if (request.kind == Kind::chat) return request.chat().turns.empty();
    if (request.kind != Kind::completion) return false;
    const auto& body = request.completion();
    if (body.suffix) return false;
    const auto* prompt = body.prompts.empty() ? nullptr : std::get_if<std::string>(&body.prompts.front());
    return body.prompts.empty() || (prompt != nullptr && prompt->empty());
}

bool is_unload(const Request& request) {
    return is_load(request) && request.keep_alive_s == 0;
}

}  // namespace hearth::wire::ollama

#include "provider/classify.h"

#include <fmt/format.h>

#include <charconv>

#include "provider/http_date.h"
#include "text/json.h"

namespace hearth::provider {

namespace {

constexpr std::size_t kBodyBytes = 64 * 1024;
constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// What an error body says about itself, in any of the shapes that OpenAI-compatible servers use.
struct Said {
    std::string code, type, message;  // message in lower case, for looking up phrases only
    std::int64_t needed = 0, limit = 0;
    bool json = false;
};

std::string word_of(json::Value value) {
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_integer()) return std::string(value.raw());
    return {};
}

Said read_body(std::string_view body) {
    Said said;
    json::Document document;
    const auto root = document.parse(body, {.depth = 32, .nodes = 10'000, .bytes = kBodyBytes});
    if (!root || !root->is_object()) return said;
    said.json = true;
    auto error = root->get("error");  // {"error":{…}} (OpenAI) or {"error":"text"} (Ollama)
    if (!error.is_object())
        error = error.is_string() ? json::Value{} : *root;  // {"object":"error",…} (vLLM, Mistral)
    said.code = word_of(error["code"]);
    said.type = word_of(error["type"]);
    said.message =
        root->get("error").is_string() ? root->get("error").as_string() : error["message"].as_string();
    for (char& c : said.message) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    said.needed = error["n_prompt_tokens"].as_int().value_or(0);  // llama-server
    said.limit = error["n_ctx"].as_int().value_or(0);
    return said;
}

bool mentions(const Said& said, std::initializer_list<std::string_view> phrases) {
    return std::ranges::any_of(phrases,
                               [&](std::string_view p) { return said.message.find(p) != std::string::npos; });
}

bool says_context_exceeded(const Said& said) {
    return said.code == "context_length_exceeded" || said.type == "exceed_context_size_error" ||
           mentions(said, {"maximum context length", "context length exceeded", "exceeds the context",
                           "context window", "exceeds the available context size", "prompt is too long",
                           "input is too long"});
}

bool says_model_unknown(const Said& said) {
    return said.code == "model_not_found" || said.code == "invalid_model" ||
           mentions(said, {"model not exist", "model does not exist", "is not a valid model",
                           "model not found", "no such model", "invalid model"});
}

bool says_key_wrong(const Said& said) {
    return said.code == "invalid_api_key" ||
           mentions(said, {"incorrect api key", "invalid api key", "api key not valid"});
}

bool says_out_of_money(const Said& said) {
    return said.code == "insufficient_quota" || said.type == "insufficient_quota" ||
           said.code == "billing_hard_limit_reached" ||
           mentions(said, {"insufficient balance", "exceeded your current quota"});
}

// The upstream's own word for what is wrong, if it is a plain one: never its sentence, which may quote the request.
std::string label(const Said& said) {
    const auto& word = said.code.empty() ? said.type : said.code;
    const bool plain = !word.empty() && word.size() <= 64 && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
    return plain ? fmt::format(" ({})", word) : std::string{};
}

Verdict verdict(Code code, std::string message, int status, Then then, Blame blame) {
    Verdict out;
    out.error.code = code;
    out.error.message = std::move(message);
    out.error.http_status = status;
    out.then = then;
    out.blame = blame;
    return out;
}

Verdict bad_credential(const Provider& provider, int status, const Said& said, std::string_view what) {
    const auto from =
        provider.key_from.empty() ? std::string{} : fmt::format("; its key is from {}", provider.key_from);
    return verdict(Code::upstream_failed,
                   fmt::format("{} {}: it answered {}{}{}.", provider.id, what, status, label(said), from),
                   status, Then::next_candidate, Blame::credential);
}

Verdict request_fault(const Provider& provider, int status, const Said& said, std::string_view body) {
    auto out = verdict(Code::upstream_rejected,
                       fmt::format("{} rejected the request with {}{}.", provider.id, status, label(said)),
                       status, Then::pass_on, Blame::nobody);
    if (said.json) out.error.upstream_body = body;
    return out;
}

Verdict context_exceeded(const Provider& provider, int status, const Said& said, std::string_view body) {
    const auto numbers =
        said.limit > 0 ? fmt::format(": {} tokens, and {} fit", said.needed, said.limit) : std::string{};
    auto out = verdict(
        Code::context_exceeded,
        fmt::format("The prompt is longer than the context of the model at {}{}.", provider.id, numbers),
        status, Then::next_candidate, Blame::nobody);
    out.error.needed = said.needed;
    out.error.limit = said.limit;
    if (said.json) out.error.upstream_body = body;
    return out;
}

Verdict model_unknown(const Provider& provider, int status, const Said& said, std::string_view body) {
    auto out = verdict(
        Code::not_found,
        fmt::format("{} does not offer this model: it answered {}{}.", provider.id, status, label(said)),
        status, Then::next_candidate, Blame::model);
    if (said.json) out.error.upstream_body = body;
    return out;
}

std::optional<std::int64_t> seconds_to_ms(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value == value)) return std::nullopt;
    return static_cast<std::int64_t>(std::clamp(value, 0.0, 86'400.0) * 1000.0 + 0.5);
}

}  // namespace

std::optional<std::int64_t> retry_after_ms(const http::HeaderList& headers, Wall now) {
    if (const auto ms = headers.find("retry-after-ms")) {  // OpenAI and its clients
        if (const auto value = seconds_to_ms(*ms)) {
            double exact = 0;
            std::from_chars(ms->data(), ms->data() + ms->size(), exact);
            return static_cast<std::int64_t>(std::clamp(exact, 0.0, static_cast<double>(kDayMs)) + 0.5);
        }
    }
    const auto text = headers.find("retry-after");
    if (!text) return std::nullopt;
    if (const auto ms = seconds_to_ms(*text)) return ms;
    const auto date = parse_http_date(*text);
    if (!date) return std::nullopt;
    return std::clamp<std::int64_t>((*date - now).count(), 0, kDayMs);
}

Verdict classify(const Provider& provider, int status, const http::HeaderList& headers, std::string_view body,
                 Wall now) {
    const auto said = read_body(body);
    const auto failed = [&](std::string_view what) {
        auto out = verdict(Code::upstream_failed,
                           fmt::format("{} {}: it answered {}{}.", provider.id, what, status, label(said)),
                           status, Then::next_candidate, Blame::upstream);
        out.error.retry_after_ms = retry_after_ms(headers, now);
        return out;
    };
    if (status < 400) {
        return status >= 300 ? failed("redirects, which Hearth does not follow (is its base_url right?)")
                             : failed("gave an answer that is none");
    }
    if (status == 401 || status == 403 || says_key_wrong(said)) {
        return bad_credential(provider, status, said, "does not accept Hearth's key or does not allow this");
    }
    if (status == 402 || (status == 429 && says_out_of_money(said))) {
        return bad_credential(provider, status, said, "is out of credit");
    }
    if (status == 429) {
        auto out = verdict(Code::rate_limited,
                           fmt::format("{} asks to wait: it answered 429{}.", provider.id, label(said)),
                           status, Then::next_candidate, Blame::limited);
        out.error.retry_after_ms = retry_after_ms(headers, now);
        return out;
    }
    if (status >= 500 || status == 408 || status == 409 || status == 425) return failed("failed");
    if (says_context_exceeded(said)) return context_exceeded(provider, status, said, body);
    if (status == 404 || says_model_unknown(said)) return model_unknown(provider, status, said, body);
    return request_fault(provider, status, said, body);
}

std::optional<Verdict> wrong_type(const Provider& provider, int status, const http::HeaderList& headers,
                                  bool expect_stream) {
    if (status < 200 || status > 299) return std::nullopt;
    auto type = headers.get("content-type");
    if (type.empty()) return std::nullopt;  // old servers name none; the decoder will see
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    const bool json = http::iequals(type, "application/json") ||
                      (type.size() > 5 && http::iequals(type.substr(type.size() - 5), "+json"));
    if (http::iequals(type, "text/event-stream") ? expect_stream : json) return std::nullopt;
    return verdict(
        Code::upstream_failed,
        fmt::format("{} answered {} with {}, not {}: is its base_url right?", provider.id, status,
                    type.size() <= 80 && http::is_field_value(type) ? type : std::string_view("another type"),
                    expect_stream ? "an event stream" : "JSON"),
        status, Then::next_candidate, Blame::upstream);
}

}  // namespace hearth::provider

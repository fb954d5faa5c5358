#include "provider/vendor_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "text/json.h"

namespace hearth::provider {

namespace {

constexpr std::size_t kBodyBytes = 64 * 1024;

std::string word_of(json::Value value) {
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_integer()) return std::string(value.raw());
    return {};
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number right behind the first of the anchors that has one; "200,000" is one too. 0: none.
std::int64_t number_behind(std::string_view text, std::span<const std::string_view> anchors) {
    for (const auto anchor : anchors) {
        for (auto at = text.find(anchor); at != std::string_view::npos; at = text.find(anchor, at + 1)) {
            std::string digits;
            for (const char c : text.substr(at + anchor.size(), 20)) {
                if (!is_digit(c) && (c != ',' || digits.empty())) break;
                if (is_digit(c)) digits += c;
            }
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
            if (error == std::errc{} && number > 0) return number;
        }
    }
    return 0;
}

// In the order in which they must be tried: the more specific first.
//   OpenAI, DeepSeek, OpenRouter, vLLM  maximum context length is L tokens. However, … resulted in N / you requested N
//   vLLM                                … maximum context length is L tokens and your request has N input tokens
//   OpenAI                              exceed the configured limit of L tokens. Your messages resulted in N tokens
//   Anthropic                           prompt is too long: N tokens > L maximum; exceed context limit: N + max > L
//   Google                              The input token count (N) exceeds the maximum number of tokens allowed (L)
//   llama.cpp                           request (N tokens) exceeds the available context size (L tokens)
//   Mistral                             Prompt contains N tokens …, too large for model with L maximum context length
//   xAI                                 maximum prompt length is L but the request contains N tokens
//   Cerebras                            Current length is N while limit is L
//   Groq                                Request too large … Limit L, Requested N
//   LM Studio                           loaded with context length of only L tokens
constexpr std::string_view kNeeded[] = {"prompt is too long: ",
                                        "exceed context limit: ",
                                        "input token count (",
                                        "input token count is ",
                                        "request contains ",
                                        "prompt contains ",
                                        "resulted in ",
                                        "you requested about ",
                                        "you requested ",
                                        "your request has ",
                                        "request (",
                                        "current length is ",
                                        "requested "};
constexpr std::string_view kLimit[] = {"context length is ",
                                       "configured limit of ",
                                       "tokens allowed (",
                                       "context size (",
                                       "prompt length is ",
                                       "model with ",
                                       "length of only ",
                                       " tokens > ",
                                       "supports up to ",
                                       "limit is ",
                                       "limit ",
                                       " > "};

void read_sizes(json::Value error, VendorError& reported) {
    reported.needed =
        std::max<std::int64_t>(error["n_prompt_tokens"].as_int().value_or(0), 0);  // llama-server
    reported.limit = std::max<std::int64_t>(error["n_ctx"].as_int().value_or(0), 0);
    if (reported.limit > 0) return;
    reported.needed = number_behind(reported.message, kNeeded);
    reported.limit = number_behind(reported.message, kLimit);
    constexpr std::string_view kAnswer[] = {" + "};  // the share of the answer, which counts too
    if (reported.message.find("exceed context limit: ") != std::string::npos)
        reported.needed += number_behind(reported.message, kAnswer);
    // One number alone is not enough, and a prompt that fits is not what is too long.
    if (reported.limit <= 0 || reported.needed <= reported.limit) reported.needed = reported.limit = 0;
}

// google.protobuf.Duration in JSON: "34.5s".
std::optional<std::int64_t> retry_delay(json::Value error) {
    for (const auto detail : error["details"].elements()) {
        auto text = detail["retryDelay"].as_string();
        if (!text.ends_with('s')) continue;
        text.remove_suffix(1);
        double seconds = 0;
        const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (problem != std::errc{} || end != text.data() + text.size() || !(seconds >= 0)) continue;
        return static_cast<std::int64_t>(std::ceil(std::min(seconds, 86'400.0) * 1000));
    }
    return std::nullopt;
}

// "ThrottlingException:http://internal.amazon.com/…", "com.amazon.coral#ThrottlingException".
std::string aws_word(std::string_view text) {
    text = text.substr(0, text.find(':'));
    if (const auto hash = text.rfind('#'); hash != std::string_view::npos) text.remove_prefix(hash + 1);
    return std::string(text);
}

}  // namespace

VendorError read_error_body(const http::HeaderList& headers, std::string_view body) {
    VendorError reported;
    const auto amazon = headers.get("x-amzn-errortype");
    reported.type = aws_word(amazon);
    json::Document document;
    const auto parsed = document.parse(body, {.depth = 32, .nodes = 10'000, .bytes = kBodyBytes});
    if (!parsed) return reported;
    const auto root = parsed->is_array() ? parsed->at(0) : *parsed;
    if (!root.is_object()) return reported;
    reported.json = true;
    if (parsed->is_array()) reported.unwrapped = root.raw();
    const auto text = root["error"];
    const auto error = text.is_object() ? text : text.is_string() ? json::Value{} : root;
    reported.code = word_of(error["code"]);
    if (reported.type.empty()) reported.type = word_of(error["type"]);
    if (reported.type.empty()) reported.type = word_of(error["status"]);
    if (reported.type.empty()) reported.type = aws_word(root["__type"].as_string());
    reported.message = text.is_string() ? text.as_string() : error["message"].as_string();
    for (const auto* key : {"message", "Message", "detail"}) {
        if (reported.message.empty()) reported.message = root[key].as_string();
    }
    for (char& c : reported.message) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    reported.retry_after_ms = retry_delay(error);
    read_sizes(error, reported);
    return reported;
}

bool VendorError::mentions(std::initializer_list<std::string_view> phrases) const {
    return std::ranges::any_of(phrases,
                               [&](std::string_view p) { return message.find(p) != std::string::npos; });
}

bool VendorError::is_any(std::initializer_list<std::string_view> words) const {
    return std::ranges::any_of(words, [&](std::string_view word) { return code == word || type == word; });
}

bool VendorError::context_exceeded(int status) const {
    if (is_any({"context_length_exceeded", "exceed_context_size_error", "model_context_window_exceeded"}))
        return true;
    if (status == 413 && mentions({"request too large for model"}))
        return true;  // Groq: of tokens, not bytes
    return mentions({"maximum context length", "maximum prompt length", "context length exceeded",
                     "exceeds the context", "exceed context limit", "context window",
                     "exceeds the available context size", "prompt is too long", "input is too long",
                     "maximum number of tokens allowed", "too many input tokens",
                     "too many tokens:", "exceed the configured limit", "context length of only"});
}

bool VendorError::model_unknown() const {
    return is_any({"model_not_found", "invalid_model", "DeploymentNotFound", "unknown_model"}) ||
           mentions({"model not exist", "model does not exist", "is not a valid model", "model not found",
                     "no such model", "invalid model", "provided model identifier is invalid",
                     "isn't supported on this route"});
}

bool VendorError::key_wrong() const {
    return is_any({"invalid_api_key", "authentication_error", "UNAUTHENTICATED", "FAILED_PRECONDITION",
                   "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException",
                   "ExpiredTokenException", "MissingAuthenticationTokenException"}) ||
           mentions({"incorrect api key", "invalid api key", "api key not valid"});
}

// Anthropic (a session that changed accounts, or thinking written anew by a proxy), OpenAI (another organisation's
// encrypted reasoning), Google (a thought signature of another project or none at all).
bool VendorError::opaque_refused() const {
    return is_any({"invalid_encrypted_content"}) ||
           mentions({"`signature` in `thinking`", "invalid signature in thinking", "expected `thinking` or",
                     "`redacted_thinking` blocks in the latest", "encrypted content could not be",
                     "thought signature is not valid", "missing a `thought_signature`",
                     "missing a thought_signature", "corrupted thought signature"}) ||
           (mentions({"encrypted content"}) && mentions({"could not be verified", "could not be decrypted"}));
}

bool VendorError::out_of_money() const {
    return is_any({"insufficient_quota", "billing_hard_limit_reached", "billing_error"}) ||
           mentions({"insufficient balance", "exceeded your current quota", "credit balance is too low"});
}

bool VendorError::asks_to_wait() const {
    return is_any({"ThrottlingException", "TooManyRequestsException", "ServiceQuotaExceededException",
                   "RESOURCE_EXHAUSTED"});
}

std::string VendorError::label() const {
    const bool number = !code.empty() && std::ranges::all_of(code, is_digit);
    const auto& word = code.empty() || (number && !type.empty()) ? type : code;
    const bool plain = !word.empty() && word.size() <= 64 && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-' ||
               c == '.';
    });
    return plain ? fmt::format(" ({})", word) : std::string{};
}

}  // namespace hearth::provider

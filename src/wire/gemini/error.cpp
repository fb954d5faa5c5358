#include "wire/gemini/error.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "text/json_writer.h"
#include "text/utf8.h"

namespace hearth::wire::gemini {

namespace {

using json::Value;

struct Word {
    int status;
    std::string_view name;
};
// google.rpc.Code and the HTTP status of each; of several names the first is the one that is written.
constexpr Word kWords[] = {{400, "INVALID_ARGUMENT"},
                           {400, "FAILED_PRECONDITION"},
                           {400, "OUT_OF_RANGE"},
                           {401, "UNAUTHENTICATED"},
                           {403, "PERMISSION_DENIED"},
                           {404, "NOT_FOUND"},
                           {409, "ABORTED"},
                           {409, "ALREADY_EXISTS"},
                           {429, "RESOURCE_EXHAUSTED"},
                           {499, "CANCELLED"},
                           {500, "INTERNAL"},
                           {500, "UNKNOWN"},
                           {500, "DATA_LOSS"},
                           {501, "UNIMPLEMENTED"},
                           {503, "UNAVAILABLE"},
                           {504, "DEADLINE_EXCEEDED"}};

std::string_view word_of(int status) {
    for (const auto& [number, name] : kWords) {
        if (number == status) return name;
    }
    if (status == 408) return "DEADLINE_EXCEEDED";
    if (status == 405) return "UNIMPLEMENTED";
    if (status == 502) return "UNAVAILABLE";
    return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
}

int status_of(const Error& error) {
    if (error.code == Code::upstream_rejected && error.http_status >= 400) return error.http_status;
    return http_status(error.code);
}

// Google's own words: agents look for them.
std::string message_of(const Error& error) {
    if (error.code != Code::context_exceeded || error.limit <= 0) return error.message;
    return fmt::format("The input token count ({}) exceeds the maximum number of tokens allowed ({}).",
                       error.needed, error.limit);
}

// The object with the member `error`: the body itself, or the first of an array.
Value envelope(Value root) {
    const Value one = root.is_array() ? root.at(0) : root;
    return one["error"] && !one["error"].is_null() ? one : Value{};
}

bool is_own_shape(Value root) {
    const Value error = envelope(root)["error"];
    return error["message"].is_string() && error["status"].is_string() && error["code"].as_int();
}

Code code_of_status(int status) {
    if (status == 429) return Code::rate_limited;
    if (status == 504) return Code::upstream_timeout;
    if (status == 408 || status == 409 || status >= 500 || status < 400) return Code::upstream_failed;
    return Code::upstream_rejected;
}

// google.protobuf.Duration in JSON: "34.5s".
std::optional<std::int64_t> retry_delay_ms(Value error) {
    for (const Value detail : error["details"].elements()) {
        std::string_view text = detail["retryDelay"].as_string();
        if (!text.ends_with('s')) continue;
        text.remove_suffix(1);
        double seconds = 0;
        const auto [end, problem] =
            std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
        if (problem == std::errc{} && end == text.data() + text.size() && seconds >= 0 && seconds < 1e6) {
            return static_cast<std::int64_t>(std::ceil(seconds * 1000));
        }
    }
    return std::nullopt;
}

std::string_view words_of(Value root) {
    const Value error = envelope(root)["error"];
    if (error.is_string()) return error.as_string();
    if (error["message"].is_string()) return error["message"].as_string();
    return root["message"].is_string() ? root["message"].as_string() : root["detail"].as_string();
}

}  // namespace

std::string error_body(const Error& error) {
    std::string message = message_of(error);
    const bool from_upstream = error.code == Code::upstream_rejected || error.code == Code::context_exceeded;
    if (from_upstream && !error.upstream_body.empty()) {
        json::Document document;
        const auto root = document.parse(error.upstream_body);
        if (root && is_own_shape(*root)) return std::string(envelope(*root).raw());
        const auto words =
            root && error.code == Code::upstream_rejected ? words_of(*root) : std::string_view{};
        if (!words.empty()) message = words;
    }
    const int status = status_of(error);
    std::string out;
    json::Writer w(out);
    w.begin_object().key("error").begin_object();
    w.member("code", status).member("message", message).member("status", word_of(status));
    if (error.retry_after_ms && (status == 429 || status == 503)) {
        const auto seconds = (std::max<std::int64_t>(*error.retry_after_ms, 0) + 999) / 1000;
        w.key("details").begin_array().begin_object();
        w.member("@type", "type.googleapis.com/google.rpc.RetryInfo");
        w.member("retryDelay", fmt::format("{}s", seconds)).end_object().end_array();
    }
    w.end_object().end_object();
    return out;
}

ErrorReply error_reply(const Error& error) {
    ErrorReply reply;
    reply.status = status_of(error);
    reply.body = error_body(error);
    if (error.retry_after_ms)
        reply.retry_after_s = (std::max<std::int64_t>(*error.retry_after_ms, 0) + 999) / 1000;
    return reply;
}

std::string error_event(const Error& error) {
    const std::string body = error_body(error);
    std::string out = "data: ";
    // An upstream's own body may be written over several lines, which would end the data.
    for (const char c : body) {
        if (c != '\n' && c != '\r') out += c;
    }
    return out + "\r\n\r\n";
}

std::optional<Error> find_error(Value root) {
    const Value found = envelope(root), inner = found["error"];
    if (!found) return std::nullopt;
    auto status = inner["code"].as_int().value_or(0);
    if (status == 0) {
        for (const auto& [number, name] : kWords) {
            if (inner["status"].as_string() == name) status = number;
        }
    }
    const bool known = status >= 400 && status < 600;
    Error error;
    error.code = known ? code_of_status(static_cast<int>(status)) : Code::upstream_failed;
    error.http_status = known ? static_cast<int>(status) : 0;
    const auto words = words_of(root);
    error.message = words.empty()
                        ? "The upstream reported an error without a message."
                        : fmt::format("The upstream reported an error: {}", text::printable(words, 500));
    error.retry_after_ms = retry_delay_ms(inner);
    if (inner.is_object()) error.upstream_body = found.raw();
    return error;
}

}  // namespace hearth::wire::gemini

#include "wire/anthropic/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "text/json_writer.h"
#include "text/utf8.h"

namespace hearth::wire::anthropic {

namespace {

struct Shape {
    std::string_view type;
    int status;  // 0: the code's own
};

// Where Hearth's own status would make an SDK try again in vain, or is none of Anthropic's, theirs stands here.
Shape shape_of(Code code) {
    switch (code) {
        case Code::invalid_request:
        case Code::method_not_allowed:
        case Code::conflict:
        case Code::upstream_rejected:
            return {"invalid_request_error", 0};
        case Code::context_exceeded:
        case Code::unsupported:
        case Code::loop_detected:
            return {"invalid_request_error", 400};
        case Code::unauthenticated:
            return {"authentication_error", 0};
        case Code::forbidden:
            return {"permission_error", 0};
        case Code::not_found:
            return {"not_found_error", 0};
        case Code::too_large:
        case Code::head_too_large:
            return {"request_too_large", 0};
        case Code::rate_limited:
            return {"rate_limit_error", 0};
        case Code::overloaded:
            return {"overloaded_error", 529};
        case Code::timeout_client:
        case Code::upstream_timeout:
            return {"timeout_error", 0};
        case Code::unavailable:
        case Code::upstream_connect:
        case Code::upstream_failed:
        case Code::upstream_broken:
        case Code::answer_rejected:
        case Code::cancelled:
        case Code::corrupt:
        case Code::storage:
        case Code::config:
        case Code::internal:
            break;
    }
    return {"api_error", 0};
}

struct Type {
    std::string_view word;
    int status;
};
constexpr Type kTypes[] = {{"invalid_request_error", 400}, {"authentication_error", 401},
                           {"billing_error", 402},         {"permission_error", 403},
                           {"not_found_error", 404},       {"request_too_large", 413},
                           {"rate_limit_error", 429},      {"api_error", 500},
                           {"timeout_error", 504},         {"overloaded_error", 529}};

std::string_view type_of_status(int status) {
    const auto found = std::ranges::find(kTypes, status, &Type::status);
    if (found != std::end(kTypes)) return found->word;
    return status >= 500 ? "api_error" : "invalid_request_error";
}

Code code_of_status(int status) {
    if (status == 429) return Code::rate_limited;
    if (status == 504) return Code::upstream_timeout;
    if (status == 408 || status == 409 || status >= 500 || status < 400) return Code::upstream_failed;
    return Code::upstream_rejected;
}

// The upstream's own message, wherever its dialect puts it.
std::string_view upstream_message(json::Value root) {
    const json::Value error = root["error"];
    if (error.is_string()) return error.as_string();
    if (error["message"].is_string()) return error["message"].as_string();
    return root["message"].is_string() ? root["message"].as_string() : root["detail"].as_string();
}

// The number at the front of `text`, which is moved behind it; 0: none.
std::int64_t take_number(std::string_view& text) {
    std::int64_t out = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem != std::errc{} || out < 0) return 0;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return out;
}

void read_too_long(std::string_view words, Error& error) {
    static constexpr std::string_view kWords = "prompt is too long: ", kBetween = " tokens > ";
    const auto at = words.find(kWords);
    if (at == std::string_view::npos) return;
    words.remove_prefix(at + kWords.size());
    const auto needed = take_number(words);
    if (!words.starts_with(kBetween)) return;
    words.remove_prefix(kBetween.size());
    const auto limit = take_number(words);
    if (needed <= 0 || limit <= 0) return;
    error.code = Code::context_exceeded;
    error.needed = needed;
    error.limit = limit;
}

bool in_our_shape(std::string_view body) {
    json::Document document;
    const auto root = document.parse(body);
    return root && (*root)["type"].as_string() == "error" && (*root)["error"]["type"].is_string();
}

}  // namespace

std::string error_body(const Error& error) {
    std::string out, message = error.message;
    if (error.code == Code::context_exceeded && error.limit > 0)
        message = fmt::format("prompt is too long: {} tokens > {} maximum", error.needed, error.limit);
    const bool rejected = error.code == Code::upstream_rejected && error.http_status >= 400;
    json::Writer w(out);
    w.begin_object().member("type", "error").key("error").begin_object();
    w.member("type", rejected ? type_of_status(error.http_status) : shape_of(error.code).type);
    w.member("message", message).end_object().end_object();
    return out;
}

ErrorReply error_reply(const Error& error) {
    ErrorReply reply;
    const bool answered = error.code == Code::upstream_rejected || error.code == Code::context_exceeded;
    const bool pass_on = answered && !error.upstream_body.empty() && in_our_shape(error.upstream_body);
    const int own = shape_of(error.code).status;
    reply.status = own > 0 ? own : http_status(error.code);
    if (answered && error.http_status >= 400) reply.status = error.http_status;
    reply.body = pass_on ? error.upstream_body : error_body(error);
    if (error.retry_after_ms)
        reply.retry_after_s = (std::max<std::int64_t>(*error.retry_after_ms, 0) + 999) / 1000;
    return reply;
}

void append_error_event(std::string& out, const Error& error) {
    out.append("event: error\ndata: ").append(error_body(error)).append("\n\n");
}

Error read_error_object(json::Value root) {
    Error error;
    const auto found = std::ranges::find(kTypes, root["error"]["type"].as_string(), &Type::word);
    error.http_status = found == std::end(kTypes) ? 500 : found->status;
    error.code = code_of_status(error.http_status);
    error.upstream_body = root.raw();
    const auto message = upstream_message(root);
    error.message = message.empty()
                        ? "The upstream reported an error without a message."
                        : fmt::format("The upstream reported an error: {}", text::printable(message, 500));
    if (error.http_status == 400) read_too_long(message, error);
    return error;
}

}  // namespace hearth::wire::anthropic

#include "wire/openai/error.h"

#include <fmt/format.h>

#include "text/json_writer.h"

namespace hearth::wire::openai {

namespace {

struct Shape {
    std::string_view type;
    std::string_view code;  // empty: null
};

Shape shape_of(const Error& error) {
    switch (error.code) {
        case Code::invalid_request:
            return {"invalid_request_error", ""};
        case Code::unauthenticated:
            return {"invalid_request_error", "invalid_api_key"};
        case Code::forbidden:
            return {"permission_error", "forbidden"};
        case Code::not_found:
            return {"invalid_request_error", error.param == "model" ? "model_not_found" : "not_found"};
        case Code::method_not_allowed:
            return {"invalid_request_error", "method_not_allowed"};
        case Code::timeout_client:
            return {"invalid_request_error", "request_timeout"};
        case Code::conflict:
            return {"invalid_request_error", "conflict"};
        case Code::too_large:
        case Code::head_too_large:
            return {"invalid_request_error", "request_too_large"};
        case Code::unsupported:
            return {"invalid_request_error", "unsupported"};
        case Code::context_exceeded:
            return {"invalid_request_error", "context_length_exceeded"};
        case Code::rate_limited:
            return {"rate_limit_error", "rate_limit_exceeded"};
        case Code::loop_detected:
            return {"server_error", "loop_detected"};
        case Code::unavailable:
            return {"server_error", "unavailable"};
        case Code::overloaded:
            return {"server_error", "overloaded"};
        case Code::upstream_connect:
        case Code::upstream_failed:
            return {"server_error", "upstream_error"};
        case Code::upstream_rejected:
            return {"invalid_request_error", "upstream_rejected"};
        case Code::upstream_timeout:
            return {"server_error", "upstream_timeout"};
        case Code::upstream_broken:
            return {"server_error", "upstream_broken"};
        case Code::answer_rejected:
            return {"server_error", "answer_rejected"};
        case Code::cancelled:
            return {"server_error", "cancelled"};
        case Code::corrupt:
        case Code::storage:
        case Code::config:
        case Code::internal:
            break;
    }
    return {"server_error", "internal_error"};
}

std::string message_of(const Error& error) {
    if (error.code != Code::context_exceeded || error.limit <= 0) return error.message;
    return fmt::format(
        "This model's maximum context length is {} tokens. However, your messages resulted in {} tokens. "
        "Please reduce "
        "the length of the messages.",
        error.limit, error.needed);
}

}  // namespace

std::string error_body(const Error& error) {
    const auto [type, code] = shape_of(error);
    std::string out;
    json::Writer w(out);
    w.begin_object().key("error").begin_object();
    w.member("message", message_of(error)).member("type", type).key("param");
    if (!error.param.empty()) {
        w.string(error.param);
    } else if (error.code == Code::context_exceeded) {
        w.string("messages");
    } else {
        w.null();
    }
    w.key("code");
    code.empty() ? w.null() : w.string(code);
    w.end_object().end_object();
    return out;
}

ErrorReply error_reply(const Error& error) {
    ErrorReply reply;
    const bool pass_on = error.code == Code::upstream_rejected && !error.upstream_body.empty();
    reply.status = error.code == Code::upstream_rejected && error.http_status >= 400
                       ? error.http_status
                       : http_status(error.code);
    reply.body = pass_on ? error.upstream_body : error_body(error);
    if (error.retry_after_ms)
        reply.retry_after_s = (std::max<std::int64_t>(*error.retry_after_ms, 0) + 999) / 1000;
    return reply;
}

void append_error_event(std::string& out, const Error& error) {
    out += "data: ";
    out += error_body(error);
    out += "\n\n";
}

}  // namespace hearth::wire::openai

#include "wire/llama/error.h"

#include <fmt/format.h>

#include "text/json_writer.h"

namespace hearth::wire::llama {

namespace {

std::string_view words_in(json::Value root) {
    const json::Value error = root["error"];
    if (error.is_string()) return error.as_string();
    if (error["message"].is_string()) return error["message"].as_string();
    return root["message"].as_string();
}

bool is_own(std::string_view body) {
    json::Document document;
    const auto root = document.parse(body);
    return root && (*root)["error"]["code"].is_integer() && (*root)["error"]["message"].is_string();
}

std::string_view type_of(const Error& error, int status) {
    if (error.code == Code::context_exceeded) return "exceed_context_size_error";
    switch (status) {
        case 401:
            return "authentication_error";
        case 403:
            return "permission_error";
        case 404:
            return "not_found_error";
        case 501:
            return "not_supported_error";
        case 503:
            return "unavailable_error";
        default:
            return status < 500 ? "invalid_request_error" : "server_error";
    }
}

int status_of(const Error& error) {
    return error.code == Code::upstream_rejected && error.http_status >= 400 ? error.http_status
                                                                             : http_status(error.code);
}

bool sized(const Error& error) {
    return error.code == Code::context_exceeded && error.limit > 0;
}

}  // namespace

std::string upstream_words(const Error& error) {
    json::Document document;
    if (!error.upstream_body.empty()) {
        if (const auto root = document.parse(error.upstream_body)) {
            if (const auto words = words_in(*root); !words.empty()) return std::string(words);
        }
    }
    return error.message.empty() ? std::string(code_name(error.code)) : error.message;
}

std::string error_body(const Error& error) {
    std::string out;
    json::Writer w(out);
    const int status = status_of(error);
    w.begin_object().key("error").begin_object().member("code", status);
    w.member("message", sized(error) ? fmt::format("request ({} tokens) exceeds the available context size "
                                                   "({} tokens), try increasing it",
                                                   error.needed, error.limit)
                                     : upstream_words(error));
    w.member("type", type_of(error, status));
    if (sized(error)) w.member("n_prompt_tokens", error.needed).member("n_ctx", error.limit);
    w.end_object().end_object();
    return out;
}

ErrorReply error_reply(const Error& error) {
    ErrorReply reply;
    const bool pass_on = error.code == Code::upstream_rejected && is_own(error.upstream_body);
    reply.status = status_of(error);
    reply.body = pass_on ? error.upstream_body : error_body(error);
    if (error.retry_after_ms)
        reply.retry_after_s = (std::max<std::int64_t>(*error.retry_after_ms, 0) + 999) / 1000;
    return reply;
}

void read_context_size(json::Value root, Error& error) {
    const json::Value inner = root["error"];
    if (inner["type"].as_string() != "exceed_context_size_error") return;
    error.code = Code::context_exceeded;
    error.needed = std::max<std::int64_t>(inner["n_prompt_tokens"].as_int().value_or(0), 0);
    error.limit = std::max<std::int64_t>(inner["n_ctx"].as_int().value_or(0), 0);
}

}  // namespace hearth::wire::llama

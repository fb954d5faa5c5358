#include "wire/ollama/error.h"

#include <fmt/format.h>

#include "text/json.h"
#include "text/json_writer.h"
#include "wire/llama/error.h"

namespace hearth::wire::ollama {

namespace {

std::string words_of(const Error& error) {
    if (error.code == Code::context_exceeded && error.limit > 0) {
        return fmt::format(
            "the input length exceeds the context length: prompt is too long: {} tokens > {} maximum",
            error.needed, error.limit);
    }
    return llama::upstream_words(error);
}

bool is_own(std::string_view body) {
    json::Document document;
    const auto root = document.parse(body);
    return root && (*root)["error"].is_string();
}

}  // namespace

std::string error_body(const Error& error) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("error", words_of(error)).end_object();
    return out;
}

ErrorReply error_reply(const Error& error) {
    ErrorReply reply;
    const bool rejected = error.code == Code::upstream_rejected;
    reply.status = rejected && error.http_status >= 400 ? error.http_status : http_status(error.code);
    reply.body = rejected && is_own(error.upstream_body) ? error.upstream_body : error_body(error);
    if (error.retry_after_ms)
        reply.retry_after_s = (std::max<std::int64_t>(*error.retry_after_ms, 0) + 999) / 1000;
    return reply;
}

}  // namespace hearth::wire::ollama

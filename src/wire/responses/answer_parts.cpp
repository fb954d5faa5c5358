// Small pieces of answers: usage and failures.
#include <fmt/format.h>

#include "text/json_writer.h"
#include "text/utf8.h"
#include "wire/responses/event_reader.h"

namespace hearth::wire::responses {

namespace {

using json::Value;

std::optional<std::int64_t> count(Value value) {
    const auto found = value.as_int();
    return found && *found >= 0 ? found : std::nullopt;
}

struct FailureWord {
    std::string_view word;  // the error's code, or its type
    Code code;
    int status;
};
constexpr FailureWord kFailures[] = {
    {"rate_limit_exceeded", Code::rate_limited, 429},
    {"rate_limit_error", Code::rate_limited, 429},
    {"insufficient_quota", Code::rate_limited, 429},
    {"context_length_exceeded", Code::context_exceeded, 400},
    {"invalid_prompt", Code::upstream_rejected, 400},
    {"invalid_request_error", Code::upstream_rejected, 400},
    {"bio_policy", Code::upstream_rejected, 400},
    {"data_residency_mismatch", Code::upstream_rejected, 400},
};

}  // namespace

std::optional<exchange::Usage> read_usage(Value usage) {
    if (!usage.is_object()) return std::nullopt;
    exchange::Usage out;
    out.input = count(usage["input_tokens"]);
    out.output = count(usage["output_tokens"]);
    const Value input = usage["input_tokens_details"], output = usage["output_tokens_details"];
    out.cached_input = count(input["cached_tokens"]);
    out.cache_write_input = count(input["cache_write_tokens"]);
    out.reasoning_output = count(output["reasoning_tokens"]);
    return out;
}

Error read_failure(Value error) {
    Error out;
    out.code = Code::upstream_failed;
    const auto words = error["message"].as_string();
    out.message = words.empty()
                      ? "The upstream reported an error without a message."
                      : fmt::format("The upstream reported an error: {}", text::printable(words, 500));
    const auto code = error["code"].as_string(), type = error["type"].as_string();
    auto found = std::ranges::find(kFailures, code, &FailureWord::word);
    if (found == std::end(kFailures)) found = std::ranges::find(kFailures, type, &FailureWord::word);
    if (found != std::end(kFailures)) {
        out.code = found->code;
        out.http_status = found->status;
    } else if (code.find("image") !=
               std::string_view::npos) {  // invalid_image, image_too_large and their like
        out.code = Code::upstream_rejected;
        out.http_status = 400;
    }
    if (words.empty() && code.empty()) return out;
    // In the shape in which errors are answered, whatever event had it.
    json::Writer w(out.upstream_body);
    w.begin_object().key("error").begin_object().member("message", words);
    w.member("type", type.empty() || type == "error" ? std::string_view("server_error") : type).key("param");
    error["param"].is_string() ? w.string(error["param"].as_string()) : w.null();
    w.key("code");
    code.empty() ? w.null() : w.string(code);
    w.end_object().end_object();
    return out;
}

}  // namespace hearth::wire::responses

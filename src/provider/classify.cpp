#include "provider/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "provider/http_date.h"
#include "provider/vendor_error.h"
#include "wire/dialects.h"

namespace hearth::provider {

namespace {

constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

Failure make_failure(Code code, std::string message, int status, RetryAction action, FailureCause cause) {
    Failure out;
    out.error.code = code;
    out.error.message = std::move(message);
    out.error.http_status = status;
    out.action = action;
    out.cause = cause;
    return out;
}

// Only JSON is passed on: an HTML page is nothing that a client of any dialect can read.
void keep_body(Error& error, const VendorError& reported, std::string_view body) {
    if (reported.json)
        error.upstream_body = reported.unwrapped.empty() ? body : std::string_view(reported.unwrapped);
}

Failure bad_credential(const Provider& provider, int status, const VendorError& reported,
                       std::string_view what) {
    const auto from =
        provider.key_from.empty() ? std::string{} : fmt::format("; its key is from {}", provider.key_from);
    return make_failure(
        Code::upstream_failed,
        fmt::format("{} {}: it answered {}{}{}.", provider.id, what, status, reported.label(), from), status,
        RetryAction::next_candidate, FailureCause::credential);
}

Failure request_fault(const Provider& provider, int status, const VendorError& reported,
                      std::string_view body) {
    auto out =
        make_failure(Code::upstream_rejected,
                     fmt::format("{} rejected the request with {}{}.", provider.id, status, reported.label()),
                     status, RetryAction::pass_on, FailureCause::request);
    keep_body(out.error, reported, body);
    return out;
}

Failure context_exceeded(const Provider& provider, int status, const VendorError& reported,
                         std::string_view body) {
    const auto numbers = reported.limit > 0
                             ? fmt::format(": {} tokens, and {} fit", reported.needed, reported.limit)
                             : std::string{};
    auto out = make_failure(
        Code::context_exceeded,
        fmt::format("The prompt is longer than the context of the model at {}{}.", provider.id, numbers),
        status, RetryAction::next_candidate, FailureCause::request);
    out.error.needed = reported.needed;
    out.error.limit = reported.limit;
    keep_body(out.error, reported, body);
    return out;
}

Failure model_unknown(const Provider& provider, int status, const VendorError& reported,
                      std::string_view body) {
    auto out = make_failure(
        Code::not_found,
        fmt::format("{} does not offer this model: it answered {}{}.", provider.id, status, reported.label()),
        status, RetryAction::next_candidate, FailureCause::model);
    keep_body(out.error, reported, body);
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

Failure classify(const Provider& provider, int status, const http::HeaderList& headers, std::string_view body,
                 Wall now) {
    const auto reported = read_error_body(headers, body);
    const auto wait = [&] {
        const auto asked = retry_after_ms(headers, now);
        return asked ? asked : reported.retry_after_ms;
    };
    const auto failed = [&](std::string_view what) {
        auto out =
            make_failure(Code::upstream_failed,
                         fmt::format("{} {}: it answered {}{}.", provider.id, what, status, reported.label()),
                         status, RetryAction::next_candidate, FailureCause::upstream);
        out.error.retry_after_ms = wait();
        if (status == 504) out.error.code = Code::upstream_timeout;
        return out;
    };
    if (status < 400) {
        return status >= 300 ? failed("redirects, which Hearth does not follow (is its base_url right?)")
                             : failed("gave an answer that is none");
    }
    // Google's quota for a day or a plan is worded like OpenAI's empty purse, but comes with a time to wait.
    const bool broke = reported.out_of_money() && !reported.retry_after_ms;
    if (status == 402 || (broke && (status == 429 || status == 400 || status == 403)))
        return bad_credential(provider, status, reported, "is out of credit");
    if (status == 429 || (status < 500 && reported.asks_to_wait())) {
        auto out = make_failure(
            Code::rate_limited,
            fmt::format("{} asks to wait: it answered {}{}.", provider.id, status, reported.label()), status,
            RetryAction::next_candidate, FailureCause::rate_limited);
        out.error.retry_after_ms = wait();
        return out;
    }
    if (status == 401 || status == 403 || (status < 500 && reported.key_wrong()))
        return bad_credential(provider, status, reported,
                              "does not accept Hearth's key or does not allow this");
    // Ollama and others answer 500 to it.
    if (status <= 500 && reported.context_exceeded(status))
        return context_exceeded(provider, status, reported, body);
    if (status >= 500 || status == 408 || status == 409 || status == 424 || status == 425)
        return failed("failed");
    if (status == 404 || reported.model_unknown()) return model_unknown(provider, status, reported, body);
    auto out = request_fault(provider, status, reported, body);
    if ((status == 400 || status == 422) && reported.opaque_refused())
        out.action = RetryAction::without_opaque;
    return out;
}

namespace {

bool is_answer(exchange::Dialect dialect, std::string_view type, bool stream) {
    if (http::iequals(type, "text/event-stream")) return stream;
    // A line of JSON for each piece; some serve a stream request whole, the decoder tells.
    if (http::iequals(type, wire::dialect_row(dialect).stream_type)) return stream;
    return http::iequals(type, "application/json") ||
           (type.size() > 5 && http::iequals(type.substr(type.size() - 5), "+json"));
}

}  // namespace

std::optional<Failure> wrong_type(const Provider& provider, exchange::Dialect dialect, int status,
                                  const http::HeaderList& headers, bool expect_stream) {
    if (status < 200 || status > 299) return std::nullopt;
    auto type = headers.get("content-type");
    if (type.empty()) return std::nullopt;  // old servers name none; the decoder will see
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    if (is_answer(dialect, type, expect_stream)) return std::nullopt;
    return make_failure(
        Code::upstream_failed,
        fmt::format("{} answered {} with {}, not {}: is its base_url right?", provider.id, status,
                    type.size() <= 80 && http::is_field_value(type) ? type : std::string_view("another type"),
                    expect_stream ? "an event stream" : "JSON"),
        status, RetryAction::next_candidate, FailureCause::upstream);
}

}  // namespace hearth::provider

#include "base/error.h"

namespace hearth {

namespace {
struct Row {
    Code code;
    int status;
    std::string_view name;
};
constexpr Row kRows[] = {
    {Code::invalid_request, 400, "invalid_request"},
    {Code::unauthenticated, 401, "unauthenticated"},
    {Code::forbidden, 403, "forbidden"},
    {Code::not_found, 404, "not_found"},
    {Code::method_not_allowed, 405, "method_not_allowed"},
    {Code::timeout_client, 408, "timeout_client"},
    {Code::conflict, 409, "conflict"},
    {Code::too_large, 413, "too_large"},
    {Code::head_too_large, 431, "head_too_large"},
    {Code::unsupported, 501, "unsupported"},
    {Code::context_exceeded, 400, "context_exceeded"},
    {Code::rate_limited, 429, "rate_limited"},
    {Code::loop_detected, 508, "loop_detected"},
    {Code::unavailable, 503, "unavailable"},
    {Code::overloaded, 503, "overloaded"},
    {Code::upstream_connect, 502, "upstream_connect"},
    {Code::upstream_failed, 502, "upstream_failed"},
    {Code::upstream_rejected, 502, "upstream_rejected"},
    {Code::upstream_timeout, 504, "upstream_timeout"},
    {Code::upstream_broken, 502, "upstream_broken"},
    {Code::answer_rejected, 502, "answer_rejected"},
    {Code::cancelled, 499, "cancelled"},
    {Code::corrupt, 500, "corrupt"},
    {Code::storage, 503, "storage"},
    {Code::config, 500, "config"},
    {Code::internal, 500, "internal"},
};
static_assert([] {
    for (std::size_t i = 0; i < std::size(kRows); ++i) {
        if (static_cast<std::size_t>(kRows[i].code) != i) return false;
    }
    return true;
}());
const Row& row(Code code) {
    return kRows[static_cast<std::size_t>(code)];
}
}  // namespace

ErrorBox::ErrorBox(Error error) : error_(new Error(std::move(error))) {}

ErrorBox::ErrorBox(const ErrorBox& other) : error_(other.error_ ? new Error(*other.error_) : nullptr) {}

void ErrorBox::drop() noexcept {
    delete error_;
}

Failed fail(Code code, std::string_view message, std::string_view param) {
    Error error;
    error.code = code;
    error.message = message;
    error.param = param;
    return Failed(std::move(error));
}

Failed fail(Error error) {
    return Failed(std::move(error));
}

Failed fail(ErrorBox error) {
    return Failed(std::move(error));
}

int http_status(Code code) {
    return row(code).status;
}
std::string_view code_name(Code code) {
    return row(code).name;
}

}  // namespace hearth

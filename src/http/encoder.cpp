#include "http/encoder.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace hearth::http {
namespace {

bool is_target(std::string_view target) {
    if (target.empty()) return false;
    for (const char c : target) {
        if (c <= 0x20 || c >= 0x7f) return false;
    }
    return true;
}

}  // namespace

void HeadWriter::problem(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
}

HeadWriter& HeadWriter::request(std::string_view method, std::string_view target) {
    if (!is_token(method)) problem("A request method is not a token.");
    if (!is_target(target)) problem("A request target is empty or has characters that are not allowed.");
    out_.append(method).append(1, ' ').append(target).append(" HTTP/1.1\r\n");
    return *this;
}

HeadWriter& HeadWriter::status(int status, std::string_view reason) {
    if (status == 200 && reason.empty()) {
        out_.append("HTTP/1.1 200 OK\r\n");
        return *this;
    }
    if (status < 100 || status > 599) problem(fmt::format("{} is not an HTTP status.", status));
    if (!is_field_value(reason)) problem("A reason phrase has control characters.");
    fmt::format_to(std::back_inserter(out_), "HTTP/1.1 {:03} {}\r\n", status,
                   reason.empty() ? reason_phrase(status) : reason);
    return *this;
}

HeadWriter& HeadWriter::header(std::string_view name, std::string_view value) {
    if (!is_token(name)) {
        problem("A header field name is not a token.");
    } else if (!is_field_value(value)) {
        problem(fmt::format("The value of the header field '{}' has control characters.", name));
    }
    out_.append(name).append(": ").append(value).append("\r\n");
    return *this;
}

HeadWriter& HeadWriter::headers(const HeaderList& list) {
    for (const Header field : list) header(field.name, field.value);
    return *this;
}

HeadWriter& HeadWriter::content_length(std::uint64_t bytes) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, bytes);
    out_.append("content-length: ").append(digits, end).append("\r\n");
    return *this;
}

HeadWriter& HeadWriter::chunked() {
    out_.append("transfer-encoding: chunked\r\n");
    return *this;
}

HeadWriter& HeadWriter::date(std::string_view imf_date) {
    return header("date", imf_date);
}

Result<void> HeadWriter::finish() {
    auto lines = finish_lines();
    if (lines) out_.append("\r\n");
    return lines;
}

Result<void> HeadWriter::finish_lines() {
    if (problem_.empty()) return {};
    out_.resize(begin_);
    return fail(Code::internal, problem_);
}

HeadWriter& HeadWriter::lines(std::string_view encoded) {
    out_.append(encoded);
    return *this;
}

Result<void> append_request_head(std::string& out, const RequestHead& head) {
    return HeadWriter(out).request(head.method, head.target).headers(head.headers).finish();
}

Result<void> append_response_head(std::string& out, const ResponseHead& head) {
    return HeadWriter(out).status(head.status, head.reason).headers(head.headers).finish();
}

void append_chunk_header(std::string& out, std::size_t size) {
    if (size == 0) return;
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, size, 16);
    out.append(digits, end).append("\r\n");
}

void append_chunk(std::string& out, std::string_view data) {
    if (data.empty()) return;
    append_chunk_header(out, data.size());
    out.append(data).append(kChunkEnd);
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 499:
            return "Client Closed Request";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        case 508:
            return "Loop Detected";
        case 529:
            return "Overloaded";
        default:
            return "Unknown";
    }
}

std::string format_http_date(Wall when) {
    using namespace std::chrono;
    static constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(when);
    const year_month_day date(day);
    const hh_mm_ss<std::chrono::seconds> time(floor<std::chrono::seconds>(when - day));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday(day).c_encoding()],
                       unsigned(date.day()), kMonths[unsigned(date.month()) - 1], int(date.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace hearth::http

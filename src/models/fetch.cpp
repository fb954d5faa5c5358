#include "models/fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "net/address.h"

namespace hearth::models {
namespace {

constexpr std::size_t kListingBytes = 32 << 20;

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool same_origin(const text::Url& a, const text::Url& b) {
    return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool is_this_machine(const text::Url& url) {
    if (url.host == "localhost") return true;
    const auto address = net::Address::parse(url.host, url.port);
    return address && address->address_class() == net::AddressClass::loopback;
}

Failed status_error(int status, const text::Url& url, const http::HeaderList& headers) {
    const auto what = fmt::format("{}://{}", url.scheme, url.authority());
    const auto path = std::string_view(url.target).substr(0, url.target.find('?'));
    const auto make = [&](Code code, std::string message) {
        auto error = fail(code, message);
        error.error()->http_status = status;
        return error;
    };
    if (status == 401 || status == 403) {
        return make(Code::unauthenticated, fmt::format("{} refuses access to {} ({}): it is private, gated, "
                                                       "or does not exist. Check the name, or set "
                                                       "HF_TOKEN to a token with read access",
                                                       what, path, status));
    }
    if (status == 404 || status == 410)
        return make(Code::not_found, fmt::format("{} has no {} ({})", what, path, status));
    if (status == 429) {
        auto error = make(Code::rate_limited, fmt::format("{} limits the request rate (429)", what));
        if (const auto after = headers.find_number("retry-after")) {
            error.error()->retry_after_ms =
                static_cast<std::int64_t>(std::min<std::uint64_t>(*after, 86'400)) * 1000;
        }
        return error;
    }
    return make(status >= 500 ? Code::upstream_failed : Code::upstream_rejected,
                fmt::format("{} answered {} for {}", what, status, path));
}

std::string hex_etag(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"') etag = etag.substr(1, etag.size() - 2);
    const bool hex = etag.size() == 64 && std::ranges::all_of(etag, [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                     });
    return hex ? std::string(etag) : std::string();
}

std::string next_page(std::string_view link) {
    const auto rel = link.find("rel=\"next\"");
    if (rel == std::string_view::npos) return {};
    const auto open = link.rfind('<', rel);
    const auto close = open == std::string_view::npos ? open : link.find('>', open);
    if (close == std::string_view::npos || close > rel) return {};
    return std::string(link.substr(open + 1, close - open - 1));
}

}  // namespace

Result<text::Url> redirected(const text::Url& from, std::string_view location) {
    std::string absolute(location.substr(0, location.find('#')));
    if (absolute.starts_with("//"))
        absolute = from.scheme + ":" + absolute;
    else if (absolute.starts_with('/'))
        absolute = fmt::format("{}://{}{}", from.scheme, from.authority(), absolute);
    auto to = text::parse_url(absolute);
    if (!to) {
        return fail(Code::upstream_failed,
                    fmt::format("{} redirects to an invalid location", from.authority()));
    }
    if (from.tls() && !to->tls()) {
        return fail(Code::upstream_failed,
                    fmt::format("{} redirects from https to plain http at {}; not followed", from.authority(),
                                to->authority()));
    }
    return to;
}

bool Fetcher::may_send_token(const text::Url& url) const {
    return !token_.empty() && same_origin(url, home_) && (url.tls() || is_this_machine(url));
}

Task<Result<Fetched>> Fetcher::get(text::Url url, std::optional<Range> range, StopToken stop) {
    Fetched fetched;
    for (int hop = 0; hop <= kRedirects; ++hop) {
        if (stop.stopped()) co_return fail(stop.reason());
        if (!options_.clear)
            co_return fail(Code::forbidden, "nothing may be fetched: no policy is configured");
        auto cleared = options_.clear(url);
        if (!cleared) co_return fail(cleared.error());
        client::Remote to;
        to.scheme = url.scheme;
        to.host = url.host;
        to.port = url.port;
        client::Request request;
        request.method = "GET";
        request.target = url.target;
        request.headers.append("user-agent", "hearth");
        request.headers.append("accept", "*/*");
        request.headers.append("accept-encoding", "identity");
        if (may_send_token(url)) request.headers.append("authorization", "Bearer " + token_);
        if (range) {
            request.headers.append("range", fmt::format("bytes={}-", range->from));
            if (!range->etag.empty()) request.headers.append("if-range", range->etag);
        }
        client::Timeouts timeouts;
        timeouts.headers = seconds(60);
        timeouts.idle = seconds(60);
        timeouts.total = std::chrono::hours(7 * 24);
        auto response = co_await client_.send(*cleared, to, std::move(request), timeouts, stop);
        if (!response) co_return fail(response.error());
        const auto& headers = (*response)->headers();
        const int status = (*response)->status();
        if (hop == 0) {
            fetched.linked_sha256 = hex_etag(headers.get("x-linked-etag"));
            fetched.linked_bytes = headers.find_number("x-linked-size").value_or(0);
        }
        if (is_redirect(status)) {
            auto next = redirected(url, headers.get("location"));
            if (!next) co_return fail(next.error());
            url = std::move(*next);
            continue;
        }
        if (status / 100 != 2 && !(status == 416 && range)) co_return status_error(status, url, headers);
        fetched.response = std::move(*response);
        co_return fetched;
    }
    co_return fail(Code::upstream_failed,
                   fmt::format("{} redirects more than {} times", home_.authority(), kRedirects));
}

Task<Result<std::string>> Fetcher::get_text(text::Url url, std::string* next, StopToken stop) {
    auto fetched = co_await get(std::move(url), std::nullopt, stop);
    if (!fetched) co_return fail(fetched.error());
    if (next != nullptr) *next = next_page(fetched->response->headers().get("link"));
    co_return co_await fetched->response->read_all(kListingBytes);
}

}  // namespace hearth::models

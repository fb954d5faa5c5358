#include "provider/signing.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/hmac.h"
#include "provider/provider.h"
#include "text/url.h"

namespace hearth::provider {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string_view bytes_of(const Digest256& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Empty segments and dots are resolved, then each segment is encoded, once more if it was encoded before: every service
// but S3 wants it so.
std::string canonical_path(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const auto segment = path.substr(at, end - at);
        at = end + 1;
        if (segment == "..") {
            if (!segments.empty()) segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
    }
    std::string out;
    for (const auto segment : segments) out.append("/").append(text::percent_encode(segment));
    if (out.empty() || path.ends_with('/')) out += '/';
    return out;
}

std::string encode_again(std::string_view text) {
    return text::percent_encode(text::percent_decode(text).value_or(std::string(text)));
}

std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (std::size_t at = 0; at < query.size();) {
        const auto end = std::min(query.find('&', at), query.size());
        const auto one = query.substr(at, end - at);
        at = end + 1;
        const auto equals = std::min(one.find('='), one.size());
        const auto value = equals < one.size() ? one.substr(equals + 1) : std::string_view{};
        parameters.emplace_back(encode_again(one.substr(0, equals)), encode_again(value));
    }
    std::ranges::sort(parameters);
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out += '&';
        out.append(name).append("=").append(value);
    }
    return out;
}

// Without spaces around it, and with one where several follow each other.
std::string canonical_value(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const bool space = c == ' ' || c == '\t';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

struct Fields {
    std::string lines, names;
};

Fields canonical_fields(SignedHeaders headers) {
    std::vector<std::pair<std::string, std::string>> sorted(headers.begin(), headers.end());
    std::ranges::stable_sort(sorted, {}, &std::pair<std::string, std::string>::first);
    Fields out;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const auto& [name, value] = sorted[i];
        if (i > 0 && sorted[i - 1].first == name) {  // one field of several lines
            out.lines.back() = ',';
            out.lines.append(canonical_value(value)).append("\n");
            continue;
        }
        out.lines.append(name).append(":").append(canonical_value(value)).append("\n");
        out.names.append(i == 0 ? "" : ";").append(name);
    }
    return out;
}

std::string body_hash(std::span<const std::string_view> body) {
    Sha256 sum;
    for (const auto piece : body) sum.update(piece);
    return to_hex(sum.finish());
}

Digest256 signing_key(const AwsAccount& account, std::string_view day) {
    std::string first = "AWS4";
    first += account.secret_access_key.reveal();
    auto key = hmac_sha256(first, day);
    explicit_bzero(first.data(), first.size());
    for (const auto part : {std::string_view(account.region), std::string_view(account.service),
                            std::string_view("aws4_request")}) {
        key = hmac_sha256(bytes_of(key), part);
    }
    return key;
}

class SigV4 final : public Signer {
  public:
    explicit SigV4(const AwsAccount& account) : account_(account) {}

    void sign(const Unsigned& request, Wall now, http::HeaderList& out) const override {
        std::vector<std::pair<std::string, std::string>> fields{{"content-type", "application/json"},
                                                                {"host", std::string(request.host)},
                                                                {"x-amz-date", amz_date(now)}};
        out.append("x-amz-date", fields.back().second);
        if (!account_.session_token.empty()) {
            fields.emplace_back("x-amz-security-token", account_.session_token.reveal());
            out.append("x-amz-security-token", account_.session_token.reveal());
        }
        out.append("authorization", sigv4(account_, request, fields, now));
    }

  private:
    AwsAccount account_;
};

}  // namespace

std::string amz_date(Wall now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string sigv4(const AwsAccount& account, const Unsigned& request, SignedHeaders headers, Wall now) {
    const auto question = std::min(request.target.find('?'), request.target.size());
    const auto query =
        question < request.target.size() ? request.target.substr(question + 1) : std::string_view{};
    const auto fields = canonical_fields(headers);
    const auto canonical = fmt::format(
        "{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.target.substr(0, question)),
        canonical_query(query), fields.lines, fields.names, body_hash(request.body));
    const auto date = amz_date(now);
    const auto day = std::string_view(date).substr(0, 8);
    const auto scope = fmt::format("{}/{}/{}/aws4_request", day, account.region, account.service);
    const auto to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date, scope, to_hex(sha256(canonical)));
    const auto signature = hmac_sha256(bytes_of(signing_key(account, day)), to_sign);
    return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                       account.access_key_id, scope, fields.names, to_hex(signature));
}

std::unique_ptr<Signer> make_signer(const Provider& provider) {
    if (!provider.key.empty() || !provider.aws) return nullptr;
    return std::make_unique<SigV4>(*provider.aws);
}

}  // namespace hearth::provider

#include "config/rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "text/url.h"
#include "text/utf8.h"

namespace hearth::config::rules {

namespace {

bool only(std::string_view text, std::string_view extra) {
    return std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || extra.find(c) != std::string_view::npos;
    });
}

bool clean(std::string_view text) {
    return !text.empty() && text::is_utf8(text) && std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

bool ip_literal(const std::string& host) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Framing, connection and identity are the gateway's own business (RFC 9110 section 7.6.1); keys have fields of their own.
constexpr std::array<std::string_view, 14> kForbiddenHeaders = {
    "host",   "content-length", "content-type", "transfer-encoding",   "connection",       "keep-alive",
    "te",     "trailer",        "upgrade",      "proxy-authorization", "proxy-connection", "accept-encoding",
    "expect", "authorization"};

}  // namespace

std::string any(std::string_view text) {
    return clean(text) ? "" : "a text without control characters";
}

std::string id(std::string_view text) {
    const bool good =
        !text.empty() && text.size() <= 64 && only(text, "._-") && text[0] != '.' && text[0] != '-';
    return good ? "" : "a name of a-z, 0-9, '.', '_' and '-', 64 characters at most";
}

std::string provider_id(std::string_view text) {
    for (const auto taken : {"local", "cloud", "auto", "loopback", "lan"}) {
        if (text == taken)
            return "a name other than local, loopback, lan, cloud and auto, which mean something already";
    }
    return id(text);
}

std::string model(std::string_view text) {
    const bool good =
        clean(text) && text.size() <= limits::kModelNameBytes && text.find_first_of(" *") == text.npos;
    return good ? "" : "a model's name such as \"local\" or \"openai/gpt-5.5\"";
}

std::string model_pattern(std::string_view text) {
    if (text == "*") return {};
    const auto name = text.ends_with('*') ? text.substr(0, text.size() - 1) : text;
    return model(name).empty() ? "" : "a model's name, or the beginning of one and '*' (\"gpt-5*\")";
}

std::string variable(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 128 && only(text, std::string(kUpper) + "_") &&
                      !(text[0] >= '0' && text[0] <= '9');
    return good ? ""
                : "the name of an environment variable such as \"OPENAI_API_KEY\" (never the key itself)";
}

std::string base_url(std::string_view text) {
    const auto url = text::parse_url(text);
    const bool good = url && url->target.find('?') == std::string::npos;
    return good ? "" : "an address such as \"https://api.example.com/v1\", without user, query or fragment";
}

std::string host(std::string_view text) {
    return text::parse_authority(text) ? ""
                                       : "a host or host:port such as \"hearth.example\", without https://";
}

std::string origin(std::string_view text) {
    const auto url = text::parse_url(text);
    const bool good = url && url->target == "/" && !text.ends_with('/');
    return good ? "" : "an origin such as \"https://app.example\", without a path";
}

std::string dialect(std::string_view text) {
    // Which dialects there are is known to wire/, which checks the name when the providers are built.
    const bool good = !text.empty() && text.size() <= 32 && only(text, "-_");
    return good ? "" : "a dialect's name such as \"openai\"";
}

std::string place(std::string_view text) {
    return place_from(text) ? "" : "one of \"local\", \"loopback\", \"lan\", \"cloud\"";
}

std::string header_name(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    if (std::ranges::find(kForbiddenHeaders, lower) != kForbiddenHeaders.end() ||
        lower.starts_with("x-hearth-")) {
        return "a header that Hearth does not set itself (for the key there are key_env and key_file)";
    }
    const bool good = !lower.empty() && lower.size() <= 128 && only(lower, "!#$%&'*+-.^_`|~");
    return good ? "" : "a header's name";
}

std::string header_value(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 4096 && text.front() != ' ' && text.back() != ' ' &&
                      std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
    return good ? "" : "a header's value: visible ASCII, not empty";
}

std::string listen(std::string_view text, Listen& out) {
    const std::string expected =
        "HOST:PORT such as \"127.0.0.1:4327\" or \"[::1]:4327\"; HOST is an address or localhost";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return expected;
    auto name = std::string(text.substr(0, colon));
    if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
        name = name.substr(1, name.size() - 2);
    } else if (name.find(':') != std::string::npos) {
        return expected;  // an IPv6 address needs its brackets, or nobody knows where the port begins
    }
    const auto port = text.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (bad != std::errc{} || end != port.data() + port.size()) return expected;
    if (name != "localhost" && !ip_literal(name)) return expected;
    out = {.host = std::move(name), .port = number};
    return {};
}

bool loopback_host(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    in_addr v4{};
    return inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

}  // namespace hearth::config::rules

// The headers of answers.
#include "pipeline/delivery/delivery.h"

namespace hearth::pipeline {

namespace {

// Header values take visible ASCII only here: model names and reasons come from files and other programs.
void append_visible(std::string& out, std::string_view text) {
    for (const char c : text.substr(0, 300)) out.push_back(c >= ' ' && c < 0x7f ? c : '?');
}

// Those of one hop, of framing, cookies and our own names.
bool is_withheld_response_header(std::string_view name) {
    static constexpr std::string_view kNames[] = {"content-type",
                                                  "content-length",
                                                  "content-encoding",
                                                  "date",
                                                  "server",
                                                  "set-cookie",
                                                  "alt-svc",
                                                  "cache-control",
                                                  "vary",
                                                  "via",
                                                  "strict-transport-security"};
    static constexpr std::string_view kPrefixes[] = {"x-hearth-", "access-control-"};
    for (const auto ours : kNames) {
        if (ours.size() == name.size() && http::iequals(ours, name)) return true;
    }
    for (const auto prefix : kPrefixes) {
        if (name.size() > prefix.size() && http::iequals(name.substr(0, prefix.size()), prefix)) return true;
    }
    return http::is_hop_by_hop(name);
}

}  // namespace

std::string route_header(const route::Step& step) {
    std::string out;
    out.reserve(160);
    append_visible(out, step.model->provider);
    out += '/';
    append_visible(out, step.model->id);
    out += "; place=";
    out += place_name(step.model->place);
    out += "; reason=";
    append_visible(out, step.reason);
    return out;
}

void pass_headers(const http::HeaderList& from, http::HeaderList& to) {
    for (const auto header : from) {
        if (!is_withheld_response_header(header.name)) to.append(header.name, header.value);
    }
}

http::HeaderList Delivery::headers(std::string_view route, const std::vector<std::string>& warnings,
                                   std::string_view content_type) const {
    http::HeaderList out;
    out.append("content-type", content_type);
    out.append("x-hearth-request-id", context_.http.id());
    if (!route.empty()) out.append("x-hearth-route", route);
    for (const auto& warning : warnings) {
        std::string visible;
        append_visible(visible, warning);
        out.append("x-hearth-warning", visible);
    }
    if (const auto& origin = context_.caller.cors_origin; !origin.empty()) {
        out.append("access-control-allow-origin", origin);
        out.append("vary", "origin");
    }
    return out;
}

http::HeaderList Delivery::answer_headers(const Attempt& attempt, std::string_view content_type) const {
    return headers(route_header(attempt.step), attempt.warnings, content_type);
}

}  // namespace hearth::pipeline

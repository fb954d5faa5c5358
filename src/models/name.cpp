#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/limits.h"
#include "models/store.h"

namespace hearth::models {
namespace {

constexpr std::size_t kPartBytes = 128;

bool is_part(std::string_view text) {
    if (text.empty() || text.size() > kPartBytes || text.front() == '.' || text.front() == '-') return false;
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    });
}

Failed bad_name(std::string_view text, std::string_view why) {
    return fail(
        Code::invalid_request,
        fmt::format(
            "'{}' is not a model name: {}. Names are name[:tag] or hf:org/repo[:QUANT], of letters, digits, "
            "'.', '_' and '-'.",
            text.substr(0, 80), why),
        "model");
}

bool looks_like_path(std::string_view text) {
    return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") ||
           text.starts_with("~/") || text.ends_with(".gguf");
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

Result<Name> parse_name(std::string_view text) {
    if (text.empty()) return bad_name(text, "it is empty");
    if (text.size() > limits::kModelNameBytes)
        return bad_name(text, fmt::format("it has {} bytes", text.size()));
    if (text.find('\0') != std::string_view::npos) return bad_name("", "it contains a NUL byte");
    Name name;
    if (text.starts_with("hf:")) {
        name.kind = Name::Kind::hub;
        auto rest = text.substr(3);
        const auto slash = rest.find('/');
        const auto colon = rest.rfind(':');
        if (colon != std::string_view::npos) {
            name.tag = rest.substr(colon + 1);
            rest = rest.substr(0, colon);
            if (!is_part(name.tag))
                return bad_name(text, "the part after the last ':' is not a quantization");
        }
        if (slash == std::string_view::npos || slash >= rest.size() || !is_part(rest.substr(0, slash)) ||
            !is_part(rest.substr(slash + 1))) {
            return bad_name(text, "hf: must be followed by ORGANISATION/REPOSITORY");
        }
        name.base = rest;
        name.canonical = fmt::format("hf:{}{}{}", name.base, name.tag.empty() ? "" : ":", name.tag);
        return name;
    }
    if (looks_like_path(text)) {
        name.kind = Name::Kind::file;
        name.base = name.canonical = text;
        return name;
    }
    const auto colon = text.find(':');
    name.base = text.substr(0, colon);
    if (!is_part(name.base))
        return bad_name(text, "its first part is empty, too long, or has other characters");
    if (colon != std::string_view::npos) {
        name.tag = text.substr(colon + 1);
        if (!is_part(name.tag)) return bad_name(text, "its tag is empty, too long, or has other characters");
    }
    if (name.base == kBuiltinName && name.tag.empty()) {
        name.canonical = kBuiltinName;
        return name;
    }
    name.canonical = fmt::format("{}:{}", name.base, name.tag.empty() ? "latest" : name.tag);
    return name;
}

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    const auto gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    if (gap > limit) return limit + 1;
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        auto best = row[0];
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
            best = std::min(best, row[j]);
        }
        if (best > limit) return limit + 1;
        std::swap(before, last);
        std::swap(last, row);
    }
    return std::min(last[b.size()], limit + 1);
}

}  // namespace hearth::models

#include "http/multipart.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/head.h"

namespace hearth::http {

namespace {

constexpr std::string_view kBlank = " \t";
constexpr std::string_view kLineEnd = "\r\n";

Failed wrong(std::string_view what) {
    return fail(Code::invalid_request, fmt::format("The multipart body cannot be read: {}.", what));
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_boundary(std::string_view text) {
    constexpr std::string_view kMarks = "'()+_,-./:=? ";
    const auto fits = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kMarks.contains(c);
    };
    return !text.empty() && text.size() <= 70 && text.back() != ' ' && std::ranges::all_of(text, fits);
}

// Takes `; name=token` or `; name="text with \" and \\"` from the front. False: not a parameter.
struct Parameter {
    std::string_view name;
    std::string value;
};
bool take_parameter(std::string_view& rest, Parameter& out) {
    rest = trim(rest);
    if (!rest.starts_with(';')) return false;
    rest = trim(rest.substr(1));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos) return false;
    out.name = trim(rest.substr(0, equals));
    out.value.clear();
    rest = trim(rest.substr(equals + 1));
    if (!is_token(out.name)) return false;
    if (!rest.starts_with('"')) {
        const auto end = std::min(rest.find(';'), rest.size());
        out.value = trim(rest.substr(0, end));
        rest = rest.substr(end);
        return is_token(out.value);
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest = rest.substr(i + 1);
            return true;
        }
        // Only quotes and backslashes count as escaped: old browsers send a path's backslashes unescaped.
        if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
        out.value.push_back(rest[i]);
    }
    return false;
}

Result<void> read_disposition(std::string_view value, Part& part) {
    auto rest = value.substr(std::min(value.find(';'), value.size()));
    if (!iequals(trim(value.substr(0, value.size() - rest.size())), "form-data"))
        return wrong("a part is not form-data");
    bool named = false, filed = false;
    Parameter parameter;
    while (!trim(rest).empty()) {
        if (!take_parameter(rest, parameter)) return wrong("a content-disposition is malformed");
        bool* seen = iequals(parameter.name, "name") ? &named : nullptr;
        if (iequals(parameter.name, "filename")) seen = &filed;
        if (!seen) continue;
        if (std::exchange(*seen, true)) return wrong("a content-disposition repeats a parameter");
        (seen == &named ? part.name : part.filename) = parameter.value;
    }
    if (!named || part.name.empty()) return wrong("a part has no name");
    return {};
}

Result<void> read_head(std::string_view head, Part& part) {
    bool has_disposition = false;
    while (!head.empty()) {
        const auto end = std::min(head.find(kLineEnd), head.size());
        const auto line = head.substr(0, end);
        head = head.substr(std::min(end + kLineEnd.size(), head.size()));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
            return wrong("a part's header line is malformed");
        const auto value = trim(line.substr(colon + 1));
        if (!is_field_value(value)) return wrong("a part's header has control characters");
        if (iequals(line.substr(0, colon), "content-type")) part.content_type = value;
        if (!iequals(line.substr(0, colon), "content-disposition")) continue;
        if (std::exchange(has_disposition, true)) return wrong("a part has two content-dispositions");
        if (auto read = read_disposition(value, part); !read) return read;
    }
    if (!has_disposition) return wrong("a part has no content-disposition");
    return {};
}

// Behind a boundary: "--" ends the body, a line's end begins a part. `at` moves behind it.
enum class Next : std::uint8_t { part, end, neither };
Next after_boundary(std::string_view body, std::size_t& at) {
    if (body.substr(at).starts_with("--")) return Next::end;
    at = std::min(body.find_first_not_of(kBlank, at), body.size());
    if (!body.substr(at).starts_with(kLineEnd)) return Next::neither;
    at += kLineEnd.size();
    return Next::part;
}

}  // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
    auto rest = content_type.substr(std::min(content_type.find(';'), content_type.size()));
    const auto type = trim(content_type.substr(0, content_type.size() - rest.size()));
    if (!iequals(type, "multipart/form-data"))
        return fail(Code::invalid_request, "The body must be multipart/form-data with a boundary.");
    std::string boundary;
    Parameter parameter;
    while (!trim(rest).empty()) {
        if (!take_parameter(rest, parameter)) return wrong("its content-type is malformed");
        if (!iequals(parameter.name, "boundary")) continue;
        if (!boundary.empty()) return wrong("its content-type has two boundaries");
        boundary = parameter.value;
    }
    if (!is_boundary(boundary)) return wrong("its content-type has no boundary of 1 to 70 characters");
    return boundary;
}

Result<std::vector<Part>> parse_multipart(std::string_view body, std::string_view boundary,
                                          const MultipartLimits& limits) {
    std::vector<Part> parts;
    const auto delimiter = fmt::format("\r\n--{}", boundary);
    const auto opening = std::string_view(delimiter).substr(kLineEnd.size());
    if (!body.starts_with(opening)) return wrong("it does not begin with its boundary");
    auto at = opening.size();
    for (;;) {
        const auto next = after_boundary(body, at);
        if (next == Next::end) return parts;
        if (next == Next::neither)
            return wrong("a boundary is followed by unexpected bytes, or the body is truncated");
        if (parts.size() == limits.parts)
            return fail(Code::too_large,
                        fmt::format("The multipart body has more than {} parts.", limits.parts));
        const auto blank = body.substr(at, limits.head_bytes).find("\r\n\r\n");
        if (blank == std::string_view::npos) return wrong("a part's headers do not end");
        Part part;
        if (auto read = read_head(body.substr(at, blank), part); !read) return fail(read.error());
        part.offset = at + blank + 4;
        const auto end = body.find(delimiter, part.offset - kLineEnd.size());
        if (end == std::string_view::npos) return wrong("the body is truncated");
        // A part without content ends in the very line end that ends its headers.
        if (end < part.offset) return wrong("a part has no blank line behind its headers");
        part.content = body.substr(part.offset, end - part.offset);
        parts.push_back(std::move(part));
        at = end + delimiter.size();
    }
}

Result<const Part*> only_part(const std::vector<Part>& parts, std::string_view name) {
    const Part* found = nullptr;
    for (const auto& part : parts) {
        if (part.name != name) continue;
        if (found)
            return fail(Code::invalid_request, fmt::format("The field '{}' appears more than once.", name),
                        name);
        found = &part;
    }
    return found;
}

}  // namespace hearth::http

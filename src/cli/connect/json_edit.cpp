#include "cli/connect/json_edit.h"

#include <fmt/format.h>

#include "text/edit.h"
#include "text/json_writer.h"

namespace hearth::cli::connect {

namespace {

using json::Value;
using text::Edit;

// The file's formatting.
struct Layout {
    std::string_view line_end = "\n";
    std::string unit = "  ";  // one level of indentation
};

std::string_view blanks(std::string_view text, std::size_t from) {
    auto end = from;
    while (end < text.size() && (text[end] == ' ' || text[end] == '\t')) ++end;
    return text.substr(from, end - from);
}

Layout layout_of(std::string_view text) {
    Layout layout;
    if (text.find("\r\n") != std::string_view::npos) layout.line_end = "\r\n";
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        if (const auto indent = blanks(text, at + 1); !indent.empty()) {
            layout.unit = indent;
            break;
        }
    }
    return layout;
}

// Indentation of the line that contains a byte.
std::string indent_of(std::string_view text, std::size_t at) {
    const auto line = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    return std::string(blanks(text, line == std::string_view::npos ? 0 : line + 1));
}

void pretty(std::string& out, Value value, const Layout& layout, const std::string& indent) {
    if (value.size() == 0) {
        out += value.is_object() ? "{}" : value.is_array() ? "[]" : value.raw();
        return;
    }
    const auto inner = indent + layout.unit;
    const char* between = "";
    out += value.is_object() ? '{' : '[';
    const auto next = [&] {
        out += fmt::format("{}{}{}", between, layout.line_end, inner);
        between = ",";
    };
    for (const auto member : value.members()) {
        next();
        out += fmt::format("{}: ", member.name.raw());
        pretty(out, member.value, layout, inner);
    }
    for (const auto element : value.elements()) {
        next();
        pretty(out, element, layout, inner);
    }
    out += fmt::format("{}{}{}", layout.line_end, indent, value.is_object() ? '}' : ']');
}

Value child(Value parent, const Step& step) {
    if (step.by.empty()) return parent[step.key];
    for (const auto element : parent.elements()) {
        if (element[step.by].as_string() == step.key) return element;
    }
    return {};
}

// Complete children of an object or list: `"key": value`, or the value.
std::vector<json::Range> children(Value container) {
    std::vector<json::Range> ranges;
    for (const auto member : container.members()) ranges.push_back(member.range());
    for (const auto element : container.elements()) ranges.push_back(element.range());
    return ranges;
}

Result<std::string> spliced(std::string_view text, std::size_t from, std::size_t to, std::string with) {
    const Edit edits[] = {{from, to - from, std::move(with)}};
    return text::apply_edits(text, edits);
}

// Appends as the last child; `value` belongs to another document.
Result<std::string> insert(std::string_view text, Value container, const Step& step, Value value) {
    const auto layout = layout_of(text);
    const auto there = children(container);
    const auto range = container.range();
    const bool one_line = !there.empty() && container.raw().find('\n') == std::string_view::npos;
    auto indent = indent_of(text, range.offset) + layout.unit;
    if (!there.empty() && !one_line) indent = indent_of(text, there.back().offset);
    std::string child;
    if (step.by.empty()) {
        json::append_string(child, step.key);
        child += ": ";
    }
    if (one_line) {
        return spliced(text, there.back().end(), there.back().end(), ", " + child + compact(value));
    }
    pretty(child, value, layout, indent);
    if (!there.empty()) {
        return spliced(text, there.back().end(), there.back().end(),
                       fmt::format(",{}{}{}", layout.line_end, indent, child));
    }
    return spliced(
        text, range.offset, range.end(),
        fmt::format("{}{}{}{}{}{}{}", container.is_object() ? '{' : '[', layout.line_end, indent, child,
                    layout.line_end, indent_of(text, range.offset), container.is_object() ? '}' : ']'));
}

// Removes one child with its comma.
Result<std::string> take_out(std::string_view text, Value container, Value value) {
    const auto there = children(container);
    std::size_t at = 0;
    while (at < there.size() && there[at].end() != value.range().end()) ++at;
    if (there.size() == 1) {
        return spliced(text, container.range().offset, container.range().end(),
                       container.is_object() ? "{}" : "[]");
    }
    if (at == 0) return spliced(text, there[0].offset, there[1].offset, "");
    return spliced(text, there[at - 1].end(), there[at].end(), "");
}

}  // namespace

std::string to_string(const Place& place) {
    std::string out;
    for (const auto& step : place) {
        if (step.by.empty()) {
            out += (out.empty() ? "" : ".") + step.key;
        } else {
            out += fmt::format("[{} = \"{}\"]", step.by, step.key);
        }
    }
    return out;
}

Value find(Value root, const Place& place) {
    for (const auto& step : place) root = child(root, step);
    return root;
}

std::string compact(Value value) {
    if (!value.is_object() && !value.is_array()) return std::string(value.raw());
    std::string out(1, value.is_object() ? '{' : '[');
    for (const auto member : value.members()) {
        out += fmt::format("{}{}: {}", out.size() > 1 ? ", " : "", member.name.raw(), compact(member.value));
    }
    for (const auto element : value.elements()) {
        out += (out.size() > 1 ? ", " : "") + compact(element);
    }
    return out + (value.is_object() ? '}' : ']');
}

Result<Edited> set(std::string_view text, const Place& place, std::string_view json) {
    json::Document document;
    if (auto read = document.parse(text); !read) return fail(std::move(read.error()));
    auto at = document.root();
    std::size_t found = 0;
    for (; found < place.size(); ++found) {
        const auto next = child(at, place[found]);
        if (!next) break;
        at = next;
    }
    std::string wrapped(json);
    for (auto i = place.size(); i > found + 1; --i) {  // missing levels to create
        if (place[i - 1].by.empty()) {
            std::string key;
            json::append_string(key, place[i - 1].key);
            wrapped = fmt::format("{{{}:{}}}", key, wrapped);
        } else {
            wrapped = fmt::format("[{}]", wrapped);
        }
    }
    json::Document fresh;
    if (auto read = fresh.parse(wrapped); !read) return fail(std::move(read.error()));
    Edited edited{.text = {}, .had = {}, .made = found};
    Result<std::string> result;
    if (found == place.size()) {
        edited.had = std::string(at.raw());
        std::string value;
        if (compact(at) == compact(fresh.root())) {
            value = at.raw();
        } else {
            pretty(value, fresh.root(), layout_of(text), indent_of(text, at.range().offset));
        }
        result = spliced(text, at.range().offset, at.range().end(), std::move(value));
    } else if (place[found].by.empty() ? at.is_object() : at.is_array()) {
        result = insert(text, at, place[found], fresh.root());
    } else {
        const Place parent(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(found));
        return fail(
            Code::conflict,
            fmt::format("{} is {}, but {} was expected", parent.empty() ? "the file" : to_string(parent),
                        json::kind_name(at.kind()), place[found].by.empty() ? "an object" : "a list"));
    }
    if (!result) return fail(std::move(result.error()));
    edited.text = std::move(*result);
    return edited;
}

Result<std::string> remove(std::string_view text, const Place& place, std::size_t keep) {
    std::string now(text);
    for (auto depth = place.size(); depth > 0; --depth) {
        json::Document document;
        if (auto read = document.parse(now); !read) return fail(std::move(read.error()));
        const Place parent(place.begin(), place.begin() + static_cast<std::ptrdiff_t>(depth - 1));
        const auto container = find(document.root(), parent);
        const auto value = child(container, place[depth - 1]);
        const bool is_target =
            depth == place.size();  // the setting itself; otherwise only parents that became empty
        if (!value || (!is_target && (depth <= keep || value.size() > 0))) break;
        auto without = take_out(now, container, value);
        if (!without) return without;
        now = std::move(*without);
    }
    return now;
}

}  // namespace hearth::cli::connect

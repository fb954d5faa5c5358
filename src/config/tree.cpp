#include "config/tree.h"

#include <charconv>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace hearth::config {

namespace {

Position position_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

Node convert(const toml::node& from) {
    Node node;
    node.at = position_of(from.source());
    from.visit([&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, toml::table>) {
            node.kind = Node::Kind::table;
            for (const auto& [key, child] : value) {
                node.members.push_back({std::string(key.str()), position_of(key.source()), convert(child)});
            }
        } else if constexpr (std::is_same_v<T, toml::array>) {
            node.kind = Node::Kind::array;
            for (const auto& child : value) node.items.push_back(convert(child));
        } else if constexpr (std::is_same_v<T, toml::value<std::string>>) {
            node.text = value.get();
        } else if constexpr (std::is_same_v<T, toml::value<std::int64_t>>) {
            node.kind = Node::Kind::integer;
            node.integer = value.get();
        } else if constexpr (std::is_same_v<T, toml::value<double>>) {
            node.kind = Node::Kind::real;
        } else if constexpr (std::is_same_v<T, toml::value<bool>>) {
            node.kind = Node::Kind::boolean;
            node.boolean = value.get();
        } else {
            node.kind = Node::Kind::date;
        }
    });
    return node;
}

}  // namespace

std::string_view Node::kind_name() const {
    constexpr std::string_view kNames[] = {"a string",      "a whole number", "a number with a fraction",
                                           "true or false", "a date",         "a list",
                                           "a table"};
    return kNames[static_cast<std::size_t>(kind)];
}

// A dotted key may nest as deep as its line is long, and toml++ frees such a tree by recursion.
static std::uint32_t too_long_line(std::string_view text) {
    std::uint32_t line = 1;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (end > kLineBytes) return line;
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line;
    }
    return 0;
}

bool parse_toml(std::string_view text, std::string_view name, Node& tree, Diagnostic& error) {
    error.where = name;
    if (text.size() > kFileBytes) {
        error.message = "the file is larger than 1 MiB, which no configuration needs";
        return false;
    }
    if (const auto line = too_long_line(text); line > 0) {
        error.line = line;
        error.column = 1;
        error.message = "the line is longer than 8 KiB; lists may go over several lines";
        return false;
    }
    const auto parsed = toml::parse(text, name);
    if (!parsed) {
        const auto& failure = parsed.error();
        error.line = failure.source().begin.line;
        error.column = failure.source().begin.column;
        error.message = "this is not TOML: " + std::string(failure.description());
        return false;
    }
    tree = convert(parsed.table());
    return true;
}

Node node_of_text(std::string_view text, bool list) {
    Node node;
    if (list) {
        node.kind = Node::Kind::array;
        while (!text.empty()) {
            const auto comma = std::min(text.find(','), text.size());
            auto item = text.substr(0, comma);
            while (item.starts_with(' ')) item.remove_prefix(1);
            while (item.ends_with(' ')) item.remove_suffix(1);
            if (!item.empty()) node.items.push_back(node_of_text(item, false));
            text.remove_prefix(std::min(comma + 1, text.size()));
        }
        for (auto& item : node.items) item.kind = Node::Kind::string;  // a model may be called "7"
        return node;
    }
    node.text = text;
    if (text == "true" || text == "false") {
        node.kind = Node::Kind::boolean;
        node.boolean = text == "true";
    } else if (const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), node.integer);
               bad == std::errc{} && end == text.data() + text.size()) {
        node.kind = Node::Kind::integer;
    }
    return node;
}

}  // namespace hearth::config

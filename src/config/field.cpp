#include "config/field.h"

#include <fmt/format.h>

#include <cstdlib>

namespace hearth::config {

namespace {
constexpr std::size_t kListItems = 256;
constexpr std::size_t kTextBytes = 4096;
}  // namespace

std::string set_integer(const Node& node, std::int64_t min, std::int64_t max, std::int64_t& out) {
    if (node.kind != Node::Kind::integer || node.integer < min || node.integer > max) {
        return fmt::format("a whole number from {} to {}", min, max);
    }
    out = node.integer;
    return {};
}

std::string set_texts(const Node& node, TextRule rule, std::vector<std::string>& out) {
    if (node.kind != Node::Kind::array) return "a list of strings";
    if (node.items.size() > kListItems) return fmt::format("a list of at most {} strings", kListItems);
    std::vector<std::string> values;
    for (const auto& item : node.items) {
        if (item.kind != Node::Kind::string) return "a list of strings";
        if (auto wrong = rule(item.text); !wrong.empty()) {
            return fmt::format("a list in which each item is {} (\"{}\" is not)", wrong, item.text);
        }
        values.push_back(item.text);
    }
    out = std::move(values);
    return {};
}

std::filesystem::path resolve_path(std::string_view text, const std::filesystem::path& base) {
    if (text.starts_with("~/")) {
        if (const char* home = std::getenv("HOME")) return std::filesystem::path(home) / text.substr(2);
    }
    return (base / text).lexically_normal();  // an absolute text replaces base
}

std::vector<Field> restart(std::vector<Field> fields) {
    for (auto& field : fields) field.needs_restart = true;
    return fields;
}

Field boolean(std::string_view name, bool& out) {
    const auto set = [&out](const Node& node) {
        // 0 and 1 as people write them into variables
        const bool bit = node.kind == Node::Kind::integer && !node.text.empty() &&
                         (node.integer == 0 || node.integer == 1);
        if (node.kind != Node::Kind::boolean && !bit) return std::string("true or false");
        out = bit ? node.integer == 1 : node.boolean;
        return std::string();
    };
    return {.name = name, .set = set, .storage = storage_of(out)};
}

Field text(std::string_view name, std::string& out, TextRule rule) {
    const auto set = [&out, rule](const Node& node) {
        // A variable may hold digits that are meant as a name.
        if (node.kind != Node::Kind::string && node.text.empty()) return std::string("a string");
        if (node.text.size() > kTextBytes) return fmt::format("a string of at most {} bytes", kTextBytes);
        auto wrong = rule(node.text);
        if (wrong.empty()) out = node.text;
        return wrong;
    };
    return {.name = name, .set = set, .storage = storage_of(out)};
}

Field texts(std::string_view name, std::vector<std::string>& out, TextRule rule) {
    const auto set = [&out, rule](const Node& node) { return set_texts(node, rule, out); };
    return {.name = name, .set = set, .list = true, .storage = storage_of(out)};
}

namespace {
std::string check_path(std::string_view text) {
    const bool good = !text.empty() && text.size() <= kTextBytes && text.find('\0') == std::string_view::npos;
    return good ? "" : "a path";
}
}  // namespace

Field path(std::string_view name, std::filesystem::path& out, std::filesystem::path base) {
    auto set = [&out, base = std::move(base)](const Node& node) {
        if (node.kind != Node::Kind::string) return std::string("a path as a string");
        auto wrong = check_path(node.text);
        if (wrong.empty()) out = resolve_path(node.text, base);
        return wrong;
    };
    return {.name = name, .set = std::move(set), .storage = storage_of(out)};
}

Field paths(std::string_view name, std::vector<std::filesystem::path>& out, std::filesystem::path base) {
    auto set = [&out, base = std::move(base)](const Node& node) {
        std::vector<std::string> values;
        auto wrong = set_texts(node, check_path, values);
        if (!wrong.empty()) return wrong;
        out.clear();
        for (const auto& value : values) out.push_back(resolve_path(value, base));
        return wrong;
    };
    return {.name = name, .set = std::move(set), .list = true, .storage = storage_of(out)};
}

}  // namespace hearth::config

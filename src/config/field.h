#pragma once
// The building blocks of the schema: a field has a name and a setter that takes a node, stores a checked value or says
// what was expected ("a whole number from 1 to 64"; an empty answer means that it was fine).
#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/tree.h"

namespace hearth::config {

using Setter = std::function<std::string(const Node&)>;

// The variable that a field writes, with what it takes to compare and to copy its value.
struct Storage {
    void* at = nullptr;
    bool (*equal)(const void* a, const void* b) = nullptr;
    void (*copy)(const void* from, void* to) = nullptr;
};

template <class T>
Storage storage_of(T& out) {
    return {.at = &out,
            .equal = [](const void* a,
                        const void* b) { return *static_cast<const T*>(a) == *static_cast<const T*>(b); },
            .copy = [](const void* from, void* to) { *static_cast<T*>(to) = *static_cast<const T*>(from); }};
}

struct Field {
    std::string_view name;
    Setter set;
    bool list = false;  // its variable is split at commas
    // Instead of `set`, for tables: known members, or one setter for members of any name.
    std::vector<Field> members = {};
    std::function<std::string(const std::string& key, const Node&)> each = {};
    bool quiet = false;          // what stands there may be a secret: diagnostics do not show the line
    Storage storage = {};        // of every field without `members`
    bool needs_restart = false;  // a change takes effect at the next start, not with a reload
};

// Checks one text; empty = fine, else what was expected.
using TextRule = std::string (*)(std::string_view);

[[nodiscard]] std::string set_integer(const Node& node, std::int64_t min, std::int64_t max,
                                      std::int64_t& out);
[[nodiscard]] std::string set_texts(const Node& node, TextRule rule, std::vector<std::string>& out);
// "~/" is the user's folder, other relative paths start at `base`.
[[nodiscard]] std::filesystem::path resolve_path(std::string_view text, const std::filesystem::path& base);

inline Field quiet(Field field) {
    field.quiet = true;
    return field;
}

// For what is read once, when the daemon starts: sockets, databases, sizes of pools.
inline Field restart(Field field) {
    field.needs_restart = true;
    return field;
}
[[nodiscard]] std::vector<Field> restart(std::vector<Field> fields);

template <class T>
Field integer(std::string_view name, T& out, std::int64_t min, std::int64_t max, std::int64_t scale = 1) {
    const auto set = [&out, min, max, scale](const Node& node) {
        std::int64_t value = 0;
        auto wrong = set_integer(node, min, max, value);
        if (wrong.empty()) out = static_cast<T>(value * scale);
        return wrong;
    };
    return {.name = name, .set = set, .storage = storage_of(out)};
}

// A duration in Unit; optional<milliseconds> works too.
template <class Unit, class T>
Field duration(std::string_view name, T& out, std::int64_t min, std::int64_t max) {
    const auto set = [&out, min, max](const Node& node) {
        std::int64_t value = 0;
        auto wrong = set_integer(node, min, max, value);
        if (wrong.empty()) out = Unit(value);
        return wrong;
    };
    return {.name = name, .set = set, .storage = storage_of(out)};
}

[[nodiscard]] Field boolean(std::string_view name, bool& out);
[[nodiscard]] Field text(std::string_view name, std::string& out, TextRule rule);
[[nodiscard]] Field texts(std::string_view name, std::vector<std::string>& out, TextRule rule);
[[nodiscard]] Field path(std::string_view name, std::filesystem::path& out, std::filesystem::path base);
[[nodiscard]] Field paths(std::string_view name, std::vector<std::filesystem::path>& out,
                          std::filesystem::path base);

// One word of a fixed list; `words` and `values` stand side by side.
template <class T, class Out>
Field choice(std::string_view name, Out& out, std::vector<std::pair<std::string_view, T>> words) {
    auto set = [&out, words = std::move(words)](const Node& node) {
        std::string expected;
        for (const auto& [word, value] : words) {
            if (node.kind == Node::Kind::string && node.text == word) {
                out = value;
                return std::string();
            }
            expected += (expected.empty() ? "\"" : " or \"") + std::string(word) + "\"";
        }
        return expected;
    };
    return {.name = name, .set = std::move(set), .storage = storage_of(out)};
}

}  // namespace hearth::config

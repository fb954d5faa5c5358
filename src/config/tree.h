#pragma once
// What a configuration source says, before it is checked: a tree of values that know where they stand. Files come from
// toml++ (tree.cpp, its only user); variables and flags are made into the same values, so one schema checks all three.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"

namespace hearth::config {

struct Position {
    std::uint32_t line = 0, column = 0;
};

struct Node {
    enum class Kind : std::uint8_t { string, integer, real, boolean, date, array, table };
    Kind kind = Kind::string;
    std::string text;
    std::int64_t integer = 0;
    bool boolean = false;
    std::vector<Node> items;
    struct Member;
    std::vector<Member> members;  // by name
    Position at;

    [[nodiscard]] std::string_view kind_name() const;  // "a string", "a list": for messages
};

struct Node::Member {
    std::string key;
    Position at;
    Node value;
};

inline constexpr std::size_t kFileBytes = 1024 * 1024;
inline constexpr std::size_t kLineBytes = 8 * 1024;

// A TOML 1.0 document. False: `error` says what and where; the tree is then empty.
[[nodiscard]] bool parse_toml(std::string_view text, std::string_view name, Node& tree, Diagnostic& error);

// The value of a variable: true/false, a whole number, or text; `list` splits at commas.
[[nodiscard]] Node node_of_text(std::string_view text, bool list);

}  // namespace hearth::config

#pragma once
// Random JSON trees for property tests: an independent, plain model of what a document means.
#include <rapidcheck.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::test {

struct Tree {
    json::Kind kind = json::Kind::null;
    bool flag = false;
    std::int64_t number = 0;
    double real = 0;
    std::string text;
    std::vector<std::pair<std::string, Tree>> children;  // keys are empty in arrays
    bool operator==(const Tree&) const = default;
};

inline Tree tree_of(json::Value v) {
    Tree t{.kind = v.kind()};
    t.flag = v.as_bool().value_or(false);
    t.number = v.is_integer() ? v.as_int().value() : 0;
    t.real = v.kind() == json::Kind::real ? v.as_double().value() : 0;
    t.text = v.as_string();
    for (const auto e : v.elements()) t.children.emplace_back("", tree_of(e));
    for (const auto m : v.members()) t.children.emplace_back(std::string(m.key()), tree_of(m.value));
    return t;
}

inline void write(json::Writer& w, const Tree& t) {
    switch (t.kind) {
        case json::Kind::boolean:
            w.boolean(t.flag);
            break;
        case json::Kind::integer:
            w.integer(t.number);
            break;
        case json::Kind::real:
            w.real(t.real);
            break;
        case json::Kind::string:
            w.string(t.text);
            break;
        case json::Kind::array:
            w.begin_array();
            for (const auto& [key, child] : t.children) write(w, child);
            w.end_array();
            break;
        case json::Kind::object:
            w.begin_object();
            for (const auto& [key, child] : t.children) {
                w.key(key);
                write(w, child);
            }
            w.end_object();
            break;
        default:
            w.null();
    }
}

inline std::string written(const Tree& t) {
    std::string out;
    json::Writer w(out);
    write(w, t);
    return out;
}

inline std::string random_text() {
    // Code points of every length, quotes, controls.
    static const std::string kPieces[] = {
        "a", "bc", "\"", "\\", "\n", "\x01", "/", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", " ", "key"};
    std::string out;
    const int n = *rc::gen::inRange(0, 9);
    for (int i = 0; i < n; ++i) out += kPieces[*rc::gen::inRange(0, 12)];
    return out;
}

inline Tree random_tree(int depth) {
    using json::Kind;
    Tree t;
    t.kind = static_cast<Kind>(*rc::gen::inRange(1, depth > 0 ? 8 : 6));
    if (t.kind == Kind::boolean) t.flag = *rc::gen::arbitrary<bool>();
    if (t.kind == Kind::integer) t.number = *rc::gen::arbitrary<std::int64_t>();
    if (t.kind == Kind::real) t.real = *rc::gen::inRange(-100000, 100000) / 64.0 + 1.0 / 128;  // never whole
    if (t.kind == Kind::string) t.text = random_text();
    if (t.kind != Kind::array && t.kind != Kind::object) return t;
    const int n = *rc::gen::inRange(0, 5);
    std::map<std::string, bool> used;
    for (int i = 0; i < n; ++i) {
        std::string key = t.kind == Kind::object ? random_text() : "";
        if (t.kind == Kind::object && std::exchange(used[key], true)) continue;
        t.children.emplace_back(key, random_tree(depth - 1));
    }
    return t;
}

}  // namespace hearth::test

// USES: text
// simdjson agrees on validity; accepted documents survive writing and parsing.
#include <simdjson.h>

#include "text/json_writer.h"

using namespace hearth;

static void write(json::Writer& w, json::Value v) {
    if (v.is_string()) return void(w.string(v.as_string()));
    if (!v.is_array() && !v.is_object()) return void(w.raw(v.raw()));
    v.is_array() ? w.begin_array() : w.begin_object();
    for (const auto e : v.elements()) write(w, e);
    for (const auto m : v.members()) write(w.key(m.key()), m.value);
    v.is_array() ? w.end_array() : w.end_object();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    simdjson::dom::parser oracle;
    const auto theirs = oracle.parse(simdjson::padded_string(text)).error();
    json::Document first, second;
    std::string once, twice;
    const auto root = first.parse(text);
    const auto ours =
        root ? "" : root.error()->message;  // the two kinds of rejection that simdjson does not have
    if (!root && theirs == simdjson::SUCCESS && !ours.contains("has already") && !ours.contains("nesting"))
        __builtin_trap();
    if (!root) return 0;
    if (theirs != simdjson::SUCCESS && theirs != simdjson::NUMBER_ERROR) __builtin_trap();
    json::Writer w1(once), w2(twice);
    write(w1, *root);
    write(w2, second.parse(once).value());
    if (once != twice || first.node_count() != second.node_count()) __builtin_trap();
    return 0;
}

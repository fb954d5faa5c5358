#include "text/json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "text/json_parser.h"

namespace hearth::text::json {

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::invalid:
            return "nothing";
        case Kind::null:
            return "null";
        case Kind::boolean:
            return "a boolean";
        case Kind::integer:
            return "an integer";
        case Kind::real:
            return "a number";
        case Kind::string:
            return "a string";
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
    }
    return "nothing";
}

std::optional<bool> Value::as_bool() const {
    if (!is_bool()) return std::nullopt;
    return raw().front() == 't';
}

namespace {

// A real that is a whole number small enough to be exact in a double.
std::optional<std::int64_t> whole(double value) {
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (!(std::fabs(value) <= kExact) || std::trunc(value) != value) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::int64_t> Value::as_int() const {
    if (is_integer()) return parse_number<std::int64_t>(raw());
    const auto real = as_double();
    return real ? whole(*real) : std::nullopt;
}

std::optional<std::uint64_t> Value::as_uint() const {
    if (is_integer() && raw().front() != '-') return parse_number<std::uint64_t>(raw());
    const auto value = as_int();
    if (!value || *value < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
}

std::optional<double> Value::as_double() const {
    if (!is_number()) return std::nullopt;
    return parse_number<double>(raw());
}

std::optional<Member> Value::find(std::string_view key) const {
    if (!is_object()) return std::nullopt;
    const auto& nodes = tape_->nodes;
    const std::uint32_t last = nodes[index_].next;
    for (std::uint32_t i = index_ + 1; i < last; i = skip(*tape_, i + 1)) {
        const auto& name = nodes[i];
        if (name.count() == 0 && name.end - name.begin != key.size() + 2) continue;
        if (tape_->string_at(i) == key) return Member{{tape_, i}, {tape_, i + 1}};
    }
    return std::nullopt;
}

Value Value::get(std::string_view key) const {
    const auto member = find(key);
    return member ? member->value : Value{};
}

Value Value::at(std::size_t index) const {
    if (!is_array() || index >= size()) return {};
    auto it = elements().begin();
    for (; index > 0; --index) ++it;
    return *it;
}

Position position_of(std::string_view text, std::size_t byte) {
    byte = std::min(byte, text.size());
    Position at{.byte = byte};
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < byte; ++i) {
        if (text[i] == '\n') {
            ++at.line;
            line_start = i + 1;
        }
    }
    at.column = byte - line_start + 1;
    return at;
}

Result<Value> Document::parse(std::string_view text, const Limits& limits) {
    tape_->text = text;
    const auto fault = detail::fill_tape(*tape_, limits);
    if (fault.what.empty()) return root();
    const Position at = position_of(text, fault.byte);
    tape_->nodes.clear();
    auto error = fail(
        fault.too_large ? Code::too_large : Code::invalid_request,
        fmt::format("JSON: {} at line {}, column {} (byte {}).", fault.what, at.line, at.column, at.byte));
    if (fault.too_large) error.error()->limit = static_cast<std::int64_t>(limits.nodes);
    return error;
}

Result<Value> Document::parse_copy(std::string_view text, const Limits& limits) {
    tape_->owned.assign(text.begin(), text.end());
    return parse({tape_->owned.data(), tape_->owned.size()}, limits);
}

void Document::clear(std::size_t keep_bytes) {
    auto& tape = *tape_;
    const std::size_t held = tape.nodes.capacity() * sizeof(detail::Node) + tape.arena.capacity +
                             tape.owned.capacity() + tape.keys.capacity() * sizeof(detail::KeyPrint);
    if (held > keep_bytes) {
        tape = detail::Tape{};
        return;
    }
    tape.text = {};
    tape.nodes.clear();
}

}  // namespace hearth::text::json

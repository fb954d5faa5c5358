#pragma once
// JSON (RFC 8259) parsed once, whole and strictly, into a flat tape; every value knows its offset in the
// original bytes, so that a caller can edit those bytes or keep unknown fields as they came. See
// json_require.h for typed access with errors, json_writer.h for writing, edit.h for editing.
//
// Rejected besides plain syntax errors: bytes that are not UTF-8, a BOM, duplicate keys (compared after
// unescaping: two parsers must never see different documents), lone surrogates in \u escapes, anything
// after the value, more depth or nodes than the limits. Errors are Code::invalid_request (too_large for nodes
// and bytes) and name line, column and byte offset; they never quote content.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace hearth::text::json {

enum class Kind : std::uint8_t {
    invalid,  // no value: missing member or index past the end
    null,
    boolean,
    integer,  // no fraction, no exponent, and within int64 or uint64
    real,     // every other number
    string,
    array,
    object,
};
[[nodiscard]] std::string_view kind_name(Kind kind);  // "string", "number", ... for messages

struct Range {
    std::size_t offset = 0, length = 0;
    [[nodiscard]] std::size_t end() const { return offset + length; }
    bool operator==(const Range&) const = default;
};

namespace detail {
// 16 bytes per node. Children directly follow their container; a member is a key node and a value node.
struct Node {
    std::uint32_t begin, end;  // in the text
    std::uint32_t next;        // array, object: node after the last child; escaped string: place in the arena
    std::uint32_t info;  // Kind in the low byte; array: elements, object: members, string: 1 when escaped
    [[nodiscard]] Kind kind() const { return static_cast<Kind>(info & 0xff); }
    [[nodiscard]] std::uint32_t count() const { return info >> 8; }
};
struct KeyPrint {
    std::uint64_t print;
    std::uint32_t node;
};
// Raw bytes that are not zeroed before use: most of a large reservation is never touched.
struct Arena {
    std::unique_ptr<char[]> data;
    std::size_t size = 0, capacity = 0;
    void reserve_more(std::size_t bytes) {
        if (capacity - size >= bytes) return;
        auto larger = std::make_unique_for_overwrite<char[]>(size + bytes);
        if (size > 0) std::memcpy(larger.get(), data.get(), size);
        data = std::move(larger);
        capacity = size + bytes;
    }
};
// Nodes in one block, which grows by doubling up to the maximum that a text can have. It starts small: the worst case is
// half a node per byte, real texts have one per twenty bytes or more, and a gateway holds hundreds of documents.
class Nodes {
  public:
    [[nodiscard]] const Node& operator[](std::uint32_t i) const { return data_[i]; }
    [[nodiscard]] Node& operator[](std::uint32_t i) { return data_[i]; }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] bool full() const { return size_ == room_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    void push(const Node& node) { data_[size_++] = node; }
    void clear() { size_ = 0; }
    // Empty again, with room for some nodes; at most `most` later on.
    void start(std::uint32_t some, std::uint32_t most) {
        size_ = 0;
        most_ = most;
        if (some > capacity_) {
            data_ = std::make_unique_for_overwrite<Node[]>(some);
            capacity_ = some;
        }
        room_ = std::min(capacity_, most);
    }
    // Grows a full block; false at the limit.
    [[nodiscard]] bool grow() {
        if (room_ == most_) return false;
        const std::uint32_t larger = capacity_ > most_ / 2 ? most_ : capacity_ * 2;
        auto data = std::make_unique_for_overwrite<Node[]>(larger);
        std::memcpy(data.get(), data_.get(), size_ * sizeof(Node));
        data_ = std::move(data);
        capacity_ = room_ = larger;
        return true;
    }

  private:
    std::unique_ptr<Node[]> data_;
    std::uint32_t size_ = 0, room_ = 0, most_ = 0,
                  capacity_ = 0;  // room_: of the capacity, what this text may use
};
struct Tape {
    std::string_view text;
    Nodes nodes;
    Arena arena;                 // unescaped strings, each after its length as four bytes
    std::vector<char> owned;     // parse_copy's text
    std::vector<KeyPrint> keys;  // of the objects that are open, while parsing
    [[nodiscard]] std::string_view string_at(std::uint32_t index) const {
        const Node& node = nodes[index];
        if (node.count() == 0) return text.substr(node.begin + 1, node.end - node.begin - 2);
        std::uint32_t size = 0;
        std::memcpy(&size, arena.data.get() + node.next, 4);
        return {arena.data.get() + node.next + 4, size};
    }
};
}  // namespace detail

class Value;
struct Member;
class ElementRange;
class MemberRange;

// A handle of 16 bytes, valid until its Document parses again or is destroyed; moving the Document is safe. Every
// accessor may be called on any kind, an invalid Value included.
class Value {
  public:
    Value() = default;
    Value(const detail::Tape* tape, std::uint32_t index) : tape_(tape), index_(index) {}

    explicit operator bool() const { return tape_ != nullptr; }  // exists (null exists)
    [[nodiscard]] Kind kind() const { return tape_ ? node().kind() : Kind::invalid; }
    [[nodiscard]] bool is_null() const { return kind() == Kind::null; }
    [[nodiscard]] bool is_bool() const { return kind() == Kind::boolean; }
    [[nodiscard]] bool is_integer() const { return kind() == Kind::integer; }
    [[nodiscard]] bool is_number() const { return kind() == Kind::integer || kind() == Kind::real; }
    [[nodiscard]] bool is_string() const { return kind() == Kind::string; }
    [[nodiscard]] bool is_array() const { return kind() == Kind::array; }
    [[nodiscard]] bool is_object() const { return kind() == Kind::object; }

    // Unescaped; a view into the text when it has no escapes. Empty for other kinds.
    [[nodiscard]] std::string_view as_string() const {
        return is_string() ? tape_->string_at(index_) : std::string_view{};
    }
    [[nodiscard]] std::optional<bool> as_bool() const;
    // Exact or nothing. A real that is a whole number below 2^53 in size counts (JSON Schema: 1.0 is an
    // integer).
    [[nodiscard]] std::optional<std::int64_t> as_int() const;
    [[nodiscard]] std::optional<std::uint64_t> as_uint() const;
    // Nearest double of any number; nullopt for other kinds and for numbers too large for a double.
    [[nodiscard]] std::optional<double> as_double() const;

    // Member of an object, compared after unescaping; invalid when missing or when this is no object. Linear.
    [[nodiscard]] Value get(std::string_view key) const;
    [[nodiscard]] Value operator[](std::string_view key) const { return get(key); }
    [[nodiscard]] std::optional<Member> find(std::string_view key) const;
    // Element of an array, invalid past the end. Linear: loop over elements() instead where possible.
    [[nodiscard]] Value at(std::size_t index) const;
    // Elements of an array, members of an object, else 0.
    [[nodiscard]] std::size_t size() const { return is_array() || is_object() ? node().count() : 0; }

    [[nodiscard]] ElementRange elements() const;  // for (Value v : a.elements()); empty when no array
    [[nodiscard]] MemberRange members() const;    // for (Member m : o.members()); empty when no object

    // The original bytes of the value (a string with its quotes) and their offset.
    [[nodiscard]] std::string_view raw() const {
        return tape_ ? tape_->text.substr(node().begin, node().end - node().begin) : std::string_view{};
    }
    [[nodiscard]] Range range() const {
        return tape_ ? Range{node().begin, node().end - node().begin} : Range{};
    }

    [[nodiscard]] bool same(const Value& other) const {
        return tape_ == other.tape_ && index_ == other.index_;
    }
    [[nodiscard]] std::uint32_t index() const { return index_; }
    [[nodiscard]] const detail::Tape* tape() const { return tape_; }

  private:
    friend class ElementRange;
    friend class MemberRange;
    [[nodiscard]] const detail::Node& node() const { return tape_->nodes[index_]; }
    const detail::Tape* tape_ = nullptr;
    std::uint32_t index_ = 0;
};

struct Member {
    Value name;  // the key as a string value (for its range)
    Value value;
    [[nodiscard]] std::string_view key() const { return name.as_string(); }  // unescaped
    [[nodiscard]] Range range() const {                                      // the whole `"key": value`
        return {name.range().offset, value.range().end() - name.range().offset};
    }
};

// Node after the value at `index`, with all its children.
[[nodiscard]] inline std::uint32_t skip(const detail::Tape& tape, std::uint32_t index) {
    const auto& node = tape.nodes[index];
    return node.kind() == Kind::array || node.kind() == Kind::object ? node.next : index + 1;
}

class ElementRange {
  public:
    class Iterator {
      public:
        using value_type = Value;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(const detail::Tape* tape, std::uint32_t index) : tape_(tape), index_(index) {}
        Value operator*() const { return {tape_, index_}; }
        Iterator& operator++() {
            index_ = skip(*tape_, index_);
            return *this;
        }
        Iterator operator++(int) {
            auto old = *this;
            ++*this;
            return old;
        }
        bool operator==(const Iterator& other) const { return index_ == other.index_; }

      private:
        const detail::Tape* tape_ = nullptr;
        std::uint32_t index_ = 0;
    };
    explicit ElementRange(const Value& array) {
        if (!array.is_array()) return;
        begin_ = {array.tape_, array.index_ + 1};
        end_ = {array.tape_, array.node().next};
    }
    [[nodiscard]] Iterator begin() const { return begin_; }
    [[nodiscard]] Iterator end() const { return end_; }

  private:
    Iterator begin_, end_;
};

class MemberRange {
  public:
    class Iterator {
      public:
        using value_type = Member;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(const detail::Tape* tape, std::uint32_t index) : tape_(tape), index_(index) {}
        Member operator*() const { return {{tape_, index_}, {tape_, index_ + 1}}; }
        Iterator& operator++() {
            index_ = skip(*tape_, index_ + 1);
            return *this;
        }
        Iterator operator++(int) {
            auto old = *this;
            ++*this;
            return old;
        }
        bool operator==(const Iterator& other) const { return index_ == other.index_; }

      private:
        const detail::Tape* tape_ = nullptr;
        std::uint32_t index_ = 0;
    };
    explicit MemberRange(const Value& object) {
        if (!object.is_object()) return;
        begin_ = {object.tape_, object.index_ + 1};
        end_ = {object.tape_, object.node().next};
    }
    [[nodiscard]] Iterator begin() const { return begin_; }
    [[nodiscard]] Iterator end() const { return end_; }

  private:
    Iterator begin_, end_;
};

inline ElementRange Value::elements() const {
    return ElementRange(*this);
}
inline MemberRange Value::members() const {
    return MemberRange(*this);
}

struct Limits {
    std::size_t depth = limits::kJsonDepth;  // containers open at once
    std::size_t nodes = limits::kJsonNodes;  // values and keys together
    std::size_t bytes = std::size_t{1} << 30;
};

// Position of a byte, for messages: line and column count from 1, byte from 0; columns are bytes.
struct Position {
    std::size_t line = 1, column = 1, byte = 0;
};
[[nodiscard]] Position position_of(std::string_view text, std::size_t byte);

class Document {
  public:
    Document() : tape_(std::make_unique<detail::Tape>()) {}

    // Parses a whole text and returns its root. `text` must outlive the Document's use. Parsing again reuses
    // memory.
    [[nodiscard]] Result<Value> parse(std::string_view text, const Limits& limits = {});
    // Same, over a copy that the Document keeps.
    [[nodiscard]] Result<Value> parse_copy(std::string_view text, const Limits& limits = {});

    [[nodiscard]] Value root() const { return tape_->nodes.empty() ? Value{} : Value{tape_.get(), 0}; }
    [[nodiscard]] std::string_view text() const { return tape_->text; }
    [[nodiscard]] std::size_t node_count() const { return tape_->nodes.size(); }
    // Clears the document; frees buffers above keep_bytes, for an idle connection.
    void clear(std::size_t keep_bytes = 64 * 1024);

  private:
    std::unique_ptr<detail::Tape> tape_;
};

}  // namespace hearth::text::json

namespace hearth {
namespace json = text::json;  // callers say json::Value
}

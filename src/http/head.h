#pragma once
// Heads of HTTP/1.1 messages (RFC 9112) as data: fields in order, names compared without case (RFC 9110
// section 5.1).
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/limits.h"

namespace hearth::http {

[[nodiscard]] bool iequals(std::string_view a, std::string_view b);  // ASCII case ignored
[[nodiscard]] bool is_token(std::string_view text);                  // RFC 9110 section 5.6.2, not empty
// Field values: visible ASCII, space, tab and bytes over 0x7f; no CR, LF, NUL or other controls (RFC
// 9110 5.5).
[[nodiscard]] bool is_field_value(std::string_view text);

struct Header {
    std::string_view name, value;  // into the HeaderList's buffer, valid until it is changed
};

// All names and values are in one buffer: a head costs two allocations, none when the list is reused.
class HeaderList {
  public:
    class Iterator {
      public:
        using value_type = Header;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(const HeaderList* list, std::size_t index) : list_(list), index_(index) {}
        Header operator*() const { return (*list_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) { return {list_, index_++}; }
        bool operator==(const Iterator&) const = default;

      private:
        const HeaderList* list_ = nullptr;
        std::size_t index_ = 0;
    };

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] Header operator[](std::size_t i) const {
        const auto& e = entries_[i];
        const std::string_view all = buffer_;
        return {all.substr(e.name, e.name_size), all.substr(e.value, e.value_size)};
    }
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size()}; }

    // Nothing is validated here; the encoder rejects names and values that are not allowed in a message. The
    // arguments may be views into this same list.
    void append(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);  // removes all of that name, then appends
    std::size_t remove(std::string_view name);                // returns how many
    void clear();

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // the first
    [[nodiscard]] std::string_view get(std::string_view name) const {
        return find(name).value_or(std::string_view{});
    }
    [[nodiscard]] bool contains(std::string_view name) const { return find(name).has_value(); }
    [[nodiscard]] std::size_t count(std::string_view name) const;
    // True when a comma-separated list field (all lines of that name) holds the token, without case:
    // Connection: close.
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
    // A non-negative decimal number, whole field, or nothing (Content-Length, Retry-After, x-hearth-hops).
    [[nodiscard]] std::optional<std::uint64_t> find_number(std::string_view name) const;

  private:
    friend class HeadScanner;
    struct Entry {
        std::uint32_t name, name_size, value, value_size;
    };
    std::string buffer_;
    std::vector<Entry> entries_;
};

// The four forms of RFC 9112 section 3.2.
enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

struct RequestHead {
    std::string method;  // case kept: methods are case-sensitive
    std::string target;  // origin-form ("/path?query"); of an absolute-form target the path and query; "*";
                         // or host:port
    TargetForm form = TargetForm::origin;
    std::string host;  // authority: of an absolute-form target, else the Host field (RFC 9112 section 3.2.2);
                       // as received
    int version_minor = 1;  // HTTP/1.x
    HeaderList headers;

    [[nodiscard]] std::string_view path() const;   // target before '?'
    [[nodiscard]] std::string_view query() const;  // after '?', or empty
    void clear();
};

struct ResponseHead {
    int status = 0;
    std::string reason;
    int version_minor = 1;
    HeaderList headers;
    void clear();
};

// Field names that concern one connection only and must not be forwarded (RFC 9110 section 7.6.1):
// Connection, Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding, Upgrade, Proxy-Authenticate,
// Proxy-Authorization; the names that Connection lists are not known here.
[[nodiscard]] bool is_hop_by_hop(std::string_view name);

// Limits of a decoder. Errors carry in Error::http_status the status to answer (400, 413, 414, 417, 431, 501,
// 505), also when the code alone would map to another.
struct Limits {
    std::size_t head_bytes = limits::kHeadBytes;
    std::size_t headers = limits::kHeaderCount;
    std::size_t target_bytes = limits::kTargetBytes;
    std::size_t body_bytes = limits::kBodyBytes;
    // A head that announces more is rejected at once. Above body_bytes only where a route reads large bodies in pieces
    // and sets its own limit; on other routes, reading the body is rejected.
    std::uint64_t announced_bytes = 0;  // 0: body_bytes
};

// Result of a decoder's feed(). The caller drops `consumed` bytes and calls again with the rest,
// until need_more. An empty input is allowed and may still yield `end`.
enum class Event : std::uint8_t {
    need_more,  // all of the input is consumed; read from the socket
    head,       // head() is complete
    body,       // `body` holds the next piece: a view into the input
    end,        // the message is complete; further bytes are not consumed before next()
};
struct Progress {
    Event event = Event::need_more;
    std::size_t consumed = 0;
    std::string_view body;
};

}  // namespace hearth::http

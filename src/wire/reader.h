#pragma once
// For the dialects: reading a request's fields with errors that name the path, without building paths until needed.
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exchange/request.h"
#include "text/json.h"

namespace hearth::wire {

// A place in the document as a chain of frames on the stack: "messages[2].content".
struct Path {
    const Path* up = nullptr;
    std::string_view key;
    std::ptrdiff_t index = -1;

    [[nodiscard]] Path at(std::string_view member) const { return {this, member, -1}; }
    [[nodiscard]] Path at(std::size_t element) const {
        return {this, {}, static_cast<std::ptrdiff_t>(element)};
    }
    [[nodiscard]] std::string text() const;
};

struct IntRange {
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

inline constexpr std::size_t kNameBytes = 256;  // of a tool's name; vendors allow 64 to 128

// Every reader answers false after an error, which stays in `error`. JSON null leaves `out` as it was.
class Reader {
  public:
    std::optional<Error> error;

    bool fail(const Path& path, std::string message, Code code = Code::invalid_request);
    bool wrong_type(json::Value found, std::string_view expected, const Path& path);
    bool missing(const Path& path);

    bool string(json::Value value, const Path& path, std::string& out);
    bool string(json::Value value, const Path& path, std::optional<std::string>& out);
    bool boolean(json::Value value, const Path& path, bool& out);
    bool boolean(json::Value value, const Path& path, std::optional<bool>& out);
    bool integer(json::Value value, const Path& path, std::optional<std::int64_t>& out, IntRange range = {});
    bool integer(json::Value value, const Path& path, std::int64_t& out, IntRange range = {});
    bool real(json::Value value, const Path& path, std::optional<double>& out, double min, double max);
    // An object's text, as it came.
    bool object_text(json::Value value, const Path& path, std::string& out);
    // A string that must be there and not empty.
    bool name(json::Value value, const Path& path, std::string& out);
    bool object(json::Value value, const Path& path);  // must be there and an object
    // A function's, tool's or namespace's name: name(), at most kNameBytes.
    bool tool_name(json::Value value, const Path& path, std::string& out);
    // The model that is asked for, at most limits::kModelNameBytes.
    bool model(json::Value value, const Path& path, std::string& out);
    // The user's id. `safety_identifier` is OpenAI's newer name for it, and the one that counts.
    bool user(json::Value value, const Path& path, std::string_view key, std::string& out);
    // Stop sequences, at most limits::kStops, empty ones left out. `one`: a string may stand for a list of one.
    bool stops(json::Value value, const Path& path, bool one, std::vector<std::string>& out);
};

// "'a', 'b' and 'c'" for messages that list the allowed values.
[[nodiscard]] std::string listed(std::span<const std::string_view> values);

// Unknown members as raw fields. One from inside a nested object is kept as "object.key", one whose own key has a dot as
// ".key": so the first dot always ends the object's name.
void keep(std::vector<exchange::RawField>& extra, std::string_view within, const json::Member& member);
[[nodiscard]] std::string_view object_of(const exchange::RawField& field);  // "object", or empty
[[nodiscard]] std::string_view key_of(const exchange::RawField& field);     // "key"

// Keeps every member of `object` that is not among `known`.
void keep_unknown(std::vector<exchange::RawField>& extra, json::Value object, std::string_view within,
                  std::initializer_list<std::string_view> known);

}  // namespace hearth::wire

#include <fmt/format.h>

#include "engine/protocol/codec.h"
#include "engine/protocol/describe_event.h"
#include "text/json_require.h"

namespace hearth::engine {

namespace {

using namespace detail;

// Uses the same field lists; the first error stops decoding.
class Decoder {
  public:
    template <class T>
    void object(json::Value from, T& into, std::string_view path) {
        if (!from.is_object()) return wrong(from, "an object", path);
        static_assert(described_count<T>() == member_count<T>(), "a member is missing in describe.h");
        Fields<T> fields{*this, from, into, path};
        Describe<T>::fields(fields);
    }

    template <class... T>
    void variant(json::Value from, std::variant<T...>& into, std::string_view path) {
        if (!from.is_object()) return wrong(from, "an object", path);
        const auto type = json::require_string(from, "type", path);
        if (!type) return stop(type.error());
        const auto& names = VariantNames<std::variant<T...>>::names;
        std::size_t index = 0;
        const bool known =
            ((*type == names[index++] ? (object(from, into.template emplace<T>(), path), true) : false) ||
             ...);
        if (!known) wrong(from.get("type"), "a known type", json::join_path(path, "type"));
    }

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  private:
    template <class T>
    struct Fields {
        Decoder& decoder;
        json::Value from;
        T& into;
        std::string_view path;
        template <class M>
        void field(std::string_view name, M T::* member, std::size_t limit = kLists) {
            if (decoder.error_) return;
            const auto value = from.get(name);
            if (!value || value.is_null()) return;
            decoder.limit_ = limit;
            decoder.get(value, into.*member, json::join_path(path, name));
        }
    };

    void stop(Error error) {
        if (!error_) error_ = std::move(error);
    }
    void wrong(json::Value found, std::string_view expected, std::string_view path) {
        stop(json::wrong_type(found, expected, std::string(path)));
    }

    void get(json::Value from, bool& into, std::string_view path) {
        if (const auto value = from.as_bool())
            into = *value;
        else
            wrong(from, "a boolean", path);
    }
    void get(json::Value from, double& into, std::string_view path) {
        if (const auto value = from.as_double())
            into = *value;
        else
            wrong(from, "a number", path);
    }
    void get(json::Value from, float& into, std::string_view path) {
        if (const auto value = from.as_double())
            into = static_cast<float>(*value);
        else
            wrong(from, "a number", path);
    }
    void get(json::Value from, std::int64_t& into, std::string_view path) {
        if (const auto value = from.as_int())
            into = *value;
        else
            wrong(from, "an integer", path);
    }
    void get(json::Value from, std::uint64_t& into, std::string_view path) {
        if (const auto value = from.as_uint())
            into = *value;
        else
            wrong(from, "a positive integer", path);
    }
    void get(json::Value from, std::int32_t& into, std::string_view path) {
        const auto value = from.as_int();
        if (value && *value >= INT32_MIN && *value <= INT32_MAX)
            into = static_cast<std::int32_t>(*value);
        else
            wrong(from, "an integer of 32 bits", path);
    }
    void get(json::Value from, std::string& into, std::string_view path) {
        if (!from.is_string()) return wrong(from, "a string", path);
        const auto text = from.as_string();
        if (limit_ != kLists && text.size() > limit_)
            return wrong(from, fmt::format("at most {} bytes", limit_), path);
        into.assign(text);
    }
    void get(json::Value from, Dialect& into, std::string_view path) {
        const auto number = from.as_int().value_or(-1);
        if (number < 0 || number > std::numeric_limits<std::uint8_t>::max())
            return wrong(from, "a dialect's number", path);
        into = static_cast<Dialect>(number);
    }
    template <class E>
        requires std::is_enum_v<E>
    void get(json::Value from, E& into, std::string_view path) {
        const auto& names = EnumNames<E>::names;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (from.as_string() != names[i]) continue;
            into = static_cast<E>(i);
            return;
        }
        wrong(from, "a known name", path);
    }
    template <class T>
        requires std::is_class_v<T>
    void get(json::Value from, T& into, std::string_view path) {
        object(from, into, path);
    }
    template <class T>
    void get(json::Value from, std::optional<T>& into, std::string_view path) {
        get(from, into.emplace(), path);
    }
    template <class T>
    void get(json::Value from, std::vector<T>& into, std::string_view path) {
        if (!from.is_array()) return wrong(from, "an array", path);
        if (from.size() > limit_) return wrong(from, fmt::format("at most {} elements", limit_), path);
        limit_ = kLists;
        into.reserve(from.size());
        for (const auto element : from.elements()) {
            if (error_) return;
            get(element, into.emplace_back(), json::index_path(path, into.size() - 1));
        }
    }
    template <class A, class B>
    void get(json::Value from, std::pair<A, B>& into, std::string_view path) {
        if (!from.is_array() || from.size() != 2) return wrong(from, "a pair", path);
        get(from.at(0), into.first, path);
        get(from.at(1), into.second, path);
    }
    void get(json::Value from, std::variant<std::string, TokenIds>& into, std::string_view path) {
        if (from.is_string()) return get(from, into.emplace<std::string>(), path);
        get(from, into.emplace<TokenIds>(), path);
    }
    template <class... T>
    void get(json::Value from, std::variant<T...>& into, std::string_view path) {
        variant(from, into, path);
    }

    std::optional<Error> error_;
    std::size_t limit_ = kLists;  // of the field being read
};

template <class Message>
Result<Message> decode_message(std::string_view text) {
    if (text.size() > limits::kEngineFrameBytes)
        return fail(Code::too_large, fmt::format("A message of {} bytes is over the limit of {}.",
                                                 text.size(), limits::kEngineFrameBytes));
    json::Document document;
    // A message of token ids may hold more numbers than a client's request: the frame limits them already.
    json::Limits bounds;
    bounds.nodes = limits::kEngineFrameBytes / 2;
    const auto root = document.parse(text, bounds);
    if (!root) return fail(root.error());
    Message message;
    Decoder decoder;
    decoder.variant(*root, message, {});
    if (decoder.error()) return fail(*decoder.error());
    return message;
}

}  // namespace

Result<ToWorker> decode_to_worker(std::string_view json) {
    return decode_message<ToWorker>(json);
}
Result<ToGateway> decode_to_gateway(std::string_view json) {
    return decode_message<ToGateway>(json);
}

std::optional<RequestId> id_of_refused(std::string_view text) {
    json::Document document;
    const auto root = document.parse(text);
    if (!root) return std::nullopt;
    const auto type = (*root)["type"].as_string();
    return type == "submit" || type == "count" || type == "text_query" ? (*root)["id"].as_uint()
                                                                       : std::nullopt;
}

}  // namespace hearth::engine

#include <fmt/format.h>

#include <cmath>

#include "engine/protocol/codec.h"
#include "engine/protocol/describe_event.h"
#include "text/json_writer.h"

namespace hearth::engine {

namespace {

using namespace detail;

class Encoder {
  public:
    explicit Encoder(std::string& out) : writer_(out) {}

    template <class T>
    void object(const T& value, std::string_view type = {}) {
        writer_.begin_object();
        if (!type.empty()) writer_.member("type", type);
        members(value);
        writer_.end_object();
    }

  private:
    // Compares each field of Describe<T> with that of a default value, and omits equal ones.
    template <class T>
    struct Fields {
        Encoder& encoder;
        const T& value;
        T standard{};
        template <class M>
        void field(std::string_view name, M T::* member, std::size_t = 0) {
            if (encoder.same(value.*member, standard.*member)) return;
            encoder.writer_.key(name);
            encoder.put(value.*member);
        }
    };
    template <class T>
    void members(const T& value) {
        static_assert(described_count<T>() == member_count<T>(), "a member is missing in describe.h");
        Fields<T> fields{*this, value};
        Describe<T>::fields(fields);
    }

    template <class T>
    static bool same(const T& a, const T& b) {
        if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string>)
            return a == b;
        return false;
    }
    template <class T>
    static bool same(const std::vector<T>& a, const std::vector<T>&) {
        return a.empty();
    }
    template <class T>
    static bool same(const std::optional<T>& a, const std::optional<T>&) {
        return !a;
    }

    void put(bool value) { writer_.boolean(value); }
    void put(double value) { writer_.real(value); }
    void put(std::int32_t value) { writer_.integer(value); }
    void put(std::int64_t value) { writer_.integer(value); }
    void put(std::uint64_t value) { writer_.unsigned_integer(value); }
    void put(const std::string& value) { writer_.string(value); }
    void put(float value) {  // shortest text of a float, not of the double it widens to: half the size
        if (std::isfinite(value)) {
            writer_.raw(fmt::format("{}", value));
        } else {
            writer_.null();
        }
    }
    void put(Dialect value) { writer_.integer(static_cast<std::int64_t>(value)); }
    template <class E>
        requires std::is_enum_v<E>
    void put(E value) {
        writer_.string(EnumNames<E>::names.at(static_cast<std::size_t>(value)));
    }
    template <class T>
        requires std::is_class_v<T>
    void put(const T& value) {
        object(value);
    }
    template <class T>
    void put(const std::optional<T>& value) {
        put(*value);
    }
    template <class T>
    void put(const std::vector<T>& list) {
        writer_.begin_array();
        for (const auto& element : list) put(element);
        writer_.end_array();
    }
    template <class A, class B>
    void put(const std::pair<A, B>& pair) {
        writer_.begin_array();
        put(pair.first);
        put(pair.second);
        writer_.end_array();
    }
    void put(const std::variant<std::string, TokenIds>& input) {
        std::visit([this](const auto& value) { put(value); }, input);
    }
    template <class... T>
    void put(const std::variant<T...>& value) {
        static_assert(VariantNames<std::variant<T...>>::names.size() == sizeof...(T));
        const auto type = VariantNames<std::variant<T...>>::names[value.index()];
        std::visit([&](const auto& inner) { object(inner, type); }, value);
    }

    json::Writer writer_;
};

template <class Message>
std::string encode_message(const Message& message) {
    std::string out;
    Encoder encoder(out);
    const auto type = VariantNames<Message>::names[message.index()];
    std::visit([&](const auto& inner) { encoder.object(inner, type); }, message);
    return out;
}

}  // namespace

std::string encode(const ToWorker& message) {
    return encode_message(message);
}
std::string encode(const ToGateway& message) {
    return encode_message(message);
}

}  // namespace hearth::engine

#pragma once
// A secret is a type of its own: it cannot be printed or compared by accident, and its memory is wiped on destruction.
#include <fmt/format.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            value_ = std::move(other.value_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    [[nodiscard]] bool empty() const { return value_.empty(); }
    [[nodiscard]] std::string_view reveal() const {
        return value_;
    }  // only where it is sent or stored as intended

  private:
    void wipe() {
        explicit_bzero(value_.data(), value_.size());
        value_.clear();
    }
    std::string value_;
};

}  // namespace hearth

// Formatting a secret compiles (structs that hold one can be logged) and reveals nothing, not even the length.
template <>
struct fmt::formatter<hearth::Secret> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(const hearth::Secret&, Context& context) const {
        return fmt::formatter<std::string_view>::format("<secret>", context);
    }
};

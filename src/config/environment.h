#pragma once
// The process environment as an argument, so that tests and the simulated road choose what is in it.
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hearth::config {

class Environment {
  public:
    Environment() = default;  // empty
    explicit Environment(std::map<std::string, std::string, std::less<>> values)
        : values_(std::move(values)) {}
    [[nodiscard]] static Environment of_process();  // a copy of environ; later setenv is not seen

    // A variable that is set but empty counts as not set, as shells and the providers' SDKs treat it.
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& all() const { return values_; }

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace hearth::config

#pragma once
// A dialect's column of the feature tables (features.h, answer_features.h). Each dialect writes its own in its folder, and
// the compiler checks that every feature stands in it exactly once.
//
//   constexpr auto kRequests = RequestColumn::Builder{}
//                                  .native({Feature::text, ...})
//                                  .mapped({{Feature::image_url, "as file data"}, ...})
//                                  ...
//                                  .build();
#include <array>
#include <initializer_list>
#include <string_view>

#include "wire/translate/answer_features.h"
#include "wire/translate/features.h"

namespace hearth::wire {

struct Cell {
    Support support = Support::rejected;
    std::string_view how;  // how it is mapped, where that is not what the feature's row says
};

template <class FeatureName, std::size_t Count>
class Column {
  public:
    [[nodiscard]] constexpr const Cell& operator[](FeatureName feature) const {
        return cells_[static_cast<std::size_t>(feature)];
    }
    // Requests only: whether a client of this dialect can send it.
    [[nodiscard]] constexpr bool can_send(FeatureName feature) const {
        return sends_[static_cast<std::size_t>(feature)];
    }

    struct Entry {
        constexpr Entry(FeatureName name, std::string_view mapped_how = {})  // NOLINT: written as a list
            : feature(name), how(mapped_how) {}
        FeatureName feature;
        std::string_view how;
    };
    class Builder {
      public:
        using Entries = std::initializer_list<Entry>;
        consteval Builder& native(Entries entries) { return set(Support::native, entries); }
        consteval Builder& mapped(Entries entries) { return set(Support::mapped, entries); }
        consteval Builder& dropped(Entries entries) { return set(Support::dropped, entries); }
        consteval Builder& rejected(Entries entries) { return set(Support::rejected, entries); }
        consteval Builder& clients_send(std::initializer_list<FeatureName> features) {
            for (const auto feature : features) column_.sends_[static_cast<std::size_t>(feature)] = true;
            return *this;
        }
        consteval Column build() const {
            for (const bool there : set_) {
                if (!there) feature_is_missing();
            }
            return column_;
        }

      private:
        // Not constexpr and never defined: calling one of them is the compiler's error.
        static void feature_is_missing();
        static void feature_stands_twice();

        consteval Builder& set(Support support, Entries entries) {
            for (const auto& entry : entries) {
                const auto at = static_cast<std::size_t>(entry.feature);
                if (set_[at]) feature_stands_twice();
                set_[at] = true;
                column_.cells_[at] = {support, entry.how};
            }
            return *this;
        }
        Column column_;
        std::array<bool, Count> set_{};
    };

  private:
    std::array<Cell, Count> cells_{};
    std::array<bool, Count> sends_{};
};

using RequestColumn = Column<Feature, kFeatures>;
using AnswerColumn = Column<AnswerFeature, kAnswerFeatures>;

}  // namespace hearth::wire

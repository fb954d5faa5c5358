#pragma once
// Inside this folder: most events of a stream are the same bytes but for one or two strings (the text, OpenAI's
// obfuscation padding). An event that equals one parsed before in every byte outside those strings, and holds in their
// places bytes that are a JSON string's as they stand (no quote, no backslash, no control character), has the same
// structure and the same keys: what was read from the first holds for it, and it need not be parsed.
#include <array>
#include <string>
#include <string_view>

#include "text/json.h"

namespace hearth::wire::openai {

class Skeleton {
  public:
    // Remembers `data`, parsed, whose `first` and (if any) `second` strings may differ in others like it.
    void learn(std::string_view data, json::Value first, json::Value second);
    [[nodiscard]] bool matches(std::string_view data) const;

  private:
    std::array<std::string, 3>
        fixed_;                // up to the first string's opening quote; from its closing quote on; …
    std::size_t strings_ = 0;  // 0: nothing learnt
};

}  // namespace hearth::wire::openai

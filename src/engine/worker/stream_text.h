#pragma once
// Output text of the sampler: whole characters only, and nothing that may still become a stop string.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/utf8.h"

namespace hearth::engine {

class StreamText {
  public:
    // Empty stop strings are ignored. Without stops, text is returned as soon as its characters are complete.
    explicit StreamText(std::vector<std::string> stops = {});

    // Adds one token's bytes and returns the text that may be sent now. Nothing after a stop string.
    std::string feed(std::string_view piece);
    // The end without a stop string: returns all held text; an incomplete character becomes U+FFFD.
    std::string finish();

    [[nodiscard]] bool stopped() const { return stopped_; }
    // Bytes of whole characters received and returned: a token fed at `taken()` has been sent once `shown()` reaches it.
    [[nodiscard]] std::size_t taken() const { return shown_ + pending_.size(); }
    [[nodiscard]] std::size_t shown() const { return shown_; }

  private:
    std::string release(std::size_t bytes);

    std::vector<std::string> stops_;
    text::Utf8Completer characters_;
    std::string pending_;  // whole characters not yet returned
    std::size_t shown_ = 0;
    bool stopped_ = false;
};

}  // namespace hearth::engine

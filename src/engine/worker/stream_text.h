#pragma once
// Text on its way out of the sampler: whole characters only, and nothing that may still turn into a stop string.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/utf8.h"

namespace hearth::engine {

class StreamText {
  public:
    // Empty stop strings are ignored. No stops: text passes as soon as its characters are whole.
    explicit StreamText(std::vector<std::string> stops = {});

    // Adds one token's bytes and returns the text that may be shown now. After a stop string nothing more comes.
    std::string feed(std::string_view piece);
    // The end without a stop string: everything held comes out; a cut character becomes U+FFFD.
    std::string finish();

    [[nodiscard]] bool stopped() const { return stopped_; }
    // Bytes of whole characters taken in, and let out: a token fed at `taken()` has been shown once `shown()` is there.
    [[nodiscard]] std::size_t taken() const { return shown_ + pending_.size(); }
    [[nodiscard]] std::size_t shown() const { return shown_; }

  private:
    std::string release(std::size_t bytes);

    std::vector<std::string> stops_;
    text::Utf8Completer characters_;
    std::string pending_;  // whole characters not yet shown
    std::size_t shown_ = 0;
    bool stopped_ = false;
};

}  // namespace hearth::engine

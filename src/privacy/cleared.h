#pragma once
// What may leave this machine, as a type: a permit and exactly the bytes that were inspected under it. Only Gate makes
// one, and client::Sender::send takes nothing else, so a body that was changed after it was inspected cannot be sent.
#include <cassert>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/fnv1a.h"
#include "privacy/permit.h"

namespace hearth::privacy {

class Cleared {
  public:
    Cleared(Cleared&&) = default;
    Cleared& operator=(Cleared&&) = default;
    Cleared(const Cleared&) = delete;
    Cleared& operator=(const Cleared&) = delete;

    [[nodiscard]] const Permit& permit() const { return permit_; }
    // In pieces, sent as they lie; empty for a request without a body. Views: the bytes must stay where they are and as
    // they are until they have been sent.
    [[nodiscard]] std::span<const std::string_view> body() const { return body_; }
    // Whether the bytes are still those that were inspected. Checked builds (tests, fuzzing) compare a hash; others say
    // true, because hashing every body would cost more than the rest of the request.
    [[nodiscard]] bool unchanged() const { return fingerprint_ == fingerprint(body_); }

  private:
    friend class Gate;
    friend class PermitForTest;
    Cleared(Permit permit, std::span<const std::string_view> body)
        : permit_(std::move(permit)), body_(body), fingerprint_(fingerprint(body)) {}

    static std::uint64_t fingerprint([[maybe_unused]] std::span<const std::string_view> body) {
#ifdef HEARTH_CHECKED
        auto hash = fnv1a({});
        for (const auto piece : body) hash = fnv1a(piece, hash);
        return hash;
#else
        return 0;
#endif
    }

    Permit permit_;
    std::span<const std::string_view> body_;
    std::uint64_t fingerprint_ = 0;
};

}  // namespace hearth::privacy

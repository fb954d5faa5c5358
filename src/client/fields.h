#pragma once
// Header fields that many requests to one destination have in common: checked and encoded once.
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "http/head.h"

namespace hearth::client {

class CommonFields {
  public:
    CommonFields() = default;
    // Fields that Request::headers would not send (hop-by-hop, host, content-length) are left out. Error: Code::internal
    // when one may not go onto the wire.
    [[nodiscard]] static Result<CommonFields> encode(const http::HeaderList& fields);

    [[nodiscard]] std::string_view lines() const { return lines_.reveal(); }
    [[nodiscard]] bool credentials() const { return credentials_; }  // a key is among them

  private:
    Secret lines_;
    bool credentials_ = false;
};

// Fields that carry a key, of the providers that Hearth speaks to: Authorization (OpenAI and most others), x-api-key
// (Anthropic), x-goog-api-key (Gemini), api-key (Azure).
[[nodiscard]] bool has_credentials(const http::HeaderList& headers);

// Fields of one hop and of framing, which the client writes itself.
[[nodiscard]] bool written_by_client(std::string_view name);

}  // namespace hearth::client

#pragma once
// Header fields that many requests to one destination have in common: checked and encoded once.
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "http/head.h"

namespace hearth::http {
class HeadWriter;
}

namespace hearth::client {

class CommonFields {
  public:
    CommonFields() = default;
    // As write_fields(). Error: Code::internal when one is not allowed in a message.
    [[nodiscard]] static Result<CommonFields> encode(const http::HeaderList& fields);

    [[nodiscard]] std::string_view lines() const { return lines_.reveal(); }
    [[nodiscard]] bool credentials() const { return credentials_; }  // contains credentials

  private:
    Secret lines_;
    bool credentials_ = false;
};

// Fields that carry a key, of the supported providers: Authorization (OpenAI and most others), x-api-key
// (Anthropic), x-goog-api-key (Gemini), api-key (Azure).
[[nodiscard]] bool has_credentials(const http::HeaderList& headers);

// All fields except hop-by-hop and framing fields, which the client writes itself.
void write_fields(http::HeadWriter& writer, const http::HeaderList& fields);

}  // namespace hearth::client

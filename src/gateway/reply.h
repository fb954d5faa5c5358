#pragma once
// Answers that are not a model's: errors in the caller's dialect and small JSON documents, with the headers every answer has.
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "server/exchange.h"
#include "wire/dialect.h"

namespace hearth::gateway {

struct Services;

[[nodiscard]] Task<void> reply_error(Services& services, server::Exchange& exchange,
                                     const wire::ClientCodec& dialect, Error error);
// In OpenAI's shape: Hearth's own API.
[[nodiscard]] Task<void> reply_error(Services& services, server::Exchange& exchange, Error error);
[[nodiscard]] Task<void> reply_json(Services& services, server::Exchange& exchange, int status,
                                    std::string body);
[[nodiscard]] Task<void> reply_text(Services& services, server::Exchange& exchange, int status,
                                    std::string body, std::string content_type);

}  // namespace hearth::gateway

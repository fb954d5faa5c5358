#pragma once
// Answers that are not a model's: errors in OpenAI's shape and small JSON documents, with the headers every answer has.
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "server/exchange.h"

namespace hearth::pipeline {

struct Services;

[[nodiscard]] int reply_status(const Error& error);
[[nodiscard]] Task<void> reply_error(Services& services, server::Exchange& exchange, Error error);
[[nodiscard]] Task<void> reply_json(Services& services, server::Exchange& exchange, int status,
                                    std::string body);
[[nodiscard]] Task<void> reply_text(Services& services, server::Exchange& exchange, int status,
                                    std::string body, std::string content_type);

}  // namespace hearth::pipeline

#pragma once
// The Anthropic Messages dialect, both sides: POST /v1/messages and /v1/messages/count_tokens. Facts: Anthropic API
// reference, platform.claude.com/docs/en/api/messages, .../messages-streaming and .../errors.
#include "wire/dialect.h"

namespace hearth::wire::anthropic {

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::anthropic

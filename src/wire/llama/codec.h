#pragma once
// llama-server's own endpoints, client and upstream codec (wire/dialect.h): "completion" and "infill". Its other endpoints are
// OpenAI's dialect.
#include "wire/dialect.h"

namespace hearth::wire::llama {

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::llama

#pragma once
// The codecs of each dialect. Null: Hearth does not speak it on that side.
#include "wire/dialect.h"

namespace hearth::wire {

[[nodiscard]] const ClientCodec* client_codec(exchange::Dialect dialect);
[[nodiscard]] const UpstreamCodec* upstream_codec(exchange::Dialect dialect);

}  // namespace hearth::wire

#pragma once
// The codecs of each dialect. Null: Hearth does not speak it on that side. `form`: a provider's own way of the same dialect
// (wire/anthropic/vertex.h); empty: none.
#include "wire/dialect.h"

namespace hearth::wire {

[[nodiscard]] const ClientCodec* client_codec(exchange::Dialect dialect);
[[nodiscard]] const UpstreamCodec* upstream_codec(exchange::Dialect dialect, std::string_view form = {});

}  // namespace hearth::wire

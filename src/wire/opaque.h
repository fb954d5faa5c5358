#pragma once
// Opaque state on its way through clients. A client keeps signatures and encrypted reasoning and sends them back without
// knowing which provider made them; therefore what one provider made is marked with its name before it goes to a client of another
// dialect: "hearth:1:PROVIDER:DATA". What bears no mark was made by a server of the client's own dialect.
#include <string>
#include <string_view>

#include "exchange/request.h"

namespace hearth::wire {

// Marked. `origin` is a provider's id; data may be empty (the engine's thinking has none, and its mark still names it).
[[nodiscard]] std::string seal(std::string_view origin, std::string_view data);
[[nodiscard]] exchange::Opaque unseal(std::string_view text);
[[nodiscard]] bool is_sealed(std::string_view text);

// Whether it may go to that provider: its own, or unmarked and the request came in the upstream's dialect.
[[nodiscard]] bool may_carry(const exchange::Opaque& opaque, std::string_view provider,
                             exchange::Dialect request, exchange::Dialect upstream);

}  // namespace hearth::wire

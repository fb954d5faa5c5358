#pragma once
#include "exchange/request.h"

namespace hearth::wire::engine {

// What the engine needs so that a prompt's beginning stays the same from turn to turn.
void prepare_prompt(exchange::Chat& chat);

}  // namespace hearth::wire::engine

#pragma once
// The mappings of the feature table as code of their own: the request expected after a translation, so that what arrives
// can be compared with it. Written from the table, not from translate.cpp.
#include "exchange/request.h"
#include "wire/translate/translate.h"

namespace wire_test {

[[nodiscard]] hearth::exchange::Request as_mapped(hearth::exchange::Request request,
                                                  const hearth::wire::Target& target);
// A strict schema with optional properties, on its way from another vendor to OpenAI.
[[nodiscard]] bool loses_strictness(const hearth::exchange::Request& request,
                                    const hearth::wire::Target& target);
// A call is forced of a tool that runs at another vendor: no other provider can do that, and translate_request() rejects it.
[[nodiscard]] bool forces_lost_tool(const hearth::exchange::Request& request);

}  // namespace wire_test

#pragma once
// echo-json, a small dialect that exists for this test alone. One endpoint, POST /echo/ask:
//   {"model":"m","stream":true,"limit":50,"talk":[{"who":"user","text":"hi"}],"tools":[{"name","about","schema":{}}]}
//   "who" is system, user, assistant (may have "calls":[{"id","name","arguments":"..."}]) or tool (has "call", the id).
// A whole answer:
//   {"id":"i","model":"m","text":"hello","calls":[...],"end":"stop","tokens":{"in":1,"out":2}}
// A stream is lines of JSON, in this order: {"id","model"}, then {"text"} and {"call":{"at",...}} as they come, then
// {"end","tokens"}; {"error":"..."} at any point.
#include "wire/dialect.h"

namespace hearth::wire::echo {

inline constexpr exchange::Dialect kEcho{7};  // the index of its line in dialects.cpp

[[nodiscard]] const ClientCodec& client_codec();
[[nodiscard]] const UpstreamCodec& upstream_codec();
extern const DialectRow kDialect;

}  // namespace hearth::wire::echo

#pragma once
// Entries as JSON, for GET /hearth/v1/ledger and `hearth ledger --json`.
//
//   {"entries":[{"id":7,"time":"2026-11-22T15:00:28.123Z","request_id":"req_…","status":"ok","http_status":200,
//     "error":null,"client":"curl","key":null,"project":"default","dialect":"openai","kind":"chat","stream":true,
//     "requested_model":"auto","model":"gpt-5.5","provider":"openai","place":"cloud","region":null,"reason":"…",
//     "served_model":null,"finish":"stop","input_tokens":12,"output_tokens":3,"cached_input_tokens":null,
//     "cache_write_tokens":null,"reasoning_tokens":null,"estimated_input_tokens":11,"cost_nano_usd":150000,
//     "last_attempt":{"input_tokens":12,"output_tokens":3,…,"cost_nano_usd":150000},
//     "warnings":["seed: a seed not sent to anthropic"],
//     "timings":{"queue_ms":0.1,"first_token_ms":210.3,"total_ms":412.9},
//     "attempts":[{"provider":"…","model":"…","place":"cloud","reason":"…","time":"…","duration_ms":31.2,
//                  "error":"rate_limited","http_status":429,"input_tokens":null,…,"cost_nano_usd":0,
//                  "warnings":[]}]}]}
//
// Tokens and cost of an entry are those of all its attempts together. "attempts" has each candidate that failed
// or was rejected with its own share; "last_attempt" has the share of the last one, which gave the answer.
// Unknown is null, also for empty strings; a running entry has http_status null.
#include <span>
#include <string>

#include "ledger/entry.h"

namespace hearth::ledger {

void append_json(std::string& out, const Entry& entry);
[[nodiscard]] std::string entries_json(std::span<const Entry> entries);

}  // namespace hearth::ledger

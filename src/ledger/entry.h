#pragma once
// What the ledger knows of one request: who asked, what for, where it went and why, what it used, cost and
// took, and how it ended. Never content: no text, no tool arguments, no error bodies.
//
// One request is one entry: an Intent, committed before the first byte leaves; an Attempt for each candidate
// that was asked and replaced by the next; a Settlement, committed before the client's last byte.
//
// The bill of a request is the sum of its attempts and its settlement: an answer that was paid for and then
// rejected costs money although the client never saw it.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "base/place.h"
#include "base/time.h"
#include "exchange/event.h"
#include "exchange/request.h"

namespace hearth::ledger {

using EntryId = std::int64_t;  // 1, 2, 3 … in the order of begin(); 0 = none
using std::chrono::microseconds;

// Where a request goes, and why there.
struct Route {
    std::string provider;  // registry id; own engine: "engine"
    std::string model;     // as the provider names it
    Place place = Place::cloud;
    std::string region;  // where the provider computes, if known; else empty
    std::string reason;  // a sentence of the router: "first local model that can use tools"
};

struct Intent {
    std::string request_id;  // the one in x-hearth-request-id
    Wall time{};
    std::string client;   // user agent family: "openai-node", "curl", "aider"
    std::string key;      // id of the key that authenticated, never the key; empty on loopback without one
    std::string project;  // "default" when the key names none
    std::string dialect, kind;    // wire::dialect_name(), exchange::kind_name()
    std::string requested_model;  // as the client wrote it
    bool stream = false;
    Route to;
    std::optional<std::int64_t> estimated_input_tokens;
};

// A candidate that failed, or whose answer was rejected, before anything was promised to the client.
struct Attempt {
    Route to;
    Wall started{};
    microseconds duration{0};
    Code code = Code::internal;
    int http_status = 0;                // the upstream's own; 0 when it sent none
    exchange::Usage usage;              // as reported before it failed; absent = unknown
    std::optional<NanoUsd> cost;        // absent = unknown, 0 = nothing was billed
    std::vector<std::string> warnings;  // as in Settlement
};

// What an attempt cost that reported no usage: 0 if it ran on the owner's machines, never reached the
// provider, or was answered with an error status; else unknown (a provider may bill a request that timed out).
[[nodiscard]] std::optional<NanoUsd> cost_without_usage(Place place, Code code, int http_status);

enum class Status : std::uint8_t {
    running,      // not settled yet (only read, never written)
    ok,           // the client got a whole answer
    error,        // nobody could answer, or the stream broke
    cancelled,    // the client went away
    refused,      // policy, budget or validation said no: nothing was sent
    interrupted,  // the process died before it could settle; written at the next start
};
[[nodiscard]] std::string_view status_name(Status status);
[[nodiscard]] std::optional<Status> status_from(std::string_view name);

struct Settlement {
    EntryId id = 0;
    Status status = Status::ok;
    int http_status = 200;                    // as sent to the client
    std::string error;                        // code_name() of what failed; empty when ok
    exchange::Usage usage;                    // of the last candidate asked; absent = unknown
    std::optional<NanoUsd> cost;              // of the last candidate asked; absent = unknown
    std::optional<microseconds> queue;        // waited for a slot or a connection
    std::optional<microseconds> first_token;  // from the whole request to the first content
    std::optional<microseconds> total;        // from the whole request to settling
    std::string finish;                       // "stop" | "length" | "tool_calls" | "content_filter" | ""
    std::string served_model;  // what the upstream said it is, when that differs from Route::model
    // What was left out or said in another way between two dialects, "code: sentence", in one line each.
    std::vector<std::string> warnings;
};

// Warnings as a store keeps them: without empty ones, and each in one line, since it may name a client's own field.
[[nodiscard]] std::vector<std::string> as_lines(std::vector<std::string> warnings);

// As read back. settlement.status is running when there is none.
struct Entry {
    EntryId id = 0;
    Intent intent;  // intent.to: the last candidate asked
    std::vector<Attempt> attempts;
    Settlement settlement;

    // Attempts and settlement together; absent when the cost of one of them is unknown.
    [[nodiscard]] std::optional<NanoUsd> total_cost() const;
    // Likewise. An attempt that reported nothing and was not billed counts as no tokens. Cached, written and
    // reasoning tokens are parts of the others: where they were not reported there were none.
    [[nodiscard]] exchange::Usage total_usage() const;
};

}  // namespace hearth::ledger

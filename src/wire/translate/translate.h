#pragma once
// A request translated from one dialect to another: what the target does not support is rejected here, before anything is
// sent, or removed with a warning; nothing is dropped in silence. The rules are the target's column (support.h).
//
// After translate_request() the encoder of the target finds only what it supports:
//   - no hosted tools, no Foreign parts, no unknown fields (`extra` is empty everywhere);
//   - deferred tools that have been named stand at the end of the tools, the others are gone; no ToolReference parts;
//   - custom tools and their calls only for dialects that have them (openai, responses), else functions of one string
//     {"input": "..."}; Restore turns their calls back;
//   - opaque state only if the provider made it itself (opaque.h); Reasoning parts that are left without any are gone,
//     but for targets that take plain thinking back;
//   - every tool turn answers a call of an earlier assistant turn, and ids are unique.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exchange/event.h"
#include "exchange/request.h"

namespace hearth::wire {

struct Translated {
    exchange::Request request;
    std::vector<std::string> warnings;  // "code: sentence", for the ledger and a response header
};
struct Target {
    exchange::Dialect dialect;
    std::string_view provider;       // its id; "engine" for our own
    bool reasoning_content = false;  // openai: takes earlier thinking back
    bool without_opaque = false;     // as in UpstreamNeeds
};
// Errors: invalid_request or unsupported, with a message for the client.
[[nodiscard]] Result<Translated> translate_request(const exchange::Request& request, const Target& target);

// Turns answers back: calls of functions that stand for the client's custom tools become custom calls again, their
// one-string arguments unpacked as they stream in.
class Restore {
  public:
    explicit Restore(const exchange::Request& original);
    // Appends `event`, changed where it must be.
    void apply(exchange::Event event, std::vector<exchange::Event>& out);

  private:
    struct Open {
        std::int32_t choice = 0, call = 0;
        std::string arguments;  // as far as they have come
        std::size_t sent = 0;   // bytes of the unpacked input that went on
        bool ended = false;
    };
    void unpack(Open& open, const exchange::ToolCallDelta& delta, std::vector<exchange::Event>& out);
    std::vector<std::string> custom_;  // names
    std::vector<Open> open_;
};

}  // namespace hearth::wire

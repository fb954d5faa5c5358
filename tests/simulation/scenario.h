#pragma once
// One request in the simulation: who asks in which dialect, the upstreams that are its candidates, and what each of them
// does. Made from a seed and a number alone, so that a failing scenario can be run again.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/request.h"
#include "random.h"

namespace hearth::simulation {

enum class Fault : std::uint8_t {
    none,
    slow,                // answers, but with pauses that are longer than the heartbeat's interval
    refused_connection,  // no connection
    silent,              // takes the request and sends nothing: a deadline passes
    status_500,
    status_429,
    status_400,
    status_401,
    wrong_type,          // 200 with a web page
    garbage,             // 200 with a body that is no answer
    cut_early,           // the connection breaks before any content
    cut_late,            // and after some content
    error_event,         // the answer turns into an error, after content where it is streamed
    rejected,            // a whole answer that the verifier rejects
    client_leaves,       // before any content
    client_leaves_late,  // after some content
    ledger_refuses,      // the row before this attempt cannot be written
    settlement_refused,  // the settlement cannot be written
};
inline constexpr int kFaults = 18;
[[nodiscard]] std::string_view fault_name(Fault fault);

// The upstreams, by the dialect in which they are asked by clients of another dialect.
struct Upstream {
    std::string_view provider;
    exchange::Dialect dialect;
};
inline constexpr std::array<Upstream, 6> kUpstreams = {{{"mistral", exchange::Dialect::openai},
                                                        {"perplexity", exchange::Dialect::responses},
                                                        {"anthropic", exchange::Dialect::anthropic},
                                                        {"google", exchange::Dialect::gemini},
                                                        {"native", exchange::Dialect::ollama},
                                                        {"engine", exchange::Dialect::engine}}};
inline constexpr std::array<exchange::Dialect, 5> kClients = {
    exchange::Dialect::openai, exchange::Dialect::responses, exchange::Dialect::anthropic,
    exchange::Dialect::gemini, exchange::Dialect::ollama};
inline constexpr int kNetworkUpstreams = 5;  // the first ones

struct Act {
    int upstream = 0;  // in kUpstreams
    Fault fault = Fault::none;
    std::vector<std::string> text;  // pieces of the answer, each unlike all others of the scenario
    std::int64_t input_tokens = 0, output_tokens = 0;
};

struct Scenario {
    std::uint64_t seed = 0;
    std::uint64_t number = 0;
    exchange::Dialect client = exchange::Dialect::openai;
    bool stream = false;
    bool custom_tool = false;  // the client offers one: its calls must be restored
    bool replacing = false;    // a filter replaces a word of the answer
    bool verifying = false;    // a verifier holds every answer
    bool browser = false;      // it sends an Origin
    std::vector<Act> acts;     // candidates in order

    [[nodiscard]] std::string model() const;  // whose fallbacks are the candidates
    [[nodiscard]] std::string body() const;   // as the client's dialect has it
};

// `number` walks through all pairs of dialects and all faults, so that each occurs equally often; everything else is drawn.
[[nodiscard]] Scenario make_scenario(std::uint64_t seed, std::uint64_t number);

inline constexpr std::string_view kWord = "PLACEHOLDER";  // what the replacing filter replaces
inline constexpr std::string_view kReplacement = "original";
inline constexpr std::string_view kRejectedMark = "UNFIT";  // what the verifier rejects

}  // namespace hearth::simulation

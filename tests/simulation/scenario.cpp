#include "scenario.h"

#include <fmt/format.h>

#include <algorithm>

namespace hearth::simulation {

using exchange::Dialect;

std::string_view fault_name(Fault fault) {
    static constexpr std::string_view kNames[] = {"none",
                                                  "slow",
                                                  "refused connection",
                                                  "silent",
                                                  "status 500",
                                                  "status 429",
                                                  "status 400",
                                                  "status 401",
                                                  "wrong type",
                                                  "garbage",
                                                  "cut early",
                                                  "cut late",
                                                  "error event",
                                                  "rejected",
                                                  "client leaves",
                                                  "client leaves late",
                                                  "ledger refuses",
                                                  "settlement refused"};
    static_assert(std::size(kNames) == kFaults);
    return kNames[static_cast<std::size_t>(fault)];
}

std::string Scenario::model() const {
    std::string name = "chain-";
    for (const auto& act : acts) name += static_cast<char>('0' + act.upstream);
    return name;
}

std::string Scenario::body() const {
    const auto name = model();
    const auto flag = stream ? "true" : "false";
    const std::string_view tool =
        custom_tool ? R"(,"tools":[{"type":"custom","custom":{"name":"patch","description":"x"}}])" : "";
    const std::string_view tool_of_responses =
        custom_tool ? R"(,"tools":[{"type":"custom","name":"patch","description":"x"}])" : "";
    switch (client) {
        case Dialect::openai:
            return fmt::format(
                R"({{"model":"{}","stream":{},"messages":[{{"role":"user","content":"Question {} \u00e9"}}]{}}})",
                name, flag, number, tool);
        case Dialect::responses:
            return fmt::format(R"({{"model":"{}","stream":{},"store":false,"input":"Question {}"{}}})", name,
                               flag, number, tool_of_responses);
        case Dialect::anthropic:
            return fmt::format(
                R"({{"model":"{}","max_tokens":100,"stream":{},"messages":[{{"role":"user","content":"Question {}"}}]}})",
                name, flag, number);
        case Dialect::gemini:
            return fmt::format(R"({{"contents":[{{"role":"user","parts":[{{"text":"Question {}"}}]}}]}})",
                               number);
        case Dialect::ollama:
            return fmt::format(
                R"({{"model":"{}","stream":{},"messages":[{{"role":"user","content":"Question {}"}}]}})",
                name, flag, number);
        default:
            return {};
    }
}

namespace {

std::vector<std::string> some_text(Rng& rng, std::uint64_t number, std::size_t act, const Scenario& scenario,
                                   Fault fault) {
    std::vector<std::string> pieces;
    const int count = 2 + rng.below(4);
    for (int i = 0; i < count; ++i) pieces.push_back(fmt::format("[{}.{}.{}]", number, act, i));
    if (rng.chance(30)) pieces.push_back("caf\u00e9 \u4e16\u754c \"quoted\"\n");
    if (scenario.replacing) {
        // In one piece, or cut between two.
        const auto cut = static_cast<std::size_t>(rng.below(static_cast<int>(kWord.size())));
        pieces.emplace_back(kWord.substr(0, cut));
        pieces.emplace_back(kWord.substr(cut));
        if (rng.chance(50)) pieces.emplace_back("PLACE");  // looks like the beginning of one
        std::erase_if(pieces, [](const auto& piece) { return piece.empty(); });
    }
    if (fault == Fault::rejected) pieces.emplace_back(kRejectedMark);
    return pieces;
}

// Those after which the next candidate is asked, and those with which a request ends.
constexpr Fault kPassing[] = {
    Fault::refused_connection, Fault::silent,  Fault::status_500, Fault::status_429, Fault::status_401,
    Fault::wrong_type,         Fault::garbage, Fault::cut_early,  Fault::rejected,   Fault::ledger_refuses};
constexpr Fault kLast[] = {Fault::status_400,
                           Fault::client_leaves,
                           Fault::client_leaves_late,
                           Fault::settlement_refused,
                           Fault::cut_late,
                           Fault::error_event,
                           Fault::none,
                           Fault::slow};

bool is_asked(const Scenario& scenario, int upstream) {
    return std::ranges::any_of(scenario.acts, [&](const Act& act) { return act.upstream == upstream; });
}

// The `number`th of the network's upstreams that is not asked yet.
int other_upstream(const Scenario& scenario, int last, std::uint64_t number) {
    std::vector<int> others;
    for (int i = 0; i < kNetworkUpstreams; ++i) {
        if (i != last && !is_asked(scenario, i)) others.push_back(i);
    }
    return others[number % others.size()];
}

}  // namespace

Scenario make_scenario(std::uint64_t seed, std::uint64_t number) {
    Rng rng(seed * 1'000'003 + number * 7'919 + 1);
    Scenario out;
    out.seed = seed;
    out.number = number;
    constexpr std::uint64_t kPairs = kClients.size() * kNetworkUpstreams;
    // 200 scenarios walk through all ways to end with all pairs; k counts the scenarios of one pair.
    const auto last_fault = kLast[number % std::size(kLast)];
    const auto pair = number / std::size(kLast) % kPairs;
    const auto k = number / (std::size(kLast) * kPairs) * std::size(kLast) + number % std::size(kLast);
    out.client = kClients[pair % kClients.size()];
    const int last = static_cast<int>(pair / kClients.size());
    out.stream = rng.chance(70);
    out.replacing = rng.chance(25);
    out.browser = rng.chance(10);
    const bool has_custom_tools = out.client == Dialect::openai || out.client == Dialect::responses;
    out.custom_tool = has_custom_tools && rng.chance(20);
    constexpr auto kWays = std::size(kPassing);
    if (!rng.chance(5)) out.acts.push_back({other_upstream(out, last, k), kPassing[k / 4 % kWays]});
    if (rng.chance(20)) {
        out.acts.push_back(
            {kNetworkUpstreams, kPassing[static_cast<std::size_t>(rng.below(static_cast<int>(kWays)))]});
    } else if (!rng.chance(5)) {
        out.acts.push_back({other_upstream(out, last, k), kPassing[k / 3 % kWays]});
    }
    out.acts.push_back({last, last_fault});
    for (std::size_t i = 0; i < out.acts.size(); ++i) {
        auto& act = out.acts[i];
        out.verifying |= act.fault == Fault::rejected;
        act.input_tokens = 10 + rng.below(1000);
        act.output_tokens = 1 + rng.below(500);
        act.text = some_text(rng, number, i, out, act.fault);
    }
    return out;
}

}  // namespace hearth::simulation

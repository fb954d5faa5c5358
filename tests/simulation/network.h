#pragma once
// Upstreams on a simulated network: they read the request with the production codecs of their dialect, and answer as the
// scenario says, whole or streamed, in pieces and with pauses.
#include "client/client.h"
#include "ledger/prices.h"
#include "log.h"
#include "net/loop.h"

namespace hearth::simulation {

class Network final : public client::Sender {
  public:
    Network(net::Loop& loop, const ledger::PriceBook& prices) : loop_(loop), prices_(prices) {}

    // `client_left` stops when the client of the scenario disconnects; `leave` makes it.
    void begin(const Scenario& scenario, Log& log, Rng& rng, std::function<void()> leave);

    Task<Result<std::unique_ptr<client::Response>>> send(const privacy::Cleared& cleared,
                                                         const client::Remote& to, client::Request request,
                                                         client::Timeouts timeouts, StopToken stop) override;

    // Planted: the bytes are changed after they were cleared.
    bool change_bytes = false;

  private:
    friend class ScriptedResponse;
    struct Answer;
    [[nodiscard]] std::size_t act_of(std::string_view host) const;
    Task<Result<void>> pause(nanoseconds duration, nanoseconds limit, std::string_view what, StopToken stop);
    void check_cleared(const privacy::Cleared& cleared, const client::Remote& to, std::size_t act);
    [[nodiscard]] Answer make_answer(const Act& act, exchange::Dialect dialect, std::string_view target,
                                     std::string_view body);

    net::Loop& loop_;
    const ledger::PriceBook& prices_;
    const Scenario* scenario_ = nullptr;
    Log* log_ = nullptr;
    Rng* rng_ = nullptr;
    std::function<void()> leave_;
    std::size_t next_act_ = 0;
};

// Events of an answer that says the act's text; `failure`: an error in place of the end.
[[nodiscard]] std::vector<exchange::Event> events_of(const Act& act, bool failure);

}  // namespace hearth::simulation

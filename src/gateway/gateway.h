#pragma once
// The front door: path and method to endpoint (endpoints.h), access, then the endpoint's handler. Probes, lists of models
// and preflights are answered here; everything else by handlers of other rooms.
#include <array>
#include <functional>

#include "base/task.h"
#include "gateway/endpoints.h"
#include "gateway/services.h"
#include "server/exchange.h"

namespace hearth::gateway {

// `caller` and `ingress` may be moved from; they stay until the task ends.
using Handler = std::function<Task<void>(server::Exchange&, Caller& caller, Ingress& ingress)>;

class Gateway {
  public:
    explicit Gateway(Services& services) : services_(services) {}

    // Who answers an endpoint of this kind; given once by app/daemon.cpp.
    void set_handler(EndpointKind kind, Handler handler) {
        handlers_[static_cast<std::size_t>(kind)] = std::move(handler);
    }

    // The server's handler. Answers every exchange.
    [[nodiscard]] Task<void> handle(server::Exchange& exchange);

    // Until then /readyz says 503: everything is wired, but the store and the local servers have not been looked at.
    void set_ready(bool ready) { ready_ = ready; }

  private:
    [[nodiscard]] Task<void> answer_probe(server::Exchange& exchange);
    [[nodiscard]] Task<void> answer_models(server::Exchange& exchange, const RouteMatch& match);

    Services& services_;
    std::array<Handler, kEndpointKinds> handlers_{};
    bool ready_ = false;
};

}  // namespace hearth::gateway

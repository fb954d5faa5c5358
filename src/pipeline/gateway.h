#pragma once
// The front door: path and method to endpoint. Everything a client can ask for is in the table of gateway.cpp.
#include <functional>

#include "base/task.h"
#include "pipeline/endpoints.h"
#include "pipeline/services.h"
#include "server/exchange.h"

namespace hearth::pipeline {

// Answers /hearth/v1/..., and what other programs' own APIs have beside models' work (Ollama's tags and pulls, llama.cpp's
// props); given by admin/, which stands below this room.
using AdminHandler = std::function<Task<void>(server::Exchange&, const Caller&)>;

class Gateway {
  public:
    Gateway(Services& services, AdminHandler admin, AdminHandler native)
        : services_(services), admin_(std::move(admin)), native_(std::move(native)) {}

    // The server's handler. Answers every exchange.
    [[nodiscard]] Task<void> handle(server::Exchange& exchange);

    // Until then /readyz says 503: the road is wired but the store and the local servers have not been looked at.
    void set_ready(bool ready) { ready_ = ready; }

  private:
    [[nodiscard]] Task<void> answer_probe(server::Exchange& exchange);
    [[nodiscard]] Task<void> answer_models(server::Exchange& exchange, const RouteMatch& asked);

    Services& services_;
    AdminHandler admin_, native_;
    bool ready_ = false;
};

}  // namespace hearth::pipeline

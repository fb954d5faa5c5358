#pragma once
// The administration API under /hearth/v1/, for the command line and the dashboard. Answers this machine only: who comes
// from elsewhere, even with a key, may use models but not manage them.
//
//   GET    status | models | ps | models/show?name= | ledger?limit=&before=&model=&provider=&project=&place=&status=
//   POST   load {"model"} | unload {"model"} | stop {} | route {"text","model"} | pull {"source","name"} (NDJSON)
//   DELETE models?name=
#include <functional>

#include "base/task.h"
#include "gateway/services.h"
#include "server/exchange.h"

namespace hearth::admin {

class Admin {
  public:
    // `stop` begins the graceful shutdown; `refresh` re-reads the model store.
    Admin(gateway::Services& services, std::function<void()> stop, std::function<Task<void>()> refresh)
        : services_(services), stop_(std::move(stop)), refresh_(std::move(refresh)) {}

    [[nodiscard]] Task<void> handle(server::Exchange& exchange, const pipeline::Caller& caller);

    // Other programs' own APIs, beside models' work: Ollama's under /api/, llama.cpp's /props and its siblings.
    [[nodiscard]] Task<void> handle_native(server::Exchange& exchange, const pipeline::Caller& caller);

    gateway::Services& services() { return services_; }
    void stop() { stop_(); }
    [[nodiscard]] Task<void> refresh() { return refresh_(); }

  private:
    gateway::Services& services_;
    std::function<void()> stop_;
    std::function<Task<void>()> refresh_;
};

}  // namespace hearth::admin

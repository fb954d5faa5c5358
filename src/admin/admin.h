#pragma once
// The administration API under /hearth/v1/, for the command line and the dashboard. Answers this machine only: who comes
// from elsewhere, even with a key, may use models but not manage them.
//
//   GET    status | models | ps | models/show?name= | ledger?limit=&before=&model=&provider=&project=&place=&status=
//   POST   load {"model"} | unload {"model"} | stop {} | reload {} | route {"text","model"} | pull {"source","name"} (NDJSON)
//   DELETE models?name=
#include <functional>
#include <string>
#include <vector>

#include "base/task.h"
#include "gateway/services.h"
#include "server/exchange.h"

namespace hearth::admin {

// What a reload of the configuration changed: keys as "[route] auto".
struct Reloaded {
    std::vector<std::string> applied, needs_restart;
};

class Admin {
  public:
    // `stop` begins the graceful shutdown; `reload` reads the configuration again.
    Admin(gateway::Services& services, std::function<void()> stop,
          std::function<Task<Result<Reloaded>>()> reload)
        : services_(services), stop_(std::move(stop)), reload_(std::move(reload)) {}

    [[nodiscard]] Task<void> handle(server::Exchange& exchange);

    gateway::Services& services() { return services_; }
    void stop() { stop_(); }
    [[nodiscard]] Task<Result<Reloaded>> reload() { return reload_(); }

  private:
    gateway::Services& services_;
    std::function<void()> stop_;
    std::function<Task<Result<Reloaded>>()> reload_;
};

}  // namespace hearth::admin

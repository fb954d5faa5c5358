#pragma once
// Every object of a running Hearth, as members in the order of the rooms: made in this order, destroyed in the opposite.
#include <memory>

#include "admin/admin.h"
#include "client/client.h"
#include "config/config.h"
#include "config/home.h"
#include "engine/supervisor/supervisor.h"
#include "models/store.h"
#include "net/loop.h"
#include "pipeline/gateway.h"
#include "pipeline/services.h"
#include "privacy/gate.h"
#include "provider/catalogue.h"
#include "provider/provider.h"
#include "server/server.h"
#include "store/store.h"
#include "telemetry/metrics.h"

namespace hearth::app {

class Daemon {
  public:
    struct Parts {  // what can fail to come up, made before the rest
        config::DaemonLock lock;
        config::KeyStore keys;
        provider::Registry providers;
        std::unique_ptr<store::Store> store;
        net::ProxyEnv proxies;
    };
    Daemon(const config::Config& config, Parts parts);

    // Binds every address, writes run/address, begins to serve. Errors: conflict (port in use), config (address).
    [[nodiscard]] Result<void> listen();
    void run();   // until stop
    void stop();  // graceful; a second call stops at once

    [[nodiscard]] std::vector<net::Address> addresses() const { return server_.addresses(); }
    [[nodiscard]] const provider::Registry& providers() const { return providers_; }

  private:
    [[nodiscard]] Task<void> start_up();
    void keep_going(Task<void> task);
    void take_models(models::Store::Listing listing);
    [[nodiscard]] Task<void> refresh_models();
    [[nodiscard]] Task<void> shut_down();

    const config::Config& config_;
    config::DaemonLock lock_;
    provider::Registry providers_;
    std::unique_ptr<store::Store> store_;
    net::Loop loop_;
    std::unique_ptr<ledger::Ledger> ledger_;
    telemetry::Registry registry_;
    privacy::Gate gate_;
    client::Client client_;
    models::Store models_;
    engine::Supervisor supervisor_;
    pipeline::Upstreams upstreams_;
    pipeline::Access access_;
    pipeline::ModelDirectory directory_;
    pipeline::Health health_;
    pipeline::Metrics metrics_;
    pipeline::ResponseStore responses_;
    std::optional<pipeline::ResponseFolder> response_folder_;
    pipeline::FileStore files_;
    pipeline::Batches batches_;
    pipeline::Services services_;
    admin::Admin admin_;
    pipeline::Gateway gateway_;
    server::Server server_;
    StopSource stopping_;
    int stops_ = 0;
    int watching_ = 0;  // tasks of our own that end when stopping_ does
};

}  // namespace hearth::app

#pragma once
// Every object of a running Hearth, as members in the order of the rooms: made in this order, destroyed in the opposite.
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "admin/admin.h"
#include "client/client.h"
#include "config/config.h"
#include "config/home.h"
#include "engine/supervisor/supervisor.h"
#include "gateway/gateway.h"
#include "gateway/services.h"
#include "models/store.h"
#include "net/loop.h"
#include "pipeline/ports.h"
#include "resources/batches/batches.h"
#include "resources/files/store.h"
#include "resources/resources.h"
#include "resources/responses/store.h"
#include "server/server.h"
#include "store/store.h"
#include "telemetry/metrics.h"
#include "upstream/discovery.h"

namespace hearth::app {

class Daemon {
  public:
    struct Parts {  // what can fail to come up, made before the rest
        config::DaemonLock lock;
        config::KeyStore keys;
        upstream::SettingsPtr settings;
        std::unique_ptr<store::Store> store;
        net::ProxyEnv proxies;
    };
    // `load` reads the configuration again, as it was read at the start.
    using Load = std::function<Result<config::Snapshot>()>;
    Daemon(Parts parts, Load load);

    // Binds every address, writes run/address, begins to serve. Errors: conflict (port in use), config (address).
    [[nodiscard]] Result<void> listen();
    void run();   // until stop
    void stop();  // graceful; a second call stops at once

    [[nodiscard]] std::vector<net::Address> addresses() const { return server_.addresses(); }
    [[nodiscard]] const upstream::Settings& settings() const { return *ports_.settings; }

  private:
    [[nodiscard]] Task<void> start_up();
    void keep_going(Task<void> task);
    void take_models(models::Store::Listing listing);
    [[nodiscard]] Task<void> refresh_models();
    [[nodiscard]] Task<void> watch_model_folders();
    [[nodiscard]] Task<void> shut_down();

    // Settings that need no restart are taken over; requests under way keep those that they began with. A configuration
    // that cannot be used changes nothing. Error: what is wrong with it.
    [[nodiscard]] Task<Result<admin::Reloaded>> reload();
    [[nodiscard]] Task<void> reload_by_signal();
    void use(upstream::SettingsPtr settings);
    void set_handlers();

    const config::Config& config() const { return ports_.settings->config; }

    Load load_;
    config::DaemonLock lock_;
    const upstream::SettingsPtr first_settings_;  // of the start: what only a restart changes
    std::unique_ptr<store::Store> store_;
    net::Loop loop_;
    std::unique_ptr<ledger::Ledger> ledger_;
    telemetry::Registry registry_;
    client::Client client_;
    models::Store models_;
    engine::Supervisor supervisor_;
    upstream::ModelDirectory directory_;
    upstream::Circuits circuits_;
    upstream::AccessTokens tokens_;
    pipeline::Metrics metrics_;
    pipeline::Ports ports_;
    upstream::Discovery discovery_;
    gateway::Access access_;
    gateway::Services services_;
    std::unique_ptr<resources::ResponseStore> responses_;
    resources::FileStore files_;
    resources::Batches batches_;
    resources::Resources resources_;
    admin::Admin admin_;
    gateway::Gateway gateway_;
    server::Server server_;
    StopSource stopping_;
    int stops_ = 0;
    std::uint64_t folders_stamp_ = 0;                // of the listing that is in use
    std::uint64_t listings_begun_ = 0, listed_ = 0;  // an older listing never replaces a newer one
    std::set<std::string> model_warnings_;           // of the last listing, so that each is logged once
    int watching_ = 0;                               // tasks of our own that end when stopping_ does
};

}  // namespace hearth::app

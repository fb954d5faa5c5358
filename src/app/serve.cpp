#include "app/serve.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "app/daemon.h"
#include "store/backends.h"
#include "telemetry/log.h"

namespace hearth::app {

namespace {

Result<void> set_up_log(const config::Log& wanted) {
    telemetry::log().set(wanted.level, wanted.format);
    if (wanted.file.empty()) return {};
    return telemetry::log().open(wanted.file);
}

// Beyond this machine nobody is served without a key: an open gateway spends its owner's money.
Result<void> check_exposure(const config::Config& config, const config::KeyStore& keys) {
    if (!keys.empty()) return {};
    if (config.server.require_keys) {
        return fail(Code::config,
                    "[server] require_keys is set and there are no keys. `hearth key add NAME` makes one.");
    }
    for (const auto& listen : config.server.listen) {
        if (listen.loopback()) continue;
        return fail(
            Code::config,
            fmt::format("{} can be reached from other machines and there are no keys. `hearth key add "
                        "NAME` makes one; 127.0.0.1 needs none.",
                        listen.to_string()));
    }
    return {};
}

store::Options store_options(const config::Config& config) {
    return {.path = config.ledger_path(),
            .synchronous = config.ledger.synchronous == config::Synchronous::full
                               ? store::Synchronous::full
                               : store::Synchronous::normal};
}

Result<Daemon::Parts> prepare(const config::Config& config) {
    auto lock = config::DaemonLock::acquire(config.home);
    if (!lock) return fail(std::move(lock.error()));
    auto keys = config::KeyStore::load(config.home.keys());
    if (!keys) return fail(std::move(keys.error()));
    if (auto safe = check_exposure(config, *keys); !safe) return fail(std::move(safe.error()));
    auto settings = upstream::Settings::make(config, config::Environment::of_process());
    if (!settings) return fail(std::move(settings.error()));
    for (const auto& warning : (*settings)->providers.warnings())
        telemetry::log().warn("provider", {{"warning", warning}});
    auto proxies = net::ProxyEnv::from_environment();
    if (!proxies) return fail(std::move(proxies.error()));
    const auto backend = store::find_backend(config.ledger.store);
    if (!backend) return fail(backend.error());
    auto store = (*backend)->open(store_options(config));
    if (!store) return fail(std::move(store.error()));
    return Daemon::Parts{.lock = std::move(*lock),
                         .keys = std::move(*keys),
                         .settings = std::move(*settings),
                         .store = std::move(*store),
                         .proxies = std::move(*proxies)};
}

void print_start(const Daemon& daemon, const config::Config& config) {
    const auto address = daemon.addresses().front().to_string();
    std::string ready;
    for (const auto& provider : daemon.settings().providers.all()) {
        if (provider.enabled && !provider.key_from.empty())
            ready += (ready.empty() ? "" : ", ") + provider.id;
    }
    fmt::print("Hearth serves on http://{}{}\n\n", address,
               config.policy.offline ? " (offline: nothing leaves this machine)" : "");
    fmt::print("  OpenAI base URL   http://{}/v1    any key will do on this machine\n", address);
    fmt::print(
        "  models            auto, local, cloud, spark, PROVIDER/MODEL    `hearth models` lists them\n");
    fmt::print("  clouds with keys  {}\n", ready.empty() ? "none; set OPENAI_API_KEY or another" : ready);
    fmt::print("  ledger            {}\n\n",
               store::find_backend(config.ledger.store).value()->location(store_options(config)));
    fmt::print(
        "  curl http://{}/v1/chat/completions -d "
        "'{{\"model\":\"local\",\"messages\":[{{\"role\":\"user\",\"content\":"
        "\"hello\"}}]}}'\n\n",
        address);
    std::fflush(stdout);
}

int report(const Error& error) {
    fmt::print(stderr, "error: {}\n", error.message);
    return 1;
}

}  // namespace

int serve(const config::Config& config, Daemon::Load load) {
    std::signal(SIGPIPE, SIG_IGN);
    if (auto logging = set_up_log(config.log); !logging) return report(logging.error());
    auto parts = prepare(config);
    if (!parts) return report(parts.error());
    Daemon daemon(std::move(*parts), std::move(load));
    if (auto bound = daemon.listen(); !bound) return report(bound.error());
    print_start(daemon, config);
    daemon.run();
    return 0;
}

}  // namespace hearth::app

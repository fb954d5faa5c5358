#include "app/daemon.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "app/policy.h"
#include "pipeline/discovery.h"
#include "pipeline/files_road.h"
#include "pipeline/listing.h"
#include "telemetry/log.h"

namespace hearth::app {

namespace {

std::filesystem::path program_folder() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

client::Client::Options client_options(const config::Config& config, net::ProxyEnv proxies) {
    client::Client::Options options;
    if (config.client.proxy_from_environment) options.proxies = std::move(proxies);
    options.idle_per_destination = config.client.idle_connections;
    options.idle_timeout = config.client.idle_timeout;
    return options;
}

engine::SupervisorOptions engine_options(const config::Config& config) {
    engine::SupervisorOptions options;
    options.program = (program_folder() / "hearth-engine").string();
    options.context_tokens = static_cast<std::int32_t>(config.engine.context);
    options.sequences = config.engine.parallel;
    options.threads = config.engine.threads;
    options.require_confinement = config.engine.require_confinement;
    options.keep_alive = config.engine.idle_unload.count() == 0 ? seconds(-1) : config.engine.idle_unload;
    options.load_silence = config.engine.load_timeout;
    if (config.engine.memory_limit_bytes > 0) {
        options.memory = [limit = static_cast<std::uint64_t>(config.engine.memory_limit_bytes)] {
            auto state = models::read_memory();
            state.total = std::min(state.total, limit);
            state.available = std::min(state.available, limit);
            return state;
        };
    }
    return options;
}

server::Limits server_limits(const config::Config& config) {
    server::Limits limits;
    limits.http.body_bytes = config.server.max_body_bytes;
    limits.http.announced_bytes = UINT64_MAX;  // models are uploaded in pieces (admin/native_blobs.cpp)
    limits.connections = config.server.max_connections;
    limits.head = config.server.head_timeout;
    limits.body_total = config.server.body_timeout;
    limits.keep_alive = config.server.idle_timeout;
    if (config.server.total_timeout.count() > 0) limits.total = config.server.total_timeout;
    return limits;
}

}  // namespace

Daemon::Daemon(const config::Config& config, Parts parts)
    : config_(config),
      lock_(std::move(parts.lock)),
      providers_(std::move(parts.providers)),
      store_(std::move(parts.store)),
      ledger_(store_->ledger_for(loop_)),
      gate_(policy_of(config)),
      client_(loop_, client_options(config, std::move(parts.proxies))),
      models_({.root = config.home.models().string(), .builtin = {}, .discover = true}),
      supervisor_(loop_, engine_options(config)),
      upstreams_(providers_, config),
      access_(config, std::move(parts.keys), loop_.clock()),
      directory_(config, providers_, provider::Catalogue::embedded()),
      health_(config, loop_.clock()),
      metrics_(registry_),
      responses_({.bytes = config.responses.max_bytes, .keep = config.responses.keep}, loop_.clock()),
      response_folder_(config.responses.on_disk ? std::optional(pipeline::ResponseFolder{
                                                      config.home.responses(), config.responses.keep})
                                                : std::nullopt),
      files_({.path = config.home.files(), .keep = config.files.keep, .max_bytes = config.files.max_bytes}),
      batches_(config.home.files() / "batches", config.files.keep),
      services_{.loop = loop_,
                .config = config,
                .gate = gate_,
                .providers = providers_,
                .upstreams = upstreams_,
                .prices = provider::Catalogue::embedded().prices(),
                .client = client_,
                .supervisor = supervisor_,
                .store = models_,
                .ledger = *ledger_,
                .access = access_,
                .directory = directory_,
                .health = health_,
                .metrics = metrics_,
                .registry = registry_,
                .responses = responses_,
                .response_folder = response_folder_,
                .files = files_,
                .batches = batches_,
                .instance = make_id("hearth_", system_random())},
      admin_(
          services_, [this] { stop(); }, [this] { return refresh_models(); }),
      gateway_(
          services_,
          [this](server::Exchange& exchange, const pipeline::Caller& caller) {
              return admin_.handle(exchange, caller);
          },
          [this](server::Exchange& exchange, const pipeline::Caller& caller) {
              return admin_.handle_native(exchange, caller);
          }),
      server_(loop_, server_limits(config),
              [this](server::Exchange& exchange) { return gateway_.handle(exchange); }) {
    telemetry::register_process_metrics(registry_);
    pipeline::register_gauges(registry_, services_);
}

Result<void> Daemon::listen() {
    take_models(
        models_.list());  // before the first request, so that none is told of a model that it is not there
    for (const auto& wanted : config_.server.listen) {
        const auto address = net::parse_listen_address(wanted.to_string());
        if (!address) return fail(address.error());
        auto listener = net::Listener::open(loop_, *address);
        if (!listener) return fail(std::move(listener.error()));
        server_.serve(std::move(*listener));
    }
    return lock_.publish(server_.addresses().front().to_string());
}

void Daemon::run() {
    loop_.on_signal(SIGINT, [this] { stop(); });
    loop_.on_signal(SIGTERM, [this] { stop(); });
    spawn(start_up());
    loop_.run();
    if (const auto closed = store_->close(); !closed)
        telemetry::log().error("the ledger is incomplete", {{"why", closed.error()->message}});
}

void Daemon::stop() {
    ++stops_;
    if (stops_ == 1) {
        telemetry::log().info("stopping; open streams may finish");
        spawn(shut_down());
    } else if (stops_ == 2) {
        telemetry::log().warn("stopping at once");
        loop_.post([] { _exit(130); });  // committed rows are safe; a third signal would do no more
    }
}

Task<void> Daemon::start_up() {
    co_await batches_.load(services_);
    gateway_.set_ready(true);
    keep_going(batches_.run(services_, stopping_.token()));
    keep_going(pipeline::remove_expired_daily(services_, stopping_.token()));
    if (config_.client.watch_local_servers)
        keep_going(pipeline::watch_local_servers(services_, stopping_.token()));
    co_return;
}

void Daemon::keep_going(Task<void> task) {
    ++watching_;
    spawn([](Daemon& self, Task<void> owned) -> Task<void> {
        co_await owned;
        --self.watching_;
    }(*this, std::move(task)));
}

void Daemon::take_models(models::Store::Listing listing) {
    for (const auto& sentence : listing.damaged)
        telemetry::log().warn("a model cannot be used", {{"why", sentence}});
    directory_.set_own(std::move(listing.models));
}

Task<void> Daemon::refresh_models() {
    auto* store = &models_;
    auto job = [store]() -> Result<models::Store::Listing> { return store->list(); };
    auto listing = co_await loop_.run_blocking(job);
    if (listing) take_models(std::move(*listing));
}

Task<void> Daemon::shut_down() {
    gateway_.set_ready(false);
    co_await server_.shutdown(config_.server.shutdown_timeout);
    Error reason;
    reason.code = Code::cancelled;
    reason.message = "Hearth is shutting down.";
    stopping_.stop(std::move(reason));
    co_await supervisor_.shutdown(milliseconds(2000));
    // What still reads the end of an answer to keep its connection, or looks for local servers, gets a moment.
    for (int i = 0; i < 100 && (client_.stats().active > 0 || watching_ > 0); ++i)
        co_await loop_.sleep(milliseconds(20));
    loop_.stop();
}

}  // namespace hearth::app

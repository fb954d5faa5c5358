#include "app/daemon.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "compat/compat.h"
#include "config/differences.h"
#include "gateway/model_lists.h"
#include "pipeline/pipeline.h"
#include "provider/catalogue.h"
#include "resources/files/endpoints.h"
#include "resources/responses/endpoints.h"
#include "telemetry/log.h"

namespace hearth::app {

namespace {

constexpr milliseconds kFolderInterval{5000};  // between two looks at [engine] models_dirs

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

std::unique_ptr<resources::ResponseStore> make_response_store(const config::Config& config, net::Loop& loop) {
    const resources::ResponseStoreOptions options{.bytes = config.responses.max_bytes,
                                                  .keep = config.responses.keep};
    if (config.responses.on_disk)
        return std::make_unique<resources::FolderResponses>(options, config.home.responses(), loop);
    return std::make_unique<resources::MemoryResponses>(options, loop.clock());
}

}  // namespace

Daemon::Daemon(Parts parts, Load load)
    : load_(std::move(load)),
      lock_(std::move(parts.lock)),
      first_settings_(std::move(parts.settings)),
      store_(std::move(parts.store)),
      ledger_(store_->ledger_for(loop_)),
      client_(loop_, client_options(first_settings_->config, std::move(parts.proxies))),
      models_({.root = first_settings_->config.home.models().string(),
               .builtin = {},
               .discover = true,
               .folders = first_settings_->config.engine.models_dirs}),
      supervisor_(loop_, engine_options(first_settings_->config)),
      directory_(first_settings_, provider::Catalogue::embedded()),
      circuits_(first_settings_->config, loop_.clock()),
      tokens_(loop_, client_, *ledger_, system_random()),
      metrics_(registry_),
      ports_{.loop = loop_,
             .random = system_random(),
             .client = client_,
             .engine = supervisor_,
             .ledger = *ledger_,
             .prices = provider::Catalogue::embedded().prices(),
             .directory = directory_,
             .circuits = circuits_,
             .tokens = tokens_,
             .metrics = metrics_,
             .settings = first_settings_},
      discovery_(loop_, client_, directory_, ports_.settings),
      access_(ports_.settings, std::move(parts.keys), loop_.clock()),
      services_{.ports = ports_,
                .access = access_,
                .client = client_,
                .supervisor = supervisor_,
                .store = models_,
                .registry = registry_,
                .instance = make_id("hearth_", system_random()),
                .refresh_models = [this] { return refresh_models(); }},
      responses_(make_response_store(config(), loop_)),
      files_({.path = config().home.files(),
              .keep = config().files.keep,
              .max_bytes = config().files.max_bytes}),
      batches_(config().home.files() / "batches", config().files.keep),
      resources_{.services = services_,
                 .ports = ports_,
                 .responses = *responses_,
                 .files = files_,
                 .batches = batches_},
      admin_(
          services_, [this] { stop(); }, [this] { return reload(); }),
      gateway_(services_),
      server_(loop_, server_limits(config()),
              [this](server::Exchange& exchange) { return gateway_.handle(exchange); }) {
    telemetry::register_process_metrics(registry_);
    gateway::register_gauges(registry_, services_);
    set_handlers();
}

void Daemon::set_handlers() {
    using gateway::EndpointKind;
    using gateway::Ingress;
    using pipeline::Caller;
    using server::Exchange;
    gateway_.set_handler(EndpointKind::inference, [this](Exchange& http, Caller& caller, Ingress& ingress) {
        return pipeline::handle(ports_, http, std::move(caller), std::move(ingress));
    });
    gateway_.set_handler(EndpointKind::response, [this](Exchange& http, Caller& caller, Ingress& ingress) {
        return resources::answer_response(resources_, http, std::move(caller), std::move(ingress));
    });
    gateway_.set_handler(EndpointKind::stored_response, [this](Exchange& http, Caller& caller, Ingress&) {
        return resources::answer_stored(resources_, http, std::move(caller));
    });
    gateway_.set_handler(EndpointKind::socket, [this](Exchange& http, Caller& caller, Ingress& ingress) {
        return resources::answer_socket(resources_, http, std::move(caller), std::move(ingress));
    });
    gateway_.set_handler(EndpointKind::files, [this](Exchange& http, Caller& caller, Ingress& ingress) {
        return resources::answer_files(resources_, http, std::move(caller), std::move(ingress));
    });
    gateway_.set_handler(EndpointKind::batches, [this](Exchange& http, Caller& caller, Ingress& ingress) {
        return resources::answer_batches(resources_, http, std::move(caller), std::move(ingress));
    });
    gateway_.set_handler(EndpointKind::compat, [this](Exchange& http, Caller& caller, Ingress&) {
        return compat::handle(services_, http, std::move(caller));
    });
    gateway_.set_handler(EndpointKind::admin,
                         [this](Exchange& http, Caller&, Ingress&) { return admin_.handle(http); });
}

void Daemon::use(upstream::SettingsPtr settings) {
    const auto& config = settings->config;
    ports_.settings = settings;
    directory_.use(settings);
    circuits_.set_options(config);
    tokens_.forget();
    access_.settings_changed();
    models_.set_folders(config.engine.models_dirs);
    telemetry::log().set(config.log.level, config.log.format);
}

Task<Result<admin::Reloaded>> Daemon::reload() {
    // The file, the keys of providers and the keys of clients are on disk.
    auto wanted = co_await loop_.run_blocking(load_);
    if (!wanted) co_return fail(std::move(wanted.error()));
    const auto running = ports_.settings;
    admin::Reloaded done;
    for (auto& difference : config::differences(running->config, **wanted))
        (difference.needs_restart ? done.needs_restart : done.applied).push_back(std::move(difference.key));
    auto next = co_await loop_.run_blocking(
        [config = config::apply_without_restart(running->config, **wanted)]() mutable {
            return upstream::Settings::make(std::move(config), config::Environment::of_process());
        });
    if (!next) co_return fail(std::move(next.error()));
    for (const auto& warning : (*next)->providers.warnings())
        telemetry::log().warn("provider", {{"warning", warning}});
    use(std::move(*next));
    co_await refresh_models();
    co_return done;
}

Task<void> Daemon::reload_by_signal() {
    const auto reloaded = co_await reload();
    if (!reloaded) {
        telemetry::log().error("the configuration was not reloaded; nothing has changed",
                               {{"why", reloaded.error()->message}});
        co_return;
    }
    telemetry::log().info("the configuration was reloaded",
                          {{"applied", std::to_string(reloaded->applied.size())},
                           {"needs_restart", fmt::format("{}", fmt::join(reloaded->needs_restart, ", "))}});
}

Result<void> Daemon::listen() {
    folders_stamp_ = models_.folders_stamp();
    take_models(
        models_.list());  // before the first request, so that none is told of a model that it is not there
    for (const auto& wanted : config().server.listen) {
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
    loop_.on_signal(SIGHUP, [this] { spawn(reload_by_signal()); });
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
    co_await batches_.load(resources_);
    gateway_.set_ready(true);
    keep_going(batches_.run(resources_, stopping_.token()));
    keep_going(resources::remove_expired_daily(resources_, stopping_.token()));
    keep_going(discovery_.watch(stopping_.token()));
    keep_going(watch_model_folders());
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
    std::set<std::string> warnings;
    for (auto& sentence : listing.warnings) {
        if (!model_warnings_.contains(sentence)) telemetry::log().warn("models", {{"warning", sentence}});
        warnings.insert(std::move(sentence));
    }
    model_warnings_ = std::move(warnings);
    directory_.set_own(std::move(listing.models));
}

Task<void> Daemon::refresh_models() {
    auto* store = &models_;
    const auto number = ++listings_begun_;
    auto job = [store]() -> Result<models::Store::Listing> { return store->list(); };
    auto listing = co_await loop_.run_blocking(job);
    if (!listing || number < listed_) co_return;
    listed_ = number;
    take_models(std::move(*listing));
}

// Looked at again and again instead of with inotify, which does not see the network file systems that models lie on.
Task<void> Daemon::watch_model_folders() {
    auto* store = &models_;
    auto job = [store]() -> Result<std::uint64_t> { return store->folders_stamp(); };
    auto pause = kFolderInterval;
    while (true) {
        co_await loop_.sleep(pause, stopping_.token());
        if (stopping_.token().stopped()) co_return;
        if (!models_.has_folders()) continue;
        const auto begin = loop_.clock().mono();
        const auto stamp = co_await loop_.run_blocking(job);
        // A large or slow folder is asked less often.
        pause = std::max(kFolderInterval,
                         std::chrono::duration_cast<milliseconds>(loop_.clock().mono() - begin) * 50);
        if (!stamp || *stamp == folders_stamp_) continue;
        folders_stamp_ = *stamp;
        co_await refresh_models();
    }
}

Task<void> Daemon::shut_down() {
    gateway_.set_ready(false);
    co_await server_.shutdown(config().server.shutdown_timeout);
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

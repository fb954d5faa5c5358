#include "world.h"

#include <fmt/format.h>

#include <algorithm>

#include "check.h"
#include "filters.h"
#include "provider/catalogue.h"

namespace hearth::simulation {

namespace {

std::filesystem::path make_folder() {
    // In memory where there is such a place: thousands of commits are not what is tested.
    const std::filesystem::path memory = "/dev/shm";
    std::error_code error;
    auto name =
        ((std::filesystem::is_directory(memory, error) ? memory : std::filesystem::temp_directory_path()) /
         "hearth-simulation-XXXXXX")
            .string();
    if (!::mkdtemp(name.data())) std::abort();
    return name;
}

std::string full_name(int upstream) {
    if (upstream == kNetworkUpstreams) return "engine/local-sim";
    return fmt::format("{}/sim", kUpstreams[static_cast<std::size_t>(upstream)].provider);
}

void add_chains(config::Config& config, const std::string& chain) {
    if (!chain.empty()) {
        std::vector<std::string> names;
        for (const char digit : chain) names.push_back(full_name(digit - '0'));
        config.route.fallback["chain-" + chain] = std::move(names);
    }
    if (chain.size() == 4) return;
    for (std::size_t i = 0; i < kUpstreams.size(); ++i) {
        const auto digit = static_cast<char>('0' + i);
        if (chain.find(digit) == std::string::npos) add_chains(config, chain + digit);
    }
}

upstream::SettingsPtr make_settings() {
    config::Config config;
    config.server.keep_alive_after = milliseconds(5000);
    config.route.max_attempts = 4;
    config.client.timeouts.first_token = milliseconds(60'000);
    config.client.timeouts.answer = milliseconds(600'000);
    config.client.timeouts.stall = milliseconds(60'000);
    add_chains(config, "");
    std::map<std::string, std::string, std::less<>> keys;
    for (const auto& [name, dialect] : kUpstreams) {
        if (dialect == exchange::Dialect::engine) continue;
        config::Provider provider;
        provider.id = name;
        const auto path = dialect == exchange::Dialect::gemini   ? "/v1beta"
                          : dialect == exchange::Dialect::ollama ? ""
                                                                 : "/v1";
        provider.base_url = fmt::format("https://{}.example{}", name, path);
        if (dialect == exchange::Dialect::ollama) provider.dialect = "ollama";
        provider.key_env = "SIMULATED_KEY";
        provider.models = {"sim"};
        config.providers[std::string(name)] = std::move(provider);
    }
    keys["SIMULATED_KEY"] = "key-of-the-simulation";
    auto settings = upstream::Settings::make(std::move(config), config::Environment(std::move(keys)));
    if (!settings) {
        fmt::print(stderr, "the simulation's settings: {}\n", settings.error()->message);
        std::abort();
    }
    return *settings;
}

ledger::PriceBook make_prices(const upstream::Settings& settings) {
    ledger::PriceBook prices;
    std::int64_t rate = 1;
    for (const auto& [name, dialect] : kUpstreams) {
        const auto* provider = settings.providers.find(name);
        if (!provider || provider->prices.empty()) continue;
        ledger::Price price;
        price.base.input =
            1'000'000 * ++rate;  // nano-dollars per million tokens: a token costs whole nano-dollars
        price.base.output = 7'000'000 * rate;
        prices.add(provider->prices, "sim", price);
        if (provider->prices != name) prices.add(std::string(name), "sim", price);
    }
    return prices;
}

models::Model local_model() {
    models::Model model;
    model.name = "local-sim:latest";
    model.origin = "hearth";
    model.files.push_back({});
    model.facts.chat_template = true;
    model.facts.context_length = 8192;
    return model;
}

std::unique_ptr<store::sqlite::Store> open_store(const std::filesystem::path& folder) {
    store::sqlite::Options options;
    options.path = folder / "ledger.db";
    auto store = store::sqlite::Store::open(std::move(options));
    if (!store) {
        fmt::print(stderr, "the simulation's store: {}\n", store.error()->message);
        std::abort();
    }
    return std::move(*store);
}

}  // namespace

World::World()
    : folder_(make_folder()),
      loop_({.simulated = &clock_}),
      store_(open_store(folder_)),
      real_ledger_(store_->ledger_for(loop_)),
      settings_(make_settings()),
      network_(loop_, prices_),
      engine_(loop_),
      ledger_(*real_ledger_, clock_),
      directory_(settings_, provider::Catalogue::embedded()),
      metrics_(registry_) {
    prices_ = make_prices(*settings_);
    std::vector<models::Model> own;
    own.push_back(local_model());
    directory_.set_own(std::move(own));
}

World::~World() {
    real_ledger_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Task<void> World::play(const Scenario& scenario, Log& log, Plant plant, Rng& rng) {
    Client client(loop_, scenario, log, rng);
    const auto leave = [&client] { client.leave(); };
    network_.begin(scenario, log, rng, leave);
    engine_.begin(scenario, log, rng, leave);
    ledger_.begin_scenario(scenario, log);
    network_.change_bytes = plant == Plant::bytes;
    ledger_.forget_settlement = plant == Plant::settlement;
    ledger_.drop_cost = plant == Plant::cost;
    client.write_after_error = plant == Plant::content;
    upstream::Circuits circuits(settings_->config, clock_);
    upstream::AccessTokens tokens(loop_, network_, ledger_, rng);
    const auto filters = filters_for(scenario);
    const auto verifiers = verifiers_for(scenario);
    pipeline::Ports ports{.loop = loop_,
                          .random = rng,
                          .client = network_,
                          .engine = engine_,
                          .ledger = ledger_,
                          .prices = prices_,
                          .directory = directory_,
                          .circuits = circuits,
                          .tokens = tokens,
                          .metrics = metrics_,
                          .settings = settings_,
                          .filters = filters,
                          .verifiers = verifiers};
    pipeline::Caller caller{.key = {}, .project = "default", .client = "simulation"};
    pipeline::Ingress ingress;
    ingress.dialect = scenario.client;
    if (scenario.client == exchange::Dialect::ollama) ingress.call.endpoint = "chat";
    if (scenario.client == exchange::Dialect::gemini) {
        ingress.call.model = scenario.model();
        ingress.call.stream = scenario.stream;
    }
    co_await pipeline::handle(ports, client, std::move(caller), std::move(ingress));
    // What reads the end of an answer to keep its connection gets time to do so.
    co_await loop_.sleep(std::chrono::hours(2));
    if (plant == Plant::report) {
        auto trial = circuits.take("mistral");
        trial.succeeded();
        trial.succeeded();  // the assertion ends the process here
    }
    const auto& counts = circuits.counts();
    if (counts.taken != counts.succeeded + counts.failed + counts.abandoned)
        log.fails(fmt::format("{} trials were taken, {} reported", counts.taken,
                              counts.succeeded + counts.failed + counts.abandoned));
    loop_.stop();
}

Log World::run(const Scenario& scenario, Plant plant) {
    Log log;
    Rng rng(scenario.seed * 31 + scenario.number);
    spawn(play(scenario, log, plant, rng));
    loop_.run();
    check(scenario, log, *settings_);
    if (log.entry != 0 && log.settlement)
        expected_.push_back(
            {.id = log.entry, .intent = log.intent, .attempts = log.attempts, .settlement = *log.settlement});
    return log;
}

std::string World::compare_store() {
    std::string wrong;
    for (const auto& expected : expected_) {
        auto found =
            store::sqlite::read_recent(folder_ / "ledger.db", {.limit = 1, .before = expected.id + 1});
        if (!found || found->empty() || found->front().id != expected.id) {
            wrong = fmt::format("entry {} is not in the store", expected.id);
            break;
        }
        const auto& entry = found->front();
        const bool same = entry.intent.request_id == expected.intent.request_id &&
                          entry.intent.to.provider == expected.intent.to.provider &&
                          entry.settlement.status == expected.settlement.status &&
                          entry.settlement.usage == expected.settlement.usage &&
                          entry.settlement.warnings == expected.settlement.warnings &&
                          entry.total_cost() == expected.total_cost() &&
                          entry.attempts.size() == expected.attempts.size();
        if (same) continue;
        wrong = fmt::format("entry {} in the store is not what the ledger was told", expected.id);
        break;
    }
    expected_.clear();
    return wrong;
}

}  // namespace hearth::simulation

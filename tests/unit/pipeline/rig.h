#pragma once
// The production pipeline in a simulated loop, with fakes for network, engine, ledger and client. Requests name the model
// "chain", whose candidates are given to the rig: "mistral" (asked in OpenAI's dialect), "openai" (OpenAI's and Responses),
// "perplexity" (Responses), "anthropic", "google" (Gemini), "native" (Ollama) and "engine" (a local model).
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "fake_client.h"
#include "fake_engine.h"
#include "fake_ledger.h"
#include "fake_network.h"
#include "pipeline/pipeline.h"
#include "provider/catalogue.h"
#include "vendor.h"

namespace hearth::test {

inline constexpr exchange::Dialect kClients[] = {exchange::Dialect::openai, exchange::Dialect::responses,
                                                 exchange::Dialect::anthropic, exchange::Dialect::gemini,
                                                 exchange::Dialect::ollama};

// A provider that is asked in this dialect by a client of the same.
inline std::string provider_of(exchange::Dialect dialect) {
    switch (dialect) {
        case exchange::Dialect::responses:
            return "perplexity";
        case exchange::Dialect::anthropic:
            return "anthropic";
        case exchange::Dialect::gemini:
            return "google";
        case exchange::Dialect::ollama:
            return "native";
        default:
            return "mistral";
    }
}

// A chat as a client of the dialect writes it. `more`: members behind the others.
inline std::string chat_body(exchange::Dialect dialect, bool stream = false, std::string_view more = {},
                             std::string_view model = "chain") {
    const auto flag = stream ? "true" : "false";
    switch (dialect) {
        case exchange::Dialect::responses:
            return fmt::format(R"({{"model":"{}","stream":{},"store":false,"input":"Question"{}}})", model,
                               flag, more);
        case exchange::Dialect::anthropic:
            return fmt::format(
                R"({{"model":"{}","max_tokens":100,"stream":{},"messages":[{{"role":"user","content":"Question"}}]{}}})",
                model, flag, more);
        case exchange::Dialect::gemini:
            return fmt::format(R"({{"contents":[{{"role":"user","parts":[{{"text":"Question"}}]}}]{}}})",
                               more);
        default:
            return fmt::format(
                R"({{"model":"{}","stream":{},"messages":[{{"role":"user","content":"Question"}}]{}}})",
                model, flag, more);
    }
}

inline pipeline::Ingress ingress_of(exchange::Dialect dialect, bool stream = false) {
    pipeline::Ingress ingress;
    ingress.dialect = dialect;
    if (dialect == exchange::Dialect::ollama) ingress.call.endpoint = "chat";
    if (dialect == exchange::Dialect::gemini) {
        ingress.call.model = "chain";
        ingress.call.stream = stream;
    }
    return ingress;
}

class Rig {
  public:
    using Change = std::function<void(config::Config&)>;
    using Variables = std::map<std::string, std::string, std::less<>>;
    explicit Rig(const std::vector<std::string>& candidates = {"mistral"}, const Change& change = {},
                 Variables environment = {})
        : settings(make_settings(candidates, change, std::move(environment))),
          directory(settings, provider::Catalogue::embedded()) {
        std::vector<models::Model> own;
        own.push_back(local_model());
        directory.set_own(std::move(own));
        for (const auto* provider : {"mistral", "openai", "perplexity-agent", "anthropic", "google"}) {
            ledger::Price price;  // nano-dollars per million tokens: a token in costs 1, one out 10
            price.base.input = 1'000'000;
            price.base.output = 10'000'000;
            prices.add(provider, "sim", price);
        }
    }

    [[nodiscard]] static upstream::SettingsPtr make_settings(const std::vector<std::string>& candidates,
                                                             const Change& change = {},
                                                             Variables environment = {}) {
        config::Config config;
        config.server.keep_alive_after = milliseconds(0);  // tests of the heartbeat switch it on
        for (const auto& name : candidates)
            config.route.fallback["chain"].push_back(name + (name == "engine" ? "/local-sim" : "/sim"));
        const auto add = [&](const std::string& id, std::string_view path, std::string dialect = {}) {
            config::Provider provider;
            provider.id = id;
            provider.base_url = fmt::format("https://{}.example{}", id, path);
            provider.dialect = std::move(dialect);
            provider.key_env = "TEST_KEY";
            provider.models = {"sim", "extra*"};
            config.providers[id] = std::move(provider);
        };
        for (const auto* id : {"mistral", "openai", "perplexity", "anthropic"}) add(id, "/v1");
        add("google", "/v1beta");
        add("native", "", "ollama");
        if (change) change(config);
        environment["TEST_KEY"] = "key-of-the-test";
        auto made = upstream::Settings::make(std::move(config), config::Environment(std::move(environment)));
        REQUIRE_MESSAGE(made, (made ? "" : made.error()->message));
        return *made;
    }

    [[nodiscard]] static models::Model local_model() {
        models::Model model;
        model.name = "local-sim:latest";
        model.origin = "hearth";
        model.files.push_back({});
        model.facts.chat_template = true;
        model.facts.context_length = 8192;
        return model;
    }

    template <class T>
    T wait(Task<T> task) {
        std::optional<T> result;
        spawn([](Task<T> inner, std::optional<T>& out, net::Loop& on) -> Task<void> {
            out.emplace(co_await std::move(inner));
            on.stop();
        }(std::move(task), result, loop));
        loop.run();
        return std::move(*result);
    }
    void wait(Task<void> task) {
        spawn([](Task<void> inner, net::Loop& on) -> Task<void> {
            co_await std::move(inner);
            co_await on.sleep(seconds(10));  // what reads the end of an answer gets time to do so
            on.stop();
        }(std::move(task), loop));
        loop.run();
    }

    [[nodiscard]] std::unique_ptr<FakeClient> client(std::string body) {
        return std::make_unique<FakeClient>(loop, trace, std::move(body));
    }
    // One request from its body to its last byte.
    void handle(FakeClient& client, pipeline::Ingress ingress, json::Document parsed = {}) {
        wait(pipeline::handle(ports, client, caller, std::move(ingress), std::move(parsed)));
        const auto& counts = circuits.counts();  // every exit closes its trial
        CHECK(counts.taken == counts.succeeded + counts.failed + counts.abandoned);
    }
    std::unique_ptr<FakeClient> chat(exchange::Dialect dialect = exchange::Dialect::openai,
                                     bool stream = false, std::string_view more = {},
                                     std::string_view model = "chain") {
        auto asked = client(chat_body(dialect, stream, more, model));
        handle(*asked, ingress_of(dialect, stream));
        return asked;
    }

    // The trace in one line: "begin mistral, send mistral, settle, respond".
    [[nodiscard]] std::string steps() const { return fmt::format("{}", fmt::join(trace, ", ")); }
    [[nodiscard]] std::ptrdiff_t step(std::string_view name) const {  // -1: it did not happen
        const auto at = std::ranges::find(trace, name);
        return at == trace.end() ? -1 : at - trace.begin();
    }

    struct Zeros final : Random {
        void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, std::uint8_t{0}); }
    };

    std::vector<std::string> trace;  // what happened, in order
    SimulatedClock clock{Wall(milliseconds(1'800'000'000'000))};
    net::Loop loop{{.simulated = &clock}};
    Zeros random;
    FakeNetwork network{loop, trace};
    FakeEngine engine{trace};
    FakeLedger ledger{trace};
    telemetry::Registry registry;
    ledger::PriceBook prices;
    upstream::SettingsPtr settings;
    upstream::ModelDirectory directory;
    upstream::Circuits circuits{settings->config, clock};
    upstream::AccessTokens tokens{loop, network, ledger, random};
    pipeline::Metrics metrics{registry};
    pipeline::Caller caller{.key = {}, .project = "default", .client = "test"};
    pipeline::Ports ports{.loop = loop,
                          .random = random,
                          .client = network,
                          .engine = engine,
                          .ledger = ledger,
                          .prices = prices,
                          .directory = directory,
                          .circuits = circuits,
                          .tokens = tokens,
                          .metrics = metrics,
                          .settings = settings};
};

inline constexpr NanoUsd kAnswerCost = 5 * 1 + 7 * 10;  // of answer_events() at the rig's prices

}  // namespace hearth::test

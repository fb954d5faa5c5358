// The question to the router: aliases, names that no list has, and that asking changes nothing.
#include "pipeline/plan.h"

#include "rig.h"
#include "unit/pipeline/rows.h"

namespace plan_test {

using namespace hearth;
using namespace hearth::pipeline;

namespace {

Result<route::Plan> plan_of(test::Rig& rig, std::string_view model) {
    return plan_for_chat(rig.ports, "default", model, "Question");
}

std::vector<std::string> names_of(const Result<route::Plan>& plan) {
    std::vector<std::string> names;
    REQUIRE(plan);
    for (const auto& step : plan->steps) names.push_back(step.model->full_name());
    return names;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("plan: candidates in the configured order, and the request is sent to the first") {
    test::Rig rig({"anthropic", "mistral"});
    CHECK(names_of(plan_of(rig, "chain")) == Names{"anthropic/sim", "mistral/sim"});
    rig.network.answer("anthropic", test::answering({"Hello"}));
    CHECK(rig.chat()->status == 200);
    CHECK(rig.ledger.only().intent.to.provider == "anthropic");
    CHECK(rig.ledger.only().intent.to.reason == "fallback 1 of chain");
}

TEST_CASE("plan: an alias stands for its model, a prefix for all names that begin so") {
    test::Rig rig({"mistral"}, [](config::Config& config) {
        config.route.aliases["fast"] = "anthropic/sim";
        config.route.aliases["claude-*"] = "mistral/sim";
    });
    CHECK(names_of(plan_of(rig, "fast")) == Names{"anthropic/sim"});
    CHECK(names_of(plan_of(rig, "claude-anything")) == Names{"mistral/sim"});
    rig.network.answer("anthropic", test::answering({"Hello"}));
    CHECK(rig.chat(exchange::Dialect::openai, false, {}, "fast")->status == 200);
    CHECK(rig.ledger.only().intent.requested_model == "fast");  // as the client wrote it
    CHECK(rig.ledger.only().intent.to.model == "sim");
}

TEST_CASE("plan: a model that no list has works where its provider is known") {
    test::Rig rig({"mistral"}, [](config::Config& config) { config.providers["openai"].models.clear(); });
    REQUIRE(rig.directory.models()->find("openai/some-new-model") == nullptr);
    rig.network.answer("openai", test::answering({"Hello"}));
    const auto client = rig.chat(exchange::Dialect::openai, false, {}, "openai/some-new-model");
    CHECK(client->status == 200);
    CHECK(rig.network.sent.front().body.find(R"("model":"some-new-model")") != std::string::npos);
    CHECK(rig.ledger.only().intent.to.model == "some-new-model");
}

TEST_CASE("plan: nothing is kept of invented names") {
    test::Rig rig({"mistral"}, [](config::Config& config) { config.providers["openai"].models.clear(); });
    const auto before = rig.directory.models();
    const auto count = before->all().size();
    std::weak_ptr<const route::Model> last;
    for (int i = 0; i < 1000; ++i) {
        const auto plan = plan_of(rig, fmt::format("openai/invented-{}", i));
        REQUIRE(plan);
        last = plan->unlisted;
        CHECK_FALSE(last.expired());
    }
    CHECK(last.expired());
    CHECK(rig.directory.models() == before);
    CHECK(rig.directory.models()->all().size() == count);
}

TEST_CASE("plan: a provider's own list rules out what it does not name") {
    test::Rig rig;
    const auto plan = plan_of(rig, "openai/some-new-model");
    REQUIRE_FALSE(plan);
    CHECK(plan.error()->message.find("does not list") != std::string::npos);
    CHECK(names_of(plan_of(rig, "openai/extra-1")) == Names{"openai/extra-1"});
}

TEST_CASE("plan: an unknown name is refused in the ledger, with no upstream asked") {
    test::Rig rig;
    const auto client = rig.chat(exchange::Dialect::openai, false, {}, "no-such-model");
    CHECK(client->status == 404);
    CHECK(rig.ledger.only().settlement.status == ledger::Status::refused);
    CHECK(rig.ledger.only().settlement.error == "not_found");
    CHECK(rig.network.sent.empty());
    CHECK(client->headers.get("x-hearth-route").empty());
}

TEST_CASE("plan_for_chat: explains the decision and changes nothing") {
    test::Rig rig({"anthropic", "mistral"});
    const auto models = rig.directory.models();
    REQUIRE(plan_of(rig, "chain"));
    REQUIRE_FALSE(plan_of(rig, "no-such-model"));
    CHECK(rig.trace.empty());
    CHECK(rig.ledger.entries.empty());
    CHECK(rig.network.sent.empty());
    CHECK(rig.circuits.rows().empty());
    CHECK(rig.circuits.counts().taken == 0);
    CHECK(rig.directory.models() == models);
}

TEST_CASE("plan: files go to the provider that the client named, if it may be asked") {
    test::Rig rig({"mistral"}, [](config::Config& config) {
        config.providers["anthropic"].policy = config::Decision::deny;
    });
    const auto plan_by_header = [&](std::string name) {
        const auto client = rig.client({});
        Ingress ingress;
        ingress.call.kind = exchange::Kind::file;
        ingress.provider = std::move(name);
        RequestContext context(rig.ports, *client, rig.caller, std::move(ingress));
        const auto planned = plan(rig.ports, context);
        if (!planned) return std::string(code_name(planned.error()->code));
        REQUIRE(context.plan.steps.size() == 1);
        return context.plan.steps.front().model->full_name();
    };
    CHECK(plan_by_header("openai") == "openai/file");
    CHECK(plan_by_header("nobody") == "not_found");
    CHECK(plan_by_header("anthropic") == "forbidden");
    CHECK(plan_by_header("groq") == "unauthenticated");  // it has no key here
}

}  // namespace plan_test

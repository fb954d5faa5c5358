// Answers that Hearth makes itself: estimated counts, and the end of a request that only loads a model.
#include "rig.h"

namespace synthetic_test {

using namespace hearth;
using exchange::Dialect;

namespace {

pipeline::Ingress count_in(Dialect dialect) {
    pipeline::Ingress ingress;
    ingress.dialect = dialect;
    ingress.call.kind = exchange::Kind::count;
    return ingress;
}

// The trial is given back without a report on the upstream, which was not asked.
void check_nothing_was_asked(const test::Rig& rig) {
    CHECK(rig.network.sent.empty());
    CHECK(rig.circuits.counts().taken == 1);
    CHECK(rig.circuits.counts().abandoned == 1);
    CHECK(rig.ledger.only().settlement.status == ledger::Status::ok);
    CHECK(rig.ledger.only().settlement.cost == 0);
}

}  // namespace

TEST_CASE("synthetic: a provider that does not count tokens gets an estimate, which says that it is one") {
    test::Rig rig({"mistral"});
    const auto client = rig.client(
        R"({"model":"chain","messages":[{"role":"user","content":"Twelve bytes of text and some more."}]})");
    rig.handle(*client, count_in(Dialect::anthropic));
    CHECK(client->status == 200);
    const auto estimate = *rig.ledger.only().intent.estimated_input_tokens;
    CHECK(estimate > 0);
    CHECK(client->bytes == fmt::format(R"({{"input_tokens":{}}})", estimate));
    CHECK(client->headers.get("x-hearth-warning").starts_with("estimated: mistral does not count tokens"));
    CHECK(rig.ledger.only().settlement.warnings.size() == 1);
    CHECK_FALSE(rig.ledger.only().settlement.usage.input.has_value());
    check_nothing_was_asked(rig);
}

TEST_CASE("synthetic: a provider that counts tokens is asked") {
    test::Rig rig({"anthropic"});
    rig.network.reply("anthropic", test::Reply{.pieces = {R"({"input_tokens":41})"}});
    const auto client = rig.client(test::chat_body(Dialect::anthropic));
    rig.handle(*client, count_in(Dialect::anthropic));
    CHECK(client->bytes == R"({"input_tokens":41})");
    CHECK(client->headers.find("x-hearth-warning") == std::nullopt);
    CHECK(rig.network.sent.front().target == "/v1/messages/count_tokens");
    CHECK(rig.circuits.counts().succeeded == 1);
}

TEST_CASE("synthetic: a request that loads a model is over at once where another provider has the model") {
    for (const bool stream : {false, true}) {
        test::Rig rig({"mistral"});
        const auto client =
            rig.client(fmt::format(R"({{"model":"chain","stream":{}}})", stream ? "true" : "false"));
        rig.handle(*client, test::ingress_of(Dialect::ollama));
        CHECK(client->status == 200);
        CHECK(client->bytes.find(R"("done":true)") != std::string::npos);
        CHECK(client->bytes.find(R"("done_reason":"load")") != std::string::npos);
        CHECK(client->ended());
        check_nothing_was_asked(rig);
    }
}

TEST_CASE("synthetic: an Ollama server loads its model itself") {
    test::Rig rig({"native"});
    const std::string done =
        R"({"model":"sim","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done_reason":"load","done":true})";
    rig.network.reply("native", test::Reply{.pieces = {done}});
    const auto client = rig.client(R"({"model":"chain","stream":false})");
    rig.handle(*client, test::ingress_of(Dialect::ollama));
    CHECK(client->bytes == done);
    CHECK(rig.network.sent.front().body == R"({"model":"sim","stream":false})");
    CHECK(rig.circuits.counts().succeeded == 1);
}

}  // namespace synthetic_test

// A verifier holds a whole answer, rejects it and the next candidate is asked; the rejected attempt stays on the bill.
#include "replacing.h"
#include "rig.h"

namespace verifier_test {

using namespace hearth;
using exchange::Dialect;

namespace {}  // namespace

TEST_CASE("verifier: an accepted answer is sent whole or as a stream, and settled before its end") {
    for (const bool stream : {false, true}) {
        test::Rig rig({"mistral"});
        rig.ports.verifiers = test::kWithMarked;
        rig.network.answer("mistral", test::answering({"Good ", "answer"}));
        const auto client = rig.chat(Dialect::openai, stream);
        CHECK(test::text_of(test::read_answer(Dialect::openai, stream, client->bytes)) == "Good answer");
        CHECK(client->whole == !stream);
        CHECK(rig.step("settle") < rig.step(stream ? "finish" : "respond"));
        CHECK(rig.ledger.only().attempts.empty());
    }
}

TEST_CASE("verifier: when every answer is rejected, the client is told why and all of them are billed") {
    test::Rig rig({"mistral", "openai"});
    rig.ports.verifiers = test::kWithMarked;
    rig.network.answer("mistral", test::answering({"UNFIT"}));
    rig.network.answer("openai", test::answering({"UNFIT too"}));
    const auto client = rig.chat();
    CHECK(client->status == 502);
    CHECK(client->bytes.find("The answer has the mark.") != std::string::npos);
    const auto& entry = rig.ledger.only();
    CHECK(entry.settlement.status == ledger::Status::error);
    CHECK(entry.settlement.error == "answer_rejected");
    CHECK(entry.settlement.cost == test::kAnswerCost);
    CHECK(entry.total_cost() == 2 * test::kAnswerCost);
    CHECK(rig.circuits.counts().failed == 2);
    for (const auto& row : rig.circuits.rows()) CHECK(row.failures == 0);  // they answered
}

TEST_CASE("verifier: an answer that fails on its way is not judged") {
    test::Rig rig({"mistral", "openai"});
    rig.ports.verifiers = test::kWithMarked;
    rig.network.answer("mistral", [](const test::Sent& sent) {
        auto reply = test::answer_to(sent, test::text_events({"UNFIT"}));
        reply.pieces.front().resize(reply.pieces.front().size() / 2);
        reply.cut = true;
        return reply;
    });
    rig.network.answer("openai", test::answering({"Good"}));
    const auto client = rig.chat(Dialect::openai, true);
    CHECK(test::text_of(test::read_answer(Dialect::openai, true, client->bytes)) == "Good");
    CHECK(rig.ledger.only().attempts.front().code == Code::upstream_broken);
}

TEST_CASE("verifier: judges what the client would get, behind the filters") {
    test::Rig rig({"mistral"});
    static const auto make_unfit = [](const pipeline::RequestContext&,
                                      const pipeline::Attempt&) -> std::unique_ptr<pipeline::Verifier> {
        class Judge final : public pipeline::Verifier {
          public:
            Task<pipeline::Judgement> judge(const pipeline::RequestContext&,
                                            const exchange::Answer& answer) override {
                CHECK(test::text_of(answer) == test::kReplacement);
                co_return pipeline::Judgement{};
            }
        };
        return std::make_unique<Judge>();
    };
    const pipeline::VerifierRow rows[] = {{"judge", make_unfit}};
    rig.ports.filters = test::kWithReplacing;
    rig.ports.verifiers = rows;
    rig.network.answer("mistral", test::answering({"[NAME", "_1]"}));
    CHECK(test::text_of(test::read_answer(Dialect::openai, false, rig.chat()->bytes)) == test::kReplacement);
}

TEST_CASE("verifier: the summary that replaces a conversation must not be empty") {
    const auto compact = [](std::vector<std::string> text) {
        test::Rig rig({"mistral", "anthropic"});
        rig.network.answer("mistral", test::answering(std::move(text)));
        rig.network.answer("anthropic", test::answering({"<summary>All that was said.</summary>"}));
        const auto client = rig.client(R"({"model":"chain","input":"A long conversation"})");
        auto ingress = test::ingress_of(Dialect::responses);
        ingress.call.endpoint = "compact";
        rig.handle(*client, std::move(ingress));
        CHECK(client->status == 200);
        return rig.ledger.only().intent.to.provider;
    };
    CHECK(compact({"<summary>What was said.</summary>"}) == "mistral");
    CHECK(compact({"  "}) == "anthropic");
}

}  // namespace verifier_test

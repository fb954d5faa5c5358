// What is reported to an upstream's circuit: one report for each trial, by how the attempt ended.
#include "record_rig.h"

namespace circuit_reports_test {

using namespace hearth;
using namespace hearth::pipeline;
using exchange::Dialect;
using provider::FailureCause;

namespace {

std::string report_of(Outcome outcome) {
    test::Recorded r;
    r.attempt(test::kMistral, std::move(outcome));
    const auto& counts = r.rig.circuits.counts();
    CHECK(counts.taken == 1);
    CHECK(counts.succeeded + counts.failed + counts.abandoned == 1);
    const auto rows = r.rig.circuits.rows();
    REQUIRE(rows.size() == 1);
    auto report = counts.succeeded ? "succeeded" : counts.failed ? "failed" : "abandoned";
    r.settle();
    return fmt::format("{}, {} in a row", report, rows.front().failures);
}

// What the circuit of "mistral" was told after one request: "succeeded", "failed", "abandoned", or "none" without a trial.
std::string report_after(const std::function<void(test::Rig&)>& prepare, bool stream = false,
                         const std::function<void(test::FakeClient&)>& with = {},
                         std::string_view more = {}) {
    test::Rig rig;
    prepare(rig);
    const auto client = rig.client(test::chat_body(Dialect::openai, stream, more));
    if (with) with(*client);
    rig.handle(*client, test::ingress_of(Dialect::openai, stream));
    const auto& counts = rig.circuits.counts();
    CHECK(counts.taken <= 1);
    if (counts.taken == 0) return "none";
    return counts.succeeded ? "succeeded" : counts.failed ? "failed" : "abandoned";
}

std::string report_after(test::Reply reply, bool stream = false) {
    return report_after([&](test::Rig& rig) { rig.network.reply("mistral", std::move(reply)); }, stream);
}

}  // namespace

TEST_CASE("circuit: a report for each result and cause") {
    CHECK(report_of(test::answered()) == "succeeded, 0 in a row");
    CHECK(report_of(test::failing(FailureCause::upstream)) == "failed, 1 in a row");
    CHECK(report_of(test::failing(FailureCause::rate_limited)) == "failed, 0 in a row");
    CHECK(report_of(test::failing(FailureCause::credential)) == "failed, 0 in a row");
    CHECK(report_of(test::failing(FailureCause::model)) == "failed, 0 in a row");
    CHECK(report_of(test::failing(FailureCause::request)) == "abandoned, 0 in a row");
    auto midstream = test::failing(FailureCause::upstream);
    midstream.result = AttemptResult::failed_midstream;
    CHECK(report_of(std::move(midstream)) == "failed, 1 in a row");
    Outcome gone;
    gone.result = AttemptResult::client_disconnected;
    gone.answered = true;
    CHECK(report_of(std::move(gone)) == "abandoned, 0 in a row");
    CHECK(report_of(Outcome{}) == "abandoned, 0 in a row");  // made by Hearth itself
    Outcome passed;
    passed.http_status = 404;
    CHECK(report_of(std::move(passed)) == "abandoned, 0 in a row");
}

TEST_CASE("circuit: every exit of a request closes its trial") {
    const auto good = [](test::Rig& rig) { rig.network.answer("mistral", test::answering({"Hello"})); };
    CHECK(report_after(good) == "succeeded");
    CHECK(report_after(good, true) == "succeeded");
    CHECK(report_after(test::refusal(503)) == "failed");
    CHECK(report_after(test::refusal(400, "invalid_request_error")) == "abandoned");
    CHECK(report_after(test::refusal(401)) == "failed");
    CHECK(report_after(test::Reply{.type = "text/html", .pieces = {"<html>"}}) == "failed");
    CHECK(report_after(test::Reply{.pieces = {"<html>"}}) == "failed");
    CHECK(report_after(test::Reply{.pieces = {"{"}, .cut = true}) == "failed");
    CHECK(report_after(test::Reply{.type = "text/event-stream", .cut = true}, true) == "failed");
    CHECK(report_after(test::Reply{.error = test::error_of(Code::upstream_connect, "Refused.")}) == "failed");
    const auto leaving = [](test::Rig& rig) {
        rig.network.reply("mistral", test::Reply{.pause = seconds(5)});
    };
    CHECK(report_after(leaving, false, [](test::FakeClient& client) { client.leave(); }) == "abandoned");
    // Refused before anything is sent: no candidate has such a part.
    const auto nothing = [](test::Rig&) {};
    CHECK(report_after([](test::Rig& rig) { rig.ledger.refused_provider = "mistral"; }) == "none");
    CHECK(report_after(nothing, false, {}, R"(,"temperature":"hot")") == "none");
}

TEST_CASE("circuit: a request that cannot be written for an upstream abandons the trial") {
    test::Rig rig({"anthropic"});
    // Anthropic has no audio, and translation refuses it after the trial was taken.
    const auto client = rig.client(
        R"({"model":"anthropic/extra-1","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]})");
    rig.handle(*client, test::ingress_of(Dialect::openai));
    CHECK(client->status >= 400);
    CHECK(rig.network.sent.empty());
    CHECK(rig.circuits.counts().taken == 1);
    CHECK(rig.circuits.counts().abandoned == 1);
    CHECK(rig.ledger.only().settlement.cost == 0);
}

}  // namespace circuit_reports_test

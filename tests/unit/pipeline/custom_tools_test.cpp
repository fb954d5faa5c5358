// Calls of functions that stand for the client's custom tools become calls of custom tools again, at every cut of the
// upstream's bytes.
#include "pipeline/delivery/filters.h"
#include "rig.h"
#include "unit/pipeline/rows.h"
#include "wire/dialects.h"

namespace custom_tools_test {

using namespace hearth;
using exchange::Dialect;

namespace {

constexpr std::string_view kInput = "*** \"patch\"\n+ a\\b \u00e9";
const std::vector<std::string> kArguments = {R"({"inp)", R"(ut":"*** \"pa)", R"(tch\"\n+ a\\b )",
                                             "\\u00e9\"}"};

std::string tools_of(Dialect client) {
    if (client == Dialect::responses)
        return R"(,"tools":[{"type":"custom","name":"patch","description":"Edits"},{"type":"function","name":"other","parameters":{"type":"object"}}])";
    return R"(,"tools":[{"type":"custom","custom":{"name":"patch","description":"Edits"}},{"type":"function","function":{"name":"other","parameters":{"type":"object"}}}])";
}

std::vector<exchange::Event> call_events() {
    std::vector<exchange::Event> deltas;
    exchange::ToolCallDelta first;
    first.id = "call_1";
    first.name = "patch";
    deltas.emplace_back(first);
    for (const auto& piece : kArguments) {
        exchange::ToolCallDelta more;
        more.arguments = piece;
        deltas.emplace_back(more);
    }
    exchange::ToolCallDelta other;
    other.call = 1;
    other.id = "call_2";
    other.name = "other";
    other.arguments = R"({"input":"as it is"})";
    deltas.emplace_back(other);
    return test::answer_events(std::move(deltas));
}

bool is_restored(const exchange::Answer& answer) {
    if (answer.choices.empty() || answer.choices.front().tool_calls.size() != 2) return false;
    const auto& calls = answer.choices.front().tool_calls;
    return calls[0].name == "patch" && calls[0].custom && calls[0].arguments == kInput &&
           calls[1].name == "other" && !calls[1].custom && calls[1].arguments == R"({"input":"as it is"})";
}

std::size_t cut_everywhere(Dialect dialect, const std::string& provider, bool stream) {
    test::Rig rig({provider});
    std::size_t size = 1;
    for (std::size_t at = 0; at < size; ++at) {
        rig.network.answer(provider, [&](const test::Sent& sent) {
            auto reply = test::answer_to(sent, call_events());
            size = reply.pieces.front().size();
            return test::cut_at(std::move(reply), at);
        });
        rig.trace.clear();
        const auto client = rig.chat(dialect, stream, tools_of(dialect));
        if (is_restored(test::read_answer(dialect, stream, client->bytes))) continue;
        FAIL_CHECK(wire::dialect_name(dialect) << " from " << provider << ", stream " << stream << ", cut at "
                                               << at << ": " << client->bytes);
        break;
    }
    return size;
}

}  // namespace

TEST_CASE("custom tools: restored in streams across dialects, at every cut of the upstream's bytes") {
    CHECK(cut_everywhere(Dialect::responses, "mistral", true) > 200);
    CHECK(cut_everywhere(Dialect::responses, "anthropic", true) > 200);
    CHECK(cut_everywhere(Dialect::openai, "anthropic", true) > 200);
    CHECK(cut_everywhere(Dialect::openai, "google", true) > 200);
}

TEST_CASE("custom tools: restored in whole answers across dialects, at every cut of the upstream's bytes") {
    CHECK(cut_everywhere(Dialect::responses, "mistral", false) > 100);
    CHECK(cut_everywhere(Dialect::openai, "anthropic", false) > 100);
    CHECK(cut_everywhere(Dialect::openai, "native", false) > 100);
}

TEST_CASE("custom tools: restored in answers of the local engine") {
    for (const bool stream : {false, true}) {
        test::Rig rig({"engine"});
        rig.engine.batches = {call_events()};
        const auto client = rig.chat(Dialect::openai, stream, tools_of(Dialect::openai));
        CHECK(is_restored(test::read_answer(Dialect::openai, stream, client->bytes)));
    }
}

TEST_CASE("custom tools: within one dialect they go out as they are, and the answer is relayed unread") {
    test::Rig rig({"openai"});
    std::string answer;
    rig.network.answer("openai", [&](const test::Sent& sent) {
        CHECK(sent.body.find(R"("type":"custom")") != std::string::npos);
        auto reply = test::answer_to(sent, test::text_events({"Hello"}));
        answer = reply.pieces.front();
        return reply;
    });
    CHECK(rig.chat(Dialect::openai, false, tools_of(Dialect::openai))->bytes == answer);
}

TEST_CASE("custom tools: without any, no filter is made") {
    test::Rig rig;
    const auto made_for = [&](std::string_view tools, bool same_dialect) {
        const auto client = rig.client(test::chat_body(Dialect::openai, false, tools));
        pipeline::RequestContext context(rig.ports, *client, rig.caller, test::ingress_of(Dialect::openai));
        json::Document document;
        REQUIRE(document.parse(client->body));
        context.conversation.request = *context.codec.decode({}, document);
        const route::Model model;
        const route::Step step{.model = &model, .reason = {}};
        pipeline::Attempt attempt(step, false);
        attempt.same_dialect = same_dialect;
        return pipeline::restore_custom_tools(context, attempt) != nullptr;
    };
    CHECK(made_for(tools_of(Dialect::openai), false));
    CHECK_FALSE(made_for(tools_of(Dialect::openai), true));
    CHECK_FALSE(made_for({}, false));
    CHECK_FALSE(made_for(R"(,"tools":[{"type":"function","function":{"name":"f"}}])", false));
}

}  // namespace custom_tools_test

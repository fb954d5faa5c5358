// A conversation replaced by one item: how it is asked for, what the model is asked, what comes back and is sent again.
#include <doctest/doctest.h>

#include "wire/codecs.h"
#include "wire/responses/compaction.h"

namespace responses_compaction_test {

using namespace hearth;
using namespace hearth::exchange;
namespace responses = hearth::wire::responses;

namespace {

Request decoded(std::string_view body, std::string_view endpoint = {}) {
    json::Document document;
    REQUIRE_MESSAGE(document.parse(body), body);
    auto request = wire::client_codec(Dialect::responses)->decode({.endpoint = endpoint}, document);
    REQUIRE_MESSAGE(request, request.error()->message);
    return std::move(*request);
}
const std::string kTalk = R"({"model":"m","tools":[{"type":"function","name":"f"}],"input":[)"
                          R"({"role":"user","content":"q"},{"role":"assistant","content":"a"})";

std::string streamed(const Request& request, std::string_view text) {
    const wire::AnswerContext context{
        .request = &request, .endpoint = {}, .model = "m", .origin = "o", .id = "i", .created_s = 1};
    const auto encoder = wire::client_codec(Dialect::responses)->stream(context);
    std::string out;
    for (const Event& one : {Event(Started{"i", "m", 1}), Event(ReasoningDelta{0, "hm", {}}),
                             Event(TextDelta{0, std::string(text)}), Event(Finish{}),
                             Event(UsageEvent{{.input = 9, .output = 2}, {}}), Event(Done{})})
        encoder->write(one, out);
    return out;
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("compaction: the trigger asks the model for a summary in text") {
    const auto request = decoded(kTalk + R"(,{"type":"compaction_trigger"}]})");
    CHECK(request.compact);
    const auto& chat = request.chat();
    REQUIRE(chat.turns.size() == 3);
    CHECK(chat.turns[2].role == Role::user);
    CHECK(std::get<Text>(chat.turns[2].parts[0]).text.contains("Write a summary"));
    CHECK(chat.tool_choice == ToolChoice{ToolChoice::Mode::none, {}, {}});
    CHECK_FALSE(decoded(kTalk + "]}").compact);
    CHECK(decoded(kTalk + "]}", "compact").compact);
}

TEST_CASE("compaction: the answer is one item, which stands for the conversation afterwards") {
    const auto request = decoded(kTalk + R"(,{"type":"compaction_trigger"}]})");
    const auto out = streamed(request, "We are at step 2.");
    CHECK(count(out, "event: response.output_item.done") == 1);
    CHECK(count(out, "event: response.completed") == 1);
    CHECK(count(out, "output_text") == 0);
    const auto sealed = responses::sealed_summary("We are at step 2.");
    CHECK(out.contains(R"("type":"compaction","encrypted_content":")" + sealed));
    const auto later =
        decoded(R"({"model":"m","input":[{"id":"cmp_1","type":"compaction","encrypted_content":")" + sealed +
                R"("},{"role":"user","content":"go on"}]})");
    REQUIRE(later.chat().turns.size() == 2);
    CHECK(std::get<Text>(later.chat().turns[0].parts[0]).text ==
          "Summary of the conversation so far:\nWe are at step 2.");
    // Somebody else's cannot be read, and stays what it is.
    const auto other = decoded(
        R"({"model":"m","input":[{"type":"compaction","encrypted_content":"gAAAA"},{"role":"user","content":"x"}]})");
    CHECK(std::holds_alternative<Foreign>(other.chat().turns[0].parts[0]));
}

TEST_CASE("compaction: without a summary the answer failed") {
    const auto request = decoded(kTalk + R"(,{"type":"compaction_trigger"}]})");
    const auto out = streamed(request, "  ");
    CHECK(out.contains("event: response.failed"));
    CHECK_FALSE(out.contains("response.completed"));
}

TEST_CASE(
    "compaction: an upstream of the same dialect gets our summary as a message, its own items as they are") {
    const std::string rest = R"(,{"role":"user","content":"x"}],"store":false})";
    const auto sent = [&](const std::string& content) {
        const auto body =
            R"({"model":"m","input":[{"type":"compaction","encrypted_content":")" + content + "\"}" + rest;
        json::Document document;
        REQUIRE(document.parse(body));
        const auto plan = wire::upstream_codec(Dialect::responses)->edits(document, {.provider = "openai"});
        return *text::apply_edits(body, plan.edits);
    };
    CHECK(sent("gAAAA").contains(R"("encrypted_content":"gAAAA")"));
    CHECK(sent(responses::sealed_summary("S")) ==
          R"({"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text",)"
          R"("text":"Summary of the conversation so far:\nS"}]})" +
              rest);
    Request request;
    request.dialect = Dialect::responses;
    request.body = Chat{};
    CHECK(wire::upstream_codec(Dialect::responses)->path_of(request, "compact", "m") == "/responses/compact");
    CHECK(wire::upstream_codec(Dialect::responses)->path_of(request, {}, "m") == "/responses");
}

}  // namespace responses_compaction_test

// The columns of answers against what the encoders write: what is not dropped leaves a trace in the bytes, what is dropped
// leaves none and is a warning.
#include <doctest/doctest.h>

#include "wire/codecs.h"
#include "wire/dialects.h"

namespace answer_features_test {

using namespace hearth;
using namespace hearth::exchange;
using wire::AnswerFeature;
using wire::Support;

namespace {

std::vector<Dialect> clients() {
    std::vector<Dialect> out;
    for (std::size_t i = 0; i < wire::dialects().size(); ++i) {
        if (wire::dialects()[i]->client) out.push_back(static_cast<Dialect>(i));
    }
    return out;
}

struct Marked {
    AnswerFeature feature;
    Event event;
    std::string mark;        // in the bytes, if the client gets it
    std::string other = {};  // the same as Gemini has it: sealed in base64
};
const Marked kMarked[] = {
    {AnswerFeature::text, TextDelta{0, "marktext"}, "marktext"},
    {AnswerFeature::thinking, ReasoningDelta{0, "markthought", {}}, "markthought"},
    {AnswerFeature::thinking_signature, ReasoningDelta{0, {}, "bWFya3NpZw=="}, "bWFya3NpZw",
     "thoughtSignature"},
    {AnswerFeature::refusal, RefusalDelta{0, "markno"}, "markno"},
    {AnswerFeature::tool_call, ToolCallDelta{0, 0, "call_1", "marktool", "{}", false, {}}, "marktool"},
    {AnswerFeature::citation, Citation{0, "https://mark.example", "t", "c", 0, 1}, "mark.example"},
    {AnswerFeature::media, MediaDelta{0, "image/png", "bWFyaw=="}, "bWFyaw=="},
    {AnswerFeature::logprobs, LogprobsDelta{0, {{"marktoken", -0.5, {}}}}, "marktoken"},
};

std::string written(Dialect client, const Event& event) {
    Request request;
    request.dialect = client;
    request.stream = true;
    request.include_usage = true;
    request.sampling.logprobs = true;
    request.extra = {{"include", R"(["reasoning.encrypted_content"])"}};  // Responses includes it on request
    if (client == Dialect::llama) {
        request.kind = Kind::completion;
        request.body = Completion{.prompts = {std::string("x")}, .suffix = {}};
    } else {
        request.body = Chat{};
    }
    const wire::AnswerContext context{
        .request = &request, .endpoint = {}, .model = "m", .origin = "o", .id = "i", .created_s = 1};
    const auto encoder = wire::client_codec(client)->stream(context);
    std::string out;
    for (const Event& one : {Event(Started{"i", "m", 1}), Event(TextDelta{0, "said"}), event,
                             Event(Finish{0, FinishReason::stop, {}}), Event(UsageEvent{}), Event(Done{})})
        encoder->write(one, out);
    return out;
}

}  // namespace

TEST_CASE(
    "answer features are written or dropped as the dialect's column says, with a warning when dropped") {
    for (const auto& [feature, event, mark, other] : kMarked) {
        const auto& row = wire::answer_table()[static_cast<std::size_t>(feature)];
        for (const auto client : clients()) {
            CAPTURE(row.name);
            CAPTURE(wire::dialect_name(client));
            const auto bytes = written(client, event);
            CAPTURE(bytes);
            const bool lost = (*wire::dialect_row(client).answers)[feature].support == Support::dropped;
            const bool there = bytes.contains(mark) || (!other.empty() && bytes.contains(other));
            CHECK(there != lost);
            wire::AnswerFeatures found;
            wire::find(event, found);
            CHECK(found[static_cast<std::size_t>(feature)]);
            const auto warnings = wire::losses(found, client);
            CHECK(std::ranges::any_of(warnings, [&](const std::string& w) {
                      return w.starts_with(std::string(row.name) + ": ");
                  }) == (lost && row.warns));
        }
    }
}

TEST_CASE("a dropped answer feature is reported in one sentence") {
    wire::AnswerFeatures found;
    wire::find(MediaDelta{0, "image/png", "QQ=="}, found);
    wire::find(UsageEvent{{.cached_input = 3}, {}}, found);  // the ledger has it in a column
    CHECK(
        wire::losses(found, Dialect::ollama) ==
        std::vector<std::string>{
            "media: generated images and audio dropped, the client's dialect (ollama) does not support it"});
    CHECK(wire::losses(found, Dialect::responses).empty());
}

}  // namespace answer_features_test

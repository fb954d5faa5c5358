// decode(encode(x)) == x for what the dialect keeps; streams and answers come back from their encoding.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/describe.h"
#include "unit/wire/generators.h"
#include "wire/anthropic/codec.h"
#include "wire/opaque.h"

namespace anthropic_property_test {

using namespace wire_test;
namespace anthropic = hearth::wire::anthropic;

namespace {

Part user_part() {
    switch (draw(6)) {
        case 0:
            return Image{.media_type = "image/png", .data = "QUJD"};
        case 1:
            return Image{.url = "https://" + word()};
        case 2:
            return File{.name = maybe_word(), .data = "QUJD", .media_type = "application/pdf"};
        case 3:
            return File{.name = maybe_word(), .media_type = "text/plain", .text = word()};
        case 4:
            return File{.id = word()};
        default:
            return Text{word(), {}};
    }
}
Part assistant_part(int& calls) {
    switch (draw(4)) {
        case 0:
            return Reasoning{maybe_word(), {word(), ""}};
        case 1:
            return Reasoning{"", {"redacted:" + word(), ""}};
        case 2:
            return ToolCall{.id = "toolu_" + std::to_string(calls++),
                            .name = word(),
                            .arguments = flip() ? "{}" : R"({"a": [1]})"};
        default:
            return Text{word(), {}};
    }
}
// Turns in the order that the dialect keeps: an optional system prompt, then the assistant and, in answer, results and
// the user's words.
std::vector<Turn> some_turns() {
    std::vector<Turn> out;
    int calls = 0;
    if (flip()) out.push_back({.role = Role::system, .parts = {Text{word(), {}}}});
    for (int i = 1 + draw(3); i > 0; --i) {
        for (int results = draw(3); results > 0; --results) {
            Turn turn{
                .role = Role::tool, .tool_call_id = "toolu_" + std::to_string(draw(9)), .is_error = flip()};
            for (int parts = draw(3); parts > 0; --parts) turn.parts.push_back(user_part());
            out.push_back(std::move(turn));
        }
        Turn user{.role = Role::user, .parts = {user_part()}};
        if (flip()) user.parts.push_back(user_part());
        out.push_back(std::move(user));
        if (i == 1 && flip()) break;
        Turn assistant{.role = Role::assistant};
        for (int parts = 1 + draw(4); parts > 0; --parts) assistant.parts.push_back(assistant_part(calls));
        out.push_back(std::move(assistant));
    }
    return out;
}
Request some_own_request() {
    static const std::string kEfforts[] = {"", "low", "high", "max"};
    Request out;
    out.dialect = Dialect::anthropic;
    out.model = word();
    out.user = maybe_word();
    out.stream = flip();
    out.include_usage = true;
    out.sampling.max_tokens = 5000 + draw(1000);
    if (flip()) out.sampling.temperature = draw(11) / 10.0;
    if (flip()) out.sampling.top_p = draw(11) / 10.0;
    if (flip()) out.sampling.top_k = draw(100);
    if (flip()) out.sampling.stop = {word()};
    Chat chat;
    chat.turns = some_turns();
    for (int i = draw(3); i > 0; --i)
        chat.tools.push_back({.name = "t" + std::to_string(i),
                              .description = maybe_word(),
                              .parameters = R"({"type" : "object"})",
                              .strict = flip(),
                              .deferred = flip()});
    using Mode = ToolChoice::Mode;
    if (!chat.tools.empty() && flip())
        chat.tool_choice = flip() ? ToolChoice{Mode::named, chat.tools[0].name, {}}
                                  : ToolChoice{flip() ? Mode::required : Mode::automatic, "", {}};
    if (chat.tool_choice && flip()) chat.parallel_tool_calls = false;
    chat.reasoning_effort = kEfforts[draw(4)];
    chat.thinking.mode = static_cast<Thinking::Mode>(draw(4));
    if (chat.thinking.mode == Thinking::Mode::budget) chat.thinking.budget_tokens = 1024 + draw(3000);
    if (chat.thinking.mode >= Thinking::Mode::adaptive && flip())
        chat.thinking.show = flip() ? "omitted" : "auto";
    if (flip())
        chat.response_format = ResponseFormat{ResponseFormat::Kind::json_schema, "", "",
                                              R"({"type":"object","additionalProperties":false})", false};
    out.body = std::move(chat);
    return out;
}

// A stream of one choice as this dialect can say it, and as it reads when it has come back.
std::vector<Event> some_own_stream() {
    std::vector<Event> out{Started{word(), word(), 0}};
    int calls = 0;
    for (int i = draw(6); i > 0; --i) {
        switch (draw(3)) {
            case 0:
                out.emplace_back(TextDelta{0, word()});
                break;
            case 1:
                if (flip()) out.emplace_back(ReasoningDelta{0, word(), ""});
                out.emplace_back(ReasoningDelta{0, "", word()});
                break;
            default:
                out.emplace_back(ToolCallDelta{0, calls, "toolu_" + std::to_string(calls), word(), ""});
                out.emplace_back(ToolCallDelta{0, calls, "", "", "{\"a\":"});
                out.emplace_back(ToolCallDelta{0, calls++, "", "", "\"}\"}"});
        }
    }
    const bool cut = flip();
    out.emplace_back(Finish{0, calls > 0 ? FinishReason::tool_calls
                               : cut     ? FinishReason::length
                                         : FinishReason::stop});
    out.emplace_back(UsageEvent{{100 + draw(9), 1 + draw(9), draw(50), draw(50), {}}, {}});
    out.emplace_back(Done{});
    return out;
}

void check_stream() {
    const auto events = some_own_stream();
    const Request request;
    const wire::AnswerContext context{&request, "", "model", "prov", "ID", 7};
    const auto encoder = anthropic::client_codec().stream(context);
    std::string bytes;
    for (const auto& event : events) encoder->write(event, bytes);
    const auto decoder = anthropic::upstream_codec().stream(request);
    std::vector<Event> back;
    for (std::string_view rest = bytes; !rest.empty();) {
        const auto size = std::min<std::size_t>(rest.size(), 1 + static_cast<std::size_t>(draw(200)));
        decoder->feed(std::string(rest.substr(0, size)), back);
        rest.remove_prefix(size);
    }
    decoder->finish(back);
    auto expected = events;
    expected[0] = Started{"msg_ID", "model", 0};
    for (auto& event : expected) {  // sealed on the way out; a block of nothing else is a redacted one
        auto* thought = std::get_if<ReasoningDelta>(&event);
        if (thought == nullptr || thought->opaque.empty()) continue;
        const bool alone = &event == expected.data() ||
                           !std::holds_alternative<ReasoningDelta>(*(&event - 1)) ||
                           !std::get<ReasoningDelta>(*(&event - 1)).opaque.empty();
        thought->opaque = (alone ? "redacted:" : "") + wire::seal("prov", thought->opaque);
    }
    RC_ASSERT(describe(back) == describe(expected));
}

}  // namespace

TEST_CASE("anthropic: requests come back from their encoding") {
    CHECK(rc::check("chat", [] {
        const auto request = some_own_request();
        const auto body = anthropic::upstream_codec().encode(request, {.provider = "p"});
        json::Document document;
        RC_ASSERT(document.parse(body).has_value());
        const auto back = anthropic::client_codec().decode({}, document);
        if (!back) RC_FAIL(back.error()->message + " in " + body);
        if (!(*back == request))
            RC_FAIL(body + "\n came back as\n" + anthropic::upstream_codec().encode(*back, {}));
    }));
}

TEST_CASE("anthropic: streams come back from their encoding, however they are cut") {
    CHECK(rc::check("stream", check_stream));
}

TEST_CASE("anthropic: any stream is written as blocks one after the other") {
    CHECK(rc::check("order", [] {
        const Request request;
        const wire::AnswerContext context{&request, "", "model", "prov", "ID", 7};
        const auto encoder = anthropic::client_codec().stream(context);
        std::string bytes;
        const auto events = some_stream(Kind::chat, 1 + draw(2));
        for (const auto& event : events) encoder->write(event, bytes);
        text::SseDecoder sse;
        sse.feed(bytes);
        text::SseEvent event;
        std::int64_t open = -1, next = 0;
        std::string last;
        while (*sse.next(event)) {
            json::Document document;
            const auto root = *document.parse(event.data);
            const auto index = root["index"].as_int().value_or(-1);
            RC_ASSERT(root["type"].as_string() == event.event);
            if (event.event == "content_block_start") {
                RC_ASSERT(open == -1);
                RC_ASSERT(index == next++);
                open = index;
            } else if (index >= 0) {
                RC_ASSERT(index == open);
                if (event.event == "content_block_stop") open = -1;
            } else {
                RC_ASSERT(open == -1);
            }
            last = event.event;
        }
        RC_ASSERT(last == "message_stop");
    }));
}

TEST_CASE("anthropic: whole answers come back from their encoding") {
    CHECK(rc::check("answer", [] {
        Answer answer;
        for (auto& event : some_own_stream()) fold(answer, std::move(event));
        const Request request;
        const wire::AnswerContext context{&request, "", "model", "prov", "ID", 7};
        const auto body = anthropic::client_codec().whole(context, answer);
        json::Document scratch;
        const auto back = anthropic::upstream_codec().whole(Kind::chat, body, scratch);
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->usage == answer.usage);
        RC_ASSERT(back->choices[0].text == answer.choices[0].text);
        RC_ASSERT(back->choices[0].tool_calls == answer.choices[0].tool_calls);
        RC_ASSERT(back->choices[0].finish == answer.choices[0].finish);
        RC_ASSERT(back->choices[0].reasoning.size() == answer.choices[0].reasoning.size());
    }));
}

}  // namespace anthropic_property_test

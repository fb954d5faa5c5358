// Streams of Ollama, read and written.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/describe.h"
#include "unit/wire/generators.h"
#include "wire/codecs.h"
#include "wire/ollama/stream.h"

namespace ollama_stream_test {

using namespace wire_test;
namespace ollama = hearth::wire::ollama;

namespace {

std::string read(std::string_view bytes, std::size_t step) {
    ollama::StreamDecoder decoder;
    std::vector<Event> events;
    for (std::size_t at = 0; at < bytes.size(); at += step)
        decoder.feed(std::string(bytes.substr(at, step)), events);
    decoder.finish(events);
    return describe(events) + describe(decoder.facts());
}

std::string events_of(std::string_view bytes) {
    const auto whole = read(bytes, bytes.size() + 1);
    for (std::size_t step = 1; step < std::min<std::size_t>(bytes.size(), 300); ++step) {
        CAPTURE(step);
        REQUIRE(read(bytes, step) == whole);
    }
    return whole;
}

wire::AnswerContext context_of(const Request& request, std::string_view endpoint) {
    wire::AnswerContext context;
    context.request = &request;
    context.endpoint = endpoint;
    context.model = "alias";
    context.id = "abcdefghijklmnopqrstuvwx";
    context.created_s = 1'700'000'000;
    return context;
}

std::string written(const std::vector<Event>& events, const Request& request, std::string_view endpoint) {
    const auto encoder = wire::client_codec(Dialect::ollama)->stream(context_of(request, endpoint));
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    return out;
}

Request asked(Kind kind = Kind::chat) {
    Request out;
    out.dialect = Dialect::ollama;
    out.kind = kind;
    if (kind == Kind::chat) {
        Chat chat;
        chat.turns.emplace_back();
        out.body = std::move(chat);
    } else {
        out.body = Completion{{"p"}, std::nullopt};
    }
    return out;
}

constexpr std::string_view kHead = R"({"model":"alias","created_at":"2023-11-14T22:13:20.000000000Z")";

}  // namespace

TEST_CASE("ollama: a stream with thinking, text, calls and counts") {
    CHECK(
        events_of(
            R"({"model":"m","created_at":"t","message":{"role":"assistant","content":"","thinking":"hm"},"done":false})"
            "\r\n\n"
            R"({"model":"m","message":{"role":"assistant","content":"Hé"},"done":false})"
            "\n"
            R"({"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"id":"c","function":{"name":"f","arguments":{"a" : 1}}}]},"done":false})"
            "\n"
            R"({"model":"m","message":{"role":"assistant","tool_calls":[{"id":"d","function":{"index":1,"name":"g"}}]}})"
            "\n"
            R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
            R"("total_duration":9,"prompt_eval_count":7,"prompt_eval_duration":2000000,"eval_count":3,"eval_duration":4500000})"
            "\n") ==
        "started \"\" \"m\" 0\nreasoning 0 \"hm\"\ntext 0 \"Hé\"\ncall 0 0 \"c\" \"f\" \"{\\\"a\\\" : 1}\"\n"
        "call 0 1 \"d\" \"g\" \"{}\"\nfinish 0 tool_calls\n"
        "usage in=7 out=3 cached=? written=? reasoning=? timings 0 7 3 2 4.5\ndone\n"
        "events=5 content=true done=true finish[0]=tool_calls in=7 out=3\n");
}

TEST_CASE("ollama: generations, reasons, and a last line without its end") {
    CHECK(events_of(R"({"model":"m","response":"a","thinking":"t","done":false})"
                    "\n"
                    R"({"model":"m","response":"","done":true,"done_reason":"length","eval_count":1})") ==
          "started \"\" \"m\" 0\nreasoning 0 \"t\"\ntext 0 \"a\"\nfinish 0 length\n"
          "usage in=? out=1 cached=? written=? reasoning=?\ndone\n"
          "events=2 content=true done=true finish[0]=length in=? out=1\n");
    CHECK(events_of(R"({"model":"m","response":"","done":true,"done_reason":"load"})"
                    "\n") ==
          "started \"\" \"m\" 0\nfinish 0 stop\ndone\nevents=1 content=true done=true finish[0]=stop\n");
}

TEST_CASE("ollama: streams that fail") {
    const auto ends_with = [](std::string_view bytes, std::string_view tail) {
        const auto got = events_of(bytes);
        CAPTURE(got);
        CHECK(got.find(tail) != std::string::npos);
        CHECK(got.find("done\n") == std::string::npos);
    };
    const std::string begun = R"({"message":{"content":"a"},"done":false})"
                              "\n";
    ends_with(
        begun,
        "error upstream_broken \"The upstream's stream was cut after event 1, before a finish reason.\"");
    ends_with(begun + R"({"message":{"cont)", "cut after event 1");
    ends_with("", "The upstream's stream ended without an answer.");
    ends_with(begun + "<html>\n" + begun, "Line 2 of the upstream's stream is not a JSON object.");
    ends_with(begun + R"({"error":"model runner has stopped"})"
                      "\n",
              "error upstream_failed \"The upstream reported an error: model runner has stopped\"");
    ends_with(begun + R"({"error":"slow down","status_code":429})", "error rate_limited");
    ends_with(R"({"message":{"tool_calls":["x"]}})"
              "\n",
              "error upstream_broken");
}

TEST_CASE("ollama: calls without ids get different ones in different answers") {
    const auto id_in = [](std::string_view created) {
        ollama::StreamDecoder decoder;
        std::vector<Event> events;
        decoder.feed(
            fmt::format(R"({{"created_at":"{}","message":{{"tool_calls":[{{"function":{{"name":"f"}}}},)"
                        R"({{"function":{{"name":"f"}}}}]}}}})"
                        "\n",
                        created),
            events);
        REQUIRE(events.size() == 3);
        CHECK(std::get<ToolCallDelta>(events[1]).id != std::get<ToolCallDelta>(events[2]).id);
        return std::get<ToolCallDelta>(events[1]).id;
    };
    CHECK(id_in("2026-08-21T18:48:22.1Z") != id_in("2026-08-21T18:48:22.2Z"));
    CHECK(id_in("2026-08-21T18:48:22.1Z").starts_with("call_"));
}

TEST_CASE("ollama: a chat is written as Ollama sends it") {
    const auto request = asked();
    const std::string head(kHead);
    const auto line = [&](std::string_view message) {
        return head + R"(,"message":{"role":"assistant","content":)" + std::string(message) +
               "},\"done\":false}\n";
    };
    CHECK(written({Started{"upstream's", "own", 1}, ReasoningDelta{0, "hm", ""}, ReasoningDelta{0, "", "sig"},
                   TextDelta{0, "a\"b"}, ToolCallDelta{0, 0, "c1", "f", "{\"x\":", false},
                   ToolCallDelta{0, 1, "c2", "g", "", false}, ToolCallDelta{0, 0, "", "", "1}", false},
                   Finish{0, FinishReason::tool_calls, ""},
                   UsageEvent{{10, 4, 6, {}, {}}, Timings{6, 4, 4, 1.5, 20.25}}, Done{}},
                  request, "chat") ==
          line(R"("","thinking":"hm")") + line(R"("a\"b")") +
              line(R"("","tool_calls":[{"id":"c1","function":{"index":0,"name":"f","arguments":{"x":1}}},)"
                   R"({"id":"c2","function":{"index":1,"name":"g","arguments":{}}}])") +
              head +
              R"(,"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
              R"("total_duration":21750000,"load_duration":0,"prompt_eval_count":10,)"
              R"("prompt_eval_duration":1500000,"eval_count":4,"eval_duration":20250000})"
              "\n");
}

TEST_CASE("ollama: generations, loads and errors are written as Ollama sends them") {
    const std::string head(kHead);
    CHECK(written({Started{}, TextDelta{0, "a"}, Finish{0, FinishReason::length, ""},
                   UsageEvent{{3, 1, {}, {}, {}}, {}}, Done{}, TextDelta{0, "late"}},
                  asked(Kind::completion), "generate") ==
          head + ",\"response\":\"a\",\"done\":false}\n" + head +
              R"(,"response":"","done":true,"done_reason":"length","prompt_eval_count":3,"eval_count":1})"
              "\n");
    auto load = asked();
    std::get<Chat>(load.body).turns.clear();
    const std::vector<Event> nothing = {Started{}, Finish{}, UsageEvent{{0, 0, {}, {}, {}}, {}}, Done{}};
    CHECK(written(nothing, load, "chat") ==
          head + R"(,"message":{"role":"assistant","content":""},"done":true,"done_reason":"load"})"
                 "\n");
    load.keep_alive_s = 0;
    CHECK(written(nothing, load, "generate") == head + R"(,"response":"","done":true,"done_reason":"unload"})"
                                                       "\n");
    Error error;
    error.code = Code::upstream_broken;
    error.message = "It broke.";
    CHECK(written({Started{}, error, Done{}}, asked(), "chat") == "{\"error\":\"It broke.\"}\n");
}

TEST_CASE("ollama: what the encoder writes, the decoder reads back") {
    CHECK(rc::check([] {
        Answer sent, got;
        for (auto& event : some_stream(Kind::chat, 1)) fold(sent, std::move(event));
        for (auto& call : sent.choices[0].tool_calls) call.arguments = R"({"a":1})";
        sent.usage.cached_input = sent.usage.cache_write_input = sent.usage.reasoning_output = std::nullopt;
        const auto bytes = written(unfold(sent), asked(), "chat");
        ollama::StreamDecoder decoder;
        std::vector<Event> events;
        decoder.feed(bytes, events);
        decoder.finish(events);
        for (auto& event : events) fold(got, std::move(event));
        RC_ASSERT(got.done);
        const auto &a = sent.choices[0], &b = got.choices[0];
        RC_ASSERT(b.text == a.text + a.refusal || b.text == a.refusal + a.text);
        RC_ASSERT(b.reasoning_text() == a.reasoning_text());
        RC_ASSERT(b.tool_calls == a.tool_calls);
        RC_ASSERT(b.logprobs == a.logprobs);
        RC_ASSERT(got.usage == sent.usage);
        RC_ASSERT(b.finish == (a.finish == FinishReason::content_filter ? FinishReason::stop : a.finish));
    }));
}

TEST_CASE("ollama: relayed in its own bytes, the end held back until settlement") {
    const auto relay = wire::upstream_codec(Dialect::ollama)->relay({});
    const std::string text = R"({"model":"m","message":{"content":"a"},"done":false})"
                             "\n";
    const std::string end =
        R"({"model":"m","message":{"content":""},"done":true,"done_reason":"stop","eval_count":1})"
        "\n";
    std::string out;
    const std::string bytes = text + end;
    for (const char byte : bytes) {
        for (const auto piece : relay->feed({&byte, 1})) out += piece;
    }
    CHECK(out == text);
    CHECK(relay->over());
    CHECK(relay->facts().usage->output == 1);
    CHECK(relay->finish() == end);

    const auto cut = wire::upstream_codec(Dialect::ollama)->relay({});
    REQUIRE(cut->feed(text).size() == 1);
    CHECK(cut->finish() ==
          "{\"error\":\"The upstream's stream was cut after event 1, before a finish reason.\"}\n");
}

}  // namespace ollama_stream_test

// Streams of an upstream of this dialect: read whole, cut at every byte, broken, and relayed.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/anthropic/codec.h"

namespace anthropic_stream_in_test {

using namespace wire_test;
namespace anthropic = hearth::wire::anthropic;

namespace {

std::string sse(std::initializer_list<std::string_view> datas) {
    std::string out;
    for (const auto data : datas) {
        json::Document document;
        const auto root = document.parse(data);
        if (root && (*root)["type"]) out += fmt::format("event: {}\n", (*root)["type"].as_string());
        out += fmt::format("data: {}\n\n", data);
    }
    return out;
}
struct Read {
    std::string events;
    wire::AnswerFacts facts;
};
Read read(std::string_view bytes, std::size_t cut = 0) {
    const exchange::Request request;
    const auto decoder = anthropic::upstream_codec().stream(request);
    std::vector<exchange::Event> events;
    if (cut > 0) decoder->feed(std::string(bytes.substr(0, cut)), events);
    decoder->feed(std::string(bytes.substr(cut)), events);
    decoder->finish(events);
    return {describe(events), decoder->facts()};
}

const std::string kStart =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],)"
    R"("stop_reason":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}})";
const std::string kFull = sse(
    {kStart,
     R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
     R"({"type":"ping"})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"SI"}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"G"}})",
     R"({"type":"content_block_stop","index":0})",
     R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"RD"}})",
     R"({"type":"content_block_stop","index":1})",
     R"({"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}})",
     R"({"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"hé 漢"}})",
     R"({"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://x","title":"T","cited_text":"q"}}})",
     R"({"type":"content_block_stop","index":2})",
     R"({"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}})",
     R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"query\":1}"}})",
     R"({"type":"content_block_stop","index":3})",
     R"({"type":"news","x":1})",
     R"({"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})",
     R"({"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":""}})",
     R"({"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
     R"({"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"1}"}})",
     R"({"type":"content_block_stop","index":4})",
     R"({"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"toolu_2","name":"g","input":{}}})",
     R"({"type":"content_block_stop","index":5})",
     R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":42}})",
     R"({"type":"message_stop"})"});
const std::string kFullRead =
    "started \"msg_1\" \"claude\" 0\n"
    "reasoning 0 \"hm\"\n"
    "reasoning 0 \"\" opaque \"SIG\"\n"
    "reasoning 0 \"\" opaque \"redacted:RD\"\n"
    "text 0 \"hé 漢\"\n"
    "citation 0 \"https://x\" \"T\" \"q\" 0 4\n"
    "call 0 0 \"toolu_1\" \"f\" \"\"\n"
    "call 0 0 \"\" \"\" \"{\\\"a\\\":\"\n"
    "call 0 0 \"\" \"\" \"1}\"\n"
    "call 0 1 \"toolu_2\" \"g\" \"\"\n"
    "call 0 1 \"\" \"\" \"{}\"\n"
    "finish 0 tool_calls\n"
    "usage in=17 out=42 cached=4 written=3 reasoning=?\n"
    "done\n";

std::string only_text(const std::string& end) {
    return sse({kStart,
                R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
                R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}})",
                R"({"type":"content_block_stop","index":0})"}) +
           end;
}
const std::string kStop = sse({R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}})"});

}  // namespace

TEST_CASE("anthropic: a stream with everything, cut at every byte") {
    CHECK(read(kFull).events == kFullRead);
    CHECK(read(kFull).facts.content);
    CHECK(read(kFull).facts.done);
    for (std::size_t cut = 1; cut < kFull.size(); ++cut)
        REQUIRE_MESSAGE(read(kFull, cut).events == kFullRead, cut);
    std::string crlf;
    for (const char c : kFull) c == '\n' ? crlf += "\r\n" : crlf += c;
    CHECK(read(crlf).events == kFullRead);
    std::string nameless;
    for (std::size_t at = 0; at < kFull.size();) {
        const auto next = kFull.find('\n', at) + 1;
        const auto line = std::string_view(kFull).substr(at, next - at);
        if (!line.starts_with("event:")) nameless += line;
        at = next;
    }
    CHECK(read(nameless).events == kFullRead);
}

TEST_CASE("anthropic: where a stream may end") {
    const std::string whole =
        "started \"msg_1\" \"claude\" 0\ntext 0 \"a\"\nfinish 0 stop\n"
        "usage in=17 out=1 cached=4 written=3 reasoning=?\ndone\n";
    CHECK(read(only_text(kStop + sse({R"({"type":"message_stop"})"}))).events == whole);
    CHECK(read(only_text(kStop)).events == whole);
    CHECK(read(only_text(kStop + "event: message_stop\ndata: {\"ty")).events == whole);
    CHECK(read(only_text(kStop + kStop)).events == whole);
    CHECK(read(only_text(sse({kStart}) + kStop)).events == whole);
    for (const std::string& cut :
         {only_text(""), only_text("event: message_delta\ndata: {\"type\":"), std::string()}) {
        const auto out = read(cut);
        REQUIRE(out.facts.failure);
        CHECK(out.facts.failure->code == Code::upstream_broken);
        CHECK(out.events.find("done") == std::string::npos);
    }
    CHECK(read("data: {oops\n\n").facts.failure->code == Code::upstream_broken);
}

TEST_CASE("anthropic: usage in message_delta replaces usage in message_start") {
    const auto usage = [](const std::string& delta) {
        return read(
                   sse({R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":34824,"output_tokens":0}}})",
                        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)" + delta +
                            "}"}))
            .facts.usage;
    };
    CHECK(
        usage(
            R"({"input_tokens":3883,"output_tokens":49,"cache_creation_input_tokens":0,"cache_read_input_tokens":30464})") ==
        exchange::Usage{34347, 49, 30464, 0, {}});
    CHECK(usage(R"({"input_tokens":0,"output_tokens":5,"cache_read_input_tokens":0})") ==
          exchange::Usage{34824, 5, {}, {}, {}});
    CHECK(usage("{}") == exchange::Usage{34824, 0, {}, {}, {}});
}

TEST_CASE("anthropic: inputs given whole, and stop reasons") {
    const auto out = read(sse(
        {kStart,
         R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"i","name":"f","input":{"a":1}}})",
         R"({"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"}})"}));
    CHECK(out.events.find("call 0 0 \"\" \"\" \"{\\\"a\\\":1}\"\nfinish 0 stop at \"END\"\n") !=
          std::string::npos);
    const auto reason = [](const std::string& word) {
        return *read(sse({kStart, R"({"type":"message_delta","delta":{"stop_reason":")" + word + "\"}}"}))
                    .facts.finish[0];
    };
    using R = exchange::FinishReason;
    CHECK(reason("max_tokens") == R::length);
    CHECK(reason("model_context_window_exceeded") == R::length);
    CHECK(reason("refusal") == R::content_filter);
    CHECK(reason("pause_turn") == R::pause);
    CHECK(reason("tool_use") == R::tool_calls);
    CHECK(reason("whatever") == R::stop);
}

TEST_CASE("anthropic: an error event") {
    const std::string body = R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
    const auto out = read(only_text(sse({body})));
    REQUIRE(out.facts.failure);
    CHECK(out.facts.failure->code == Code::upstream_failed);
    CHECK(out.facts.failure->http_status == 529);
    CHECK(out.facts.failure->upstream_body == body);
    CHECK(out.events.ends_with("error upstream_failed \"The upstream reported an error: Overloaded\"\n"));
    CHECK(read(sse({R"({"type":"error","error":{"type":"rate_limit_error","message":"w"}})"}))
              .facts.failure->code == Code::rate_limited);
}

TEST_CASE("anthropic: too much of a stream is refused") {
    std::string many = sse({kStart});
    for (int i = 0; i < 100; ++i)
        many += sse({fmt::format(
            R"({{"type":"content_block_start","index":{},"content_block":{{"type":"text","text":""}}}})",
            i)});
    CHECK(read(many).facts.failure->message == "The upstream sent too many content blocks.");
    std::string calls = sse({kStart});
    for (int i = 0; i < 1100; ++i)
        calls += sse(
            {R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"i","name":"f"}})"});
    CHECK(read(calls).facts.failure->message == "The upstream sent too many content blocks.");
}

TEST_CASE("anthropic: a relay passes the bytes on and holds the prologue and the end") {
    const auto relay = anthropic::upstream_codec().relay({});
    std::string passed;
    for (const auto part : relay->feed(sse({kStart}))) passed += part;
    CHECK(passed.empty());
    CHECK_FALSE(relay->promised());
    for (const auto part : relay->feed(kFull.substr(sse({kStart}).size()))) passed += part;
    CHECK(relay->promised());
    CHECK(passed.find("message_stop") == std::string::npos);
    passed += relay->finish();
    CHECK(passed == kFull);
    CHECK(describe(relay->facts()) == describe(read(kFull).facts));
    const auto broken = anthropic::upstream_codec().relay({});
    for (const auto part : broken->feed(only_text(""))) passed += part;
    CHECK(broken->finish().find("event: error\ndata: {\"type\":\"error\"") == 0);
}

}  // namespace anthropic_stream_in_test

// Streams as the client of the Messages API gets them, line by line.
#include <doctest/doctest.h>

#include "wire/anthropic/codec.h"
#include "wire/anthropic/stream_encoder.h"
#include "wire/opaque.h"

namespace anthropic_stream_out_test {

using namespace hearth;
using namespace hearth::exchange;
namespace anthropic = hearth::wire::anthropic;

namespace {

// The stream's data lines, each behind its event's name; message_start and message_stop are checked and cut off.
std::string written(const std::vector<Event>& events, const Request& request = {}) {
    wire::AnswerContext context{&request, "", "claude-x", "prov", "ID", 7};
    const auto encoder = anthropic::client_codec().stream(context);
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    const std::string head =
        "event: message_start\ndata: "
        "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_ID\",\"type\":\"message\","
        "\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":"
        "null,"
        "\"usage\":{\"input_tokens\":0,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
        "\"output_tokens\":0}}}\n\n";
    const std::string end = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    if (out.starts_with(head)) out.erase(0, head.size());
    if (out.ends_with(end)) out.erase(out.size() - end.size());
    return out;
}
std::string begin(int index, const std::string& block) {
    return "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":" +
           std::to_string(index) + ",\"content_block\":" + block + "}\n\n";
}
std::string delta(int index, const std::string& what) {
    return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" +
           std::to_string(index) + ",\"delta\":" + what + "}\n\n";
}
std::string stop(int index) {
    return "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":" +
           std::to_string(index) + "}\n\n";
}
std::string end(const std::string& reason, const std::string& usage = R"({"output_tokens":0})",
                const std::string& sequence = "null") {
    return "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + reason +
           "\",\"stop_sequence\":" + sequence + "},\"usage\":" + usage + "}\n\n";
}
const std::string kText = R"({"type":"text","text":""})";
std::string said(const std::string& words) {
    return R"({"type":"text_delta","text":")" + words + "\"}";
}
std::string tool(const std::string& id, const std::string& name) {
    return R"({"type":"tool_use","id":")" + id + R"(","name":")" + name + R"(","input":{}})";
}
std::string input(const std::string& escaped) {
    return R"({"type":"input_json_delta","partial_json":")" + escaped + "\"}";
}
ToolCallDelta call(int number, std::string id, std::string name, std::string arguments) {
    return {0, number, std::move(id), std::move(name), std::move(arguments)};
}

}  // namespace

TEST_CASE("anthropic: text, usage behind the finish") {
    const UsageEvent usage{{100, 9, 30, 20, {}}, {}};
    const auto out = written({Started{"theirs", "their-model", 1}, TextDelta{0, ""}, TextDelta{0, "a"},
                              TextDelta{1, "other choice"}, TextDelta{0, "\"b\n"}, Finish{}, usage, Done{}});
    CHECK(out == begin(0, kText) + delta(0, said("a")) + delta(0, said("\\\"b\\n")) + stop(0) +
                     end("end_turn", R"({"input_tokens":50,"cache_creation_input_tokens":20,)"
                                     R"("cache_read_input_tokens":30,"output_tokens":9})"));
    CHECK(written({Started{}, Finish{}, Done{}}) == end("end_turn"));
    CHECK(written({Started{}, TextDelta{0, "a"}, Done{}}) ==
          begin(0, kText) + delta(0, said("a")) + stop(0) + end("end_turn"));
}

TEST_CASE("anthropic: stop reasons") {
    const auto reason = [](Finish finish) { return written({Started{}, std::move(finish), Done{}}); };
    CHECK(reason({0, FinishReason::length, ""}) == end("max_tokens"));
    CHECK(reason({0, FinishReason::stop, "END"}) ==
          end("stop_sequence", R"({"output_tokens":0})", "\"END\""));
    CHECK(reason({0, FinishReason::content_filter, ""}) == end("refusal"));
    CHECK(reason({0, FinishReason::pause, ""}) == end("pause_turn"));
    CHECK(reason({0, FinishReason::tool_calls, ""}) == end("tool_use"));
    CHECK(written({Started{}, RefusalDelta{0, "no"}, Finish{}, Done{}}) ==
          begin(0, kText) + delta(0, said("no")) + stop(0) + end("refusal"));
    CHECK(written({Started{}, call(0, "c", "f", "{}"), Finish{}, Done{}}).ends_with(end("tool_use")));
}

TEST_CASE("anthropic: thinking, signed, unsigned and redacted") {
    const std::string thinking = R"({"type":"thinking","thinking":"","signature":""})";
    const auto signature = [](const std::string& data) {
        return R"({"type":"signature_delta","signature":"hearth:1:prov:)" + data + "\"}";
    };
    CHECK(written({Started{}, ReasoningDelta{0, "a", ""}, ReasoningDelta{0, "b", ""},
                   ReasoningDelta{0, "", "SIG"}, ReasoningDelta{0, "", "redacted:D"},
                   ReasoningDelta{0, "c", ""}, TextDelta{0, "t"}, Finish{}, Done{}}) ==
          begin(0, thinking) + delta(0, R"({"type":"thinking_delta","thinking":"a"})") +
              delta(0, R"({"type":"thinking_delta","thinking":"b"})") + delta(0, signature("SIG")) + stop(0) +
              begin(1, R"({"type":"redacted_thinking","data":"hearth:1:prov:redacted:D"})") + stop(1) +
              begin(2, thinking) + delta(2, R"({"type":"thinking_delta","thinking":"c"})") +
              delta(2, signature("")) + stop(2) + begin(3, kText) + delta(3, said("t")) + stop(3) +
              end("end_turn"));
    Request request;
    Chat quiet;
    quiet.thinking.show = "omitted";
    request.body = quiet;
    CHECK(written({Started{}, ReasoningDelta{0, "a", ""}, ReasoningDelta{0, "b", ""}, TextDelta{0, "t"},
                   Finish{}, Done{}},
                  request) == begin(0, thinking) + delta(0, signature("text:ab")) + stop(0) +
                                  begin(1, kText) + delta(1, said("t")) + stop(1) + end("end_turn"));
    std::vector<Event> many{Started{}};
    many.resize(18, ReasoningDelta{0, "x", ""});
    const auto pinged = written(many, request);
    CHECK(pinged.find("event: ping\ndata: {\"type\": \"ping\"}\n\n") != std::string::npos);
}

TEST_CASE("anthropic: one call after the other") {
    CHECK(written({Started{}, TextDelta{0, "t"}, call(0, "c0", "f", ""), call(0, "", "", "{\"a\":"),
                   call(0, "", "", "\"}\"}"), call(1, "", "g", "{}"), call(0, "", "", " "),
                   Finish{0, FinishReason::tool_calls, ""}, Done{}}) ==
          begin(0, kText) + delta(0, said("t")) + stop(0) + begin(1, tool("c0", "f")) +
              delta(1, input("{\\\"a\\\":")) + delta(1, input("\\\"}\\\"}")) + stop(1) +
              begin(2, tool("toolu_ID1", "g")) + delta(2, input("{}")) + stop(2) + end("tool_use"));
    CHECK(
        written({Started{}, call(0, "functions.f:0", "f", "{}"), Finish{}, Done{}}).find("functions_f_0_") !=
        std::string::npos);
}

TEST_CASE("anthropic: interleaved tool calls are written one after the other") {
    const auto out =
        written({Started{}, call(0, "c0", "f", ""), call(1, "c1", "g", "{\"b\""), TextDelta{0, "t1"},
                 call(0, "", "", "{\"a\":1"), call(2, "c2", "h", ""), call(1, "", "", ":2}"),
                 TextDelta{0, "t2"}, call(0, "", "", "}"), call(2, "", "", "{}"), Finish{}, Done{}});
    CHECK(out == begin(0, tool("c0", "f")) + delta(0, input("{\\\"a\\\":1")) + delta(0, input("}")) +
                     stop(0) + begin(1, tool("c1", "g")) + delta(1, input("{\\\"b\\\":2}")) + stop(1) +
                     begin(2, kText) + delta(2, said("t1")) + stop(2) + begin(3, tool("c2", "h")) +
                     delta(3, input("{}")) + stop(3) + begin(4, kText) + delta(4, said("t2")) + stop(4) +
                     end("tool_use"));
    // Calls without arguments are known to be whole only at the end.
    CHECK(written({Started{}, call(0, "c0", "f", ""), call(1, "c1", "g", ""), Finish{}, Done{}}) ==
          begin(0, tool("c0", "f")) + stop(0) + begin(1, tool("c1", "g")) + stop(1) + end("tool_use"));
}

TEST_CASE("anthropic: buffered stream state is bounded") {
    std::vector<Event> events{Started{}, call(0, "c0", "f", "{")};
    for (int i = 0; i < 20; ++i) events.emplace_back(call(1, "c1", "g", std::string(1 << 20, 'x')));
    events.emplace_back(Done{});
    const auto out = written(events);
    CHECK(out.find("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"") !=
          std::string::npos);
    CHECK(out.find("message_stop") == std::string::npos);
}

TEST_CASE("anthropic: signatures of calls and citations") {
    auto signed_call = call(0, "c0", "f", "{}");
    signed_call.opaque = "TS";
    CHECK(written({Started{}, signed_call, Finish{}, Done{}}) ==
          begin(0, R"({"type":"redacted_thinking","data":"hearth:1:prov:call:TS"})") + stop(0) +
              begin(1, tool("c0", "f")) + delta(1, input("{}")) + stop(1) + end("tool_use"));
    CHECK(
        written(
            {Started{}, TextDelta{0, "a"}, Citation{0, "https://x", "T", "quote", 0, 1}, Finish{}, Done{}}) ==
        begin(0, kText) + delta(0, said("a")) +
            delta(
                0,
                R"({"type":"citations_delta","citation":{"type":"web_search_result_location",)"
                R"("cited_text":"quote","url":"https://x","title":"T","encrypted_index":"hearth:1:prov:"}})") +
            stop(0) + end("end_turn"));
}

TEST_CASE("anthropic: an error ends the stream") {
    Error error;
    error.code = Code::upstream_timeout;
    error.message = "stalled";
    const auto out = written({Started{}, TextDelta{0, "a"}, error, TextDelta{0, "b"}, Done{}});
    CHECK(out == begin(0, kText) + delta(0, said("a")) +
                     "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"timeout_error\","
                     "\"message\":\"stalled\"}}\n\n");
    CHECK(anthropic::client_codec().keep_alive() == "event: ping\ndata: {\"type\": \"ping\"}\n\n");
}

}  // namespace anthropic_stream_out_test

// Streams of the Responses dialect as servers send them, cut anywhere.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/codecs.h"

namespace responses_stream_decoder_test {

using namespace wire_test;
using namespace hearth::exchange;

namespace {

const wire::UpstreamCodec& upstream() {
    return *wire::upstream_codec(Dialect::responses);
}

Request with_tools(std::vector<Tool> tools = {}) {
    Request request;
    Chat chat;
    chat.tools = std::move(tools);
    request.body = std::move(chat);
    return request;
}

std::string played(std::string_view bytes, std::size_t step, const Request& request = with_tools()) {
    const auto decoder = upstream().stream(request);
    std::vector<Event> events;
    for (std::size_t at = 0; at < bytes.size(); at += step)
        decoder->feed(std::string(bytes.substr(at, step)), events);
    decoder->finish(events);
    return describe(events);
}

// The same however it is cut.
std::string read(std::string_view bytes) {
    const auto whole = played(bytes, bytes.size() + 1);
    for (std::size_t step = 1; step < 40; ++step) CHECK(played(bytes, step) == whole);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        const auto decoder = upstream().stream(with_tools());
        std::vector<Event> events;
        decoder->feed(std::string(bytes.substr(0, cut)), events);
        decoder->feed(std::string(bytes.substr(cut)), events);
        decoder->finish(events);
        CHECK(describe(events) == whole);
    }
    return whole;
}

std::string sse(std::initializer_list<std::string_view> events, std::string_view end = "\n") {
    std::string out;
    for (const auto event : events) out.append("data: ").append(event).append(end).append(end);
    return out;
}

constexpr std::string_view kCreated =
    R"({"type":"response.created","sequence_number":0,"response":{"id":"r","model":"m","created_at":3,"output":[]}})";
constexpr std::string_view kCompleted =
    R"({"type":"response.completed","response":{"id":"r","status":"completed","output":[],"usage":{"input_tokens":9,"output_tokens":4}}})";

}  // namespace

TEST_CASE("responses: a full stream is read as it comes") {
    const auto stream = sse(
        {kCreated,
         R"({"type":"response.in_progress","response":{"id":"r"}})",
         R"({"type":"response.output_item.added","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[],"encrypted_content":"early"}})",
         R"({"type":"response.reasoning_summary_part.added","item_id":"rs","output_index":0,"summary_index":0,"part":{}})",
         R"({"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":0,"delta":"a"})",
         R"({"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":1,"delta":"b"})",
         R"({"type":"response.output_item.done","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[{"text":"a"},{"text":"b"}],"encrypted_content":"E"}})",
         R"({"type":"keepalive","sequence_number":7})",
         R"({"type":"response.output_item.added","output_index":1,"item":{"id":"m","type":"message","content":[]}})",
         R"({"type":"response.output_text.delta","item_id":"m","output_index":1,"content_index":0,"delta":"Hi","logprobs":[]})",
         R"({"type":"response.output_text.annotation.added","item_id":"m","output_index":1,"content_index":0,"annotation":{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":2}})",
         R"({"type":"response.output_text.done","item_id":"m","output_index":1,"content_index":0,"text":"Hi"})",
         R"({"type":"response.content_part.done","item_id":"m","output_index":1,"content_index":0,"part":{"type":"output_text","text":"Hi"}})",
         R"({"type":"response.output_item.done","output_index":1,"item":{"id":"m","type":"message","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"u"}]}]}})",
         R"({"type":"response.output_item.added","output_index":2,"item":{"id":"f","type":"function_call","call_id":"c1","name":"f","arguments":""}})",
         R"({"type":"response.output_item.added","output_index":3,"item":{"id":"p","type":"custom_tool_call","call_id":"c2","name":"p","input":""}})",
         R"({"type":"response.function_call_arguments.delta","item_id":"f","output_index":2,"delta":"{"})",
         R"({"type":"response.custom_tool_call_input.delta","item_id":"p","output_index":3,"delta":"x"})",
         R"({"type":"response.function_call_arguments.delta","item_id":"f","output_index":2,"delta":"}"})",
         R"({"type":"response.function_call_arguments.done","item_id":"f","output_index":2,"arguments":"{}"})",
         R"({"type":"response.output_item.done","output_index":3,"item":{"id":"p","type":"custom_tool_call","call_id":"c2","name":"p","input":"x"}})",
         R"({"type":"response.output_item.done","output_index":2,"item":{"id":"f","type":"function_call","call_id":"c1","name":"f","arguments":"{}"}})",
         kCompleted,
         "[DONE]"});
    CHECK(read(stream) ==
          "started \"r\" \"m\" 3\n"
          "reasoning 0 \"a\"\nreasoning 0 \"\\n\\nb\"\nreasoning 0 \"\" opaque \"E\"\n"
          "text 0 \"Hi\"\ncitation 0 \"u\" \"t\" \"\" 0 2\n"
          "call 0 0 \"c1\" \"f\" \"\"\ncustom 0 1 \"c2\" \"p\" \"\"\n"
          "call 0 0 \"\" \"\" \"{\"\ncustom 0 1 \"\" \"\" \"x\"\ncall 0 0 \"\" \"\" \"}\"\n"
          "finish 0 tool_calls\nusage in=9 out=4 cached=? written=? reasoning=?\ndone\n");
}

TEST_CASE("responses: a stream that sends only whole items") {
    const auto said = std::string("started \"r\" \"m\" 3\n") + "reasoning 0 \"t\"\n" + "text 0 \"Hi\"\n" +
                      "call 0 0 \"c1\" \"f\" \"\"\ncall 0 0 \"\" \"\" \"{}\"\n" +
                      "custom 0 1 \"c2\" \"p\" \"\"\ncustom 0 1 \"\" \"\" \"x\"\n" +
                      "finish 0 tool_calls\nusage in=9 out=4 cached=? written=? reasoning=?\ndone\n";
    const auto items = sse(
        {kCreated,
         R"({"type":"response.output_item.done","item":{"type":"reasoning","summary":[{"text":"t"}]}})",
         R"({"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}})",
         R"({"type":"response.output_item.done","item":{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}})",
         R"({"type":"response.output_item.done","item":{"type":"custom_tool_call","call_id":"c2","name":"p","input":"x"}})",
         kCompleted},
        "\r\n");
    CHECK(read(items) == said);
    const auto last = sse(
        {kCreated,
         R"({"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":9,"output_tokens":4},"output":[
         {"type":"reasoning","summary":[{"text":"t"}]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]},
         {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"custom_tool_call","call_id":"c2","name":"p","input":"x"}]}})"});
    std::string joined = last;
    std::erase(joined, '\n');
    CHECK(read("data: " + std::string(kCreated) + "\n\ndata: " + joined.substr(joined.find("data: ", 6) + 6) +
               "\n\n") == said);
}

TEST_CASE("responses: repeated content in a stream is emitted once") {
    const auto twice = sse(
        {kCreated,
         R"({"type":"response.output_item.added","output_index":0,"item":{"id":"a","type":"message"}})",
         R"({"type":"response.output_text.delta","item_id":"rotated","output_index":0,"content_index":0,"delta":"Hi"})",
         R"({"type":"response.output_text.done","item_id":"other","output_index":0,"content_index":0,"text":"Hi"})",
         R"({"type":"response.output_text.done","item_id":"other","output_index":0,"content_index":1,"text":"!"})",
         R"({"type":"response.output_item.done","output_index":0,"item":{"id":"b","type":"message","content":[{"type":"output_text","text":"Hi"},{"type":"output_text","text":"!"}]}})",
         R"({"type":"response.output_item.done","output_index":0,"item":{"id":"a","type":"message","content":[{"type":"output_text","text":"Hi"}]}})",
         R"({"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"Hi!"}]}]}})"});
    CHECK(read(twice) == "started \"r\" \"m\" 3\ntext 0 \"Hi\"\ntext 0 \"!\"\nfinish 0 stop\ndone\n");
    const auto both = sse(
        {kCreated, R"({"type":"response.reasoning_text.delta","item_id":"a","delta":"raw"})",
         R"({"type":"response.reasoning_summary_text.delta","item_id":"a","delta":"sum"})",
         R"({"type":"response.refusal.delta","item_id":"m","delta":"no"})",
         R"({"type":"response.refusal.done","item_id":"m","refusal":"no"})",
         R"({"type":"response.incomplete","response":{"incomplete_details":{"reason":"content_filter"}}})"});
    CHECK(read(both) ==
          "started \"r\" \"m\" 3\nreasoning 0 \"raw\"\nrefusal 0 \"no\"\nfinish 0 content_filter\ndone\n");
}

TEST_CASE("responses: names of a namespace are those of the form") {
    const auto request = with_tools({Tool{.name = "s__f", .space = "s", .own_name = "f"}});
    const auto stream = sse(
        {kCreated,
         R"({"type":"response.output_item.done","item":{"type":"function_call","call_id":"c","namespace":"s","name":"f","arguments":""}})",
         kCompleted});
    CHECK(played(stream, 7, request).find("call 0 0 \"c\" \"s__f\"") != std::string::npos);
}

TEST_CASE("responses: streams that fail or are cut") {
    const auto failure = [](std::initializer_list<std::string_view> events) {
        const auto decoder = upstream().stream(with_tools());
        std::vector<Event> out;
        decoder->feed(sse(events), out);
        decoder->finish(out);
        REQUIRE(std::holds_alternative<Error>(out.back()));
        return std::get<Error>(out.back());
    };
    const auto limited = failure(
        {kCreated,
         R"({"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}})"});
    CHECK(limited.code == Code::rate_limited);
    CHECK(limited.message == "The upstream reported an error: slow");
    CHECK(limited.upstream_body ==
          R"({"error":{"message":"slow","type":"server_error","param":null,"code":"rate_limit_exceeded"}})");
    CHECK(failure({R"({"type":"error","code":"invalid_prompt","message":"m","param":"p"})"}).code ==
          Code::upstream_rejected);
    CHECK(
        failure(
            {R"({"type":"error","error":{"type":"invalid_request_error","code":"context_length_exceeded","message":"m"}})"})
            .code == Code::context_exceeded);
    CHECK(failure({kCreated, R"({"error":{"message":"gateway"}})"}).code == Code::upstream_failed);
    CHECK(failure({kCreated, "not json"}).code == Code::upstream_broken);
    CHECK(failure({}).message == "The upstream's stream ended without an answer.");
    const auto cut = failure({kCreated, R"({"type":"response.output_text.delta","delta":"a"})", "[DONE]"});
    CHECK(cut.code == Code::upstream_broken);
    CHECK(cut.message.find("after event 2") != std::string::npos);
}

TEST_CASE("responses: more items than an answer may have") {
    std::string stream = sse({kCreated});
    for (int i = 0; i < 1'100; ++i) {
        stream += sse({R"({"type":"response.output_item.added","output_index":)" + std::to_string(i) +
                       R"(,"item":{"type":"function_call","call_id":"c","name":"f"}})"});
    }
    CHECK(played(stream, 1 << 20).find("error upstream_broken \"The upstream sent more than") !=
          std::string::npos);
}

TEST_CASE("responses: a relay passes a stream untouched and ends a broken one") {
    const auto stream =
        sse({kCreated, R"({"type":"response.output_text.delta","sequence_number":4,"delta":"a"})"});
    const auto relay = upstream().relay({});
    std::string passed;
    for (const auto part : relay->feed(stream)) passed += part;
    CHECK(passed == stream);
    CHECK(relay->promised());
    const std::string end(relay->finish());
    CHECK(end.starts_with(
        "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":5,"
        "\"response\":{\"id\":\"r\",\"object\":\"response\",\"created_at\":3,\"status\":\"failed\","
        "\"error\":{\"code\":\"server_error\",\"message\":\"The upstream's stream was cut"));
    CHECK(end.ends_with("}\n\n"));
    CHECK(relay->facts().failure->code == Code::upstream_broken);

    const auto silent = upstream().relay({});
    CHECK(silent->feed(sse({kCreated})).empty());
    CHECK_FALSE(silent->promised());
    CHECK(silent->finish().empty());
}

}  // namespace responses_stream_decoder_test

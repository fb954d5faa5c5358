// Streams as the vendor writes them, event by event.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include "text/sse.h"
#include "wire/codecs.h"
#include "wire/responses/items.h"

namespace responses_stream_encoder_test {

using namespace hearth;
using namespace hearth::exchange;
namespace responses = hearth::wire::responses;

namespace {

struct Playing {
    Request request;
    wire::AnswerContext context;
    std::unique_ptr<wire::StreamEncoder> encoder;
    std::string out;

    explicit Playing(std::string_view body = R"({"input":"x"})") {
        json::Document document;
        REQUIRE(document.parse(body));
        auto decoded = wire::client_codec(Dialect::responses)->decode({}, document);
        REQUIRE(decoded);
        request = std::move(*decoded);
        context.request = &request;
        context.model = "asked";
        context.origin = "engine";
        context.id = "ID";
        context.created_s = 7;
        encoder = wire::client_codec(Dialect::responses)->stream(context);
    }
    Playing& operator<<(const Event& event) {
        encoder->write(event, out);
        return *this;
    }
    // The events since the last call: names against types, numbers without a gap; response objects cut to their status.
    std::string events() {
        std::string seen;
        text::SseDecoder decoder;
        decoder.feed(out);
        text::SseEvent event;
        for (auto more = decoder.next(event); more && *more; more = decoder.next(event)) {
            json::Document document;
            REQUIRE(document.parse(event.data));
            const auto root = document.root();
            CHECK(root["type"].as_string() == event.event);
            CHECK(root["sequence_number"].as_int() == sequence++);
            CHECK(event.event.starts_with("response."));
            seen.append(event.event.substr(9));
            for (const auto member : root.members()) {
                if (member.key() == "type" || member.key() == "sequence_number") continue;
                if (member.key() == "response") {
                    seen.append(" ").append(member.value["status"].as_string());
                } else {
                    seen.append(" ").append(member.value.raw());
                }
            }
            seen += '\n';
        }
        CHECK(decoder.unfinished().empty());
        out.clear();
        return seen;
    }
    std::int64_t sequence = 0;
};

const Started kStart{"upstream-id", "upstream-model", 1};

}  // namespace

TEST_CASE("responses: a stream of text, line by line") {
    Playing play;
    play << kStart << TextDelta{0, "He"} << TextDelta{1, "no"} << TextDelta{0, ""} << TextDelta{0, "y"}
         << Citation{0, "https://u", "T", "", 0, 2} << Finish{0, FinishReason::stop, {}};
    CHECK(play.out.starts_with(
        "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,"
        "\"response\":{\"id\":\"resp_ID\",\"object\":\"response\",\"created_at\":7,"
        "\"status\":\"in_progress\",\"completed_at\":null,"));
    CHECK(
        play.events() ==
        "created in_progress\n"
        "in_progress in_progress\n"
        R"(output_item.added 0 {"id":"msg_ID00","type":"message","status":"in_progress","content":[],"role":"assistant"})"
        "\n"
        R"(content_part.added "msg_ID00" 0 0 {"type":"output_text","annotations":[],"logprobs":[],"text":""})"
        "\n"
        R"(output_text.delta "msg_ID00" 0 0 "He" [])"
        "\n"
        R"(output_text.delta "msg_ID00" 0 0 "y" [])"
        "\n"
        R"(output_text.annotation.added "msg_ID00" 0 0 0 {"type":"url_citation","start_index":0,"end_index":2,"url":"https://u","title":"T"})"
        "\n"
        R"(output_text.done "msg_ID00" 0 0 [] "Hey")"
        "\n"
        R"(content_part.done "msg_ID00" 0 0 {"type":"output_text","annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://u","title":"T"}],"logprobs":[],"text":"Hey"})"
        "\n"
        R"(output_item.done 0 {"id":"msg_ID00","type":"message","status":"completed","content":[{"type":"output_text","annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"https://u","title":"T"}],"logprobs":[],"text":"Hey"}],"role":"assistant"})"
        "\n");
    play << UsageEvent{Usage{3, 2, 1, {}, {}}, {}} << Done{};
    json::Document document;
    text::SseDecoder decoder;
    decoder.feed(play.out);
    text::SseEvent event;
    REQUIRE(decoder.next(event));
    CHECK(event.event == "response.completed");
    REQUIRE(document.parse(event.data));
    const auto response = document.root()["response"];
    CHECK(response["model"].as_string() == "asked");
    CHECK(response["output"].size() == 1);
    CHECK(response["usage"].raw() ==
          R"({"input_tokens":3,"input_tokens_details":{"cached_tokens":1},"output_tokens":2,)"
          R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":5})");
    play.out.clear();
    play << TextDelta{0, "late"} << Done{};
    CHECK(play.out.empty());
}

TEST_CASE("responses: every field that a schema asks for is there") {
    Playing play;
    play << kStart;
    json::Document document;
    text::SseDecoder decoder;
    decoder.feed(play.out);
    text::SseEvent event;
    REQUIRE(decoder.next(event));
    REQUIRE(document.parse(event.data));
    for (const std::string_view field : {"id",
                                         "object",
                                         "created_at",
                                         "completed_at",
                                         "status",
                                         "incomplete_details",
                                         "model",
                                         "previous_response_id",
                                         "instructions",
                                         "output",
                                         "error",
                                         "tools",
                                         "tool_choice",
                                         "truncation",
                                         "parallel_tool_calls",
                                         "text",
                                         "top_p",
                                         "presence_penalty",
                                         "frequency_penalty",
                                         "top_logprobs",
                                         "temperature",
                                         "reasoning",
                                         "user",
                                         "usage",
                                         "max_output_tokens",
                                         "max_tool_calls",
                                         "store",
                                         "background",
                                         "service_tier",
                                         "metadata",
                                         "safety_identifier",
                                         "prompt_cache_key"}) {
        CAPTURE(field);
        CHECK(document.root()["response"][field]);
    }
}

TEST_CASE("responses: thinking is a summary, sealed when encrypted content is requested") {
    const auto played = [](std::string_view body) {
        Playing play(body);
        play << kStart;
        play.events();
        play << ReasoningDelta{0, "a", ""} << ReasoningDelta{0, "b", "SIG"} << ReasoningDelta{0, "", "RED"}
             << TextDelta{0, "x"};
        auto seen = play.events();
        return seen.substr(0, seen.find("output_item.added 2"));
    };
    const std::string plain = played(R"({"input":"x"})");
    CHECK(plain ==
          "output_item.added 0 {\"id\":\"rs_ID00\",\"type\":\"reasoning\",\"summary\":[]}\n"
          "reasoning_summary_part.added \"rs_ID00\" 0 0 {\"type\":\"summary_text\",\"text\":\"\"}\n"
          "reasoning_summary_text.delta \"rs_ID00\" 0 0 \"a\"\n"
          "reasoning_summary_text.delta \"rs_ID00\" 0 0 \"b\"\n"
          "reasoning_summary_text.done \"rs_ID00\" 0 0 \"ab\"\n"
          "reasoning_summary_part.done \"rs_ID00\" 0 0 {\"type\":\"summary_text\",\"text\":\"ab\"}\n"
          "output_item.done 0 "
          "{\"id\":\"rs_ID00\",\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":"
          "\"ab\"}]}\n"
          "output_item.added 1 {\"id\":\"rs_ID01\",\"type\":\"reasoning\",\"summary\":[]}\n"
          "output_item.done 1 {\"id\":\"rs_ID01\",\"type\":\"reasoning\",\"summary\":[]}\n");
    const std::string asked = played(R"({"input":"x","include":["reasoning.encrypted_content"]})");
    CHECK(asked.find(R"("encrypted_content":"hearth:1:engine:SIG","summary":[{)") != std::string::npos);
    CHECK(asked.find(R"("encrypted_content":"hearth:1:engine:RED","summary":[]})") != std::string::npos);
}

TEST_CASE("responses: calls side by side, custom ones and those of a namespace") {
    Playing play(
        R"({"input":"x","tools":[{"type":"namespace","name":"s","tools":[{"type":"function","name":"f"}]},
        {"type":"custom","name":"patch"}]})");
    play << kStart << TextDelta{0, "t"};
    play.events();
    play << ToolCallDelta{0, 0, "c0", "s__f", "", false} << ToolCallDelta{0, 1, "", "patch", "*", true}
         << ToolCallDelta{0, 0, "", "", "{", false} << ToolCallDelta{0, 1, "", "", "*", true}
         << ToolCallDelta{0, 0, "", "", "}", false} << Finish{0, FinishReason::tool_calls, {}};
    const auto seen = play.events();
    CHECK(
        seen.substr(seen.find("output_item.added")) ==
        R"(output_item.added 1 {"id":"fc_ID01","type":"function_call","status":"in_progress","arguments":"","call_id":"c0","namespace":"s","name":"f"})"
        "\n"
        R"(output_item.added 2 {"id":"ctc_ID02","type":"custom_tool_call","status":"in_progress","input":"","call_id":"call_ID01","name":"patch"})"
        "\n"
        R"(custom_tool_call_input.delta "ctc_ID02" 2 "*")"
        "\n"
        R"(function_call_arguments.delta "fc_ID01" 1 "{")"
        "\n"
        R"(custom_tool_call_input.delta "ctc_ID02" 2 "*")"
        "\n"
        R"(function_call_arguments.delta "fc_ID01" 1 "}")"
        "\n"
        R"(function_call_arguments.done "fc_ID01" 1 "f" "{}")"
        "\n"
        R"(output_item.done 1 {"id":"fc_ID01","type":"function_call","status":"completed","arguments":"{}","call_id":"c0","namespace":"s","name":"f"})"
        "\n"
        R"(custom_tool_call_input.done "ctc_ID02" 2 "**")"
        "\n"
        R"(output_item.done 2 {"id":"ctc_ID02","type":"custom_tool_call","status":"completed","input":"**","call_id":"call_ID01","name":"patch"})"
        "\n");
    play << Done{};
    CHECK(play.events() == "completed completed\n");
}

TEST_CASE("responses: refusals, images and log-probabilities") {
    Playing play(R"({"input":"x","include":["message.output_text.logprobs"]})");
    play << kStart << LogprobsDelta{0, {{"a", -0.5, {}}}};
    play.events();
    play << TextDelta{0, "a"} << LogprobsDelta{0, {{"\xf0", -1, {{"b", -2}}}}} << RefusalDelta{0, "no"}
         << MediaDelta{0, "image/png", "QUJD"} << MediaDelta{0, "audio/wav", "QUJD"}
         << Finish{0, FinishReason::stop, {}};
    const auto seen = play.events();
    CHECK(
        seen.find(
            R"(output_text.delta "msg_ID00" 0 0 "a" [{"token":"a","bytes":[97],"logprob":-0.5,"top_logprobs":[]}])") !=
        std::string::npos);
    CHECK(seen.find(
              R"(output_text.delta "msg_ID00" 0 0 "" [{"token":")"
              "\xef\xbf\xbd"
              R"(","bytes":[240],"logprob":-1,"top_logprobs":[{"token":"b","bytes":[98],"logprob":-2}]}])") !=
          std::string::npos);
    CHECK(seen.substr(seen.find("content_part.added \"msg_ID00\" 0 1")) ==
          R"(content_part.added "msg_ID00" 0 1 {"type":"refusal","refusal":""})"
          "\n"
          R"(refusal.delta "msg_ID00" 0 1 "no")"
          "\n"
          R"(refusal.done "msg_ID00" 0 1 "no")"
          "\n"
          R"(content_part.done "msg_ID00" 0 1 {"type":"refusal","refusal":"no"})"
          "\n" +
              seen.substr(seen.find("output_item.done 0")));
    CHECK(
        seen.substr(seen.find("output_item.added 1")) ==
        R"(output_item.added 1 {"id":"ig_ID01","type":"image_generation_call","status":"in_progress","output_format":"png","result":null})"
        "\n"
        "image_generation_call.in_progress \"ig_ID01\" 1\n"
        "image_generation_call.generating \"ig_ID01\" 1\n"
        "image_generation_call.completed \"ig_ID01\" 1\n"
        R"(output_item.done 1 {"id":"ig_ID01","type":"image_generation_call","status":"completed","output_format":"png","result":"QUJD"})"
        "\n");
}

TEST_CASE("responses: endings of failed streams") {
    Playing cut;
    cut << kStart << TextDelta{0, "a"} << Finish{0, FinishReason::length, {}} << Done{};
    const auto seen = cut.events();
    CHECK(seen.find(R"("type":"message","status":"incomplete")") != std::string::npos);
    CHECK(seen.ends_with("incomplete incomplete\n"));

    Playing failed;
    Error full;
    full.code = Code::context_exceeded;
    full.needed = 9;
    full.limit = 8;
    failed << kStart << TextDelta{0, "a"} << full;
    CHECK(failed.out.find(
              R"("status":"failed","completed_at":null,"error":{"code":"context_length_exceeded",)"
              R"("message":"This model's maximum context length is 8 tokens.)") != std::string::npos);
    CHECK(failed.events().ends_with("failed failed\n"));
    failed << TextDelta{0, "b"} << Done{};
    CHECK(failed.out.empty());

    Playing limited;
    Error error;
    error.code = Code::rate_limited;
    error.message = "ours";
    error.upstream_body = R"({"error":{"code":"insufficient_quota","message":"theirs"}})";
    limited << error;
    CHECK(limited.out.find(R"("error":{"code":"insufficient_quota","message":"theirs"})") !=
          std::string::npos);
    CHECK(limited.events() == "created in_progress\nin_progress in_progress\nfailed failed\n");

    Playing broken;
    broken << kStart << Finish{0, FinishReason::error, {}} << Done{};
    CHECK(broken.events().ends_with("failed failed\n"));
}

TEST_CASE("responses: the answer of a stream can be stored with its opaque state") {
    Playing play;
    play << kStart << ReasoningDelta{0, "t", ""} << TextDelta{0, "a"} << Finish{0, FinishReason::stop, {}}
         << Done{};
    const auto items = responses::output_items(*play.encoder);
    REQUIRE(items.size() == 2);
    CHECK(items[0].find(R"("encrypted_content":"hearth:1:engine:")") != std::string::npos);
    CHECK(play.out.find("hearth:1") == std::string::npos);
    json::Document document;
    REQUIRE(document.parse(R"({"previous_response_id":"resp_ID","input":"next"})"));
    const auto next = responses::with_items_before(document, items);
    REQUIRE(document.parse_copy(next));
    const auto request = wire::client_codec(Dialect::responses)->decode({}, document);
    REQUIRE(request);
    REQUIRE(request->chat().turns.size() == 2);
    CHECK(std::get<Reasoning>(request->chat().turns[0].parts[0]) == Reasoning{"t", {"", "engine"}});
}

}  // namespace responses_stream_encoder_test

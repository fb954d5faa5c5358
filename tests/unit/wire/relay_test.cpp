// The relay where transcripts do not reach: pieces, promises, limits, events recognised without parsing.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/openai/relay.h"
#include "wire/openai/stream_decoder.h"

namespace relay_test {

using namespace hearth;
namespace openai = hearth::wire::openai;

TEST_CASE("a failure that the caller reports to the relay ends the stream with an error event") {
    const Error stall{.code = Code::upstream_timeout, .message = "stalled"};
    openai::StreamRelay silent({});
    CHECK(silent.fail(stall).empty());  // nothing promised: the next candidate may answer
    openai::StreamRelay begun({});
    REQUIRE(begun.feed("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n").size() == 1);
    CHECK(begun.fail(stall) ==
          "data: "
          "{\"error\":{\"message\":\"stalled\",\"type\":\"server_error\",\"param\":null,\"code\":\"upstream_"
          "timeout\"}}\n\n");
    CHECK(begun.over());
    CHECK(begun.feed("data: {\"choices\":[{\"delta\":{\"content\":\"y\"}}]}\n\n").empty());
}

TEST_CASE("whole events in one feed go out as one piece") {
    openai::StreamRelay relay({.hide_usage = true});
    const std::string one = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    const std::string usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n";
    const auto bytes = one + one + usage + one;
    const auto pieces = relay.feed(bytes);
    REQUIRE(pieces.size() == 2);
    CHECK(pieces[0] == one + one);
    CHECK(pieces[0].data() == bytes.data());
    CHECK(pieces[1] == one);
}

TEST_CASE("a stream without content over the size limit is an error") {
    openai::StreamRelay relay({});
    const std::string role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}],\"pad\":\"" +
                             std::string(1000, 'x') + "\"}\n\n";
    for (int i = 0; i < 2000 && !relay.over(); ++i) CHECK(relay.feed(role).empty());
    REQUIRE(relay.over());
    CHECK(relay.facts().failure->code == Code::upstream_broken);
    CHECK(relay.finish().empty());
}

TEST_CASE("an event of a megabyte passes, and the small ones after it") {
    openai::StreamRelay relay({});
    const std::string large =
        "data: {\"choices\":[{\"delta\":{\"content\":\"" + std::string(1 << 20, 'x') + "\"}}]}\n\n";
    const std::string small =
        "data: {\"choices\":[{\"delta\":{\"content\":\"y\"},\"finish_reason\":\"stop\"}]}\n\n";
    std::string out;
    for (const auto& bytes : {large.substr(0, 70000), large.substr(70000) + small, small}) {
        for (const auto part : relay.feed(bytes)) out += part;
    }
    CHECK(out == large + small + small);
    CHECK(relay.finish() == "data: [DONE]\n\n");
    CHECK_FALSE(relay.facts().failure);
}

TEST_CASE("events matched by pattern give the same facts as parsed events") {
    const std::string head = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":";
    const auto chunk = [&](std::string_view content, std::string_view rest) {
        return head + std::string(content) + "}}]" + std::string(rest) + "}\n\n";
    };
    const std::string first = chunk("\"a\"", ",\"obfuscation\":\"p\"");
    const std::string tricks[] = {
        chunk("\"b\"", ",\"obfuscation\":\"qq\""),
        chunk("\"\"", ",\"obfuscation\":\"\""),
        chunk("\"\\\"}}],\\\"error\\\":7\"", ",\"obfuscation\":\"p\""),            // escaped quotes
        chunk("\"b\"", ",\"obfuscation\":\"p\",\"usage\":{\"prompt_tokens\":1}"),  // more behind
        chunk("\"b\"},\"finish_reason\":\"stop\",\"x\":{\"y\":\"\"",
              ",\"obfuscation\":\"p\""),              // quotes that end it
        chunk("\"b", ",\"obfuscation\":\"p\""),       // a string without end
        chunk("\"\x01\"", ",\"obfuscation\":\"p\""),  // no JSON
        chunk("\"\\\"", ",\"obfuscation\":\"p\""),
        chunk("null", ",\"obfuscation\":\"p\""),
        chunk("\"b\"", ",\"obfuscation\":\"p\"} "),
    };
    for (const auto& trick : tricks) {
        CAPTURE(trick);
        openai::StreamRelay relay({});
        openai::StreamDecoder decoder;  // parses every event
        std::vector<exchange::Event> events;
        for (const auto& bytes : {first, trick}) {
            (void)relay.feed(bytes);
            decoder.feed(bytes, events);
        }
        CHECK(wire_test::describe(relay.facts()) == wire_test::describe(decoder.facts()));
    }
}

TEST_CASE("with usage in every event the last one counts") {
    openai::StreamRelay relay({});
    const auto feed = [&](std::string_view usage) {
        (void)relay.feed(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":" + std::string(usage) + "}\n\n");
    };
    feed("{\"completion_tokens\":1}");
    feed("{\"completion_tokens\":2}");
    feed("{\"completion_tokens\":1}");
    CHECK(relay.facts().usage->output == 1);
}

}  // namespace relay_test

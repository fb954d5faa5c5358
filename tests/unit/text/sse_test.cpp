#include "text/sse.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

namespace sse_test {

using namespace hearth;
using namespace hearth::text;

namespace {

struct Got {
    std::string event, data, id;
    bool operator==(const Got&) const = default;
};

struct Run {
    std::vector<Got> events;
    std::string raw;  // of all events, joined
    bool failed = false;
};

void feed(SseDecoder& decoder, std::string_view piece, Run& run) {
    const std::string copy(piece);  // freed after the call: no view may be kept beyond it
    decoder.feed(copy);
    SseEvent event;
    for (;;) {
        const auto more = decoder.next(event);
        run.failed = !more;
        if (!more || !*more) return;
        run.events.push_back({std::string(event.event), std::string(event.data), std::string(event.id)});
        run.raw += event.raw;
    }
}

Run decode(std::initializer_list<std::string_view> pieces, std::size_t limit = 1 << 20) {
    SseDecoder decoder(limit);
    Run run;
    for (const auto piece : pieces) feed(decoder, piece, run);
    return run;
}

}  // namespace

TEST_CASE("SSE: the examples of the WHATWG standard") {
    CHECK(decode({"data: YHOO\ndata: +2\ndata: 10\n\n"}).events ==
          std::vector<Got>{{"", "YHOO\n+2\n10", ""}});
    CHECK(
        decode(
            {": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"})
            .events ==
        std::vector<Got>{{"", "first event", "1"}, {"", "second event", ""}, {"", " third event", ""}});
    CHECK(decode({"data\n\ndata\ndata\n\ndata:"}).events == std::vector<Got>{{"", "", ""}, {"", "\n", ""}});
    CHECK(decode({"data:test\n\ndata: test\n\n"}).events ==
          std::vector<Got>{{"", "test", ""}, {"", "test", ""}});
    CHECK(decode({"event: add\ndata: 73857293\n\n"}).events == std::vector<Got>{{"add", "73857293", ""}});
}

TEST_CASE("SSE: line ends, BOM, unknown fields") {
    const std::vector<Got> two{{"", "a", ""}, {"", "b", ""}};
    CHECK(decode({"data: a\r\n\r\ndata: b\r\n\r\n"}).events == two);
    CHECK(decode({"data: a\r\rdata: b\r\r"}).events == two);
    CHECK(decode({"data: a\n\r\ndata: b\r\n\n"}).events == two);
    CHECK(decode({"\xef\xbb\xbf"
                  "data: a\n\ndata: b\n\n"})
              .events == two);
    CHECK(decode({"\n\n\ndata: a\n\n\n\ndata: b\n\n"}).events == two);
    CHECK(decode({"DATA: no\n data: no\nretry: 5\nid: x\n\n"}).events.empty());
    CHECK(decode({"event: one\nevent: two\ndata: a\n\n"}).events == std::vector<Got>{{"two", "a", ""}});
    CHECK(decode({std::string_view("id: a\0b\ndata: a\n\n", 17)}).events == std::vector<Got>{{"", "a", ""}});
    CHECK(decode({"data: a:b: c\n\n"}).events == std::vector<Got>{{"", "a:b: c", ""}});
}

TEST_CASE("SSE: the same events and forwarded bytes however the input is split") {
    for (const std::string end : {"\n", "\r\n", "\r"}) {
        const std::string text = "event: x" + end + "data: {\"a\":1}" + end + "id: 7" + end + end +
                                 "data: l1" + end + "data: l2" + end + end + "data: [DONE]" + end + end;
        const Run whole = decode({text});
        REQUIRE(whole.events.size() == 3);
        CHECK(whole.raw == text);
        const std::string_view view = text;
        for (std::size_t i = 0; i <= text.size(); ++i) {
            for (std::size_t j = i; j <= text.size(); ++j) {
                const Run run = decode({view.substr(0, i), view.substr(i, j - i), view.substr(j)});
                REQUIRE(run.events == whole.events);
                // Only an LF that came alone after the last CR cannot be in any event's bytes.
                REQUIRE(text.starts_with(run.raw));
                REQUIRE(text.size() - run.raw.size() <= (end == "\r\n" ? 1 : 0));
            }
        }
    }
}

TEST_CASE("SSE: an event in one piece is not copied; comments and truncated streams are reported") {
    const std::string_view text = ": hi\ndata: a\n\ndata: b";
    SseDecoder decoder;
    decoder.feed(text);
    SseEvent event;
    REQUIRE(decoder.next(event).value());
    CHECK(event.raw.data() == text.data());
    CHECK(event.data.data() == text.data() + 11);
    CHECK(event.has_comments);
    CHECK(decoder.unfinished().empty());
    CHECK_FALSE(decoder.next(event).value());
    CHECK(decoder.unfinished() == "data: b");
    decoder.reset();
    decoder.feed("data: c\n\n");
    REQUIRE(decoder.next(event).value());
    CHECK(event.data == "c");
    CHECK_FALSE(event.has_comments);
}

TEST_CASE("SSE: an event over the limit is rejected, in one piece or several, and the decoder stays failed") {
    const std::string big = "data: " + std::string(100, 'x') + "\n\n";
    CHECK(decode({big}, 108).events.size() == 1);
    CHECK(decode({big}, 107).failed);
    SseDecoder decoder(50);
    Run run;
    for (const char c : big) feed(decoder, {&c, 1}, run);
    CHECK(run.failed);
    feed(decoder, "data: ok\n\n", run);
    CHECK(run.failed);
    SseEvent event;
    const auto again = decoder.next(event);
    REQUIRE_FALSE(again);
    CHECK(again.error()->code == Code::upstream_broken);
    CHECK(again.error()->limit == 50);
}

TEST_CASE("SSE: decoding is the inverse of writing") {
    CHECK(rc::check([](const std::string& name, const std::string& data) {
        std::string event, expected, out;
        for (const char c : name) {
            if (c != '\n' && c != '\r') event.push_back(c);
        }
        for (std::size_t i = 0; i < data.size(); ++i) {  // every line end reads back as LF
            if (data[i] == '\n' && i > 0 && data[i - 1] == '\r') continue;
            expected.push_back(data[i] == '\r' ? '\n' : data[i]);
        }
        append_sse(out, name, data);
        const Run run = decode({out});
        RC_ASSERT(run.events.size() == 1u);
        RC_ASSERT(run.events[0].data == expected);
        RC_ASSERT(run.events[0].event == (event.starts_with(' ') ? event : event));
        RC_ASSERT(run.raw == out);
    }));
}

}  // namespace sse_test

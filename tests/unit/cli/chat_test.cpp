#include "cli/chat.h"

#include <doctest/doctest.h>

#include "text/json.h"

namespace chat_test {

using namespace hearth;
using namespace hearth::cli;

namespace {

const std::string kStream =
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
    ": keep-alive\n\n"
    "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"Grü\\u00df \"}}]}\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"dich\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\n"
    "data: [DONE]\n\n";

struct Shown {
    std::string text, thought;
    Chat::Show show = [this](std::string_view piece, bool thinking) { (thinking ? thought : text) += piece; };
};

}  // namespace

TEST_CASE("chat: an answer does not depend on how its bytes are split") {
    for (std::size_t cut = 0; cut <= kStream.size(); ++cut) {
        Shown shown;
        AnswerReader reader(shown.show);
        reader.feed(std::string_view(kStream).substr(0, cut));
        reader.feed(std::string_view(kStream).substr(cut));
        REQUIRE(reader.done());
        CHECK_FALSE(reader.error().has_value());
        CHECK(reader.answer.text == "Grüß dich");
        CHECK(shown.text == "Grüß dich");
        CHECK(shown.thought == "hm");
        CHECK(reader.answer.finish == "stop");
        CHECK(reader.answer.input_tokens == 7);
        CHECK(reader.answer.output_tokens == 3);
    }
}

TEST_CASE("chat: a truncated stream is not done; an error event is an error") {
    Shown shown;
    AnswerReader cut(shown.show);
    cut.feed(std::string_view(kStream).substr(0, kStream.find("data: [DONE]")));
    CHECK_FALSE(cut.done());
    AnswerReader broken(shown.show);
    broken.feed("data: {\"error\":{\"message\":\"the worker crashed\"}}\n\ndata: [DONE]\n\n");
    REQUIRE(broken.error().has_value());
    CHECK(broken.error()->message == "the worker crashed");
    CHECK_FALSE(broken.done());
    AnswerReader invalid(shown.show);
    invalid.feed("data: {{\n\n");
    CHECK(invalid.error()->code == Code::upstream_broken);
}

TEST_CASE("chat: the request has only the settings that were set") {
    Chat chat(HttpClient("127.0.0.1:1"), {.model = "spark", .system = "Be \"brief\"."});
    CHECK(chat.request_body() ==
          "{\"model\":\"spark\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
          "\"messages\":[{\"role\":\"system\",\"content\":\"Be \\\"brief\\\".\"}]}");
    chat.settings.temperature = 0.5;
    chat.settings.max_tokens = 10;
    json::Document document;
    const auto body = chat.request_body();
    REQUIRE(document.parse(body));
    CHECK(document.root()["temperature"].as_double() == 0.5);
    CHECK(document.root()["max_tokens"].as_int() == 10);
}

TEST_CASE("chat: a question over several lines is joined") {
    QuestionLines lines;
    CHECK(lines.take("one line") == "one line");
    CHECK_FALSE(lines.take("first \\").has_value());
    CHECK(lines.open());
    CHECK(lines.take("second") == "first \nsecond");
    CHECK_FALSE(lines.open());
    CHECK_FALSE(lines.take("\"\"\"def f():").has_value());
    CHECK_FALSE(lines.take("").has_value());
    CHECK_FALSE(lines.take("  back\\slash \\").has_value());
    CHECK(lines.take("end\"\"\"") == "def f():\n\n  back\\slash \\\nend");
    CHECK_FALSE(lines.take("\"\"\"").has_value());
    CHECK_FALSE(lines.take("a").has_value());
    CHECK(lines.take("\"\"\"") == "a");
    CHECK(lines.take("\"\"\"all in one\"\"\"") == "all in one");
    CHECK(lines.take("") == "");
}

}  // namespace chat_test

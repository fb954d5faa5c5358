// Constrained answers: forced tools, schemas, grammars.
#include <doctest/doctest.h>

#include "text/json.h"
#include "worker_process.h"

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;
using namespace hearth::exchange;

namespace {

Tool weather_tool() {
    Tool tool;
    tool.name = "get_weather";
    tool.description = "Weather of a place";
    tool.parameters =
        R"({"type":"object","properties":{"unit":{"type":"string","enum":["c","f"]}},"required":["unit"],
                          "additionalProperties":false})";
    return tool;
}

}  // namespace

TEST_CASE("a forced tool is called with arguments that match its schema") {
    WorkerProcess worker;
    ready(worker, tiny());
    auto request = chat("What is the weather_tool?", 200);
    auto& body = std::get<Chat>(request.body);
    body.tools = {weather_tool()};
    for (const auto mode : {ToolChoice::Mode::required, ToolChoice::Mode::named}) {
        body.tool_choice = ToolChoice{.mode = mode, .name = "get_weather", .allowed = {}};
        const auto answer = worker.run(request);
        REQUIRE_MESSAGE(answer.done, (answer.failure ? answer.failure->message : ""));
        REQUIRE(answer.choices.at(0).tool_calls.size() >= 1);
        const auto& call = answer.choices[0].tool_calls[0];
        CHECK(call.name == "get_weather");
        CHECK(call.id.starts_with("call_"));
        json::Document document;
        const auto arguments = document.parse(call.arguments);
        REQUIRE(arguments.has_value());
        const auto unit = (*arguments)["unit"].as_string();
        CHECK((unit == "c" || unit == "f"));
        // Random weights may start another call until the token limit; then the finish reason is length.
        const auto finish = answer.choices[0].finish;
        CHECK((finish == FinishReason::tool_calls || finish == FinishReason::length));
    }
    body.tool_choice = ToolChoice{.mode = ToolChoice::Mode::named, .name = "unknown", .allowed = {}};
    CHECK(worker.run(request).failure->param == "tool_choice");
}

TEST_CASE("tools work with a template without tool support") {
    auto load = tiny();
    load.chat_template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: ";
    WorkerProcess worker;
    CHECK_FALSE(ready(worker, load).model.can_call_tools);
    auto request = chat("What is the weather_tool?", 200);
    auto& body = std::get<Chat>(request.body);
    body.tools = {weather_tool()};
    body.tool_choice = ToolChoice{.mode = ToolChoice::Mode::required, .name = {}, .allowed = {}};
    const auto answer = worker.run(request);
    REQUIRE_MESSAGE(answer.done, (answer.failure ? answer.failure->message : ""));
    REQUIRE(answer.choices.at(0).tool_calls.size() == 1);
    CHECK(answer.choices[0].tool_calls[0].name == "get_weather");
    CHECK(answer.choices[0].finish == FinishReason::tool_calls);
}

TEST_CASE("an answer matches its schema; an invalid schema or grammar is a client error") {
    WorkerProcess worker;
    ready(worker, tiny());
    auto request = chat("Give me a point.", 200);
    auto& body = std::get<Chat>(request.body);
    ResponseFormat format;
    format.kind = ResponseFormat::Kind::json_schema;
    format.schema = R"({"type":"object","properties":{"kind":{"enum":["a","b"]},"yes":{"type":"boolean"}},
                        "required":["kind","yes"],"additionalProperties":false})";
    body.response_format = format;
    const auto answer = worker.run(request);
    json::Document document;
    const auto parsed = document.parse_copy(text_of(answer));
    REQUIRE_MESSAGE(parsed.has_value(), text_of(answer));
    CHECK((*parsed)["yes"].is_bool());
    body.response_format->schema = R"({"type":"nonsense"})";
    CHECK(worker.run(request).failure->code == Code::invalid_request);
    auto free = completion("x", 50);
    free.sampling.grammar = "root ::= \"yes\" | \"no\"";
    const auto word = text_of(worker.run(free));
    CHECK((word == "yes" || word == "no"));
    free.sampling.grammar = "root ::= (((";
    CHECK(worker.run(free).failure->code == Code::invalid_request);
}

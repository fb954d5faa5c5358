// Calls of functions that stand for custom tools, turned back, however their arguments are cut.
#include <doctest/doctest.h>

#include "unit/wire/describe.h"
#include "wire/translate/parts.h"
#include "wire/translate/translate.h"

namespace restore_test {

using namespace hearth;
using namespace hearth::exchange;

namespace {

Request asking() {
    Request request;
    request.body = Chat{.tools = {{.kind = Tool::Kind::custom, .name = "apply_patch"}, {.name = "read"}}};
    return request;
}

// The input as the client gets it when the arguments come in pieces of `step` bytes.
std::string restored(const std::string& arguments, std::size_t step) {
    wire::Restore restore(asking());
    std::vector<Event> out;
    restore.apply(ToolCallDelta{0, 0, "c1", "apply_patch", ""}, out);
    for (std::size_t at = 0; at < arguments.size(); at += step)
        restore.apply(ToolCallDelta{0, 0, {}, {}, arguments.substr(at, step)}, out);
    restore.apply(Finish{0, FinishReason::tool_calls}, out);
    std::string input;
    for (const auto& event : out) {
        if (const auto* delta = std::get_if<ToolCallDelta>(&event)) {
            CHECK(delta->custom);
            input += delta->arguments;
        }
    }
    CHECK(std::get<ToolCallDelta>(out.front()).name == "apply_patch");
    CHECK(std::holds_alternative<Finish>(out.back()));
    return input;
}

}  // namespace

TEST_CASE("a custom call's input is restored however its arguments are cut") {
    const std::string input = "*** Begin Patch\n\"q\" \\ \t caf\u00e9 \U0001F525 end";
    const auto wrapped = wire::wrap_input(input);
    const std::string escaped = R"( { "input" : "a\u00e9\uD83D\uDD25\n\"b\\" } )";
    for (std::size_t step = 1; step < 40; ++step) {
        CHECK(restored(wrapped, step) == input);
        CHECK(restored(escaped, step) == "a\u00e9\U0001F525\n\"b\\");
    }
}

TEST_CASE("arguments of another shape are passed on unchanged at the end") {
    CHECK(restored(R"({"patch":"x"})", 3) == R"({"patch":"x"})");
    CHECK(restored(R"(just text)", 4) == "just text");
    CHECK(restored(R"({"input":""})", 4).empty());
}

TEST_CASE("other calls and other events are left alone") {
    wire::Restore restore(asking());
    std::vector<Event> out;
    restore.apply(TextDelta{0, "hi"}, out);
    restore.apply(ToolCallDelta{0, 0, "c", "read", "{}"}, out);
    CHECK(wire_test::describe(out) == wire_test::describe(std::vector<Event>{
                                          TextDelta{0, "hi"}, ToolCallDelta{0, 0, "c", "read", "{}"}}));
}

}  // namespace restore_test

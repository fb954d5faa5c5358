// For every pair of dialects: an answer that an upstream gives in one is heard by the client of the other, in a stream
// however it is cut, and whole.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include "unit/wire/describe.h"
#include "unit/wire/feature_text.h"
#include "unit/wire/generators.h"
#include "wire/codecs.h"
#include "wire/dialects.h"

namespace pairs_stream_property_test {

using namespace wire_test;

namespace {

constexpr Dialect kSpoken[] = {Dialect::openai, Dialect::responses, Dialect::anthropic, Dialect::gemini,
                               Dialect::ollama};

bool gives_several(Dialect dialect) {
    return dialect == Dialect::openai || dialect == Dialect::gemini;
}

// What all dialects can say: thinking, words, and calls whose arguments are objects and come in pieces, mixed.
struct StreamMaker {
    struct Call {
        std::string rest;  // of its arguments
        std::int32_t choice, number;
    };
    std::vector<Event> out{Started{"id", "model", 5}};
    std::vector<Call> open{};

    void begin_call(std::int32_t choice, std::int32_t number) {
        static const std::string kArguments[] = {"{}", R"({"a": [1, "}"], "b":{"c":null}})",
                                                 R"({"q":"漢 \"x\" \\ \n 🙂","n":-1.5})"};
        ToolCallDelta first{.choice = choice, .call = number};
        first.id = fmt::format("call_{}_{}", choice, number);
        first.name = fmt::format("fn_{}", draw(3));
        out.emplace_back(std::move(first));
        open.push_back({kArguments[draw(3)], choice, number});
    }
    void continue_call(Call& call) {
        auto size = 1 + static_cast<std::size_t>(draw(static_cast<int>(call.rest.size())));
        const auto inside = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
        while (size < call.rest.size() && inside(call.rest[size])) ++size;  // events hold whole characters
        ToolCallDelta next{.choice = call.choice, .call = call.number};
        next.arguments = call.rest.substr(0, size);
        out.emplace_back(std::move(next));
        call.rest.erase(0, size);
    }
    void end_calls(std::int32_t choice) {
        for (auto& call : open) {
            while (call.choice == choice && !call.rest.empty()) continue_call(call);
        }
    }
};

std::vector<Event> some_answer(int choices) {
    StreamMaker maker;
    std::vector<std::int32_t> calls(static_cast<std::size_t>(choices));
    for (int i = draw(9); i > 0; --i) {
        const auto choice = draw(choices);
        switch (draw(4)) {
            case 0:
                maker.out.emplace_back(TextDelta{choice, word()});
                break;
            case 1:
                maker.out.emplace_back(ReasoningDelta{choice, word(), ""});
                break;
            case 2:
                maker.begin_call(choice, calls[static_cast<std::size_t>(choice)]++);
                break;
            default:
                if (maker.open.empty()) break;
                auto& call = maker.open[static_cast<std::size_t>(draw(static_cast<int>(maker.open.size())))];
                if (!call.rest.empty()) maker.continue_call(call);
        }
    }
    for (std::int32_t choice = 0; choice < choices; ++choice) {
        static constexpr FinishReason kReasons[] = {FinishReason::stop, FinishReason::length,
                                                    FinishReason::content_filter};
        maker.end_calls(choice);
        auto reason = kReasons[draw(3)];
        if (reason == FinishReason::stop && calls[static_cast<std::size_t>(choice)] > 0)
            reason = FinishReason::tool_calls;
        maker.out.emplace_back(Finish{choice, reason, {}});
    }
    Usage usage{100 + draw(100), 50 + draw(100), draw(100), {}, draw(50)};
    maker.out.emplace_back(UsageEvent{usage, {}});
    maker.out.emplace_back(Done{});
    return std::move(maker.out);
}

Answer folded(const std::vector<Event>& events) {
    Answer out;
    for (const auto& event : events) fold(out, event);
    return out;
}

std::string_view finish_name(const Choice& choice, bool plain) {
    if (!choice.finish) return "nothing";
    switch (*choice.finish) {
        case FinishReason::length:
            return "length";
        case FinishReason::tool_calls:
            return "tool_calls";
        case FinishReason::content_filter:
            return !plain ? "content_filter" : choice.tool_calls.empty() ? "stop" : "tool_calls";
        default:
            return *choice.finish == FinishReason::stop ? "stop" : "another reason";
    }
}

// `plain`: as far as Ollama can say it, which knows no filters and does not tell cached tokens from others.
std::string heard(const Answer& answer, bool plain) {
    std::string out = answer.failure ? "failed: " + answer.failure->message + "\n"
                      : answer.done  ? ""
                                     : "cut\n";
    for (const auto& choice : answer.choices) {
        out += fmt::format("thinks {}\nsays {}\n", json_text(choice.reasoning_text()),
                           json_text(choice.text + choice.refusal));
        for (const auto& call : choice.tool_calls) {
            out += fmt::format("calls {} {}{}\n", call.name, canonical_json(call.arguments),
                               call.id.empty() ? " without an id" : "");
        }
        out += fmt::format("ends with {}\n", finish_name(choice, plain));
    }
    const auto& usage = answer.usage;
    out += fmt::format("usage {} {}", usage.input.value_or(-1), usage.output.value_or(-1));
    if (plain) return out;
    return out + fmt::format(" cached {} reasoning {}", usage.cached_input.value_or(-1),
                             usage.reasoning_output.value_or(-1));
}

Request question(Dialect dialect, std::int64_t choices) {
    Request out;
    out.dialect = dialect;
    out.include_usage = true;
    out.n = choices;
    out.body = Chat{.turns = {{.parts = {Text{"?", {}}}}}};
    return out;
}

wire::AnswerContext context_of(const Request& request) {
    return {.request = &request, .model = "model", .origin = "provider", .id = "id", .created_s = 5};
}

// Written by a server of that dialect, cut anywhere, and read by its client.
std::vector<Event> through_stream(Dialect dialect, const std::vector<Event>& events, std::int64_t choices) {
    const auto request = question(dialect, choices);
    const auto encoder = wire::client_codec(dialect)->stream(context_of(request));
    std::string bytes;
    for (const auto& event : events) encoder->write(event, bytes);
    const auto decoder = wire::upstream_codec(dialect)->stream(request);
    std::vector<Event> out;
    const auto most = static_cast<int>(bytes.size()) + 1;
    auto first = static_cast<std::size_t>(draw(most)), second = static_cast<std::size_t>(draw(most));
    if (first > second) std::swap(first, second);
    // Each piece in memory of its own, so that reading beyond it is seen.
    for (const auto& piece :
         {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)})
        decoder->feed(piece, out);
    decoder->finish(out);
    return out;
}

Answer through_whole(Dialect dialect, const Answer& answer, std::int64_t choices) {
    const auto request = question(dialect, choices);
    json::Document scratch;
    const auto body = wire::client_codec(dialect)->whole(context_of(request), answer);
    auto out = wire::upstream_codec(dialect)->whole(Kind::chat, body, scratch);
    if (!out) RC_FAIL(fmt::format("{}: {} in {}", wire::dialect_name(dialect), out.error()->message, body));
    return std::move(*out);
}

void check_answer(Dialect upstream) {
    const int choices = gives_several(upstream) ? 1 + draw(3) : 1;
    const auto events = *rc::gen::resize(100, rc::gen::exec([choices] { return some_answer(choices); }));
    const bool in_stream = !flip();
    const auto streamed = in_stream ? through_stream(upstream, events, choices) : events;
    const auto whole = in_stream ? Answer{} : through_whole(upstream, folded(events), choices);
    for (const auto client : kSpoken) {
        if (choices > 1 && !gives_several(client)) continue;
        const bool plain = upstream == Dialect::ollama || client == Dialect::ollama;
        const auto expected = heard(folded(events), plain);
        const auto compare = [&](std::string_view way, const Answer& answer) {
            const auto came = heard(answer, plain);
            if (came == expected) return;
            RC_FAIL(fmt::format("{} -> {}, {}:\nsent\n{}\narrived\n{}", wire::dialect_name(upstream),
                                wire::dialect_name(client), way, expected, came));
        };
        if (in_stream) {
            compare("stream", folded(through_stream(client, streamed, choices)));
        } else {
            compare("whole answer", through_whole(client, whole, choices));
        }
    }
}

}  // namespace

TEST_CASE("pairs: answers arrive in every dialect, streamed and whole") {
    for (const auto upstream : kSpoken) {
        CHECK(
            rc::check("from " + std::string(wire::dialect_name(upstream)), [&] { check_answer(upstream); }));
    }
}

}  // namespace pairs_stream_property_test

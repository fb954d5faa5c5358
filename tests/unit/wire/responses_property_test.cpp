// decode(encode(x)) == x for what the Responses dialect can say, and streams that come back from their encoding.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "unit/wire/describe.h"
#include "unit/wire/generators.h"
#include "wire/codecs.h"
#include "wire/responses/names.h"
#include "wire/responses/request.h"

namespace responses_property_test {

using namespace wire_test;
namespace responses = hearth::wire::responses;

namespace {

Part said() {
    switch (draw(6)) {
        case 0:
            return Image{.media_type = "image/png", .data = "QUJD", .detail = maybe_word()};
        case 1:
            return Image{.url = "https://" + word()};
        case 2:
            return Image{.file_id = word()};
        case 3:
            return Audio{word(), "AA==", {}};
        case 4:
            return File{
                .name = word(), .data = "data:application/pdf;base64,QQ==", .media_type = "application/pdf"};
        default:
            return Text{some_text(), {}};
    }
}

Part did(const std::vector<Tool>& tools, int& calls) {
    switch (draw(4)) {
        case 0:
            return Reasoning{maybe_word(), {word(), ""}};
        case 1:
            return Refusal{some_text()};
        case 2: {
            const auto id = "call_" + std::to_string(calls++);
            if (tools.empty() || flip()) return ToolCall{id, word(), some_text(), false, {}};
            const auto& tool = tools[static_cast<std::size_t>(draw(static_cast<int>(tools.size())))];
            return ToolCall{id, tool.name, some_text(), tool.kind == Tool::Kind::custom, {}};
        }
        default:
            return Text{some_text(), {}};
    }
}

std::vector<Turn> some_turns(const std::vector<Tool>& tools) {
    std::vector<Turn> out;
    int calls = 0;
    if (flip()) {
        out.emplace_back().role = Role::system;
        out.back().parts = {Text{word(), {}}};
    }
    out.emplace_back().parts = {said()};
    for (int i = draw(4); i > 0; --i) {
        auto& turn = out.emplace_back();
        turn.role = Role::assistant;
        for (int n = 1 + draw(4); n > 0; --n) turn.parts.push_back(did(tools, calls));
        const auto parts = turn.parts;
        for (const auto& part : parts) {
            const auto* call = std::get_if<ToolCall>(&part);
            if (call == nullptr) continue;
            auto& result = out.emplace_back();
            result.role = Role::tool;
            result.tool_call_id = call->id;
            if (flip()) {
                result.parts = {Text{word(), {}}};
            } else if (flip()) {
                result.parts = {said(), Text{some_text(), {}}};
            }
        }
        static constexpr Role kRoles[] = {Role::user, Role::developer, Role::system};
        out.emplace_back().role = kRoles[draw(3)];
        for (int n = 1 + draw(2); n > 0; --n) out.back().parts.push_back(said());
    }
    return out;
}

std::vector<Tool> some_tools() {
    std::vector<Tool> out;
    for (int i = draw(5); i > 0; --i) {
        Tool tool;
        tool.name = "t" + std::to_string(i);
        tool.description = maybe_word();
        tool.parameters = R"({"type":"object"})";
        if (flip()) {
            tool.kind = Tool::Kind::custom;
        } else {
            tool.strict = flip();
        }
        tool.deferred = flip();
        out.push_back(std::move(tool));
    }
    // A namespace's tools stand together.
    for (int i = draw(3); i > 0; --i) {
        Tool tool{.parameters = "{}", .space = "s p", .own_name = "t" + std::to_string(i)};
        if (out.empty() || out.back().space.empty()) tool.extra = {{"namespace.description", "\"D\""}};
        out.push_back(std::move(tool));
    }
    responses::name_tools(out);
    return out;
}

Request some_responses_request() {
    static const std::string kEfforts[] = {"", "none", "low", "xhigh"};
    static const std::string kShows[] = {"", "auto", "concise", "detailed"};
    Request out;
    out.dialect = Dialect::responses;
    out.model = maybe_word();
    out.user = maybe_word();
    out.cache_key = maybe_word();
    out.stream = flip();
    out.store = flip();
    if (flip()) out.sampling.max_tokens = 16 + draw(1000);
    if (flip()) out.sampling.temperature = draw(200) / 100.0;
    if (flip()) out.sampling.top_p = draw(100) / 100.0;
    if (flip()) out.sampling.presence_penalty = draw(200) / 100.0;
    out.sampling.logprobs = flip();
    out.sampling.top_logprobs = draw(20);
    Chat chat;
    chat.tools = some_tools();
    chat.turns = some_turns(chat.tools);
    if (!chat.tools.empty()) {
        const auto named = ToolChoice{ToolChoice::Mode::named, chat.tools[0].name, {}};
        const auto allowed = ToolChoice{ToolChoice::Mode::automatic, "", {chat.tools[0].name}};
        if (flip()) chat.tool_choice = flip() ? named : allowed;
    }
    if (flip()) chat.parallel_tool_calls = flip();
    if (flip())
        chat.response_format =
            ResponseFormat{ResponseFormat::Kind::json_schema, word(), maybe_word(), "{}", flip()};
    chat.reasoning_effort = kEfforts[draw(4)];
    chat.thinking.show = kShows[draw(4)];
    chat.verbosity = flip() ? "low" : "";
    out.body = std::move(chat);
    return out;
}

void check_request() {
    const auto request = some_responses_request();
    const auto body = responses::encode_request(request, {});
    json::Document document;
    RC_ASSERT(document.parse(body).has_value());
    auto back = responses::decode_request(Kind::chat, document);
    if (!back) RC_FAIL(back.error()->message + " in " + body);
    back->extra.clear();  // `include`, written as needed
    if (!(*back == request)) RC_FAIL(body + "\n came back as\n" + responses::encode_request(*back, {}));
}

}  // namespace

TEST_CASE("responses: requests come back from their encoding") {
    CHECK(rc::check("requests", [] { check_request(); }));
}

namespace {

// What this dialect can tell: one choice, thoughts and words in blocks, log-probabilities right behind their text.
std::vector<Event> some_responses_stream() {
    std::vector<Event> out = {Started{"resp_id", "name", 5}};
    int calls = 0, open = 0;
    for (int i = draw(10); i > 0; --i) {
        switch (draw(5)) {
            case 0:
                out.emplace_back(TextDelta{0, word()});
                if (flip()) out.emplace_back(LogprobsDelta{0, {{word(), -draw(100) / 8.0, {{"t", -1.5}}}}});
                break;
            case 1:
                out.emplace_back(RefusalDelta{0, word()});
                break;
            case 2:
                out.emplace_back(ReasoningDelta{0, word(), ""});
                break;
            default:
                if (calls == 0 || flip()) {
                    const auto id = "call_" + std::to_string(calls);
                    const bool custom = flip();
                    out.emplace_back(ToolCallDelta{0, calls, id, "n" + std::to_string(draw(9)), "", custom});
                    // A function's arguments are never nothing: they would be written as {}.
                    if (!custom) out.emplace_back(ToolCallDelta{0, calls, "", "", word(), false});
                    ++calls;
                } else {
                    open = draw(calls);
                    bool custom = false;
                    for (const auto& event : out) {
                        const auto* delta = std::get_if<ToolCallDelta>(&event);
                        if (delta != nullptr && delta->call == open) custom = delta->custom;
                    }
                    out.emplace_back(ToolCallDelta{0, open, "", "", word(), custom});
                }
        }
    }
    static constexpr FinishReason kReasons[] = {FinishReason::stop, FinishReason::length,
                                                FinishReason::content_filter};
    const auto reason = kReasons[draw(3)];
    out.emplace_back(
        Finish{0, reason == FinishReason::stop && calls > 0 ? FinishReason::tool_calls : reason, {}});
    out.emplace_back(UsageEvent{Usage{draw(1000), draw(1000), draw(9), {}, draw(9)}, {}});
    out.emplace_back(Done{});
    return out;
}

void check_stream() {
    const auto events = some_responses_stream();
    Request request;
    request.dialect = Dialect::responses;
    request.sampling.logprobs = true;
    request.body = Chat{};
    wire::AnswerContext context;
    context.request = &request;
    context.id = "id";
    context.model = "name";
    context.created_s = 5;
    const auto encoder = wire::client_codec(Dialect::responses)->stream(context);
    std::string bytes;
    for (const auto& event : events) encoder->write(event, bytes);
    const auto decoder = wire::upstream_codec(Dialect::responses)->stream(request);
    const auto relay = wire::upstream_codec(Dialect::responses)->relay({});
    std::vector<Event> back;
    std::string passed;
    for (std::string_view rest = bytes; !rest.empty();) {
        const auto size = std::min<std::size_t>(rest.size(), 1 + static_cast<std::size_t>(draw(400)));
        const std::string piece(rest.substr(0, size));
        decoder->feed(piece, back);
        for (const auto part : relay->feed(piece)) passed += part;
        rest.remove_prefix(size);
    }
    decoder->finish(back);
    passed += relay->finish();
    RC_ASSERT(describe(back) == describe(events));
    RC_ASSERT(passed == bytes);
    RC_ASSERT(describe(relay->facts()) == describe(decoder->facts()));
}

}  // namespace

TEST_CASE("responses: streams come back from their encoding, and pass untouched") {
    CHECK(rc::check("streams", [] { check_stream(); }));
}

}  // namespace responses_property_test

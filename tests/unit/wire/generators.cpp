#include "unit/wire/generators.h"

#include <rapidcheck.h>

namespace wire_test {

int draw(int below) {
    return *rc::gen::inRange(0, below);
}

std::string some_text() {
    static const std::string kPieces[] = {
        "a",    "B7", " ",  "\"", "\\",     "\n",     "\r\n", "\t", std::string(1, '\0'),
        "\x7f", "é",  "漢", "🙂", "data: ", "[DONE]", "{}"};
    std::string out;
    for (int i = draw(5); i > 0; --i) out += kPieces[draw(std::size(kPieces))];
    return out;
}
std::string word() {
    return "w" + some_text();
}
std::string maybe_word() {
    return flip() ? word() : std::string();
}

namespace {

// Unknown members with distinct names, kept as decoding keeps them.
std::vector<RawField> extras(const std::string& within = {}) {
    static const std::string kValues[] = {"null", "1", R"("x")", R"([1, {"a" : []}])",
                                          R"({"deep":{"er":[null]}})"};
    std::vector<RawField> out;
    for (int i = draw(3); i > 0; --i) {
        const std::string key = flip() ? within + ".x.y" : within.empty() ? "x" : within + ".x";
        out.push_back({key + std::to_string(i), kValues[draw(std::size(kValues))]});
    }
    return out;
}

template <class Make>
auto maybe(Make make) -> std::optional<decltype(make())> {
    if (flip()) return make();
    return std::nullopt;
}
std::optional<double> between(double low, double high) {
    return maybe([&] { return low + (high - low) * draw(10001) / 10000; });
}
std::optional<std::int64_t> upto(int most, int least = 0) {
    return maybe([&] { return std::int64_t{least} + draw(most - least + 1); });
}

Part content_part() {
    switch (draw(6)) {
        case 0:
            return Image{.media_type = "image/png",
                         .data = "QUJD",
                         .detail = maybe_word(),
                         .extra = extras("image_url")};
        case 1:
            return Image{.url = "https://" + word(), .extra = extras()};
        case 2:
            return Audio{word(), "AA==", extras()};
        case 3:
            return File{.name = maybe_word(), .id = word(), .data = maybe_word(), .extra = extras("file")};
        case 4:
            return Foreign{"video_url", R"({"type":"video_url","video_url":{"url":"x"}})"};
        default:
            return Text{some_text(), extras()};
    }
}

Turn turn() {
    static constexpr Role kRoles[] = {Role::user, Role::system, Role::developer, Role::tool, Role::assistant};
    Turn out;
    out.role = kRoles[draw(5)];
    out.name = maybe_word();
    if (out.role == Role::tool) out.tool_call_id = maybe_word();
    const bool assistant = out.role == Role::assistant;
    if (assistant && flip()) out.parts.emplace_back(Reasoning{word(), {}});
    for (int i = draw(3); i > 0; --i) out.parts.push_back(content_part());
    if (assistant && flip()) out.parts.emplace_back(Refusal{word()});
    for (int i = assistant ? draw(3) : 0; i > 0; --i) {
        const bool custom = flip();
        out.parts.emplace_back(
            ToolCall{maybe_word(), word(), some_text(), custom, extras(custom ? "custom" : "")});
    }
    out.extra = extras();
    return out;
}

Tool tool(const std::string& name) {
    switch (draw(3)) {
        case 0:
            return {
                .kind = Tool::Kind::hosted, .name = name, .raw = R"({"type":")" + name + R"(","option":1})"};
        case 1:
            return {.kind = Tool::Kind::custom,
                    .name = name,
                    .description = maybe_word(),
                    .parameters = R"({"type":"text"})",
                    .extra = extras()};
        default:
            return {.name = name,
                    .description = maybe_word(),
                    .parameters = flip() ? R"({"type":"object"})" : "",
                    .strict = flip(),
                    .extra = extras("function")};
    }
}

std::optional<ToolChoice> tool_choice(const std::vector<Tool>& tools) {
    std::vector<std::string> names;
    for (const auto& one : tools) {
        if (one.kind != Tool::Kind::hosted) names.push_back(one.name);
    }
    using Mode = ToolChoice::Mode;
    switch (draw(names.empty() ? 3 : 5)) {
        case 0:
            return std::nullopt;
        case 1:
            return ToolChoice{Mode::none, "", {}};
        case 2:
            return ToolChoice{Mode::automatic, "", names};
        case 3:
            return ToolChoice{Mode::named, names.back(), {}};
        default:
            return ToolChoice{Mode::required, "", flip() ? names : std::vector<std::string>{}};
    }
}

std::optional<ResponseFormat> response_format() {
    using K = ResponseFormat::Kind;
    const std::string schema = R"({"type":"object","properties":{}})";
    switch (draw(4)) {
        case 0:
            return ResponseFormat{};
        case 1:
            return ResponseFormat{K::json_object, "", "", flip() ? schema : "", false};
        case 2:
            return ResponseFormat{K::json_schema, word(), maybe_word(), schema, flip()};
        default:
            return std::nullopt;
    }
}

Chat chat() {
    static const std::string kEfforts[] = {"", "none", "low", "xhigh"};
    Chat out;
    for (int i = 1 + draw(4); i > 0; --i) out.turns.push_back(turn());
    for (int i = draw(4); i > 0; --i) out.tools.push_back(tool("tool_" + std::to_string(i)));
    out.tool_choice = tool_choice(out.tools);
    out.parallel_tool_calls = maybe(flip);
    out.response_format = response_format();
    out.reasoning_effort = kEfforts[draw(4)];
    out.verbosity = flip() ? "low" : "";
    return out;
}

std::vector<std::variant<std::string, TokenIds>> prompts() {
    std::vector<std::variant<std::string, TokenIds>> out;
    for (int i = 1 + draw(3); i > 0; --i) {
        if (flip()) {
            out.emplace_back(some_text());
        } else {
            out.emplace_back(TokenIds{draw(1 << 30), draw(9)});
        }
    }
    return out;
}

Sampling sampling(Kind kind) {
    Sampling out;
    out.temperature = between(0, 2);
    out.top_p = between(0, 1);
    out.min_p = between(0, 1);
    out.presence_penalty = between(-2, 2);
    out.frequency_penalty = between(-2, 2);
    out.repeat_penalty = between(0, 9);
    out.top_k = upto(100, -1);
    out.seed = maybe([] { return *rc::gen::arbitrary<std::int64_t>(); });
    out.max_tokens = upto(1 << 30);
    for (int i = draw(3); i > 0; --i) out.stop.push_back(word());
    for (int i = draw(3); i > 0; --i) out.logit_bias.emplace_back(i * 7, draw(20001) / 100.0 - 100);
    out.ignore_eos = flip();
    out.grammar = maybe_word();
    out.logprobs = flip();
    if (kind == Kind::chat || out.logprobs) out.top_logprobs = draw(6);
    return out;
}

}  // namespace

Request some_request(Kind kind) {
    Request out;
    out.kind = kind;
    out.dialect = Dialect::openai;
    out.model = maybe_word();
    out.user = maybe_word();
    out.keep_alive_s = upto(100000, -1);
    out.context_tokens = upto(1 << 20, 1);
    out.extra = extras();
    if (kind == Kind::embedding) {
        out.body = Embedding{prompts(), upto(5000, 1), flip()};
        return out;
    }
    out.sampling = sampling(kind);
    out.n = 1 + draw(4);
    out.stream = flip();
    out.include_usage = out.stream && flip();
    if (flip()) out.extra = extras("stream_options");
    if (kind == Kind::chat) {
        out.body = chat();
        out.cache_key = maybe_word();
    } else {
        out.body = Completion{prompts(), maybe(some_text), flip()};
    }
    return out;
}

namespace {

struct StreamMaker {
    Kind kind;
    std::vector<Event> out;
    std::vector<int> calls;  // begun, per choice

    void delta(int choice) {
        switch (kind == Kind::chat ? draw(7) : draw(2)) {
            case 0:
                out.emplace_back(TextDelta{choice, word()});
                break;
            case 1:
                logprobs(choice);
                break;
            case 2:
                out.emplace_back(ReasoningDelta{choice, word(), ""});
                break;
            case 3:
                out.emplace_back(RefusalDelta{choice, word()});
                break;
            default:
                call(choice);
        }
    }
    void logprobs(int choice) {
        LogprobsDelta event{choice, {}};
        for (int i = 1 + draw(2); i > 0; --i) {
            TokenLogprob token{word(), -draw(100) / 8.0, {}};
            if (kind == Kind::chat && flip()) token.token += "\xf0\x9f";  // half a character
            for (int top = draw(3); top > 0; --top)
                token.top.emplace_back("t" + std::to_string(top), -top / 4.0);
            event.tokens.push_back(std::move(token));
        }
        out.emplace_back(std::move(event));
    }
    void call(int choice) {
        auto& begun = calls[static_cast<std::size_t>(choice)];
        if (begun == 0 || flip()) {
            const auto id = "call_" + std::to_string(choice) + "_" + std::to_string(begun);
            out.emplace_back(ToolCallDelta{choice, begun++, id, word(), some_text(), false});
        } else {
            out.emplace_back(ToolCallDelta{choice, draw(begun), "", "", word(), false});
        }
    }
};

}  // namespace

std::vector<Event> some_stream(Kind kind, int choices) {
    static constexpr FinishReason kReasons[] = {FinishReason::stop, FinishReason::length,
                                                FinishReason::content_filter};
    StreamMaker maker{
        kind, {Started{word(), word(), draw(1 << 30)}}, std::vector<int>(static_cast<std::size_t>(choices))};
    for (int i = draw(12); i > 0; --i) maker.delta(draw(choices));
    for (int choice = 0; choice < choices; ++choice) {
        const bool called = maker.calls[static_cast<std::size_t>(choice)] > 0;
        maker.out.emplace_back(Finish{choice, called ? FinishReason::tool_calls : kReasons[draw(3)]});
    }
    Usage usage{draw(1000), draw(1000), upto(100), upto(100), upto(100)};
    std::optional<Timings> timings;
    if (flip()) timings = Timings{draw(9), draw(99), draw(99), draw(999) / 8.0, draw(999) / 8.0};
    maker.out.emplace_back(UsageEvent{usage, timings});
    maker.out.emplace_back(Done{});
    return maker.out;
}

}  // namespace wire_test

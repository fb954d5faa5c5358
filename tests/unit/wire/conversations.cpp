#include "unit/wire/conversations.h"

#include "unit/wire/conversation_parts.h"
#include "unit/wire/generators.h"
#include "wire/dialects.h"
#include "wire/responses/names.h"

namespace wire_test {

namespace {

using wire::Feature;
using wire::Features;
using wire::Support;
using Mode = ToolChoice::Mode;

// One of the refused features in each conversation would leave few that are translated: what the target rejects is drawn rarely.
// But each feature is in every so many conversations.
Features some_features(Dialect client, Dialect towards, int number) {
    std::vector<const wire::FeatureRow*> rows;
    for (const auto& row : wire::feature_table()) {
        if (wire::can_send(client, row.feature)) rows.push_back(&row);
    }
    Features out;
    for (const auto* row : rows) {
        const bool refused = wire::support_of(row->feature, towards) == Support::rejected;
        const int odds = refused ? 25 : 3;
        if (draw(odds) == odds - 1) out.set(static_cast<std::size_t>(row->feature));
    }
    out.set(static_cast<std::size_t>(rows[static_cast<std::size_t>(number) % rows.size()]->feature));
    return out;
}

std::string some_parameters() {
    static const std::string kSchemas[] = {
        "", R"({"type":"object","properties":{}})",
        R"({"type":"object","properties":{"a":{"type":"string","enum":["x","y"]}},"required":["a"]})",
        R"({"type" : "object","properties":{"a":{"const":1},"b":{"type":["string","null"]}}})",
        R"({"type":"object","properties":{"l":{"type":"array","items":{"type":"integer"}}},)"
        R"("additionalProperties":false})"};
    return kSchemas[draw(std::size(kSchemas))];
}

Tool some_custom_tool() {
    static const std::string kFormats[] = {
        "", R"({"type":"text"})", R"({"type":"grammar","syntax":"lark","definition":"start: \"a\""})"};
    return {.kind = Tool::Kind::custom,
            .name = "free",
            .description = maybe_word(),
            .parameters = kFormats[draw(3)]};
}

void add_schema(const Wish& wish, Chat& chat) {
    using Kind = ResponseFormat::Kind;
    if (wish.wants(Feature::json_object)) chat.response_format = ResponseFormat{.kind = Kind::json_object};
    if (!wish.wants(Feature::json_schema)) return;
    chat.response_format = ResponseFormat{
        .kind = Kind::json_schema,
        .name = "answer",
        .schema = flip()
                      ? R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"
                      : R"({"type":"object","properties":{"a":{"const":1}},"additionalProperties":false})"};
}

void add_sampling(const Wish& wish, Sampling& s) {
    if (wish.wants(Feature::stop_sequences)) s.stop.assign(static_cast<std::size_t>(1 + draw(3)), word());
    if (wish.wants(Feature::max_tokens)) s.max_tokens = 1 + draw(6000);
    if (wish.wants(Feature::temperature)) {
        if (flip()) s.temperature = draw(wish.is(Dialect::anthropic) ? 9 : 17) / 8.0;
        if (flip()) s.top_p = draw(9) / 8.0;
    }
    if (wish.wants(Feature::top_k)) s.top_k = draw(100) - (wish.is(Dialect::gemini) ? 0 : 1);
    if (wish.wants(Feature::other_samplers)) {
        if (flip()) s.min_p = draw(9) / 8.0;
        if (flip()) s.repeat_penalty = 1 + draw(9) / 8.0;
    }
    if (wish.wants(Feature::penalties)) {
        if (flip()) s.presence_penalty = draw(17) / 8.0;
        if (flip()) s.frequency_penalty = draw(17) / -8.0;
    }
    if (wish.wants(Feature::seed)) s.seed = draw(1 << 30);
    if (wish.wants(Feature::logit_bias)) s.logit_bias = {{draw(1000), draw(201) - 100.0}};
    if (wish.wants(Feature::logprobs)) s.logprobs = true, s.top_logprobs = draw(6);
    if (wish.wants(Feature::grammar)) s.grammar = "root ::= \"a\"";
}

void add_thinking(const Wish& wish, Request& request, Chat& chat) {
    static const std::string kOpenai[] = {"none", "minimal", "low", "medium", "high", "xhigh"};
    static const std::string kOthers[] = {"low", "medium", "high", "max"};
    if (wish.wants(Feature::thinking_budget))
        chat.thinking = {Thinking::Mode::budget, 1024 + draw(9000), flip() ? "" : "omitted"};
    if (!wish.wants(Feature::effort)) return;
    chat.reasoning_effort =
        wish.openai_like() ? kOpenai[draw(6)] : kOthers[draw(wish.is(Dialect::gemini) ? 3 : 4)];
    if (wish.is(Dialect::gemini)) {
        request.model = "gemini-3-flash";  // effort is a level, which the second generation does not have
        chat.thinking = {};
    } else if (!wish.openai_like() && chat.thinking.mode == Thinking::Mode::unset) {
        chat.thinking.mode = Thinking::Mode::adaptive;
    }
}

}  // namespace

std::vector<Tool> some_tools(const Wish& wish) {
    std::vector<Tool> out;
    if (wish.wants(Feature::function_tool)) {
        for (int i = 1, count = 1 + draw(2); i <= count; ++i)
            out.push_back({.name = "fn_" + std::to_string(i),
                           .description = maybe_word(),
                           .parameters = some_parameters(),
                           .strict = wish.wants(Feature::tool_strict) && (i == 1 || flip())});
    }
    if (wish.wants(Feature::custom_tool)) out.push_back(some_custom_tool());
    if (wish.wants(Feature::deferred_tool))
        out.push_back({.name = "late", .parameters = some_parameters(), .deferred = true});
    if (wish.wants(Feature::hosted_tool) && wish.is(Dialect::openai))
        out.push_back({.kind = Tool::Kind::hosted, .name = "browse", .raw = R"({"type":"browse"})"});
    if (wish.wants(Feature::tool_namespace)) {
        for (int i = 1 + draw(2); i > 0; --i)
            out.push_back(
                {.parameters = some_parameters(), .space = "s p", .own_name = "own_" + std::to_string(i)});
        wire::responses::name_tools(out);
    }
    return out;
}

std::optional<ToolChoice> some_choice(const Wish& wish, const std::vector<Tool>& tools) {
    std::vector<std::string> names;
    for (const auto& tool : tools) {
        if (tool.kind != Tool::Kind::hosted) names.push_back(tool.name);
    }
    if (names.empty() || wish.is(Dialect::ollama)) return std::nullopt;
    const auto some_name = [&] {
        return names[static_cast<std::size_t>(draw(static_cast<int>(names.size())))];
    };
    ToolChoice out;
    if (wish.wants(Feature::tool_choice_forced)) {
        out.mode = flip() ? Mode::named : Mode::required;
        if (out.mode == Mode::named) out.name = some_name();
    } else if (draw(4) == 3) {
        out.mode = flip() ? Mode::none : Mode::automatic;
    }
    const bool free = out.mode == Mode::automatic || out.mode == Mode::required;
    if (free && wish.wants(Feature::allowed_tools)) {
        out.allowed.push_back(some_name());
        if (const auto other = some_name(); flip() && other != out.allowed.front())
            out.allowed.push_back(other);
    } else if (out.mode == Mode::automatic && flip()) {
        return std::nullopt;
    }
    return out;
}

void add_settings(const Wish& wish, Request& request) {
    auto& chat = std::get<Chat>(request.body);
    request.model = wish.is(Dialect::gemini) ? "gemini-2.5-flash" : "model";
    request.stream = flip();
    request.include_usage = request.stream && flip();
    if (wish.wants(Feature::one_call_at_a_time)) chat.parallel_tool_calls = false;
    add_schema(wish, chat);
    add_sampling(wish, request.sampling);
    add_thinking(wish, request, chat);
    if (wish.wants(Feature::several_choices)) request.n = 2 + draw(3);
    if (wish.wants(Feature::verbosity)) chat.verbosity = flip() ? "low" : "high";
    if (wish.wants(Feature::user)) request.user = word();
    if (wish.wants(Feature::cache_key)) request.cache_key = word();
    if (wish.wants(Feature::context_size)) request.context_tokens = 1024 + draw(9000);
    if (wish.wants(Feature::keep_in_memory)) request.keep_alive_s = draw(600) - 1;
    if (wish.wants(Feature::unknown_fields)) request.extra = {{"x_new", "[1]"}};
}

Conversation some_conversation(Dialect client, Dialect towards, int number) {
    const Wish wish{client, some_features(client, towards, number)};
    Request request;
    request.dialect = client;
    Chat chat;
    chat.tools = some_tools(wish);
    chat.tool_choice = some_choice(wish, chat.tools);
    chat.turns = some_turns(wish, chat.tools);
    request.body = std::move(chat);
    add_settings(wish, request);
    return {client_body(request, wish.wanted), request.model, request.stream};
}

}  // namespace wire_test

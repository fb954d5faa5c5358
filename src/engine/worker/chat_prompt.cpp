// Chats: the model's template (Jinja), tools and reasoning format, all through libllama-common.
#include <fmt/format.h>

#include "engine/worker/chat_history.h"
#include "engine/worker/prompt.h"
#include "json-schema-to-grammar.h"
#include "text/json.h"
#include "text/json_writer.h"

namespace hearth::engine {

namespace {

using namespace exchange;

constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";

Result<common_chat_msg> message_of(const Turn& turn, std::size_t index, const std::vector<Turn>& all) {
    common_chat_msg message;
    constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool"};
    message.role = kRoles[static_cast<std::size_t>(turn.role)];
    message.tool_call_id = turn.tool_call_id;
    for (const auto& part : turn.parts) {
        if (const auto* text = std::get_if<Text>(&part)) {
            if (!message.content.empty()) message.content += '\n';
            message.content += text->text;
        } else if (const auto* refusal = std::get_if<Refusal>(&part)) {
            message.content += refusal->text;
        } else if (const auto* thought = std::get_if<Reasoning>(&part)) {
            message.reasoning_content += thought->text;
        } else if (const auto* call = std::get_if<ToolCall>(&part)) {
            message.tool_calls.push_back(
                {call->name, call->arguments.empty() ? "{}" : call->arguments, call->id});
        } else {
            return fail(Code::unsupported, "This model supports text only, not images, audio or files.",
                        fmt::format("messages[{}]", index));
        }
    }
    if (turn.role != Role::tool) return message;
    for (std::size_t i = index; i-- > 0 && message.tool_name.empty();) {  // find the call it answers
        for (const auto& part : all[i].parts) {
            const auto* call = std::get_if<ToolCall>(&part);
            if (call && call->id == turn.tool_call_id) message.tool_name = call->name;
        }
    }
    return message;
}

bool offered(const Tool& tool, const ToolChoice& choice) {
    if (tool.kind != Tool::Kind::function) return false;  // hosted tools of vendors are not supported
    if (choice.mode == ToolChoice::Mode::named) return tool.name == choice.name;
    return choice.allowed.empty() || std::ranges::find(choice.allowed, tool.name) != choice.allowed.end();
}

Result<std::vector<common_chat_tool>> tools_of(const Chat& chat, const ToolChoice& choice) {
    std::vector<common_chat_tool> tools;
    if (choice.mode == ToolChoice::Mode::none) return tools;
    for (const auto& tool : chat.tools) {
        if (!offered(tool, choice)) continue;
        tools.push_back({tool.name, tool.description,
                         tool.parameters.empty() ? std::string(kNoParameters) : tool.parameters});
    }
    if (choice.mode == ToolChoice::Mode::named && tools.empty())
        return fail(Code::invalid_request,
                    fmt::format("tool_choice names '{}', which is not one of the tools.", choice.name),
                    "tool_choice");
    if (choice.mode == ToolChoice::Mode::required && tools.empty())
        return fail(Code::invalid_request,
                    "tool_choice is 'required', but there is no tool that this model can call.",
                    "tool_choice");
    return tools;
}

std::string schema_of(const Chat& chat) {
    if (!chat.response_format || chat.response_format->kind == ResponseFormat::Kind::text) return {};
    const auto& schema = chat.response_format->schema;
    return schema.empty() || schema == "{}" ? R"({"type":"object"})" : schema;
}

// For templates without tool support: the tools are described in the system turn, and a call is one JSON object.
void describe_tools(std::vector<common_chat_msg>& messages, const std::vector<common_chat_tool>& tools) {
    std::string text =
        "You may call one of these functions. To call one, answer with nothing but a JSON object of the form "
        "{\"name\": ..., \"arguments\": {...}}.\n";
    for (const auto& tool : tools) {
        json::Writer writer(text);
        writer.begin_object().member("name", tool.name).member("description", tool.description);
        writer.member_raw("parameters", tool.parameters).end_object();
        text += '\n';
    }
    if (!messages.empty() && messages.front().role == "system") {
        messages.front().content += "\n\n" + text;
    } else {
        common_chat_msg system;
        system.role = "system";
        system.content = std::move(text);
        messages.insert(messages.begin(), std::move(system));
    }
}

// The grammar of exactly one call of one of the tools.
std::string call_grammar(const std::vector<common_chat_tool>& tools) {
    std::string schema;
    json::Writer writer(schema);
    writer.begin_object().key("oneOf").begin_array();
    for (const auto& tool : tools) {
        writer.begin_object().member("type", "object").key("properties").begin_object();
        writer.key("name").begin_object().member("const", tool.name).end_object();
        writer.member_raw("arguments", tool.parameters).end_object();
        writer.key("required").begin_array().string("name").string("arguments").end_array();
        writer.member("additionalProperties", false).end_object();
    }
    writer.end_array().end_object();
    return json_schema_to_grammar(common_json::parse(schema));
}

void copy_thinking_tags(const Model& model, const common_chat_params& from, common_params_sampling& to) {
    if (from.thinking_end_tags.empty() || from.thinking_start_tag.empty()) return;
    to.reasoning_budget_start = model.tokenize(from.thinking_start_tag, false, true);
    for (const auto& tag : from.thinking_end_tags)
        to.reasoning_budget_end.push_back(model.tokenize(tag, false, true));
    to.reasoning_budget_forced = to.reasoning_budget_end.front();
}

// libllama-common's grammar for a required call allows any text before it ("until-161?" in its root rule), so that a call
// may never come. Without that part the answer is the call, after reasoning if the template supports it.
std::string without_preamble(std::string grammar) {
    const auto root = grammar.find("root ::=");
    if (root == std::string::npos) return grammar;
    const auto line = std::min(grammar.find('\n', root), grammar.size());
    for (auto at = grammar.find(" until-", root); at < line; at = grammar.find(" until-", at + 1)) {
        const auto digits = grammar.find_first_not_of("0123456789", at + 7);
        if (digits >= line || grammar[digits] != '?') continue;
        grammar.erase(at, digits + 1 - at);
        break;
    }
    return grammar;
}

void take_grammar(const Model& model, const common_chat_params& from, common_params_sampling& to) {
    if (from.grammar.empty()) return;
    to.grammar = {COMMON_GRAMMAR_TYPE_TOOL_CALLS, from.grammar};
    to.grammar_lazy = from.grammar_lazy;
    for (const auto& trigger : from.grammar_triggers) {
        // A trigger word that is one token triggers by that token, so that its text within other tokens does not.
        const auto ids = trigger.type == COMMON_GRAMMAR_TRIGGER_TYPE_WORD
                             ? model.tokenize(trigger.value, false, true)
                             : std::vector<llama_token>{};
        if (ids.size() == 1) {
            common_grammar_trigger by_token = trigger;
            by_token.type = COMMON_GRAMMAR_TRIGGER_TYPE_TOKEN;
            by_token.token = ids.front();
            to.grammar_triggers.push_back(by_token);
            to.preserved_tokens.insert(ids.front());
        } else {
            to.grammar_triggers.push_back(trigger);
        }
    }
    copy_thinking_tags(model, from, to);
}

// A chat as passed to its template.
struct Applying {
    common_chat_templates_inputs inputs;
    std::vector<common_chat_tool> tools;
    std::string schema;
    bool forced = false;      // a tool call is required
    bool json_calls = false;  // the template has no tool support
};

Result<Applying> applying(const Model& model, const Request& request) {
    const auto& chat = request.chat();
    if (!model.templates())
        return fail(Code::unsupported,
                    "This model has no chat template; use text completion (/v1/completions).", "messages");
    const auto choice = chat.tool_choice.value_or(ToolChoice{});
    auto tools = tools_of(chat, choice);
    if (!tools) return fail(tools.error());
    Applying out;
    out.tools = std::move(*tools);
    out.forced = choice.mode == ToolChoice::Mode::required || choice.mode == ToolChoice::Mode::named;
    out.json_calls = !out.tools.empty() && !model.facts().can_call_tools;
    out.schema = schema_of(chat);
    if (!request.sampling.grammar.empty() && (!out.schema.empty() || !out.tools.empty()))
        return fail(Code::invalid_request, "A grammar cannot be combined with tools or a response format.",
                    "grammar");
    auto& inputs = out.inputs;
    for (std::size_t i = 0; i < chat.turns.size(); ++i) {
        auto message = message_of(chat.turns[i], i, chat.turns);
        if (!message) return fail(message.error());
        inputs.messages.push_back(std::move(*message));
    }
    shorten_ids(model, inputs.messages);
    if (!model.facts().can_call_tools) write_out_calls(inputs.messages);
    if (out.json_calls) {
        describe_tools(inputs.messages, out.tools);
    } else {
        inputs.tools = out.tools;
        inputs.tool_choice = out.tools.empty() ? COMMON_CHAT_TOOL_CHOICE_NONE
                             : out.forced      ? COMMON_CHAT_TOOL_CHOICE_REQUIRED
                                               : COMMON_CHAT_TOOL_CHOICE_AUTO;
        inputs.parallel_tool_calls = chat.parallel_tool_calls.value_or(
            common_chat_templates_get_caps(model.templates())["supports_parallel_tool_calls"]);
    }
    if (!out.forced) inputs.json_schema = out.schema;
    inputs.reasoning_format = COMMON_REASONING_FORMAT_AUTO;
    inputs.enable_thinking = chat.reasoning_effort != "none";
    if (!chat.reasoning_effort.empty() && inputs.enable_thinking) {
        std::string quoted;
        json::append_string(quoted, chat.reasoning_effort);
        inputs.chat_template_kwargs["reasoning_effort"] = quoted;
    }
    inputs.add_bos = false;
    return out;
}

}  // namespace

Result<std::string> apply_template(const Model& model, const Request& request) {
    auto chat = applying(model, request);
    if (!chat) return fail(chat.error());
    return common_chat_templates_apply(model.templates(), chat->inputs).prompt;
}

Result<void> prepare_chat(const Model& model, const Request& request, Prepared& out) {
    auto prepared = applying(model, request);
    if (!prepared) return fail(prepared.error());
    const auto& [inputs, tools, schema, forced, json_calls] = *prepared;
    const auto& chat = request.chat();
    auto applied = common_chat_templates_apply(model.templates(), inputs);

    take_grammar(model, applied, out.sampling);
    if (forced && !json_calls)
        out.sampling.grammar.grammar = without_preamble(std::move(out.sampling.grammar.grammar));
    if (json_calls && forced) {
        out.sampling.grammar = {COMMON_GRAMMAR_TYPE_USER, call_grammar(tools)};
        out.sampling.grammar_lazy = false;
    }
    out.sampling.generation_prompt = applied.generation_prompt;
    for (const auto& text : applied.preserved_tokens) {
        const auto ids = model.tokenize(text, false, true);
        if (ids.size() == 1) out.sampling.preserved_tokens.insert(ids.front());
    }
    out.stops.insert(out.stops.end(), applied.additional_stops.begin(), applied.additional_stops.end());

    auto reading = std::make_shared<ChatReading>();
    reading->parser = common_chat_parser_params(applied);
    reading->parser.reasoning_format = inputs.reasoning_format;
    reading->parser.parse_tool_calls = !tools.empty() && !json_calls;
    if (!applied.parser.empty()) reading->parser.parser.load(applied.parser);
    reading->may_call = !tools.empty();
    reading->json_calls = json_calls;
    reading->one_call = chat.parallel_tool_calls.has_value() && !*chat.parallel_tool_calls;
    reading->plain = tools.empty() && schema.empty() && !applied.supports_thinking;
    out.reading = std::move(reading);
    out.prompts.push_back({model.tokenize(applied.prompt, true, true), {}});
    return {};
}

}  // namespace hearth::engine

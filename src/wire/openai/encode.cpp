// Requests written for an upstream from the exchange form.
#include "wire/openai/encode.h"

#include <fmt/format.h>

namespace hearth::wire::openai {

namespace {

using exchange::RawField;
using json::Writer;

bool has_extra(const std::vector<RawField>& extra, std::string_view within) {
    return std::ranges::find(extra, within, object_of) != extra.end();
}

void write_tool(Writer& w, const exchange::Tool& tool, const EncodeOptions& options) {
    if (tool.kind == exchange::Tool::Kind::hosted) {
        if (options.extra) w.raw(tool.raw);
        return;
    }
    const bool custom = tool.kind == exchange::Tool::Kind::custom;
    w.begin_object().member("type", custom ? "custom" : "function");
    w.key(custom ? "custom" : "function").begin_object().member("name", tool.name);
    if (!tool.description.empty()) w.member("description", tool.description);
    if (!tool.parameters.empty()) w.member_raw(custom ? "format" : "parameters", tool.parameters);
    if (tool.strict) w.member("strict", true);
    write_extra(w, options, tool.extra, custom ? "custom" : "function");
    w.end_object();
    write_extra(w, options, tool.extra, {});
    w.end_object();
}

std::string_view tool_type(const exchange::Chat& chat, std::string_view name) {
    const auto tool = std::ranges::find(chat.tools, name, &exchange::Tool::name);
    return tool != chat.tools.end() && tool->kind == exchange::Tool::Kind::custom ? "custom" : "function";
}

void write_named(Writer& w, const exchange::Chat& chat, std::string_view name) {
    const auto type = tool_type(chat, name);
    w.begin_object()
        .member("type", type)
        .key(type)
        .begin_object()
        .member("name", name)
        .end_object()
        .end_object();
}

void write_tool_choice(Writer& w, const exchange::Chat& chat) {
    using Choice = exchange::ToolChoice::Mode;
    const auto& choice = *chat.tool_choice;
    w.key("tool_choice");
    if (choice.mode == Choice::named) return write_named(w, chat, choice.name);
    const std::string_view mode = choice.mode == Choice::none       ? "none"
                                  : choice.mode == Choice::required ? "required"
                                                                    : "auto";
    if (choice.allowed.empty()) {
        w.string(mode);
        return;
    }
    w.begin_object().member("type", "allowed_tools").key("allowed_tools").begin_object();
    w.member("mode", mode).key("tools").begin_array();
    for (const auto& name : choice.allowed) write_named(w, chat, name);
    w.end_array().end_object().end_object();
}

void write_response_format(Writer& w, const exchange::ResponseFormat& format) {
    using Kind = exchange::ResponseFormat::Kind;
    w.key("response_format").begin_object();
    if (format.kind == Kind::json_schema) {
        w.member("type", "json_schema").key("json_schema").begin_object();
        w.member("name", format.name.empty() ? std::string_view("structured_output") : format.name);
        if (!format.description.empty()) w.member("description", format.description);
        w.member_raw("schema", format.schema);
        if (format.strict) w.member("strict", true);
        w.end_object();
    } else if (format.kind == Kind::json_object) {
        w.member("type", "json_object");
        if (!format.schema.empty()) w.member_raw("schema", format.schema);
    } else {
        w.member("type", "text");
    }
    w.end_object();
}

void write_chat(Writer& w, const exchange::Request& request, const EncodeOptions& options) {
    const auto& chat = request.chat();
    w.key("messages").begin_array();
    for (const auto& turn : chat.turns) write_turn(w, turn, options);
    w.end_array();
    const bool any_tool =
        options.extra ? !chat.tools.empty() : std::ranges::any_of(chat.tools, [](const exchange::Tool& tool) {
            return tool.kind != exchange::Tool::Kind::hosted;
        });
    if (any_tool) {
        w.key("tools").begin_array();
        for (const auto& tool : chat.tools) write_tool(w, tool, options);
        w.end_array();
    }
    if (chat.tool_choice) write_tool_choice(w, chat);
    if (chat.parallel_tool_calls) w.member("parallel_tool_calls", *chat.parallel_tool_calls);
    if (chat.response_format) write_response_format(w, *chat.response_format);
    if (!chat.reasoning_effort.empty()) w.member("reasoning_effort", chat.reasoning_effort);
    if (!chat.verbosity.empty()) w.member("verbosity", chat.verbosity);
    if (!request.cache_key.empty()) w.member("prompt_cache_key", request.cache_key);
    if (request.sampling.logprobs) w.member("logprobs", true);
    if (request.sampling.top_logprobs > 0) w.member("top_logprobs", request.sampling.top_logprobs);
}

}  // namespace

void write_prompts(Writer& w, std::string_view field,
                   const std::vector<std::variant<std::string, exchange::TokenIds>>& prompts) {
    const auto write_one = [&](const auto& prompt) {
        if (const auto* text = std::get_if<std::string>(&prompt)) {
            w.string(*text);
            return;
        }
        w.begin_array();
        for (const auto id : std::get<exchange::TokenIds>(prompt)) w.integer(id);
        w.end_array();
    };
    w.key(field);
    if (prompts.size() == 1) return write_one(prompts.front());
    w.begin_array();
    for (const auto& prompt : prompts) write_one(prompt);
    w.end_array();
}

namespace {

void write_extensions(Writer& w, const exchange::Request& request) {
    const auto& s = request.sampling;
    if (s.top_k) w.member("top_k", *s.top_k);
    if (s.min_p) w.member("min_p", *s.min_p);
    if (s.repeat_penalty) w.member("repeat_penalty", *s.repeat_penalty);
    if (s.ignore_eos) w.member("ignore_eos", true);
    if (!s.grammar.empty()) w.member("grammar", s.grammar);
    if (request.keep_alive_s) w.member("keep_alive", *request.keep_alive_s);
    if (request.context_tokens) w.member("num_ctx", *request.context_tokens);
}

void write_sampling(Writer& w, const exchange::Request& request, const EncodeOptions& options) {
    const auto& s = request.sampling;
    if (s.max_tokens)
        w.member(options.max_completion_tokens ? "max_completion_tokens" : "max_tokens", *s.max_tokens);
    if (s.temperature) w.member("temperature", *s.temperature);
    if (s.top_p) w.member("top_p", *s.top_p);
    if (s.presence_penalty) w.member("presence_penalty", *s.presence_penalty);
    if (s.frequency_penalty) w.member("frequency_penalty", *s.frequency_penalty);
    if (s.seed) w.member("seed", *s.seed);
    if (request.n != 1) w.member("n", request.n);
    if (!s.stop.empty()) {
        w.key("stop").begin_array();
        for (const auto& stop : s.stop) w.string(stop);
        w.end_array();
    }
    if (!s.logit_bias.empty()) {
        w.key("logit_bias").begin_object();
        for (const auto& [id, bias] : s.logit_bias) w.key(fmt::to_string(id)).real(bias);
        w.end_object();
    }
    if (request.stream) w.member("stream", true);
    // Vendors refuse stream_options without a stream.
    const bool usage = request.stream && (request.include_usage || options.include_usage);
    if (usage || (options.extra && has_extra(request.extra, "stream_options"))) {
        w.key("stream_options").begin_object();
        if (usage) w.member("include_usage", true);
        write_extra(w, options, request.extra, "stream_options");
        w.end_object();
    }
}

}  // namespace

std::string encode_request(const exchange::Request& request, const EncodeOptions& options) {
    std::string out;
    Writer w(out);
    w.begin_object();
    const std::string_view model = options.model.empty() ? std::string_view(request.model) : options.model;
    if (!model.empty()) w.member("model", model);
    if (request.kind == exchange::Kind::chat) {
        write_chat(w, request, options);
    } else if (request.kind == exchange::Kind::completion) {
        const auto& completion = request.completion();
        write_prompts(w, "prompt", completion.prompts);
        if (completion.suffix) w.member("suffix", *completion.suffix);
        if (completion.echo) w.member("echo", true);
        if (request.sampling.logprobs) w.member("logprobs", request.sampling.top_logprobs);
    } else {
        const auto& embedding = request.embedding();
        write_prompts(w, "input", embedding.inputs);
        if (embedding.dimensions) w.member("dimensions", *embedding.dimensions);
        if (embedding.base64) w.member("encoding_format", "base64");
    }
    if (request.kind != exchange::Kind::embedding) write_sampling(w, request, options);
    if (options.extensions) write_extensions(w, request);
    if (!request.user.empty()) w.member("user", request.user);
    write_extra(w, options, request.extra, {});
    w.end_object();
    return out;
}

}  // namespace hearth::wire::openai

// Requests written for an Ollama upstream.
#include <fmt/format.h>

#include "text/json_writer.h"
#include "wire/llama/sampling.h"
#include "wire/ollama/calls.h"
#include "wire/ollama/request.h"

namespace hearth::wire::ollama {

namespace {

using exchange::Kind;
using exchange::RawField;
using exchange::Request;
using exchange::Role;
using json::Writer;

struct Encoder {
    Writer& w;
    const Request& request;
    json::Document scratch{};
    Calls calls{};

    void extra(const std::vector<RawField>& fields, std::string_view within) const {
        if (request.dialect != exchange::Dialect::ollama) return;
        for (const auto& field : fields) {
            if (object_of(field) == within) w.member_raw(key_of(field), field.json);
        }
    }

    void call(const exchange::ToolCall& one, std::int64_t index) {
        w.begin_object().member("id", calls.begin(one.name, one.id)).key("function").begin_object();
        w.member("index", index).member("name", one.name);
        w.key("arguments");
        write_arguments(w, one.arguments, scratch);
        extra(one.extra, "function");
        w.end_object();
        extra(one.extra, {});
        w.end_object();
    }

    void message(const exchange::Turn& turn);
    void chat();
    void completion();
    void embedding();
    void options();
};

std::string_view role_name(Role role) {
    switch (role) {
        case Role::system:
        case Role::developer:
            return "system";
        case Role::assistant:
            return "assistant";
        case Role::tool:
            return "tool";
        case Role::user:
            break;
    }
    return "user";
}

// The parts of a turn under the fields that they become.
struct Sorted {
    std::string text, thinking;
    std::vector<std::string_view> images;
    std::vector<const exchange::ToolCall*> calls;

    void add(std::string_view piece) {
        if (piece.empty()) return;
        if (!text.empty()) text += '\n';  // as chat templates join parts
        text += piece;
    }
    void operator()(const exchange::Text& p) { add(p.text); }
    void operator()(const exchange::Refusal& p) { add(p.text); }
    void operator()(const exchange::File& p) { add(p.text); }
    void operator()(const exchange::Reasoning& p) { thinking += p.text; }
    void operator()(const exchange::Image& p) {
        if (!p.data.empty()) images.push_back(p.data);
    }
    void operator()(const exchange::ToolCall& p) { calls.push_back(&p); }
    void operator()(const exchange::Audio&) {}
    void operator()(const exchange::ToolReference&) {}
    void operator()(const exchange::Foreign&) {}
};

void Encoder::message(const exchange::Turn& turn) {
    Sorted sorted;
    for (const auto& part : turn.parts) std::visit(sorted, part);
    w.begin_object().member("role", role_name(turn.role)).member("content", sorted.text);
    if (!sorted.thinking.empty()) w.member("thinking", sorted.thinking);
    if (!sorted.images.empty()) {
        w.key("images").begin_array();
        for (const auto image : sorted.images) w.string(image);
        w.end_array();
    }
    if (!sorted.calls.empty()) {
        w.key("tool_calls").begin_array();
        std::int64_t index = 0;
        for (const auto* one : sorted.calls) call(*one, index++);
        w.end_array();
    }
    if (turn.role == Role::tool) {
        std::string id = turn.tool_call_id, name = turn.name;
        calls.answer(id, name);
        if (!name.empty()) w.member("tool_name", name);
        if (!id.empty()) w.member("tool_call_id", id);
    }
    extra(turn.extra, {});
    w.end_object();
}

void write_tools(Writer& w, const std::vector<exchange::Tool>& tools, const Encoder& encoder) {
    w.key("tools").begin_array();
    for (const auto& tool : tools) {
        if (tool.kind == exchange::Tool::Kind::hosted) {
            if (encoder.request.dialect == exchange::Dialect::ollama) w.raw(tool.raw);
            continue;
        }
        w.begin_object().member("type", "function").key("function").begin_object().member("name", tool.name);
        if (!tool.description.empty()) w.member("description", tool.description);
        // Templates walk through the properties without asking whether there are any.
        w.member_raw("parameters", tool.parameters.empty() ? R"({"type":"object","properties":{}})"
                                                           : std::string_view(tool.parameters));
        encoder.extra(tool.extra, "function");
        w.end_object();
        encoder.extra(tool.extra, {});
        w.end_object();
    }
    w.end_array();
}

void write_think(Writer& w, const exchange::Chat& chat, bool own_dialect) {
    using Mode = exchange::Thinking::Mode;
    const std::string_view effort = chat.reasoning_effort;
    if (chat.thinking.mode == Mode::off || effort == "none") {
        w.member("think", false);
    } else if (effort == "low" || effort == "minimal") {
        w.member("think", "low");
    } else if (effort == "medium" || effort == "high") {
        w.member("think", effort);
    } else if (!effort.empty()) {
        w.member("think", own_dialect ? effort : "high");  // "max" is younger than many servers
    } else if (chat.thinking.mode != Mode::unset) {
        w.member("think", true);
    }
}

void Encoder::chat() {
    const auto& chat = request.chat();
    w.key("messages").begin_array();
    for (const auto& turn : chat.turns) message(turn);
    w.end_array();
    // There is no tool_choice; a model that must not call tools gets none.
    const bool forbidden = chat.tool_choice && chat.tool_choice->mode == exchange::ToolChoice::Mode::none;
    if (!chat.tools.empty() && !forbidden) write_tools(w, chat.tools, *this);
    if (chat.response_format) {
        const auto& format = *chat.response_format;
        if (!format.schema.empty()) {
            w.member_raw("format", format.schema);
        } else if (format.kind == exchange::ResponseFormat::Kind::json_object) {
            w.member("format", "json");
        }
    }
    write_think(w, chat, request.dialect == exchange::Dialect::ollama);
}

void Encoder::completion() {
    const auto& body = request.completion();
    const auto* prompt = body.prompts.empty() ? nullptr : std::get_if<std::string>(&body.prompts.front());
    w.member("prompt", prompt != nullptr ? std::string_view(*prompt) : std::string_view{});
    if (body.suffix) {
        w.member("suffix", *body.suffix);
    } else {
        w.member("raw", true);
    }
}

void Encoder::embedding() {
    const auto& body = request.embedding();
    w.key("input").begin_array();
    for (const auto& input : body.inputs) {
        if (const auto* text = std::get_if<std::string>(&input)) w.string(*text);
    }
    w.end_array();
    if (body.dimensions) w.member("dimensions", *body.dimensions);
}

void Encoder::options() {
    std::string members;
    Writer inner(members);
    inner.begin_object();
    if (request.context_tokens) inner.member("num_ctx", *request.context_tokens);
    llama::write_sampling(inner, request.sampling, "num_predict");
    Encoder{inner, request}.extra(request.extra, "options");
    inner.end_object();
    if (members != "{}") w.member_raw("options", members);
}

}  // namespace

std::string encode_request(const Request& request, std::string_view model) {
    std::string out;
    Writer w(out);
    Encoder encoder{w, request};
    w.begin_object().member("model", model.empty() ? std::string_view(request.model) : model);
    if (request.kind == Kind::embedding) {
        encoder.embedding();
    } else {
        request.kind == Kind::chat ? encoder.chat() : encoder.completion();
        w.member("stream", request.stream);  // absent would mean true
        if (request.sampling.logprobs) w.member("logprobs", true);
        if (request.sampling.top_logprobs > 0) w.member("top_logprobs", request.sampling.top_logprobs);
    }
    encoder.options();
    if (request.keep_alive_s) w.member("keep_alive", *request.keep_alive_s);
    encoder.extra(request.extra, {});
    w.end_object();
    return out;
}

}  // namespace hearth::wire::ollama

#include "wire/responses/response_object.h"

#include "wire/openai/error.h"
#include "wire/responses/encode.h"
#include "wire/responses/request.h"

namespace hearth::wire::responses {

namespace {

using exchange::FinishReason;
using exchange::Request;
using json::Writer;

std::string_view extra_or(const Request& request, std::string_view key, std::string_view otherwise) {
    const auto found = std::ranges::find(request.extra, key, &exchange::RawField::key);
    return found == request.extra.end() || found->json == "null" ? otherwise : std::string_view(found->json);
}

void string_or_null(Writer& w, std::string_view key, std::string_view text) {
    w.key(key);
    text.empty() ? w.null() : w.string(text);
}

void write_settings(Writer& w, const Request& request) {
    const auto& s = request.sampling;
    w.member_raw("background", extra_or(request, "background", "false"));
    w.member("frequency_penalty", s.frequency_penalty.value_or(0));
    w.key("instructions").null();
    w.key("max_output_tokens");
    s.max_tokens ? w.integer(*s.max_tokens) : w.null();
    w.member_raw("max_tool_calls", extra_or(request, "max_tool_calls", "null"));
    w.member("presence_penalty", s.presence_penalty.value_or(0));
    string_or_null(w, "previous_response_id", request.previous_id);
    string_or_null(w, "prompt_cache_key", request.cache_key);
    w.key("safety_identifier").null();
    w.member_raw("service_tier", extra_or(request, "service_tier", "\"default\""));
    w.member("store", request.store.value_or(true));
    w.member("temperature", s.temperature.value_or(1)).member("top_logprobs", s.top_logprobs);
    w.member("top_p", s.top_p.value_or(1));
    w.member_raw("truncation", extra_or(request, "truncation", "\"disabled\""));
    string_or_null(w, "user", request.user);
    w.member_raw("metadata", extra_or(request, "metadata", "{}"));
}

void write_chat_settings(Writer& w, const Request& request) {
    const auto& chat = request.chat();
    const ToolStyle style{.spaces = true, .hosted = request.dialect == exchange::Dialect::responses};
    w.member("parallel_tool_calls", chat.parallel_tool_calls.value_or(true));
    w.key("reasoning").begin_object();
    string_or_null(w, "effort", chat.reasoning_effort);
    string_or_null(w, "summary", chat.thinking.show);
    w.end_object().key("text").begin_object().key("format");
    write_format(w, chat.response_format.value_or(exchange::ResponseFormat{}));
    w.member("verbosity", chat.verbosity.empty() ? std::string_view("medium") : chat.verbosity);
    w.end_object().key("tool_choice");
    if (chat.tool_choice) {
        write_tool_choice(w, chat, style);
    } else {
        w.raw(extra_or(request, "tool_choice", "\"auto\""));
    }
    w.key("tools");
    write_tools(w, chat.tools, style);
}

}  // namespace

void write_usage(Writer& w, const exchange::Usage* usage) {
    w.key("usage");
    if (usage == nullptr || (!usage->input && !usage->output)) {
        w.null();
        return;
    }
    const auto input = usage->input.value_or(0), output = usage->output.value_or(0);
    w.begin_object().member("input_tokens", input).key("input_tokens_details").begin_object();
    w.member("cached_tokens", usage->cached_input.value_or(0));
    if (usage->cache_write_input) w.member("cache_write_tokens", *usage->cache_write_input);
    w.end_object().member("output_tokens", output).key("output_tokens_details").begin_object();
    w.member("reasoning_tokens", usage->reasoning_output.value_or(0)).end_object();
    w.member("total_tokens", input + output).end_object();
}

ResponseObject::ResponseObject(const AnswerContext& context)
    : id_("resp_" + context.id),
      model_(context.model),
      created_s_(context.created_s),
      with_encrypted_(wants_encrypted_reasoning(*context.request)) {
    Writer w(repeated_);
    w.begin_object();
    write_settings(w, *context.request);
    write_chat_settings(w, *context.request);
    w.end_object();
    // Schemas stand here in the client's own bytes; a line break in them would end an event.
    for (char& c : repeated_) c = c == '\n' || c == '\r' ? ' ' : c;
    repeated_ = repeated_.substr(1, repeated_.size() - 2);
}

void ResponseObject::write(Writer& w, const ResponseState& state) const {
    w.begin_object().member("id", id_).member("object", "response").member("created_at", created_s_);
    w.member("status", state.status).key("completed_at");
    // There is no clock here, and the vendor's field only says that it is over.
    state.status == "completed" ? w.integer(created_s_) : w.null();
    w.key("error");
    if (state.error_code.empty()) {
        w.null();
    } else {
        w.begin_object().member("code", state.error_code).member("message", state.error_message).end_object();
    }
    w.key("incomplete_details");
    if (state.incomplete_reason.empty()) {
        w.null();
    } else {
        w.begin_object().member("reason", state.incomplete_reason).end_object();
    }
    w.member("model", model_).key("output").begin_array();
    for (const auto& item : state.output) write_item(w, item, with_encrypted_);
    w.end_array();
    write_usage(w, state.usage);
    // The first of the repeated members as a key and its value: the writer sets the comma, the rest follows as text.
    const auto colon = repeated_.find(':');
    w.member_raw(std::string_view(repeated_).substr(1, colon - 2),
                 std::string_view(repeated_).substr(colon + 1));
    w.end_object();
}

std::string_view status_of(FinishReason reason) {
    if (reason == FinishReason::error) return "failed";
    return incomplete_reason(reason).empty() ? "completed" : "incomplete";
}

std::string_view incomplete_reason(FinishReason reason) {
    if (reason == FinishReason::length) return "max_output_tokens";
    return reason == FinishReason::content_filter ? "content_filter" : "";
}

Failure failure_of(const Error& error) {
    Failure out{"server_error", error.message};
    if (error.code == Code::rate_limited) out.code = "rate_limit_exceeded";
    if (error.code == Code::invalid_request || error.code == Code::unsupported ||
        error.code == Code::upstream_rejected)
        out.code = "invalid_prompt";
    if (error.code == Code::context_exceeded) out.code = "context_length_exceeded";
    // An upstream's own code and words where it gave them in this shape; else for a full context both numbers, in the
    // words that agents know.
    const bool full = error.code == Code::context_exceeded && error.limit > 0;
    if (error.upstream_body.empty() && !full) return out;
    json::Document document;
    const auto root = document.parse_copy(full ? openai::error_body(error) : error.upstream_body);
    const json::Value own = root ? (*root)["error"] : json::Value{};
    if (!own["message"].is_string() || own["message"].as_string().empty() || !own["code"].is_string())
        return out;
    out.code = own["code"].as_string();
    out.message = own["message"].as_string();
    return out;
}

}  // namespace hearth::wire::responses

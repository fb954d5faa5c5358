#include "wire/responses/output_item.h"

#include "text/utf8.h"

namespace hearth::wire::responses {

namespace {

using json::Writer;
using Kind = OutputItem::Kind;
using Status = OutputItem::Status;

std::string_view status_word(Status status) {
    if (status == Status::in_progress) return "in_progress";
    return status == Status::completed ? "completed" : "incomplete";
}

double finite(double logprob) {
    return logprob >= -9999.0 ? logprob : -9999.0;  // what OpenAI writes for "out of the question"
}

void write_token(Writer& w, std::string_view token, double logprob) {
    w.member("token", token).key("bytes").begin_array();
    for (const char byte : token) w.integer(static_cast<unsigned char>(byte));
    w.end_array().member("logprob", finite(logprob));
}

}  // namespace

std::string_view OutputItem::type() const {
    switch (kind) {
        case Kind::reasoning:
            return "reasoning";
        case Kind::call:
            return custom ? "custom_tool_call" : "function_call";
        case Kind::image:
            return "image_generation_call";
        case Kind::compaction:
            return "compaction";
        case Kind::message:
            break;
    }
    return "message";
}

void write_logprobs(Writer& w, const std::vector<exchange::TokenLogprob>& tokens) {
    w.begin_array();
    for (const auto& one : tokens) {
        w.begin_object();
        write_token(w, one.token, one.logprob);
        w.key("top_logprobs").begin_array();
        for (const auto& [token, logprob] : one.top) {
            w.begin_object();
            write_token(w, token, logprob);
            w.end_object();
        }
        w.end_array().end_object();
    }
    w.end_array();
}

void write_citation(Writer& w, const exchange::Citation& citation, const OutputItem::Content& part) {
    // A citation without a place belongs to the end of what has been said.
    const std::int64_t here = text::count_characters(part.text);
    const auto place = [&](std::int64_t at) {
        return at < 0 ? here : std::max<std::int64_t>(at - part.chars_before, 0);
    };
    w.begin_object().member("type", "url_citation");
    w.member("start_index", place(citation.start)).member("end_index", place(citation.end));
    w.member("url", citation.url).member("title", citation.title).end_object();
}

void write_part(Writer& w, const OutputItem::Content& part) {
    w.begin_object();
    if (part.refusal) {
        w.member("type", "refusal").member("refusal", part.text).end_object();
        return;
    }
    w.member("type", "output_text").key("annotations").begin_array();
    for (const auto& citation : part.citations) write_citation(w, citation, part);
    w.end_array().key("logprobs");
    write_logprobs(w, part.logprobs);
    w.member("text", part.text).end_object();
}

void write_summary(Writer& w, std::string_view text) {
    w.begin_object().member("type", "summary_text").member("text", text).end_object();
}

void write_item(Writer& w, const OutputItem& item, bool with_encrypted) {
    w.begin_object().member("id", item.id).member("type", item.type());
    if (item.kind == Kind::reasoning) {
        if (with_encrypted && !item.encrypted.empty()) w.member("encrypted_content", item.encrypted);
        w.key("summary").begin_array();
        if (!item.text.empty() && item.status != Status::in_progress) write_summary(w, item.text);
        w.end_array().end_object();
        return;
    }
    if (item.kind == Kind::compaction) {
        w.member("encrypted_content", item.encrypted).end_object();
        return;
    }
    w.member("status", status_word(item.status));
    if (item.kind == Kind::message) {
        w.key("content").begin_array();
        for (const auto& part : item.content) write_part(w, part);
        w.end_array().member("role", "assistant");
    } else if (item.kind == Kind::call) {
        w.member(item.custom ? "input" : "arguments", item.text).member("call_id", item.call_id);
        if (!item.space.empty()) w.member("namespace", item.space);
        w.member("name", item.name);
    } else {
        const auto slash = item.media_type.find('/');
        if (slash != std::string::npos) w.member("output_format", item.media_type.substr(slash + 1));
        w.key("result");
        item.status == Status::in_progress ? w.null() : w.string(item.text);
    }
    w.end_object();
}

}  // namespace hearth::wire::responses

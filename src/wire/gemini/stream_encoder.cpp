#include "wire/gemini/stream_encoder.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "wire/gemini/answer_parts.h"
#include "wire/gemini/error.h"

namespace hearth::wire::gemini {

using json::Writer;

StreamEncoder::StreamEncoder(const AnswerContext& context, bool array)
    : origin_(context.origin), array_(array) {
    tail_ = ",\"modelVersion\":";
    json::append_string(tail_, context.model);
    tail_ += ",\"responseId\":";
    json::append_string(tail_, context.id);
    tail_ += '}';
}

void StreamEncoder::open(std::string& out) {
    if (array_) {
        out += begun_ ? ",\r\n" : "[";
    } else {
        out += "data: ";
    }
    begun_ = true;
    out += "{\"candidates\":[";
}

void StreamEncoder::close(std::string& out) {
    out += tail_;
    if (!array_) out += "\r\n\r\n";
}

// A chunk of one part.
template <class Write>
void StreamEncoder::part(std::int32_t index, std::string& out, Write write) {
    open(out);
    Writer w(out);
    w.begin_object().key("content").begin_object().key("parts").begin_array();
    write(w);
    w.end_array().member("role", "model").end_object().member("index", index).end_object();
    out += ']';
    close(out);
}

void StreamEncoder::collect(const exchange::ToolCallDelta& delta, std::string& out) {
    auto& call = choice(delta.choice).calls[delta.call];
    if (!delta.id.empty()) call.id = delta.id;
    if (!delta.name.empty()) call.name = delta.name;
    if (!delta.opaque.empty()) call.opaque.data = delta.opaque;
    call.arguments += delta.arguments;
    collected_ += delta.arguments.size() + delta.opaque.size() + sizeof(call);
    if (collected_ <= limits::kReplyBytes) return;
    Error large;
    large.code = Code::upstream_broken;
    large.message =
        fmt::format("The upstream sent function calls of more than {} bytes.", limits::kReplyBytes);
    error(large, out);
}

void StreamEncoder::write_calls(std::int32_t index, std::string& out) {
    auto calls = std::exchange(choice(index).calls, {});
    if (calls.empty()) return;
    part(index, out, [&](Writer& w) {
        for (const auto& [number, call] : calls) write_call_part(w, call, origin_);
    });
}

void StreamEncoder::write_last(const exchange::Usage& usage, std::string& out) {
    for (auto& [index, one] : choices_) write_calls(index, out);
    open(out);
    Writer w(out);
    for (const auto& [index, one] : choices_) {
        if (!one.finish && one.citations.empty()) continue;
        w.begin_object().key("content").begin_object().key("parts").begin_array();
        write_text_part(w, {});  // Google's own last chunk has an empty text
        w.end_array().member("role", "model").end_object();
        if (one.finish) w.member("finishReason", finish_word(*one.finish));
        w.member("index", index);
        write_citations(w, one.citations);
        w.end_object();
    }
    out += ']';
    std::string member;
    Writer m(member);
    write_usage(m, usage);
    if (!member.empty()) out += "," + member;
    close(out);
    last_written_ = true;
}

void StreamEncoder::error(const Error& error, std::string& out) {
    over_ = true;
    if (!array_) {
        out += error_event(error);
        return;
    }
    out += begun_ ? ",\r\n" : "[";
    out += error_body(error);
    out += ']';
}

void StreamEncoder::done(std::string& out) {
    if (!last_written_) write_last({}, out);
    over_ = true;
    if (array_) out += ']';
}

struct StreamEncoder::Visitor {
    StreamEncoder& self;
    std::string& out;

    void operator()(const exchange::TextDelta& e) const { text(e.choice, e.text); }
    void operator()(const exchange::RefusalDelta& e) const { text(e.choice, e.text); }
    void operator()(const exchange::ReasoningDelta& e) const {
        if (e.text.empty() && e.opaque.empty()) return;
        self.part(e.choice, out, [&](Writer& w) { write_thought_part(w, e.text, e.opaque, self.origin_); });
    }
    void operator()(const exchange::ToolCallDelta& e) const { self.collect(e, out); }
    void operator()(const exchange::MediaDelta& e) const {
        self.part(e.choice, out, [&](Writer& w) { write_media_part(w, e); });
    }
    void operator()(const exchange::Citation& e) const { self.choice(e.choice).citations.push_back(e); }
    void operator()(const exchange::LogprobsDelta& e) const {
        if (e.tokens.empty()) return;
        self.open(out);
        Writer w(out);
        w.begin_object().member("index", e.choice);
        write_logprobs(w, e.tokens);
        w.end_object();
        out += ']';
        self.close(out);
    }
    void operator()(const exchange::Finish& e) const {
        self.write_calls(e.choice, out);
        self.choice(e.choice).finish = e.reason;
    }
    void operator()(const exchange::UsageEvent& e) const { self.write_last(e.usage, out); }
    void operator()(const Error& e) const { self.error(e, out); }
    void operator()(const exchange::Done&) const { self.done(out); }
    void operator()(const exchange::Started&) const {}
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}

  private:
    void text(std::int32_t choice, std::string_view words) const {
        if (words.empty()) return;
        self.part(choice, out, [&](Writer& w) { write_text_part(w, words); });
    }
};

void StreamEncoder::write(const exchange::Event& event, std::string& out) {
    if (!over_) std::visit(Visitor{*this, out}, event);
}

}  // namespace hearth::wire::gemini

#include "wire/openai/stream_encoder.h"

#include <charconv>

#include "text/json_writer.h"
#include "wire/openai/answer_parts.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

namespace {

void append_int(std::string& out, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
    out.append(digits, end);
}

}  // namespace

// `{"index":N,"delta":{`, after the role chunk if this is the choice's first.
void ChatStreamEncoder::open_delta(std::int32_t choice, std::string& out) {
    const auto at = static_cast<std::size_t>(std::max(choice, 0));
    if (role_sent_.size() <= at) role_sent_.resize(at + 1);
    const bool first = !role_sent_[at];
    role_sent_[at] = true;
    for (int round = first ? 0 : 1; round < 2; ++round) {
        chunk_.open(out);
        out += "{\"index\":";
        append_int(out, choice);
        out += ",\"delta\":{";
        if (round == 0) {
            out += R"("role":"assistant","content":"","refusal":null)";
            close_delta(out);
        }
    }
}

void ChatStreamEncoder::close_delta(std::string& out) const {
    out += R"(},"logprobs":null,"finish_reason":null})";
    chunk_.close(out);
}

void ChatStreamEncoder::text_delta(std::int32_t choice, std::string_view field, std::string_view text,
                                   std::string& out) {
    open_delta(choice, out);
    out += '"';
    out += field;
    out += "\":";
    json::append_string(out, text);
    close_delta(out);
}

void ChatStreamEncoder::call_delta(const exchange::ToolCallDelta& delta, std::string& out) {
    const bool legacy = chunk_.options().legacy_functions;
    if (legacy && delta.call > 0) return;
    open_delta(delta.choice, out);
    out += legacy ? "\"function_call\":" : "\"tool_calls\":[";
    json::Writer w(out);
    w.begin_object();
    if (!legacy) {
        w.member("index", delta.call);
        if (!delta.id.empty()) w.member("id", delta.id);
        if (!delta.id.empty() || !delta.name.empty()) w.member("type", delta.custom ? "custom" : "function");
        w.key(delta.custom ? "custom" : "function").begin_object();
    }
    if (!delta.name.empty()) w.member("name", delta.name);
    w.member(delta.custom && !legacy ? "input" : "arguments", delta.arguments);
    if (!legacy) w.end_object();
    w.end_object();
    if (!legacy) out += ']';
    close_delta(out);
}

void ChatStreamEncoder::citation(const exchange::Citation& citation, std::string& out) {
    if (citation.url.empty()) return;
    open_delta(citation.choice, out);
    out += "\"annotations\":";
    json::Writer w(out);
    write_annotations(w, {citation});
    close_delta(out);
}

void ChatStreamEncoder::logprobs(const exchange::LogprobsDelta& delta, std::string& out) {
    open_delta(delta.choice, out);
    out += "},\"logprobs\":";
    json::Writer w(out);
    write_chat_logprobs(w, delta.tokens);
    out += ",\"finish_reason\":null}";
    chunk_.close(out);
}

void ChatStreamEncoder::finish(const exchange::Finish& finish, std::string& out) {
    open_delta(finish.choice, out);
    out += R"(},"logprobs":null,"finish_reason":")";
    const bool legacy =
        chunk_.options().legacy_functions && finish.reason == exchange::FinishReason::tool_calls;
    out += legacy ? "function_call" : finish_word(finish.reason);
    out += "\"}";
    chunk_.hold(out);
}

struct ChatStreamEncoder::Visitor {
    ChatStreamEncoder& self;
    std::string& out;
    void operator()(const exchange::Started& e) const { self.chunk_.start(e); }
    void operator()(const exchange::TextDelta& e) const { self.text_delta(e.choice, "content", e.text, out); }
    void operator()(const exchange::ReasoningDelta& e) const {
        if (!e.text.empty()) self.text_delta(e.choice, "reasoning_content", e.text, out);
    }
    void operator()(const exchange::RefusalDelta& e) const {
        self.text_delta(e.choice, "refusal", e.text, out);
    }
    void operator()(const exchange::ToolCallDelta& e) const { self.call_delta(e, out); }
    void operator()(const exchange::LogprobsDelta& e) const { self.logprobs(e, out); }
    void operator()(const exchange::Finish& e) const { self.finish(e, out); }
    void operator()(const exchange::Citation& e) const { self.citation(e, out); }
    void operator()(const exchange::MediaDelta&) const {}
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}
    void operator()(const exchange::UsageEvent& e) const { self.chunk_.usage(e, out); }
    void operator()(const Error& e) const { self.chunk_.error(e, out); }
    void operator()(const exchange::Done&) const { self.chunk_.done(out); }
};

void ChatStreamEncoder::write(const exchange::Event& event, std::string& out) {
    if (!chunk_.over()) std::visit(Visitor{*this, out}, event);
}

namespace {

struct CompletionVisitor {
    ChunkWriter& chunk;
    std::string& out;

    void open(std::int32_t choice, std::string_view text) const {
        chunk.open(out);
        out += "{\"text\":";
        json::append_string(out, text);
        out += ",\"index\":";
        append_int(out, choice);
        out += ",\"logprobs\":";
    }
    void operator()(const exchange::Started& e) const { chunk.start(e); }
    void operator()(const exchange::TextDelta& e) const {
        open(e.choice, e.text);
        out += R"(null,"finish_reason":null})";
        chunk.close(out);
    }
    void operator()(const exchange::LogprobsDelta& e) const {
        open(e.choice, {});
        json::Writer w(out);
        write_completion_logprobs(w, e.tokens);
        out += ",\"finish_reason\":null}";
        chunk.close(out);
    }
    void operator()(const exchange::Finish& e) const {
        open(e.choice, {});
        out += R"(null,"finish_reason":")";
        out += finish_word(e.reason);
        out += "\"}";
        chunk.hold(out);
    }
    void operator()(const exchange::UsageEvent& e) const { chunk.usage(e, out); }
    void operator()(const Error& e) const { chunk.error(e, out); }
    void operator()(const exchange::Done&) const { chunk.done(out); }
    void operator()(const exchange::ReasoningDelta&) const {}
    void operator()(const exchange::RefusalDelta&) const {}
    void operator()(const exchange::ToolCallDelta&) const {}
    void operator()(const exchange::Citation&) const {}
    void operator()(const exchange::MediaDelta&) const {}
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}
};

}  // namespace

void CompletionStreamEncoder::write(const exchange::Event& event, std::string& out) {
    if (!chunk_.over()) std::visit(CompletionVisitor{chunk_, out}, event);
}

}  // namespace hearth::wire::openai

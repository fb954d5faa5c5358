#include "wire/anthropic/stream_encoder.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/anthropic/answer.h"
#include "wire/anthropic/error.h"
#include "wire/anthropic/words.h"
#include "wire/opaque.h"

namespace hearth::wire::anthropic {

namespace {

constexpr std::size_t kWaitingBytes = 16 * 1024 * 1024;
constexpr std::size_t kWaitingEntries = 4096;
constexpr std::size_t kWithheldBytes = 1024 * 1024;
constexpr std::size_t kPiecesPerPing = 16;  // of withheld thinking: the client shall see that it goes on
constexpr std::int32_t kCalls = 1 << 16;
constexpr std::string_view kPing = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

void append_event(std::string& out, std::string_view name, std::string_view data) {
    out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

void ObjectEnd::feed(std::string_view text) {
    for (const char c : text) {
        if (whole_) return;
        if (escaped_) {
            escaped_ = false;
        } else if (in_string_) {
            escaped_ = c == '\\';
            in_string_ = c != '"';
        } else if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            ++depth_;
        } else if (c == '}' || c == ']') {
            whole_ = --depth_ <= 0;
        }
    }
}

void MessageStream::start(std::string& out) {
    if (started_) return;
    started_ = true;
    std::string data;
    json::Writer w(data);
    w.begin_object().member("type", "message_start").key("message").begin_object();
    w.member("id", "msg_" + context_.id).member("type", "message").member("role", "assistant");
    w.member("model", context_.model).key("content").begin_array().end_array();
    w.key("stop_reason").null().key("stop_sequence").null().key("usage");
    write_usage(w, usage_, true);
    w.end_object().end_object();
    append_event(out, "message_start", data);
}

// `block` is the content_block object.
void MessageStream::open(Open kind, std::string_view block, std::string& out) {
    start(out);
    close(out);
    open_ = kind;
    ++index_;
    append_event(
        out, "content_block_start",
        fmt::format(R"({{"type":"content_block_start","index":{},"content_block":{}}})", index_, block));
}

void MessageStream::delta(std::string_view type, std::string_view field, std::string_view text,
                          std::string& out) const {
    out += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":";
    out.append(fmt::format_int(index_).str()).append(",\"delta\":{\"type\":\"").append(type);
    out.append("\",\"").append(field).append("\":");
    json::append_string(out, text);
    out += "}}\n\n";
}

void MessageStream::close(std::string& out) {
    if (open_ == Open::none) return;
    if (open_ == Open::thinking) {  // no signature came: the mark alone tells whose it is
        delta("signature_delta", "signature", sealed_signature(context_.origin, {}, withheld_), out);
        withheld_.clear();
    }
    open_ = Open::none;
    append_event(out, "content_block_stop",
                 fmt::format(R"({{"type":"content_block_stop","index":{}}})", index_));
}

void MessageStream::text(std::string_view text, std::string& out) {
    if (open_ != Open::text) open(Open::text, R"({"type":"text","text":""})", out);
    delta("text_delta", "text", text, out);
}

// Thinking that the client does not want to see goes into the signature, as Anthropic's own does.
void MessageStream::withhold(std::string_view text, std::string& out) {
    if (withheld_.size() + text.size() <= kWithheldBytes) withheld_ += text;
    if (++withheld_pieces_ % kPiecesPerPing == 0) out += kPing;
}

void MessageStream::redacted(std::string_view data, std::string& out) {
    std::string block;
    json::Writer w(block);
    w.begin_object()
        .member("type", "redacted_thinking")
        .member("data", seal(context_.origin, data))
        .end_object();
    open(Open::text, block, out);  // without deltas; any kind that needs no signature
    close(out);
}

void MessageStream::thought(std::string_view text, std::string_view opaque, std::string& out) {
    if (!text.empty()) {
        if (open_ != Open::thinking)
            open(Open::thinking, R"({"type":"thinking","thinking":"","signature":""})", out);
        withholds_thinking(context_) ? withhold(text, out) : delta("thinking_delta", "thinking", text, out);
    }
    if (opaque.empty()) return;
    if (open_ != Open::thinking) return redacted(opaque, out);
    delta("signature_delta", "signature", seal(context_.origin, opaque), out);
    withheld_.clear();
    open_ = Open::text;  // its signature is written
    close(out);
}

void MessageStream::open_call(const exchange::ToolCallDelta& delta, std::string& out) {
    if (!delta.opaque.empty()) redacted(std::string(kOfCall) + delta.opaque, out);
    std::string block;
    json::Writer w(block);
    w.begin_object().member("type", "tool_use").member("id", call_id(context_, delta.id, delta.call));
    w.member("name", delta.name).key("input").begin_object().end_object().end_object();
    open(Open::call, block, out);
    call_ = delta.call;
    arguments_ = {};
}

void MessageStream::call(const exchange::ToolCallDelta& delta, std::string& out) {
    if (delta.call < 0 || delta.call >= kCalls) return;
    const auto slot = static_cast<std::size_t>(delta.call);
    const bool here = open_ == Open::call && call_ == delta.call;
    if (!here && busy()) {
        wait({Open::call, delta.call, delta.id, delta.name, delta.opaque, delta.arguments}, out);
        return;
    }
    if (!here) {
        if (seen_.size() <= slot) seen_.resize(slot + 1);
        if (seen_[slot]) return;  // behind the end of its arguments: spaces at best
        seen_[slot] = true;
        open_call(delta, out);
    }
    if (delta.arguments.empty()) return;
    arguments_.feed(delta.arguments);
    this->delta("input_json_delta", "partial_json", delta.arguments, out);
    release(false, out);
}

void MessageStream::citation(const exchange::Citation& citation, std::string& out) const {
    if (open_ != Open::text) return;
    std::string data;
    json::Writer w(data);
    w.begin_object().member("type", "content_block_delta").member("index", index_);
    w.key("delta").begin_object().member("type", "citations_delta").key("citation");
    write_citation(w, context_.origin, citation);
    w.end_object().end_object();
    append_event(out, "content_block_delta", data);
}

void MessageStream::wait(Waiting&& entry, std::string& out) {
    waiting_bytes_ += entry.id.size() + entry.name.size() + entry.opaque.size() + entry.text.size();
    const auto known = std::ranges::find_if(
        waiting_, [&](const Waiting& one) { return one.kind == Open::call && one.call == entry.call; });
    if (entry.kind == Open::call && known != waiting_.end()) {
        known->text += entry.text;
        known->opaque += entry.opaque;
    } else if (entry.kind != Open::call && !waiting_.empty() && waiting_.back().kind == entry.kind &&
               waiting_.back().opaque.empty()) {
        waiting_.back().text += entry.text;
        waiting_.back().opaque = std::move(entry.opaque);
    } else {
        waiting_bytes_ += sizeof(Waiting);
        waiting_.push_back(std::move(entry));
    }
    if (waiting_bytes_ <= kWaitingBytes && waiting_.size() <= kWaitingEntries) return;
    Error failure;
    failure.code = Code::upstream_broken;
    failure.message = fmt::format("The upstream mixed more than {} bytes or {} pieces of several tool calls.",
                                  kWaitingBytes, kWaitingEntries);
    error(failure, out);
}

// Writes what waits, up to a call whose arguments are not whole; all of it at the end.
void MessageStream::release(bool all, std::string& out) {
    if (waiting_.empty() || (busy() && !all)) return;
    if (open_ == Open::call) close(out);
    auto entries = std::exchange(waiting_, {});
    waiting_bytes_ = 0;
    for (auto& entry : entries) {
        if (all && busy()) close(out);
        if (entry.kind == Open::text) {
            busy() ? wait(std::move(entry), out) : text(entry.text, out);
        } else if (entry.kind == Open::thinking) {
            busy() ? wait(std::move(entry), out) : thought(entry.text, entry.opaque, out);
        } else {
            call({0, entry.call, std::move(entry.id), std::move(entry.name), std::move(entry.text), false,
                  std::move(entry.opaque)},
                 out);
        }
    }
}

void MessageStream::finish(std::string& out) {
    start(out);
    release(true, out);
    close(out);
}

void MessageStream::end_message(std::string& out) {
    if (std::exchange(ended_, true)) return;
    const auto last = finish_.value_or(exchange::Finish{});
    const auto word = stop_word(
        last.reason, {!last.stop_sequence.empty(), refused_, std::ranges::find(seen_, true) != seen_.end()});
    std::string data;
    json::Writer w(data);
    w.begin_object().member("type", "message_delta").key("delta").begin_object();
    w.member("stop_reason", word).key("stop_sequence");
    word == "stop_sequence" ? w.string(last.stop_sequence) : w.null();
    w.end_object().key("usage");
    write_usage(w, usage_, false);
    w.end_object();
    append_event(out, "message_delta", data);
}

void MessageStream::error(const Error& error, std::string& out) {
    over_ = true;
    append_error_event(out, error);
}

struct MessageStream::Visitor {
    MessageStream& self;
    std::string& out;

    void text(std::string_view text) const {
        if (text.empty()) return;
        self.busy() ? self.wait({Open::text, 0, {}, {}, {}, std::string(text)}, out) : self.text(text, out);
    }
    void operator()(const exchange::Started&) const { self.start(out); }
    void operator()(const exchange::TextDelta& e) const {
        if (e.choice == 0) text(e.text);
    }
    void operator()(const exchange::RefusalDelta& e) const {
        if (e.choice != 0) return;
        self.refused_ = true;
        text(e.text);
    }
    void operator()(const exchange::ReasoningDelta& e) const {
        if (e.choice != 0 || (e.text.empty() && e.opaque.empty())) return;
        self.busy() ? self.wait({Open::thinking, 0, {}, {}, e.opaque, e.text}, out)
                    : self.thought(e.text, e.opaque, out);
    }
    void operator()(const exchange::ToolCallDelta& e) const {
        if (e.choice == 0) self.call(e, out);
    }
    void operator()(const exchange::Citation& e) const {
        if (e.choice == 0) self.citation(e, out);
    }
    void operator()(const exchange::Finish& e) const {
        if (e.choice != 0 || self.finish_) return;
        self.finish_ = e;
        self.finish(out);
    }
    void operator()(const exchange::UsageEvent& e) const {
        self.usage_ = e.usage;
        if (self.finish_) self.end_message(out);
    }
    void operator()(const Error& e) const { self.error(e, out); }
    void operator()(const exchange::Done&) const {
        self.finish(out);
        self.end_message(out);
        self.over_ = true;
        append_event(out, "message_stop", R"({"type":"message_stop"})");
    }
    // The dialect has no words for these.
    void operator()(const exchange::MediaDelta&) const {}
    void operator()(const exchange::LogprobsDelta&) const {}
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}
};

void MessageStream::write(const exchange::Event& event, std::string& out) {
    if (!over_) std::visit(Visitor{*this, out}, event);
}

}  // namespace hearth::wire::anthropic

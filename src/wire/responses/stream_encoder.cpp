#include "wire/responses/stream_encoder.h"

#include <fmt/format.h>

#include "text/json_writer.h"
#include "wire/opaque.h"
#include "wire/responses/event_writer.h"

namespace hearth::wire::responses {

namespace {
using exchange::FinishReason;
using Kind = OutputItem::Kind;
using Status = OutputItem::Status;
}  // namespace

StreamEncoder::StreamEncoder(const AnswerContext& context) : context_(context), object_(context) {}

ResponseState StreamEncoder::state() const {
    ResponseState state;
    state.output = items_;
    if (usage_) state.usage = &*usage_;
    if (over_) {
        const auto reason = reason_.value_or(FinishReason::stop);
        state.status = status_of(reason);
        state.incomplete_reason = incomplete_reason(reason);
    }
    return state;
}

void StreamEncoder::start(std::string& out) {
    if (started_) return;
    started_ = true;
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
        EventWriter event(sequence_, type, out);
        object_.write(event.json().key("response"), {});
    }
}

std::size_t StreamEncoder::add(OutputItem item, std::string_view prefix, std::string& out) {
    const std::size_t at = items_.size();
    item.id = fmt::format("{}{}{:02x}", prefix, context_.id, at);
    EventWriter event(sequence_, "response.output_item.added", out);
    write_item(event.json().member("output_index", at).key("item"), item, object_.with_encrypted());
    items_.push_back(std::move(item));
    return at;
}

void StreamEncoder::done(std::size_t at, Status status, std::string& out) {
    items_[at].status = status;
    EventWriter event(sequence_, "response.output_item.done", out);
    write_item(event.json().member("output_index", at).key("item"), items_[at], object_.with_encrypted());
}

void StreamEncoder::close_content(std::string& out) {
    if (!part_open_) return;
    part_open_ = false;
    const auto& item = items_[message_];
    const auto& part = item.content.back();
    {
        EventWriter event(sequence_, part.refusal ? "response.refusal.done" : "response.output_text.done",
                          out);
        auto& w = event.of(message_, item);
        if (!part.refusal) write_logprobs(w.key("logprobs"), part.logprobs);
        w.member(part.refusal ? "refusal" : "text", part.text);
    }
    EventWriter event(sequence_, "response.content_part.done", out);
    write_part(event.of(message_, item).key("part"), part);
}

void StreamEncoder::close_message(Status status, std::string& out) {
    if (message_ == kNone) return;
    close_content(out);
    done(std::exchange(message_, kNone), status, out);
}

void StreamEncoder::close_reasoning(std::string& out) {
    if (reasoning_ == kNone) return;
    const std::size_t at = std::exchange(reasoning_, kNone);
    auto& item = items_[at];
    if (!item.text.empty()) {
        {
            EventWriter event(sequence_, "response.reasoning_summary_text.done", out);
            event.of(at, item).member("summary_index", 0).member("text", item.text);
        }
        EventWriter event(sequence_, "response.reasoning_summary_part.done", out);
        write_summary(event.of(at, item).member("summary_index", 0).key("part"), item.text);
    }
    // Sealed even when its maker gave no state: the mark tells whose thinking it was when it comes back.
    if (item.encrypted.empty()) item.encrypted = seal(context_.origin, {});
    done(at, Status::completed, out);
}

void StreamEncoder::close_call(std::size_t at, Status status, std::string& out) {
    auto& item = items_[at];
    if (!item.custom && item.text.empty()) {  // clients parse it
        item.text = "{}";
        EventWriter(sequence_, "response.function_call_arguments.delta", out)
            .of(at, item)
            .member("delta", item.text);
    }
    {
        EventWriter event(
            sequence_,
            item.custom ? "response.custom_tool_call_input.done" : "response.function_call_arguments.done",
            out);
        auto& w = event.of(at, item);
        if (!item.custom) w.member("name", item.name);
        w.member(item.custom ? "input" : "arguments", item.text);
    }
    done(at, status, out);
}

void StreamEncoder::close_all(Status status, std::string& out) {
    close_reasoning(out);
    close_message(status, out);
    for (const std::size_t at : std::exchange(calls_, {})) close_call(at, status, out);
}

std::vector<std::string> StreamEncoder::stored_items() const {
    std::vector<std::string> out;
    for (const auto& item : items_) {
        json::Writer w(out.emplace_back());
        write_item(w, item, true);
    }
    return out;
}

std::string StreamEncoder::body() const {
    std::string out;
    json::Writer w(out);
    object_.write(w, state());
    return out;
}

void StreamEncoder::finish(const exchange::Finish& finish, std::string& out) {
    reason_ = finish.reason;
    close_all(incomplete_reason(finish.reason).empty() ? Status::completed : Status::incomplete, out);
}

void StreamEncoder::end(std::string& out) {
    if (reason_ == FinishReason::error) {
        Error error;
        error.code = Code::upstream_failed;
        error.message = "The upstream ended its answer with an error.";
        fail(error, out);
        return;
    }
    close_all(Status::completed, out);
    over_ = true;
    const ResponseState last = state();
    EventWriter event(sequence_, last.status == "completed" ? "response.completed" : "response.incomplete",
                      out);
    object_.write(event.json().key("response"), last);
}

void StreamEncoder::fail(const Error& error, std::string& out) {
    over_ = true;
    for (auto& item : items_) {
        if (item.status == Status::in_progress) item.status = Status::incomplete;
    }
    const Failure failure = failure_of(error);
    ResponseState last = state();
    last.status = "failed";
    last.incomplete_reason = {};
    last.error_code = failure.code;
    last.error_message = failure.message;
    EventWriter event(sequence_, "response.failed", out);
    object_.write(event.json().key("response"), last);
}

struct StreamEncoder::Visitor {
    StreamEncoder& self;
    std::string& out;
    void operator()(const exchange::Started&) const {}
    void operator()(const exchange::TextDelta& e) const { self.text(e, out); }
    void operator()(const exchange::ReasoningDelta& e) const { self.reasoning(e, out); }
    void operator()(const exchange::RefusalDelta& e) const { self.refusal(e, out); }
    void operator()(const exchange::ToolCallDelta& e) const { self.call(e, out); }
    void operator()(const exchange::Citation& e) const { self.citation(e, out); }
    void operator()(const exchange::MediaDelta& e) const { self.media(e, out); }
    void operator()(const exchange::LogprobsDelta& e) const { self.logprobs(e, out); }
    void operator()(const exchange::Finish& e) const { self.finish(e, out); }
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}
    void operator()(const exchange::UsageEvent& e) const { self.usage_ = e.usage; }
    void operator()(const Error& e) const { self.fail(e, out); }
    void operator()(const exchange::Done&) const { self.end(out); }
};

void StreamEncoder::write(const exchange::Event& event, std::string& out) {
    if (over_) return;
    const bool other = std::visit(
        [](const auto& e) {
            if constexpr (requires { e.choice; }) return e.choice != 0;
            return false;
        },
        event);
    if (other) return;
    start(out);
    std::visit(Visitor{*this, out}, event);
}

}  // namespace hearth::wire::responses

// What the stream encoder writes for each kind of delta.
#include <fmt/format.h>

#include "text/utf8.h"

#include "wire/opaque.h"
#include "wire/responses/event_writer.h"
#include "wire/responses/names.h"
#include "wire/responses/stream_encoder.h"

namespace hearth::wire::responses {

namespace {
using Kind = OutputItem::Kind;
using Status = OutputItem::Status;
}  // namespace

// The part that words of this kind go to, opened if it must be.
OutputItem::Content& StreamEncoder::content(bool refusal, std::string& out) {
    close_reasoning(out);
    if (message_ == kNone) message_ = add(OutputItem{}, "msg_", out);
    auto& item = items_[message_];
    if (part_open_ && item.content.back().refusal == refusal) return item.content.back();
    close_content(out);
    auto& part = item.content.emplace_back();
    part.refusal = refusal;
    part.chars_before = chars_;
    part_open_ = true;
    EventWriter event(sequence_, "response.content_part.added", out);
    write_part(event.of(message_, item).key("part"), part);
    return part;
}

void StreamEncoder::text(const exchange::TextDelta& delta, std::string& out) {
    if (delta.text.empty()) return;
    auto& part = content(false, out);
    part.text += delta.text;
    chars_ += text::count_characters(delta.text);
    EventWriter event(sequence_, "response.output_text.delta", out);
    auto& w = event.of(message_, items_[message_]).member("delta", delta.text).key("logprobs");
    write_logprobs(w, waiting_);
    part.logprobs.insert(part.logprobs.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
}

// They come beside the text that they are of: behind it as a delta without text, before it together with it.
void StreamEncoder::logprobs(const exchange::LogprobsDelta& delta, std::string& out) {
    if (!context_.request->sampling.logprobs || delta.tokens.empty()) return;
    if (message_ == kNone || !part_open_ || items_[message_].content.back().refusal) {
        if (calls_.empty()) waiting_.insert(waiting_.end(), delta.tokens.begin(), delta.tokens.end());
        return;
    }
    auto& part = items_[message_].content.back();
    part.logprobs.insert(part.logprobs.end(), delta.tokens.begin(), delta.tokens.end());
    EventWriter event(sequence_, "response.output_text.delta", out);
    write_logprobs(event.of(message_, items_[message_]).member("delta", "").key("logprobs"), delta.tokens);
}

void StreamEncoder::refusal(const exchange::RefusalDelta& delta, std::string& out) {
    if (delta.text.empty()) return;
    content(true, out).text += delta.text;
    EventWriter event(sequence_, "response.refusal.delta", out);
    event.of(message_, items_[message_]).member("delta", delta.text);
}

void StreamEncoder::citation(const exchange::Citation& citation, std::string& out) {
    if (message_ == kNone || !part_open_ || items_[message_].content.back().refusal) return;
    auto& part = items_[message_].content.back();
    part.citations.push_back(citation);
    EventWriter event(sequence_, "response.output_text.annotation.added", out);
    auto& w = event.of(message_, items_[message_]).member("annotation_index", part.citations.size() - 1);
    write_citation(w.key("annotation"), citation, part);
}

void StreamEncoder::reasoning(const exchange::ReasoningDelta& delta, std::string& out) {
    if (delta.text.empty() && delta.opaque.empty()) return;
    close_message(Status::completed, out);
    if (reasoning_ == kNone) {
        OutputItem item;
        item.kind = Kind::reasoning;
        reasoning_ = add(std::move(item), "rs_", out);
    }
    auto& item = items_[reasoning_];
    if (!delta.text.empty()) {
        if (item.text.empty()) {
            EventWriter event(sequence_, "response.reasoning_summary_part.added", out);
            write_summary(event.of(reasoning_, item).member("summary_index", 0).key("part"), {});
        }
        item.text += delta.text;
        EventWriter event(sequence_, "response.reasoning_summary_text.delta", out);
        event.of(reasoning_, item).member("summary_index", 0).member("delta", delta.text);
    }
    if (delta.opaque.empty()) return;
    item.encrypted = seal(context_.origin, delta.opaque);
    close_reasoning(out);
}

void StreamEncoder::call(const exchange::ToolCallDelta& delta, std::string& out) {
    const auto open =
        std::ranges::find_if(calls_, [&](std::size_t at) { return items_[at].call == delta.call; });
    std::size_t at = 0;
    if (open == calls_.end()) {
        close_reasoning(out);
        close_message(Status::completed, out);
        OutputItem item;
        item.kind = Kind::call;
        item.call = delta.call;
        item.custom = delta.custom;
        item.call_id = delta.id.empty() ? fmt::format("call_{}{:02x}", context_.id, delta.call) : delta.id;
        const auto [space, name] = wire_name(context_.request->chat().tools, delta.name);
        item.space = space;
        item.name = name;
        at = add(std::move(item), delta.custom ? "ctc_" : "fc_", out);
        calls_.push_back(at);
    } else {
        at = *open;
    }
    if (delta.arguments.empty()) return;
    auto& item = items_[at];
    item.text += delta.arguments;
    EventWriter event(
        sequence_,
        item.custom ? "response.custom_tool_call_input.delta" : "response.function_call_arguments.delta",
        out);
    event.of(at, item).member("delta", delta.arguments);
}

void StreamEncoder::compaction(std::string sealed, std::string& out) {
    OutputItem item;
    item.kind = Kind::compaction;
    item.encrypted = std::move(sealed);
    done(add(std::move(item), "cmp_", out), Status::completed, out);
}

// Only images are supported here.
void StreamEncoder::media(const exchange::MediaDelta& delta, std::string& out) {
    if (!delta.media_type.starts_with("image/")) return;
    close_reasoning(out);
    close_message(Status::completed, out);
    OutputItem item;
    item.kind = Kind::image;
    item.media_type = delta.media_type;
    item.text = delta.data;
    const std::size_t at = add(std::move(item), "ig_", out);
    for (const std::string_view type :
         {"response.image_generation_call.in_progress", "response.image_generation_call.generating",
          "response.image_generation_call.completed"}) {
        EventWriter event(sequence_, type, out);
        event.of(at, items_[at]);
    }
    done(at, Status::completed, out);
}

}  // namespace hearth::wire::responses

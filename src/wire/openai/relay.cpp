#include "wire/openai/relay.h"

#include <fmt/format.h>

#include "wire/openai/error.h"

namespace hearth::wire::openai {

namespace {

constexpr std::size_t kPrologueBytes = 1024 * 1024;  // role-only chunks and the like, before any content
constexpr std::string_view kDone = "data: [DONE]\n\n";

bool lies_in(std::string_view part, std::string_view whole) {
    const std::less_equal<const char*> le;
    return le(whole.data(), part.data()) && le(part.data() + part.size(), whole.data() + whole.size());
}

// The decoder dispatches at a CR that ends a piece; the LF of a cut CRLF then leads the next event. Moved back to where
// it belongs, so that the client gets the same bytes wherever the upstream's were cut.
std::string_view without_stray_lf(std::string_view raw) {
    if (raw.starts_with('\n')) raw.remove_prefix(1);
    return raw;
}

void append_whole(std::string& out, std::string_view raw) {
    out += without_stray_lf(raw);
    if (raw.ends_with('\r')) out += '\n';
}

}  // namespace

std::span<const std::string_view> StreamRelay::feed(std::string_view bytes) {
    pieces_.clear();
    if (promised_) prologue_.clear();
    if (over()) return {};
    decoder_.feed(bytes);
    text::SseEvent event;
    for (;;) {
        const auto more = decoder_.next(event);
        if (!more) {
            facts_.failure = more.error();
            break;
        }
        if (!*more || !take(event, bytes)) break;
    }
    return pieces_;
}

// False when the stream is over.
bool StreamRelay::take(const text::SseEvent& event, std::string_view bytes) {
    switch (reader_.read(event, facts_, nullptr)) {
        case ChunkReader::Kind::nothing:
            return true;
        case ChunkReader::Kind::usage_only:
            if (options_.hide_usage) return true;
            break;
        case ChunkReader::Kind::chunk:
            break;
        case ChunkReader::Kind::done:
            append_whole(tail_, event.raw);
            return false;
        case ChunkReader::Kind::failed:
            return false;
    }
    if (promised_ || facts_.content || !options_.hold_prologue) {
        hand_out(event.raw, bytes);
        return true;
    }
    if (prologue_.size() + event.raw.size() > kPrologueBytes) {
        set_failure(facts_, Code::upstream_broken,
                    fmt::format("The upstream sent more than {} bytes without any content.", kPrologueBytes));
        return false;
    }
    append_whole(prologue_, event.raw);
    return true;
}

void StreamRelay::hand_out(std::string_view raw, std::string_view bytes) {
    if (!promised_) {
        promised_ = true;
        if (!prologue_.empty()) pieces_.push_back(prologue_);
    }
    raw = without_stray_lf(raw);
    if (!lies_in(raw, bytes)) {
        spare_ = raw;
        raw = spare_;
    }
    if (!pieces_.empty() && pieces_.back().data() + pieces_.back().size() == raw.data() &&
        lies_in(pieces_.back(), bytes)) {
        pieces_.back() = {pieces_.back().data(), pieces_.back().size() + raw.size()};
    } else {
        pieces_.push_back(raw);
    }
    if (raw.ends_with('\r')) pieces_.emplace_back("\n");
}

// A last event that its blank line never followed: whole if its JSON is.
void StreamRelay::read_unfinished() {
    if (decoder_.unfinished().empty()) return;
    const AnswerFacts before = facts_;
    decoder_.feed("\n\n");
    text::SseEvent event;
    const auto more = decoder_.next(event);
    if (!more || !*more) return;
    switch (reader_.read(event, facts_, nullptr)) {
        case ChunkReader::Kind::chunk:
            append_whole(tail_, event.raw);
            break;
        case ChunkReader::Kind::usage_only:
            if (!options_.hide_usage) append_whole(tail_, event.raw);
            break;
        case ChunkReader::Kind::failed:
            if (facts_.failure->upstream_body.empty()) facts_ = before;  // the cut ran through this event
            break;
        case ChunkReader::Kind::nothing:
        case ChunkReader::Kind::done:
            break;
    }
}

std::string_view StreamRelay::finish() {
    if (!over()) read_unfinished();
    judge_end(facts_, options_.choices);
    if (facts_.failure) return fail(std::move(*facts_.failure));
    if (tail_.empty() || !facts_.done) tail_ += kDone;
    if (!promised_) tail_.insert(0, prologue_);
    return tail_;
}

std::string_view StreamRelay::fail(Error error) {
    tail_.clear();
    if (promised_ && !error.upstream_body.empty()) {
        tail_ = fmt::format("data: {}\n\n", error.upstream_body);
    } else if (promised_) {
        append_error_event(tail_, error);
    }
    facts_.failure = std::move(error);
    return tail_;
}

}  // namespace hearth::wire::openai

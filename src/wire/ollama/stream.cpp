#include "wire/ollama/stream.h"

#include <fmt/format.h>

#include "wire/lenient.h"
#include "wire/ollama/error.h"
#include "wire/openai/chunk_reader.h"

namespace hearth::wire::ollama {

namespace {

constexpr std::size_t kKeepBytes = 16 * 1024;  // a line larger than this leaves no buffers behind

}  // namespace

StreamEncoder::StreamEncoder(const AnswerContext& context)
    : request_(context.request), head_(answer_head(context)), generation_(is_generation(context)) {}

void StreamEncoder::piece(const Piece& piece, std::string& out) const {
    append_piece(out, head_, generation_, piece);
    out += ",\"done\":false}\n";
}

void StreamEncoder::call(const exchange::ToolCallDelta& delta) {
    const auto at = static_cast<std::size_t>(
        std::clamp<std::int32_t>(delta.call, 0, static_cast<std::int32_t>(openai::kAnswerCalls) - 1));
    if (calls_.size() <= at) calls_.resize(at + 1);
    auto& call = calls_[at];
    if (!delta.id.empty()) call.id = delta.id;
    if (!delta.name.empty()) call.name = delta.name;
    call.arguments += delta.arguments;
}

void StreamEncoder::end(std::string& out) {
    if (!calls_.empty()) piece({.calls = &calls_}, out);
    append_piece(out, head_, generation_, {});
    append_end(out, *request_, reason_, usage_.usage, usage_.timings);
    out += "}\n";
    over_ = true;
}

struct StreamEncoder::Visitor {
    StreamEncoder& self;
    std::string& out;
    void operator()(const exchange::TextDelta& e) const {
        if (e.choice == 0 && !e.text.empty()) self.piece({.text = e.text}, out);
    }
    void operator()(const exchange::ReasoningDelta& e) const {
        if (e.choice == 0 && !e.text.empty()) self.piece({.thinking = e.text}, out);
    }
    void operator()(const exchange::RefusalDelta& e) const {
        if (e.choice == 0 && !e.text.empty()) self.piece({.text = e.text}, out);
    }
    void operator()(const exchange::ToolCallDelta& e) const {
        if (e.choice == 0) self.call(e);
    }
    void operator()(const exchange::LogprobsDelta& e) const {
        if (e.choice == 0) self.piece({.logprobs = &e.tokens}, out);
    }
    void operator()(const exchange::Finish& e) const {
        if (e.choice == 0) self.reason_ = e.reason;
    }
    void operator()(const exchange::UsageEvent& e) const { self.usage_ = e; }
    void operator()(const Error& e) const {
        out += error_body(e);
        out += '\n';
        self.over_ = true;
    }
    void operator()(const exchange::Done&) const { self.end(out); }
    void operator()(const exchange::Started&) const {}
    void operator()(const exchange::Citation&) const {}
    void operator()(const exchange::MediaDelta&) const {}
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}
};

void StreamEncoder::write(const exchange::Event& event, std::string& out) {
    if (!over_) std::visit(Visitor{*this, out}, event);
}

void StreamDecoder::take(std::string_view line, std::vector<exchange::Event>& out) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    ++facts_.events;
    std::string repaired;
    const auto root = parse_event(document_, line, repaired);
    if (!root.is_object()) {
        set_failure(facts_, Code::upstream_broken,
                    fmt::format("Line {} of the upstream's stream is not a JSON object.", facts_.events));
        return;
    }
    if (!started_) {
        started_ = true;
        out.emplace_back(exchange::Started{{}, std::string(root["model"].as_string()), 0});
    }
    reader_.read(root, facts_, out);
    if (line.size() > kKeepBytes || !repaired.empty()) document_.clear(0);
}

void StreamDecoder::feed(std::string_view bytes, std::vector<exchange::Event>& out) {
    if (over()) return;
    lines_.feed(bytes);
    std::string_view line;
    while (!over()) {
        const auto more = lines_.next(line);
        if (!more) {
            facts_.failure = more.error();
            return;
        }
        if (!*more) return;
        take(line, out);
    }
}

void StreamDecoder::finish(std::vector<exchange::Event>& out) {
    if (!over() && !lines_.unfinished().empty()) {
        const AnswerFacts before = facts_;
        const std::size_t had = out.size();
        take(std::string(lines_.unfinished()), out);
        if (facts_.failure && facts_.failure->upstream_body.empty()) {  // the cut ran through this line
            facts_ = before;
            out.resize(had);
        }
    }
    if (!facts_.failure) {
        // Only the last line tells how the answer ended.
        openai::judge_end(facts_, 1);
    }
    if (facts_.failure) {
        out.emplace_back(*facts_.failure);
        return;
    }
    if (facts_.usage || facts_.timings) {
        out.emplace_back(exchange::UsageEvent{facts_.usage.value_or(exchange::Usage{}), facts_.timings});
    }
    out.emplace_back(exchange::Done{});
}

}  // namespace hearth::wire::ollama

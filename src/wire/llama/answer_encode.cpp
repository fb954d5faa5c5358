// Answers, written.
#include "text/json_writer.h"
#include "wire/llama/answer.h"
#include "wire/llama/error.h"
#include "wire/llama/sampling.h"
#include "wire/openai/answer_parts.h"

namespace hearth::wire::llama {

namespace {

using exchange::FinishReason;
using json::Writer;

void write_probabilities(Writer& w, const std::vector<exchange::TokenLogprob>& tokens) {
    w.key("completion_probabilities");
    openai::write_token_logprobs(w, tokens);
}

std::string_view stop_type(const std::optional<exchange::Finish>& finish) {
    if (!finish) return "none";
    if (finish->reason == FinishReason::length) return "limit";
    return finish->stop_sequence.empty() ? "eos" : "word";
}

// How an answer ends, beside its content.
struct Ending {
    std::int64_t index = 0;
    std::string_view content;
    bool new_line = false;
    std::optional<exchange::Finish> finish;
    const exchange::UsageEvent* usage = nullptr;  // of all answers together: sent with the last of them
    const std::vector<exchange::TokenLogprob>* logprobs = nullptr;
};

void write_counts(Writer& w, const exchange::UsageEvent& event) {
    auto input = event.usage.input, output = event.usage.output;
    if (event.timings) {
        if (!input) input = event.timings->cache_n + event.timings->prompt_n;
        if (!output) output = event.timings->predicted_n;
    }
    if (output) w.member("tokens_predicted", *output);
    if (input) w.member("tokens_evaluated", *input);
    // What lies in the cache now: llama-server counts the answer too.
    if (input) w.member("tokens_cached", *input + output.value_or(0));
    if (event.timings) openai::write_timings(w, *event.timings);
}

void write_end(Writer& w, const exchange::Request& request, std::string_view model, const Ending& ending) {
    w.begin_object().member("index", ending.index).member("content", ending.content);
    w.key("tokens").begin_array().end_array();
    w.member("id_slot", -1).member("stop", true).member("model", model);
    w.key("generation_settings").begin_object();
    write_sampling(w, request.sampling, "n_predict");
    w.member("stream", request.stream).end_object();
    w.member("has_new_line", ending.new_line).member("truncated", false);
    w.member("stop_type", stop_type(ending.finish));
    w.member("stopping_word", ending.finish ? std::string_view(ending.finish->stop_sequence) : "");
    if (ending.usage != nullptr) write_counts(w, *ending.usage);
    if (ending.logprobs != nullptr && !ending.logprobs->empty()) write_probabilities(w, *ending.logprobs);
    w.end_object();
}

void append_piece(std::string& out, std::int32_t choice, std::string_view text,
                  const std::vector<exchange::TokenLogprob>* logprobs) {
    out += "data: ";
    Writer w(out);
    w.begin_object().member("index", choice).member("content", text);
    w.key("tokens").begin_array().end_array();
    w.member("stop", false).member("id_slot", -1);
    if (logprobs != nullptr) write_probabilities(w, *logprobs);
    w.end_object();
    out += "\n\n";
}

}  // namespace

std::string encode_answer(const AnswerContext& context, const exchange::Answer& answer) {
    const exchange::UsageEvent usage{answer.usage, answer.timings};
    static const std::vector<exchange::Choice> kNone(1);
    const auto& choices = answer.choices.empty() ? kNone : answer.choices;
    std::string out;
    Writer w(out);
    if (choices.size() > 1) w.begin_array();
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const auto& choice = choices[i];
        Ending ending{.index = static_cast<std::int64_t>(i), .content = choice.text};
        ending.new_line = choice.text.find('\n') != std::string::npos;
        if (choice.finish) ending.finish = exchange::Finish{0, *choice.finish, choice.stop_sequence};
        if (i + 1 == choices.size()) ending.usage = &usage;
        ending.logprobs = &choice.logprobs;
        write_end(w, *context.request, context.model, ending);
    }
    if (choices.size() > 1) w.end_array();
    return out;
}

StreamEncoder::Choice& StreamEncoder::choice_at(std::int32_t index) {
    const auto at = static_cast<std::size_t>(
        std::clamp<std::int32_t>(index, 0, static_cast<std::int32_t>(kAnswerChoices) - 1));
    if (choices_.size() <= at) choices_.resize(at + 1);
    choices_[at].seen = true;
    return choices_[at];
}

struct StreamEncoder::Visitor {
    StreamEncoder& self;
    std::string& out;
    void operator()(const exchange::TextDelta& e) const {
        if (e.text.empty()) return;
        auto& choice = self.choice_at(e.choice);
        choice.new_line = choice.new_line || e.text.find('\n') != std::string::npos;
        append_piece(out, e.choice, e.text, nullptr);
    }
    void operator()(const exchange::LogprobsDelta& e) const {
        self.choice_at(e.choice);
        append_piece(out, e.choice, {}, &e.tokens);
    }
    void operator()(const exchange::Finish& e) const { self.choice_at(e.choice).finish = e; }
    void operator()(const exchange::UsageEvent& e) const { self.usage_ = e; }
    void operator()(const Error& e) const {
        out += "data: ";
        out += error_body(e);
        out += "\n\n";
        self.over_ = true;
    }
    void operator()(const exchange::Done&) const { self.end(out); }
    void operator()(const exchange::Started&) const {}
    void operator()(const exchange::ReasoningDelta&) const {}
    void operator()(const exchange::RefusalDelta&) const {}
    void operator()(const exchange::ToolCallDelta&) const {}
    void operator()(const exchange::Citation&) const {}
    void operator()(const exchange::MediaDelta&) const {}
    void operator()(const exchange::EmbeddingVector&) const {}
    void operator()(const exchange::RerankScore&) const {}
};

void StreamEncoder::end(std::string& out) {
    over_ = true;
    choice_at(0);
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        Ending ending{.index = static_cast<std::int64_t>(i)};
        ending.new_line = choices_[i].new_line;
        ending.finish = choices_[i].finish;
        if (i + 1 == choices_.size()) ending.usage = &usage_;
        out += "data: ";
        Writer w(out);
        write_end(w, *request_, model_, ending);
        out += "\n\n";
    }
}

void StreamEncoder::write(const exchange::Event& event, std::string& out) {
    if (!over_) std::visit(Visitor{*this, out}, event);
}

}  // namespace hearth::wire::llama

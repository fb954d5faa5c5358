// Processing of one sampled token: text, log probabilities, the end of a choice.
#include "engine/worker/scheduler.h"

namespace hearth::engine {

using namespace exchange;

namespace {

void show(Generation& generation, std::string text, std::vector<Event>& out) {
    if (generation.chat) return generation.chat->feed(text, out);
    if (!text.empty()) out.emplace_back(TextDelta{generation.choice, std::move(text)});
}

// Log probabilities are sent with their text; those of a removed stop string are never sent.
void show_logprobs(Generation& generation, bool all, std::vector<Event>& out) {
    auto& waiting = generation.logprobs;
    LogprobsDelta delta{generation.choice, {}};
    std::size_t ready = 0;
    while (ready < waiting.size() && (all || waiting[ready].first <= generation.text.shown()))
        delta.tokens.push_back(std::move(waiting[ready++].second));
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(ready));
    if (!delta.tokens.empty()) out.emplace_back(std::move(delta));
}

}  // namespace

void Scheduler::take_token(Generation& generation, std::int32_t row) {
    auto& job = *generation.job;
    if (job.finished) return;
    if (job.work.max_tokens == 0) return finish_generation(generation, FinishReason::length);
    const auto token = generation.sampler->next(model_.context(), row);
    if (!token) return finish_job(job, token.error());
    const auto now = std::chrono::steady_clock::now();
    if (job.output_tokens == 0) {
        job.first_token = now;
        if (job.reading_since)
            job.prompt_ms = std::chrono::duration<double, std::milli>(now - *job.reading_since).count();
    }
    generation.tokens.push_back(*token);
    ++job.output_tokens;
    ++totals_.generated_tokens;
    if (llama_vocab_is_eog(model_.vocab(), *token)) return finish_generation(generation, FinishReason::stop);

    std::vector<Event> events;
    const bool special = job.work.sampling.preserved_tokens.contains(*token);
    auto text = generation.text.feed(model_.piece(*token, special));
    if (job.work.logprobs) {
        generation.logprobs.emplace_back(
            generation.text.taken(),
            generation.sampler->logprob(model_, model_.context(), row, *token, job.work.top_logprobs));
    }
    show(generation, std::move(text), events);
    if (job.work.logprobs) show_logprobs(generation, false, events);
    for (auto& event : events) emit(job, std::move(event));

    if (generation.text.stopped()) return finish_generation(generation, FinishReason::stop);
    const auto made = static_cast<std::int64_t>(generation.generated());
    if (job.work.max_tokens >= 0 && made >= job.work.max_tokens)
        return finish_generation(generation, FinishReason::length);
    if (static_cast<std::int64_t>(generation.tokens.size()) >= model_.facts().context_tokens)
        return finish_generation(generation, FinishReason::length);
}

void Scheduler::finish_generation(Generation& generation, FinishReason reason) {
    auto& job = *generation.job;
    std::vector<Event> events;
    const bool stopped = generation.text.stopped();
    show(generation, generation.text.finish(), events);
    if (generation.chat) {
        generation.chat->finish(events);
        job.reasoning_tokens +=
            static_cast<std::int64_t>(model_.tokenize(generation.chat->reasoning(), false, false).size());
        if (generation.chat->called_tools() && reason == FinishReason::stop)
            reason = FinishReason::tool_calls;
    }
    if (job.work.logprobs && !stopped) show_logprobs(generation, true, events);
    events.emplace_back(Finish{generation.choice, reason});
    for (auto& event : events) emit(job, std::move(event));
    release(generation);
    for (auto* sibling : std::exchange(generation.siblings, {})) enqueue(*sibling);
    if (--job.unfinished == 0) finish_job(job, std::nullopt);
}

}  // namespace hearth::engine

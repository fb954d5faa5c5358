#include "engine/worker/job.h"

namespace hearth::engine {

Result<std::unique_ptr<Job>> make_job(const Model& model, RequestId id, Priority priority,
                                      std::string affinity, Prepared prepared) {
    auto job = std::make_unique<Job>();
    job->id = id;
    job->priority = priority;
    job->affinity = std::move(affinity);
    job->work = std::move(prepared);
    job->arrived = std::chrono::steady_clock::now();
    for (const auto& prompt : job->work.prompts)
        job->input_tokens += static_cast<std::int64_t>(prompt.tokens.size());
    if (job->work.embedding) return job;
    std::int32_t choice = 0;
    for (std::size_t p = 0; p < job->work.prompts.size(); ++p) {
        Generation* first = nullptr;
        for (std::int64_t n = 0; n < job->work.choices; ++n, ++choice) {
            auto sampler = Sampler::make(model, job->work, choice);
            if (!sampler) return fail(sampler.error());
            auto generation = std::make_unique<Generation>();
            generation->job = job.get();
            generation->choice = choice;
            generation->prompt = p;
            generation->tokens = job->work.prompts[p].tokens;
            generation->prompt_size = generation->tokens.size();
            generation->sampler = std::move(*sampler);
            generation->text = StreamText(job->work.stops);
            if (job->work.reading) generation->chat.emplace(job->work.reading, choice);
            if (first) first->siblings.push_back(generation.get());
            if (!first) first = generation.get();
            job->generations.push_back(std::move(generation));
        }
    }
    job->unfinished = job->generations.size();
    return job;
}

exchange::Started started_now() {
    exchange::Started event;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    event.created_s = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    return event;
}

exchange::UsageEvent usage_of(const Job& job, Ticks now) {
    exchange::UsageEvent event;
    event.usage.input = job.input_tokens;
    event.usage.output = job.output_tokens;
    event.usage.cached_input = job.cached_tokens;
    if (job.reasoning_tokens > 0) event.usage.reasoning_output = job.reasoning_tokens;
    exchange::Timings timings;
    timings.cache_n = job.cached_tokens;
    timings.prompt_n = job.input_tokens - job.cached_tokens;
    timings.predicted_n = job.output_tokens;
    timings.prompt_ms = job.prompt_ms;
    if (job.output_tokens > 0)
        timings.predicted_ms = std::chrono::duration<double, std::milli>(now - job.first_token).count();
    event.timings = timings;
    return event;
}

}  // namespace hearth::engine

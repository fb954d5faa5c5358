// Embeddings: one input between two steps, in a separate context, so that running streams wait for at most one.
#include <fmt/format.h>

#include <cmath>

#include "engine/worker/scheduler.h"

namespace hearth::engine {

using namespace exchange;

void Scheduler::embed_next() {
    if (embeddings_.empty()) return;
    auto& job = *embeddings_.front();
    if (!job.started) {
        job.started = true;
        job.reading_since = std::chrono::steady_clock::now();
        emit(job, started_now());
    }
    {
        const std::lock_guard lock(mutex_);
        in_batch_ = {job.id};
        for (const auto id : cancelled_) in_batch_.erase(id);
        model_.abort_now = stopping_ || in_batch_.empty();
    }
    auto values = embed(job.work.prompts[job.next_embedding].tokens);
    {
        const std::lock_guard lock(mutex_);
        in_batch_.clear();
        if (!stopping_) model_.abort_now = false;
    }
    if (!values) return finish_job(job, values.error());
    emit(job, EmbeddingVector{static_cast<std::int32_t>(job.next_embedding), std::move(*values)});
    if (++job.next_embedding < job.work.prompts.size()) return;
    const auto spent = std::chrono::steady_clock::now() - *job.reading_since;
    job.prompt_ms = std::chrono::duration<double, std::milli>(spent).count();
    totals_.prompt_tokens += job.input_tokens;
    totals_.prompt_ms += job.prompt_ms;
    finish_job(job, std::nullopt);
}

// Pooled as the model specifies, else the mean over all tokens (a decoder's last hidden states). Normalized to length 1.
Result<std::vector<float>> Scheduler::embed(const std::vector<llama_token>& tokens) {
    const auto context = model_.embedding_context();
    if (!context) return fail(context.error());
    const auto limit = model_.embedding_limit();
    if (static_cast<std::int64_t>(tokens.size()) > limit) {
        Error error;
        error.code = Code::context_exceeded;
        error.needed = static_cast<std::int64_t>(tokens.size());
        error.limit = limit;
        error.message = fmt::format("An input is {} tokens long; this model embeds at most {} at once.",
                                    tokens.size(), limit);
        return fail(std::move(error));
    }
    llama_memory_clear(llama_get_memory(*context), true);
    const auto width = static_cast<std::size_t>(model_.facts().embedding_width);
    std::vector<float> sum(width, 0.0F);
    const auto slice = static_cast<std::size_t>(llama_n_batch(*context));
    for (std::size_t at = 0; at < tokens.size(); at += slice) {
        auto part =
            std::vector(tokens.begin() + static_cast<std::ptrdiff_t>(at),
                        tokens.begin() + static_cast<std::ptrdiff_t>(std::min(tokens.size(), at + slice)));
        const auto batch = llama_batch_get_one(part.data(), static_cast<std::int32_t>(part.size()));
        const int result = llama_decode(*context, batch);
        if (result == 2) return fail(Code::cancelled, "The request was cancelled.");
        if (result != 0)
            return fail(
                Code::internal,
                fmt::format("The engine could not compute this embedding (llama_decode: {}).", result));
        if (model_.pooling() == Model::Pooling::graph) continue;
        const bool last = model_.pooling() == Model::Pooling::last;
        if (last && at + slice < tokens.size()) continue;
        for (std::size_t row = last ? part.size() - 1 : 0; row < part.size(); ++row) {
            const float* values = llama_get_embeddings_ith(*context, static_cast<std::int32_t>(row));
            if (!values) return fail(Code::unsupported, "This model does not support embeddings.");
            for (std::size_t i = 0; i < width; ++i) sum[i] += values[i];
        }
    }
    if (model_.pooling() == Model::Pooling::graph) {
        const float* values = llama_get_embeddings_seq(*context, 0);
        if (!values) return fail(Code::unsupported, "This model does not support embeddings.");
        sum.assign(values, values + width);
    }
    double square = 0;
    for (const float value : sum) square += static_cast<double>(value) * value;
    const auto length = static_cast<float>(std::sqrt(square));
    if (!(length > 0)) return fail(Code::internal, "The embedding of this input is zero or not finite.");
    for (float& value : sum) value /= length;
    return sum;
}

}  // namespace hearth::engine

#include "engine/worker/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/limits.h"

namespace hearth::engine {

using namespace exchange;

namespace {

constexpr std::size_t kMinSharedPrefix =
    256;                                // tokens: minimum saving to wait for a prefix that is being evaluated
constexpr std::int64_t kHeadroom = 32;  // cells reserved for the first tokens of an answer

Error cancelled_error() {
    Error error;
    error.code = Code::cancelled;
    error.message = "The request was cancelled.";
    return error;
}

}  // namespace

Scheduler::Scheduler(Model& model, Sink sink) : model_(model), sink_(std::move(sink)) {
    rules_.may_cut = model.can_cut();
    rules_.may_copy = model.can_cut();
    slots_.resize(static_cast<std::size_t>(model.facts().sequences));
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].sequence = static_cast<std::int32_t>(i);
    batch_ = llama_batch_init(model.batch_tokens(), 0, 1);
}

Scheduler::~Scheduler() {
    stop();
    llama_batch_free(batch_);
}

void Scheduler::start() {
    publish_stats();
    thread_ = std::thread([this] { run(); });
}

void Scheduler::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        model_.abort_now = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Scheduler::drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    wake_.notify_all();
}

bool Scheduler::drained() const {
    const std::lock_guard lock(mutex_);
    return draining_ && stats_.waiting == 0 && stats_.busy_sequences == 0 && inbox_.empty() && queued_ == 0;
}

void Scheduler::submit(std::unique_ptr<Job> job) {
    std::optional<Error> refused;
    {
        const std::lock_guard lock(mutex_);
        if (draining_ || stopping_) {
            refused.emplace();
            refused->code = Code::unavailable;
            refused->message = "This model is being unloaded.";
        } else if (queued_ >= limits::kEngineQueue) {
            refused.emplace();
            refused->code = Code::overloaded;
            refused->message = fmt::format("{} requests already wait for this model.", queued_);
            refused->limit = static_cast<std::int64_t>(limits::kEngineQueue);
        } else {
            ++queued_;
            inbox_.push_back(std::move(job));
        }
    }
    if (refused) return sink_({{job->id, std::move(*refused)}});
    wake_.notify_all();
}

void Scheduler::cancel(RequestId id) {
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(id);
    if (in_batch_.erase(id) > 0 && in_batch_.empty()) model_.abort_now = true;
    wake_.notify_all();
}

Stats Scheduler::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

void Scheduler::run() {
    while (take_in()) {
        drop_cancelled();
        admit();
        embed_next();
        step();
        publish_stats();
        if (!out_.empty()) sink_(std::exchange(out_, {}));
        finished_.clear();
    }
}

bool Scheduler::take_in() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return stopping_ || !inbox_.empty() || !cancelled_.empty() || !jobs_.empty(); });
    if (stopping_) return false;
    for (auto& job : inbox_) {
        job->order = ++clock_;
        if (job->work.embedding) embeddings_.push_back(job.get());
        for (auto& generation : job->generations) {
            const bool reads = generation->choice % static_cast<std::int32_t>(job->work.choices) == 0;
            if (reads) enqueue(*generation);  // the prompt's other choices are forked from this one
        }
        const auto id = job->id;
        jobs_[id] = std::move(job);
    }
    inbox_.clear();
    if (draining_) {
        for (auto& [id, job] : jobs_) {
            if (!job->started) cancelled_.push_back(id);
        }
    }
    return true;
}

void Scheduler::enqueue(Generation& generation) {
    const auto rank = [](const Generation* g) {
        return std::tuple(g->job->priority, g->job->order, g->choice);
    };
    waiting_.insert(std::ranges::upper_bound(waiting_, rank(&generation), {}, rank), &generation);
}

void Scheduler::drop_cancelled() {
    std::vector<RequestId> gone;
    bool draining = false;
    {
        const std::lock_guard lock(mutex_);
        gone.swap(cancelled_);
        draining = draining_;
    }
    for (const auto id : gone) {
        const auto found = jobs_.find(id);
        if (found == jobs_.end()) continue;
        auto error = cancelled_error();
        if (draining && !found->second->started) {
            error.code = Code::unavailable;
            error.message = "This model is being unloaded.";
        }
        finish_job(*found->second, std::move(error));
    }
}

// Assigns slots to waiting generations, in order; one that cannot be placed yet lets others pass only when it waits for
// a prefix, so that a large prompt is not starved.
void Scheduler::admit() {
    for (std::size_t i = 0; i < waiting_.size();) {
        auto& generation = *waiting_[i];
        if (least_needed(slots_) < 0) return;
        if (should_wait_for_prefix(generation)) {
            ++i;
            continue;
        }
        const auto need = static_cast<std::int64_t>(generation.tokens.size()) + kHeadroom;
        const auto room = model_.cells() - cells_in_use();
        if (need > room && cells_in_use() > 0) return;
        if (!place(generation)) return;
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

// A prompt whose prefix another sequence is evaluating waits for it instead of evaluating it again.
bool Scheduler::should_wait_for_prefix(const Generation& generation) const {
    if (!rules_.may_copy) return false;
    std::size_t have = 0, in_progress = 0;
    for (const auto& slot : slots_) {
        have = std::max(have, common_prefix(slot.cached, generation.tokens));
        if (slot.busy)
            in_progress = std::max(in_progress, common_prefix(slot.busy->tokens, generation.tokens));
    }
    return in_progress >= have + kMinSharedPrefix;
}

bool Scheduler::place(Generation& generation) {
    const auto choice = choose_slot(slots_, generation.tokens, generation.job->affinity, rules_);
    if (choice.target < 0) return false;
    auto* memory = llama_get_memory(model_.context());
    auto& slot = slots_[static_cast<std::size_t>(choice.target)];
    const auto keep = static_cast<llama_pos>(choice.prefix);
    if (choice.source == choice.target && choice.source >= 0) {
        if (slot.cached.size() > choice.prefix && !llama_memory_seq_rm(memory, slot.sequence, keep, -1)) {
            llama_memory_seq_rm(memory, slot.sequence, -1,
                                -1);  // this memory cannot be truncated: evaluate everything again
            slot.cached.clear();
        }
        slot.cached.resize(std::min(slot.cached.size(), choice.prefix));
    } else {
        llama_memory_seq_rm(memory, slot.sequence, -1, -1);
        slot.cached.clear();
        if (choice.source >= 0) {
            const auto& source = slots_[static_cast<std::size_t>(choice.source)];
            llama_memory_seq_cp(memory, source.sequence, slot.sequence, 0, keep);
            slot.cached.assign(source.cached.begin(), source.cached.begin() + keep);
        }
    }
    slot.busy = &generation;
    slot.affinity = generation.job->affinity;
    slot.last_used = ++clock_;
    generation.slot = choice.target;
    auto& job = *generation.job;
    if (!job.started) {
        job.started = true;
        job.reading_since = std::chrono::steady_clock::now();
        emit(job, started_now());
    }
    if (!generation.begun) {  // a repeated evaluation after losing the slot does not count as cached
        job.cached_tokens += static_cast<std::int64_t>(slot.cached.size());
        totals_.reused_tokens += static_cast<std::int64_t>(slot.cached.size());
    }
    generation.begun = true;
    echo_prompt(generation);
    return true;
}

void Scheduler::echo_prompt(Generation& generation) {
    const auto& echo = generation.job->work.prompts[generation.prompt].echo;
    if (!echo.empty() && !std::exchange(generation.echoed, true))
        emit(*generation.job, TextDelta{generation.choice, echo});
}

void Scheduler::release(Generation& generation) {
    std::erase(waiting_, &generation);
    if (generation.slot < 0) return;
    auto& slot = slots_[static_cast<std::size_t>(generation.slot)];
    slot.busy = nullptr;
    slot.last_used = ++clock_;
    generation.slot = -1;
}

void Scheduler::finish_job(Job& job, std::optional<Error> error) {
    for (auto& generation : job.generations) release(*generation);
    std::erase(embeddings_, &job);
    if (error) {
        emit(job, std::move(*error));
    } else {
        emit(job, usage_of(job, std::chrono::steady_clock::now()));
        emit(job, Done{});
    }
    job.finished = true;  // its generations may still be processed in this step
    const auto found = jobs_.find(job.id);
    finished_.push_back(std::move(found->second));
    jobs_.erase(found);
}

// Cells of running sequences; a shared prefix is counted once. Two that evaluated the same prefix separately
// hold it twice, so this may be too low: then a decode runs out of cells, and make_room() handles it.
std::int64_t Scheduler::cells_in_use() const {
    std::vector<const std::vector<llama_token>*> held;
    for (const auto& slot : slots_) {
        if (slot.busy) held.push_back(&slot.busy->tokens);
    }
    std::ranges::sort(held, [](const auto* a, const auto* b) { return *a < *b; });
    std::int64_t cells = 0;
    for (std::size_t i = 0; i < held.size(); ++i) {
        const auto shared = i > 0 && rules_.may_copy ? common_prefix(*held[i - 1], *held[i]) : 0;
        cells += static_cast<std::int64_t>(held[i]->size() - shared);
    }
    return cells;
}

void Scheduler::publish_stats() {
    auto now = totals_;
    now.waiting = static_cast<std::int32_t>(waiting_.size() + embeddings_.size());
    now.sequences = static_cast<std::int32_t>(slots_.size());
    now.context_tokens = model_.cells();
    for (const auto& slot : slots_) {
        now.busy_sequences += slot.busy ? 1 : 0;
        (slot.busy ? now.used_tokens : now.cached_tokens) += static_cast<std::int64_t>(slot.cached.size());
    }
    const std::lock_guard lock(mutex_);
    stats_ = now;
    queued_ = jobs_.size() + inbox_.size();
}

}  // namespace hearth::engine

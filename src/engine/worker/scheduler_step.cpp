// One step: batch, decode, sample.
#include <algorithm>
#include <tuple>

#include "engine/worker/scheduler.h"

namespace hearth::engine {

using namespace exchange;

namespace {

constexpr std::int32_t kSmallestSlice = 16, kFirstSlice = 128;
// While streams are active, a step may take this many times as long as a step without prompts, within these bounds (ms):
// fast machines keep streams smooth, slow ones still evaluate prompts at a good part of full speed.
constexpr double kMaxStretch = 4, kShortestStep = 40, kLongestStep = 200;

double ms_since(Ticks start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

std::int32_t pending(const Slot& slot) {
    return static_cast<std::int32_t>(slot.busy->tokens.size() - slot.cached.size());
}
bool live(const Slot& slot) {
    return slot.busy && slot.busy->generated() > 0 && pending(slot) == 1;
}

}  // namespace

void Scheduler::step() {
    build_batch();
    if (rows_.empty() || !decode()) return;
    take_outputs();
}

std::int32_t Scheduler::prompt_budget(std::int32_t live_streams) const {
    // One micro-batch at a time: more in one call would not be faster, and new requests would wait longer.
    const auto room = static_cast<std::int32_t>(llama_n_ubatch(model_.context())) - live_streams;
    if (live_streams == 0) return room;
    if (prompt_ms_per_token_ <= 0) return std::min(room, kFirstSlice);
    const double step = std::clamp(live_step_ms_ * kMaxStretch, kShortestStep, kLongestStep);
    const auto slice = static_cast<std::int32_t>((step - live_step_ms_) / prompt_ms_per_token_);
    return std::clamp(slice, std::min(kSmallestSlice, room), room);
}

void Scheduler::build_batch() {
    batch_.n_tokens = 0;
    rows_.clear();
    std::vector<Slot*> reading;
    for (auto& slot : slots_) {
        if (live(slot)) add_row(slot, 1);
        if (slot.busy && !live(slot)) reading.push_back(&slot);
    }
    if (reading.empty()) return;
    auto budget = prompt_budget(static_cast<std::int32_t>(rows_.size()));
    // Short prompts first, so that they do not wait for long ones; the oldest always gets a quarter.
    std::ranges::sort(reading, {}, [](const Slot* s) {
        return std::tuple(s->busy->job->priority, pending(*s), s->busy->job->order);
    });
    const auto* oldest =
        *std::ranges::min_element(reading, {}, [](const Slot* s) { return s->busy->job->order; });
    auto reserved = std::min(pending(*oldest), std::max(1, budget / 4));
    for (auto* slot : reading) {
        if (slot == oldest) reserved = 0;
        const auto share = std::min(pending(*slot), budget - reserved);
        if (share <= 0) continue;
        add_row(*slot, share);
        budget -= share;
    }
}

void Scheduler::add_row(Slot& slot, std::int32_t tokens) {
    Row row{static_cast<int>(&slot - slots_.data()), slot.busy, tokens, -1};
    const bool last = tokens == pending(slot);
    for (std::int32_t i = 0; i < tokens; ++i) {
        const auto at = batch_.n_tokens++;
        const auto position = slot.cached.size() + static_cast<std::size_t>(i);
        batch_.token[at] = slot.busy->tokens[position];
        batch_.pos[at] = static_cast<llama_pos>(position);
        batch_.n_seq_id[at] = 1;
        batch_.seq_id[at][0] = slot.sequence;
        batch_.logits[at] = last && i == tokens - 1;
        if (batch_.logits[at]) row.output = at;
    }
    rows_.push_back(row);
}

bool Scheduler::decode() {
    {
        const std::lock_guard lock(mutex_);
        in_batch_.clear();
        for (const auto& row : rows_)
            in_batch_.insert(slots_[static_cast<std::size_t>(row.slot)].busy->job->id);
        for (const auto id : cancelled_) in_batch_.erase(id);
        model_.abort_now = stopping_ || in_batch_.empty();
    }
    const auto start = std::chrono::steady_clock::now();
    const int result = llama_decode(model_.context(), batch_);
    llama_synchronize(model_.context());
    const double ms = ms_since(start);
    {
        const std::lock_guard lock(mutex_);
        in_batch_.clear();
        if (!stopping_) model_.abort_now = false;
    }
    if (result == 0) {
        std::int32_t streams = 0, prompt = 0;
        for (const auto& row : rows_) {
            const auto& slot = slots_[static_cast<std::size_t>(row.slot)];
            (live(slot) ? streams : prompt) += row.tokens;
        }
        ++totals_.steps;
        measure(ms, streams, prompt);
        return true;
    }
    if (result == 2) {
        after_abort();
        return false;
    }
    if (result == 1 && make_room()) return false;  // the next step builds a new batch
    Error error;
    error.code = Code::internal;
    error.message = "The engine could not compute this step (llama_decode: " + std::to_string(result) + ").";
    std::vector<Job*> failed_jobs;
    for (const auto& row : rows_) {
        auto& slot = slots_[static_cast<std::size_t>(row.slot)];
        llama_memory_seq_rm(llama_get_memory(model_.context()), slot.sequence, -1, -1);
        slot.cached.clear();
        if (std::ranges::find(failed_jobs, slot.busy->job) == failed_jobs.end())
            failed_jobs.push_back(slot.busy->job);
    }
    for (auto* job : failed_jobs) finish_job(*job, error);
    return false;
}

// The cells are full. False: nothing more can be evicted.
bool Scheduler::make_room() {
    auto* memory = llama_get_memory(model_.context());
    Slot* idle = nullptr;
    for (auto& slot : slots_) {
        if (!slot.busy && !slot.cached.empty() && (!idle || slot.last_used < idle->last_used)) idle = &slot;
    }
    if (idle) {
        llama_memory_seq_rm(memory, idle->sequence, -1, -1);
        idle->cached.clear();
        return true;
    }
    Slot* newest = nullptr;
    int running = 0;
    for (auto& slot : slots_) {
        if (!slot.busy) continue;
        ++running;
        if (!newest || slot.busy->job->order >= newest->busy->job->order) newest = &slot;
    }
    if (running == 0) return false;
    auto& generation = *newest->busy;
    if (running == 1) {  // the only one: its answer ends at the context limit
        if (generation.generated() == 0) return false;
        finish_generation(generation, FinishReason::length);
        return true;
    }
    release(generation);
    llama_memory_seq_rm(memory, newest->sequence, -1, -1);
    newest->cached.clear();
    enqueue(generation);
    return true;
}

// Tokens decoded before the abort stay; the memory reports their number.
void Scheduler::after_abort() {
    auto* memory = llama_get_memory(model_.context());
    for (const auto& row : rows_) {
        auto& slot = slots_[static_cast<std::size_t>(row.slot)];
        const auto held = static_cast<std::size_t>(llama_memory_seq_pos_max(memory, slot.sequence) + 1);
        const auto& tokens = slot.busy->tokens;
        if (held <= tokens.size())
            slot.cached.assign(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(held));
    }
}

void Scheduler::measure(double ms, std::int32_t streams, std::int32_t prompt) {
    const auto update_average = [](double& average, double value) {
        average = average > 0 ? average * 0.8 + value * 0.2 : value;
    };
    if (prompt == 0) update_average(live_step_ms_, ms);
    if (prompt >= kSmallestSlice)
        update_average(prompt_ms_per_token_, std::max(0.0, ms - (streams > 0 ? live_step_ms_ : 0)) / prompt);
    totals_.prompt_tokens += prompt;
    const double share = streams + prompt > 0 ? static_cast<double>(prompt) / (streams + prompt) : 0;
    totals_.prompt_ms += ms * share;
    totals_.generate_ms += ms * (1 - share);
}

void Scheduler::take_outputs() {
    for (const auto& row : rows_) {
        auto& slot = slots_[static_cast<std::size_t>(row.slot)];
        const auto from = slot.busy->tokens.begin() + static_cast<std::ptrdiff_t>(slot.cached.size());
        slot.cached.insert(slot.cached.end(), from, from + row.tokens);
    }
    for (const auto& row : rows_) {
        auto* generation = slots_[static_cast<std::size_t>(row.slot)].busy;
        if (row.output < 0 || generation != row.generation) continue;  // its job may have ended in this loop
        if (!generation->siblings.empty()) fork_siblings(*generation, row.output);
        take_token(*generation, row.output);
    }
}

// The prompt is evaluated: its other choices share its cells and sample from the same row. If no slot is idle they wait
// and reuse the prefix later.
void Scheduler::fork_siblings(Generation& generation, std::int32_t row) {
    const auto siblings = std::exchange(generation.siblings, {});
    auto* memory = llama_get_memory(model_.context());
    const auto& from = slots_[static_cast<std::size_t>(generation.slot)];
    for (auto* sibling : siblings) {
        if (sibling->job->finished) return;
        const int target = rules_.may_copy ? least_needed(slots_) : -1;
        if (target < 0) {
            sibling->begun = true;  // the prompt is counted once, so its reused tokens are not
            enqueue(*sibling);
            continue;
        }
        auto& slot = slots_[static_cast<std::size_t>(target)];
        llama_memory_seq_rm(memory, slot.sequence, -1, -1);
        llama_memory_seq_cp(memory, from.sequence, slot.sequence, -1, -1);
        slot.cached = from.cached;
        slot.busy = sibling;
        slot.last_used = ++clock_;
        slot.affinity = sibling->job->affinity;
        sibling->slot = target;
        sibling->begun = true;
        echo_prompt(*sibling);
        take_token(*sibling, row);
    }
}

}  // namespace hearth::engine

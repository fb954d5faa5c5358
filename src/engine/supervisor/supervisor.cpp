#include "engine/supervisor/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/supervisor/state.h"

namespace hearth::engine {

EntryPtr Supervisor::State::entry_of(const std::string& name) {
    if (auto found = find(name)) return found;
    const CrashRecord::Rules rules{options.crashes_to_quarantine, options.crash_window, options.backoff_first,
                                   options.backoff_most};
    auto unload = [this, name] {
        const auto entry = find(name);
        if (entry && entry->idle_now()) entry->worker->stop(false);
    };
    return entries
        .emplace(name, std::make_shared<Entry>(loop, name, rules, options.keep_alive, std::move(unload)))
        .first->second;
}

EntryPtr Supervisor::State::find(std::string_view name) const {
    const auto found = entries.find(name);
    return found == entries.end() ? nullptr : found->second;
}

void Supervisor::State::record_use(Entry& entry, const GenerateOptions& requested) {
    entry.used = loop.now();
    entry.used_wall = loop.clock().wall();
    if (requested.keep_alive) entry.keep_alive = *requested.keep_alive;
    entry.idle.disarm();
}

namespace {

std::int32_t trained_context(const models::Model& model) {
    const auto trained = model.facts.context_length;
    return trained > 0 && trained < INT32_MAX ? static_cast<std::int32_t>(trained) : INT32_MAX;
}

}  // namespace

std::int32_t Supervisor::State::context_for(const Entry& entry, const models::Model& model) const {
    const auto most = trained_context(model);
    const auto usual = options.context_tokens > 0 ? options.context_tokens : std::min(most, kDefaultContext);
    return std::max(usual, std::min(most, entry.wanted_context));
}

// A request for more context than the worker has makes all later ones wait until the worker is idle and can be restarted:
// otherwise smaller requests could delay it for ever.
bool Supervisor::State::large_enough(Entry& entry, const models::Model& model,
                                     const GenerateOptions& requested) {
    const auto have = entry.worker->ready()->model.context_tokens;
    const auto want = std::min(requested.context_tokens, trained_context(model));
    // Context that the worker was started with but does not have exceeds its maximum.
    if (want > have && want > entry.worker->load().context_tokens) {
        entry.wanted_context = std::max(entry.wanted_context, want);
    }
    return entry.wanted_context <= entry.worker->load().context_tokens;
}

Task<Result<std::shared_ptr<Worker>>> Supervisor::State::ensure(EntryPtr entry, models::Model model,
                                                                GenerateOptions requested, StopToken stop,
                                                                std::function<void(double)> on_progress) {
    entry->wanted_context = std::max(entry->wanted_context, entry->worker ? 0 : requested.context_tokens);
    while (true) {
        if (stop.stopped()) co_return fail(stop.reason());
        if (closing) co_return fail(Code::unavailable, "Hearth is shutting down");
        const auto worker = entry->worker;
        if (!worker) {
            if (auto allowed = co_await may_start(entry, stop); !allowed) co_return fail(allowed.error());
            if (entry->worker || stop.stopped() || closing) continue;
            const auto context = static_cast<std::uint64_t>(context_for(*entry, model));
            const auto need = models::estimate_memory(model.facts, model.tensor_bytes, context, 1);
            if (auto room = co_await make_room(entry, need, stop); !room) co_return fail(room.error());
            if (entry->worker || stop.stopped() || closing) continue;
            if (auto started = start(entry, model, need); !started) co_return fail(started.error());
            continue;
        }
        if (worker->phase() == Worker::Phase::ready) {
            if (large_enough(*entry, model, requested)) co_return worker;
            if (worker->open() == 0) worker->stop(false);
        }
        if (on_progress && worker->phase() == Worker::Phase::loading) on_progress(worker->fraction());
        if (worker->phase() != Worker::Phase::exited) co_await entry->changed.wait(stop);
        // A failed load is the result for all who waited for it; they do not retry individually.
        if (worker->phase() == Worker::Phase::exited && worker->failure() && !stop.stopped())
            co_return fail(*worker->failure());
    }
}

Result<void> Supervisor::State::start(const EntryPtr& entry, const models::Model& model,
                                      models::MemoryNeed need) {
    Worker::Plan plan;
    plan.name = entry->name;
    plan.program = options.program;
    plan.arguments = options.arguments;
    plan.load.model_path = model.path();
    plan.load.context_tokens = context_for(*entry, model);
    plan.load.sequences = options.sequences;
    plan.load.threads = options.threads;
    plan.load.gpu_layers = options.gpu_layers;
    plan.load.embedding = model.facts.embedding;
    plan.load.chat_template = model.settings.chat_template;
    plan.require_confinement = options.require_confinement;
    plan.load_silence = options.load_silence;
    plan.busy_silence = options.busy_silence;
    plan.stop_grace = options.stop_grace;
    auto worker = Worker::start(loop, std::move(plan), [this, weak = std::weak_ptr(entry)] {
        if (const auto e = weak.lock()) on_change(*e);
    });
    if (!worker) return fail(worker.error());
    entry->worker = std::move(*worker);
    entry->need = need;
    entry->wanted_context = 0;
    return {};
}

void Supervisor::State::on_change(Entry& entry) {
    if (entry.worker && entry.worker->phase() == Worker::Phase::exited) on_exit(entry);
    when_idle(entry);
    entry.changed.notify_all();
}

// The idle time begins now if there is no more work.
void Supervisor::State::when_idle(Entry& entry) {
    if (!entry.idle_now()) return;
    entry.used = loop.now();
    entry.used_wall = loop.clock().wall();
    if (entry.keep_alive == seconds(0))
        entry.worker->stop(false);
    else if (entry.keep_alive > seconds(0))
        entry.idle.arm_in(entry.keep_alive);
}

void Supervisor::State::on_exit(Entry& entry) {
    const auto worker = std::exchange(entry.worker, nullptr);
    entry.idle.disarm();
    if (worker->failure()) entry.last_error = worker->failure()->message;
    if (worker->crashed()) entry.crashes.crashed(loop.now());
}

Supervisor::Supervisor(net::Loop& loop, SupervisorOptions options)
    : state_(std::make_unique<State>(loop, std::move(options))) {}

Supervisor::~Supervisor() {
    for (const auto& [name, entry] : state_->entries) {
        if (entry->worker) entry->worker->drop_callbacks();
    }
}

Task<Result<std::unique_ptr<Generation>>> Supervisor::generate(models::Model model, exchange::Request request,
                                                               GenerateOptions options, StopToken stop) {
    auto& state = *state_;
    const auto entry = state.entry_of(model.name);
    const auto sequences = static_cast<std::size_t>(std::max(state.options.sequences, 1));
    if (entry->open() >= state.options.queue + sequences) {
        auto full =
            fail(Code::overloaded, fmt::format("{} requests are already waiting for {}, which is the limit",
                                               entry->open(), entry->name));
        full.error()->retry_after_ms =
            static_cast<std::int64_t>(std::clamp<std::size_t>(entry->open() / sequences, 1, 30)) * 1000;
        co_return full;
    }
    const Waiting waiting(*state_, entry);
    state.record_use(*entry, options);
    auto affinity = options.affinity;
    const auto priority = options.priority;
    auto worker = co_await state.ensure(entry, std::move(model), std::move(options), stop, {});
    if (!worker) co_return fail(worker.error());
    auto channel = (*worker)->submit(std::move(request), priority, std::move(affinity));
    if (!channel) co_return fail(channel.error());
    co_return make_generation(*worker, *channel, (*worker)->ready()->model, stop);
}

Task<Result<ModelFacts>> Supervisor::load(models::Model model, GenerateOptions options, StopToken stop,
                                          std::function<void(double)> on_progress) {
    const auto entry = state_->entry_of(model.name);
    const Waiting waiting(*state_, entry);
    state_->record_use(*entry, options);
    auto worker =
        co_await state_->ensure(entry, std::move(model), std::move(options), stop, std::move(on_progress));
    if (!worker) co_return fail(worker.error());
    co_return (*worker)->ready()->model;
}

Task<Result<std::int64_t>> Supervisor::count_tokens(models::Model model, exchange::Request request,
                                                    StopToken stop) {
    const auto entry = state_->entry_of(model.name);
    const Waiting waiting(*state_, entry);
    state_->record_use(*entry, {});
    auto worker = co_await state_->ensure(entry, std::move(model), {}, stop, {});
    if (!worker) co_return fail(worker.error());
    co_return co_await (*worker)->count(std::move(request), stop);
}

Task<Result<TextAnswer>> Supervisor::ask(models::Model model, TextQuery query, StopToken stop) {
    if (query.text.size() > kTextQueryBytes || query.tokens.size() > kTextQueryTokens) {
        co_return fail(Code::too_large,
                       fmt::format("A text is limited to {} bytes and a list of tokens to {} ids.",
                                   kTextQueryBytes, kTextQueryTokens));
    }
    const auto entry = state_->entry_of(model.name);
    const Waiting waiting(*state_, entry);
    state_->record_use(*entry, {});
    auto worker = co_await state_->ensure(entry, std::move(model), {}, stop, {});
    if (!worker) co_return fail(worker.error());
    co_return co_await (*worker)->ask(std::move(query), stop);
}

Task<Result<void>> Supervisor::unload(std::string name, bool drain) {
    const auto entry = state_->find(name);
    if (!entry || (!entry->worker && entry->crashes.count(state_->loop.now()) == 0)) {
        co_return fail(Code::not_found, fmt::format("{} is not loaded", name), "model");
    }
    entry->crashes.clear();
    entry->wanted_context = 0;
    if (const auto worker = entry->worker) {
        worker->stop(drain);
        while (entry->worker == worker) co_await entry->changed.wait();
    }
    entry->crashes.clear();
    co_return Result<void>{};
}

std::vector<WorkerInfo> Supervisor::ps() const {
    std::vector<WorkerInfo> rows;
    for (const auto& [name, entry] : state_->entries) {
        if (entry->worker || entry->crashes.count(state_->loop.now()) > 0)
            rows.push_back(state_->describe(*entry));
    }
    return rows;
}

bool Supervisor::loaded(std::string_view name) const {
    const auto entry = state_->find(name);
    return entry && entry->worker && entry->worker->phase() == Worker::Phase::ready;
}

Task<void> Supervisor::shutdown(milliseconds grace) {
    auto& state = *state_;
    state.closing = true;
    const auto entries = state.entries;
    for (const auto& [name, entry] : entries) entry->changed.notify_all();
    const auto until = state.loop.clock().mono() + grace;
    const auto busy = [&entries] {
        return std::ranges::any_of(entries, [](const auto& e) { return e.second->open() > 0; });
    };
    while (busy() && state.loop.clock().mono() < until) co_await state.loop.sleep(milliseconds(20));
    for (const auto& [name, entry] : entries) {
        if (entry->worker) entry->worker->stop(false);
    }
    for (const auto& [name, entry] : entries) {
        while (entry->worker) co_await entry->changed.wait();
    }
}

}  // namespace hearth::engine

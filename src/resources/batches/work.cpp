// How a batch is worked: its input checked, its lines asked one by one, its results made files.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/endpoints.h"
#include "pipeline/pipeline.h"
#include "resources/batches/batches.h"
#include "resources/files/store.h"
#include "resources/memory_exchange.h"
#include "resources/responses/endpoints.h"

namespace hearth::resources {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr auto kLook = milliseconds(100);    // how often a busy engine is looked at
constexpr auto kAfterFailure = seconds(30);  // before a batch is tried again that the disk refused
constexpr int kRetries[] = {1,
                            5};  // seconds before a line is asked again that was rejected with a time to wait
using Results = BatchFolder::Results;

bool is_retryable(int status) {
    return status == 429 || status == 503;
}

bool engine_busy(const engine::Supervisor& supervisor) {
    const auto workers = supervisor.ps();
    return std::ranges::any_of(workers, [](const engine::WorkerInfo& worker) { return worker.open > 0; });
}

}  // namespace

struct Batches::Work {
    Batches& all;
    Resources& resources;
    Batch& batch;
    StopToken stop;       // Hearth stops: what is unfinished goes on at the next start
    StopToken line_stop;  // the same, or the batch was cancelled
    StoredFile input{};
    std::vector<BatchInput::Place> lines{};
    std::uint64_t written = 0;  // bytes of results

    [[nodiscard]] std::int64_t now_s() const {
        return std::chrono::duration_cast<seconds>(resources.ports.loop.clock().wall().time_since_epoch())
            .count();
    }
    // Blocking. What is wrong with the input is in its problems.
    Result<BatchInput> read_all(Wall now, std::size_t line_bytes) {
        auto file = resources.files.find(batch.input_file_id, batch.owner.project, now);
        if (!file) {
            BatchInput gone;
            gone.problems.push_back({"invalid_file", "The input file is not there (any more).", 0});
            return gone;
        }
        input = std::move(*file);
        const auto read = [&](std::uint64_t at) { return resources.files.read(input, at, kPiece); };
        return read_input(read, batch.endpoint, line_bytes);
    }
    // Blocking, and therefore nothing of the batch is written: the loop's thread reads it meanwhile.
    struct Counts {
        std::int64_t good = 0, bad = 0;
    };
    Result<Counts> count_results() {
        const auto good = all.folder_.recover(batch.id, Results::output);
        if (!good) return fail(good.error());
        const auto bad = all.folder_.recover(batch.id, Results::errors);
        if (!bad) return fail(bad.error());
        written = 0;
        std::error_code none;
        for (const auto which : {Results::output, Results::errors}) {
            const auto size = std::filesystem::file_size(all.folder_.results(batch.id, which), none);
            if (!none) written += size;
        }
        return Counts{*good, *bad};
    }

    Task<Result<void>> run();
    Task<Result<void>> begin();
    Task<Result<void>> ask_lines();
    Task<Result<void>> one_line(BatchInput::Place place);
    Task<LineResult> ask(BatchLine line);
    Task<Result<void>> expire_rest();
    Task<Result<void>> finish();
    Result<void> adopt(const std::string& id, Results which, Wall now);
};

Task<void> Batches::run(Resources& resources, StopToken stop) {
    const StopCallback on_stop(stop, [this, &stop] {
        if (cancelling_) cancelling_->stop(stop.reason());
        wake();
    });
    while (!stop.stopped()) {
        working_ = next_unfinished();
        if (!working_) {
            Promised<bool> woken;
            waiting_ = &woken;
            co_await woken;
            continue;
        }
        cancelling_.emplace();
        Work work{*this, resources, batches_.find(working_->id)->second, stop, cancelling_->token()};
        const auto worked = co_await work.run();
        working_ = nullptr;
        cancelling_.reset();
        if (!worked) co_await resources.ports.loop.sleep(kAfterFailure, stop);
    }
}

Task<Result<void>> Batches::Work::run() {
    if (batch.status != BatchStatus::finalizing) {
        auto begun = co_await begin();
        if (!begun || is_over(batch.status)) co_return begun;
        auto asked = co_await ask_lines();
        if (!asked || stop.stopped()) co_return asked;
    }
    co_return co_await finish();
}

Task<Result<void>> Batches::Work::begin() {
    const auto now = resources.ports.loop.clock().wall();
    const auto line_bytes = resources.services.config().server.max_body_bytes;
    auto found = co_await resources.ports.loop.run_blocking([&] { return read_all(now, line_bytes); });
    if (!found) co_return fail(std::move(found.error()));
    auto counted = co_await resources.ports.loop.run_blocking([&] { return count_results(); });
    if (!counted) co_return fail(std::move(counted.error()));
    batch.completed = counted->good;
    batch.failed = counted->bad;
    if (!found->problems.empty()) {
        batch.problems = std::move(found->problems);
        batch.status = BatchStatus::failed;
        batch.failed_at = now_s();
        co_return co_await all.save(resources, batch);
    }
    lines = std::move(found->lines);
    batch.total = static_cast<std::int64_t>(lines.size());
    if (batch.status != BatchStatus::validating) co_return Result<void>{};  // goes on, or is to be cancelled
    batch.status = BatchStatus::in_progress;
    batch.in_progress_at = now_s();
    co_return co_await all.save(resources, batch);
}

Task<Result<void>> Batches::Work::ask_lines() {
    while (batch.done() < batch.total && !line_stop.stopped() && batch.status == BatchStatus::in_progress) {
        if (now_s() >= batch.expires_at) {
            batch.ending = BatchStatus::expired;
            co_return co_await expire_rest();
        }
        if (written > resources.files.room()) {
            batch.ending = BatchStatus::failed;
            batch.problems.push_back(
                {"storage_full", "The results are more than [files] max_mb leaves room for.", 0});
            co_return Result<void>{};
        }
        if (engine_busy(resources.services.supervisor)) {
            co_await resources.ports.loop.sleep(kLook, line_stop);
            continue;
        }
        auto asked = co_await one_line(lines[static_cast<std::size_t>(batch.done())]);
        if (!asked) co_return asked;
    }
    co_return Result<void>{};
}

Task<Result<void>> Batches::Work::one_line(BatchInput::Place place) {
    const auto text = co_await resources.ports.loop.run_blocking(
        [&] { return resources.files.read(input, place.offset, place.size); });
    LineResult result;
    auto line = text ? read_line(*text, batch.endpoint) : Result<BatchLine>(fail(text.error()));
    if (line) {
        result = co_await ask(std::move(*line));
    } else {  // it could be read when the batch began: the file has been deleted since
        result.custom_id = fmt::format("line-{}", batch.done() + 1);
        result.code = "invalid_file";
        result.message = "The line cannot be read any more.";
    }
    if (line_stop.stopped()) co_return Result<void>{};  // not asked to its end: no result
    const auto record = to_line(result);
    const auto which = result.good() ? Results::output : Results::errors;
    auto kept = co_await resources.ports.loop.run_blocking(
        [&] { return all.folder_.append(batch.id, which, record); });
    if (!kept) co_return kept;
    written += record.size();
    ++(result.good() ? batch.completed : batch.failed);
    co_return Result<void>{};
}

Task<LineResult> Batches::Work::ask(BatchLine line) {
    LineResult result;
    result.custom_id = std::move(line.custom_id);
    for (std::size_t attempt = 0;; ++attempt) {
        MemoryExchange exchange(batch.endpoint, line.body, resources.ports.loop.clock().mono(), line_stop);
        auto match = gateway::find_endpoint(exchange.head());
        match.ingress.background = true;
        if (match.kind == gateway::EndpointKind::response) {
            co_await answer_response(resources, exchange, batch.owner, std::move(match.ingress));
        } else {
            co_await pipeline::handle(resources.ports, exchange, batch.owner, std::move(match.ingress));
        }
        result.status = exchange.status();
        result.request_id = exchange.id();
        result.body = exchange.answer();
        if (!is_retryable(result.status) || attempt == std::size(kRetries) || line_stop.stopped())
            co_return result;
        co_await resources.ports.loop.sleep(seconds(kRetries[attempt]), line_stop);
    }
}

// OpenAI's own words for what was not asked in time.
Task<Result<void>> Batches::Work::expire_rest() {
    const auto from = static_cast<std::size_t>(batch.done());
    auto expired = co_await resources.ports.loop.run_blocking([&]() -> Result<void> {
        for (auto at = from; at < lines.size(); ++at) {
            const auto text = resources.files.read(input, lines[at].offset, lines[at].size);
            const auto line = text ? read_line(*text, batch.endpoint) : Result<BatchLine>(fail(text.error()));
            LineResult late;
            late.custom_id = line ? line->custom_id : fmt::format("line-{}", at + 1);
            late.code = "batch_expired";
            late.message = "This request could not be executed before the completion window expired.";
            auto kept = all.folder_.append(batch.id, Results::errors, to_line(late));
            if (!kept) return kept;
        }
        return {};
    });
    if (expired) batch.failed = batch.total - batch.completed;
    co_return expired;
}

Result<void> Batches::Work::adopt(const std::string& id, Results which, Wall now) {
    if (id.empty()) return {};
    StoredFile file;
    file.id = id;
    file.project = batch.owner.project;
    file.filename = fmt::format("{}_{}.jsonl", batch.id, which == Results::output ? "output" : "error");
    file.purpose = "batch_output";
    const auto keep = batch.keep_results_s > 0 ? std::optional(seconds(batch.keep_results_s)) : std::nullopt;
    auto kept = resources.files.adopt(std::move(file), all.folder_.results(batch.id, which), keep, now);
    if (!kept) return fail(std::move(kept.error()));
    return {};
}

Task<Result<void>> Batches::Work::finish() {
    if (batch.status != BatchStatus::finalizing) {
        if (batch.status == BatchStatus::cancelling) batch.ending = BatchStatus::cancelled;
        if (batch.completed > 0) batch.output_file_id = make_id("file-", system_random());
        if (batch.failed > 0) batch.error_file_id = make_id("file-", system_random());
        batch.status = BatchStatus::finalizing;
        batch.finalizing_at = now_s();
        // Before the files are there: whoever finishes after a crash uses the same ids.
        auto saved = co_await all.save(resources, batch);
        if (!saved) co_return saved;
    }
    const auto now = resources.ports.loop.clock().wall();
    auto adopted = co_await resources.ports.loop.run_blocking([&]() -> Result<void> {
        auto done = adopt(batch.output_file_id, Results::output, now);
        return done ? adopt(batch.error_file_id, Results::errors, now) : done;
    });
    if (!adopted) co_return adopted;
    batch.status = batch.ending;
    auto& moment = batch.ending == BatchStatus::expired     ? batch.expired_at
                   : batch.ending == BatchStatus::cancelled ? batch.cancelled_at
                   : batch.ending == BatchStatus::failed    ? batch.failed_at
                                                            : batch.completed_at;
    moment = now_s();
    auto saved = co_await all.save(resources, batch);
    if (!saved) co_return saved;
    co_return co_await resources.ports.loop.run_blocking([&]() -> Result<void> {
        all.folder_.remove_results(batch.id);
        return {};
    });
}

}  // namespace hearth::resources

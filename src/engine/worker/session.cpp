#include "engine/worker/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "engine/protocol/codec.h"
#include "engine/worker/channel.h"
#include "engine/worker/confine.h"
#include "engine/worker/confine_probe.h"
#include "engine/worker/crash.h"
#include "engine/worker/scheduler.h"
#include "engine/worker/text_query.h"

namespace hearth::engine {

namespace {

constexpr int kProtocolStatus = 2;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// llama.cpp writes invalid grammars and other parts of requests directly to stderr: they must not appear in a log.
// Sanitizers need it for their reports.
void silence() {
    if (kSanitized) return;
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) return;
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

class Session {
  public:
    Session(int fd, bool network_separated) : fd_(fd), channel_(fd) {
        report_.network_namespace = network_separated;
    }

    int run() {
        auto load = wait_for_load();
        if (!load) return load.error()->code == Code::cancelled ? 0 : kProtocolStatus;
        // Opened before confinement; read repeatedly.
        statm_ = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
        silence();
        if (auto loaded = load_model(*load); !loaded) {
            channel_.send(LoadFailed{loaded.error()});
            channel_.flush(1000);
            return loaded.error()->code == Code::cancelled ? 0 : kLoadFailedStatus;
        }
        scheduler_.emplace(*model_, [this](std::vector<RequestEvent> events) {
            channel_.send(Events{std::move(events)});
            if (draining_) channel_.wake();
        });
        scheduler_->start();
        const int status = serve();
        channel_.stop_waiting();
        scheduler_->stop();
        channel_.flush(1000);
        return status;
    }

  private:
    Result<Load> wait_for_load() {
        while (true) {
            auto payload = channel_.receive(-1);
            if (!payload) return fail(payload.error());
            if (!*payload) continue;
            auto message = decode_to_worker(**payload);
            if (!message) return fail(message.error());
            if (auto* load = std::get_if<Load>(&*message)) return std::move(*load);
            if (std::holds_alternative<Shutdown>(*message))
                return fail(Code::cancelled, "Shut down before a model was loaded.");
            return fail(Code::invalid_request, "The first message must be a load.");
        }
    }

    Result<void> load_model(const Load& load) {
        const auto began = std::chrono::steady_clock::now();
        if (load.model_path.empty() || load.model_path.front() != '/')
            return fail(Code::invalid_request, "model_path must be an absolute path.", "model_path");
        if (auto backends = load_backends(); !backends) return backends;
        const int cores = usable_cores();
        if (load.confine) confine_before_load(model_files(load.model_path), report_);
        auto last = began;
        auto model = [&] {
            const LoadGuard guard(fd_, load.model_path);
            return Model::load(load, cores, [&](double fraction) {
                const auto now = std::chrono::steady_clock::now();
                if (now - last > std::chrono::milliseconds(100) || fraction >= 1) {
                    channel_.send(LoadProgress{fraction});
                    last = now;
                }
                return !channel_.peer_gone();
            });
        }();
        if (!model) return fail(model.error());
        model_ = std::move(*model);
        if (load.confine) {
            confine_after_load(report_);
            ProbeTargets targets;
            targets.neighbour = load.model_path.substr(0, load.model_path.rfind('/') + 1);
            probe_confinement(targets, report_);
        }
        const auto spent = std::chrono::steady_clock::now() - began;
        channel_.send(Ready{.model = model_->facts(),
                            .confinement = report_,
                            .load_ms = std::chrono::duration_cast<std::chrono::milliseconds>(spent).count(),
                            .process_id = getpid()});
        return {};
    }

    int serve() {
        while (true) {
            if (draining_ && scheduler_->drained()) return 0;
            auto payload = channel_.receive(draining_ ? 100 : -1);
            if (!payload) return payload.error()->code == Code::cancelled ? 0 : kProtocolStatus;
            if (!*payload) continue;
            auto message = decode_to_worker(**payload);
            if (!message) {  // one invalid request must not end the others
                const auto id = id_of_refused(**payload);
                if (!id) return kProtocolStatus;
                channel_.send(Events{{{*id, message.error()}}});
                continue;
            }
            if (const auto* shutdown = std::get_if<Shutdown>(&*message)) {
                if (!shutdown->drain) return 0;
                draining_ = true;
                scheduler_->drain();
                continue;
            }
            if (!take(*message)) return kProtocolStatus;
        }
    }

    bool take(ToWorker& message) {
        if (auto* submit = std::get_if<Submit>(&message)) {
            take_submit(*submit);
        } else if (const auto* cancel = std::get_if<Cancel>(&message)) {
            scheduler_->cancel(cancel->id);
        } else if (const auto* count = std::get_if<Count>(&message)) {
            channel_.send(count_tokens(*count));
        } else if (const auto* query = std::get_if<TextQuery>(&message)) {
            channel_.send(answer_text(*model_, *query));
        } else if (std::holds_alternative<StatsQuery>(message)) {
            auto stats = scheduler_->stats();
            stats.resident_bytes = resident_bytes();
            channel_.send(stats);
        } else {
            return false;  // a second load
        }
        return true;
    }

    void take_submit(Submit& submit) {
        auto prepared = prepare(*model_, submit.request);
        auto job = prepared ? make_job(*model_, submit.id, submit.priority, std::move(submit.affinity),
                                       std::move(*prepared))
                            : Result<std::unique_ptr<Job>>(std::unexpected(prepared.error()));
        if (!job) {
            channel_.send(Events{{{submit.id, job.error()}}});
            return;
        }
        scheduler_->submit(std::move(*job));
    }

    Counted count_tokens(const Count& count) const {
        Counted counted{count.id, 0, std::nullopt};
        const auto prepared = prepare(*model_, count.request);
        if (prepared) {
            for (const auto& prompt : prepared->prompts)
                counted.tokens += static_cast<std::int64_t>(prompt.tokens.size());
        } else if (prepared.error()->code == Code::context_exceeded) {
            counted.tokens = prepared.error()->needed;  // too many for this model, but still the count
        } else {
            counted.error = prepared.error();
        }
        return counted;
    }

    std::int64_t resident_bytes() const {
        char text[128] = {};
        if (statm_ < 0 || pread(statm_, text, sizeof(text) - 1, 0) <= 0) return 0;
        long long total = 0, resident = 0;
        if (std::sscanf(text, "%lld %lld", &total, &resident) != 2) return 0;
        return static_cast<std::int64_t>(resident) * 4096;
    }

    int fd_, statm_ = -1;
    Channel channel_;
    ConfinementReport report_;
    std::unique_ptr<Model> model_;
    std::optional<Scheduler> scheduler_;
    std::atomic<bool> draining_{false};
};

}  // namespace

int run_session(int fd, bool network_separated) {
    return Session(fd, network_separated).run();
}

}  // namespace hearth::engine

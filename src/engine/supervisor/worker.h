#pragma once
// One hearth-engine process: start, communication, supervision and termination. Other models, memory and retries are the
// supervisor's responsibility. Internal to the supervisor.
//
// Exists until its process is reaped and its output is read (phase exited); the coroutines that read and write own it.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "base/stop.h"
#include "base/task.h"
#include "engine/protocol/frame.h"
#include "engine/protocol/message.h"
#include "engine/supervisor/channel.h"
#include "net/loop.h"
#include "net/process.h"
#include "net/stream.h"

namespace hearth::engine {

// The child's environment has what its libraries may need, but no keys, tokens or addresses of Hearth.
[[nodiscard]] std::vector<std::string> child_environment();

class Worker : public std::enable_shared_from_this<Worker> {
  public:
    enum class Phase : std::uint8_t { loading, ready, stopping, exited };

    struct Plan {
        std::string name;  // the model's, for messages
        std::string program;
        std::vector<std::string> arguments;  // before --fd 3
        Load load;
        bool require_confinement = false;
        seconds load_silence{120}, busy_silence{180};
        milliseconds stop_grace{5000};
    };

    // Starts the process and sends Load. `changed` is called on the loop after every change that a coroutine may wait for:
    // progress, ready, a request's end, exit. Errors: Code::config (no such program), Code::internal.
    [[nodiscard]] static Result<std::shared_ptr<Worker>> start(net::Loop& loop, Plan plan,
                                                               std::function<void()> changed);

    // Code::overloaded when more than kUnsentBytes are unsent; Code::too_large for one frame.
    [[nodiscard]] Result<std::shared_ptr<Channel>> submit(exchange::Request request, Priority priority,
                                                          std::string affinity);
    void cancel(Channel& channel);  // no-op if it has ended; its later events are dropped
    [[nodiscard]] Task<Result<std::int64_t>> count(exchange::Request request, StopToken stop);
    [[nodiscard]] Task<Result<TextAnswer>> ask(TextQuery query, StopToken stop);

    void stop(bool drain);  // requests exit; kills after stop_grace unless it drains
    void kill(std::string why);
    void drop_callbacks();  // for shutdown without waiting: no more callbacks

    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] std::size_t open() const { return channels_.size() + questions_.size(); }
    [[nodiscard]] std::size_t running() const;
    [[nodiscard]] double fraction() const { return fraction_; }
    [[nodiscard]] int pid() const { return process_ ? process_->pid() : 0; }
    [[nodiscard]] const std::optional<Ready>& ready() const { return ready_; }
    [[nodiscard]] const Load& load() const { return plan_.load; }
    [[nodiscard]] double tokens_per_second() const { return tokens_per_second_; }
    // When exited: the reason, unless a stop was requested. `crashed` distinguishes a crash from a failed load.
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
    [[nodiscard]] bool crashed() const { return crashed_; }

    static constexpr std::size_t kUnsentBytes = 256U << 20;

  private:
    // A query with one reply.
    using Reply = std::variant<Counted, TextAnswer>;
    struct Question {
        std::optional<Result<Reply>> reply;
        Signal answered;
    };
    Worker(net::Loop& loop, Plan plan, std::function<void()> changed);
    [[nodiscard]] Result<void> launch();
    [[nodiscard]] Result<void> send(const ToWorker& message);
    static Task<void> read_frames(std::shared_ptr<Worker> self);
    static Task<void> write_frames(std::shared_ptr<Worker> self);
    static Task<void> read_log(std::shared_ptr<Worker> self);
    [[nodiscard]] Result<void> take(std::string_view payload);
    void take(LoadProgress progress);
    void take(Ready ready);
    void take(LoadFailed failed);
    void take(Events events);
    void take(Counted counted);
    void take(TextAnswer answer);
    void take(const Stats&) {}
    [[nodiscard]] static Task<Result<Reply>> wait_for_reply(std::shared_ptr<Worker> self, RequestId id,
                                                            StopToken stop);
    void reply_to(RequestId id, Result<Reply> reply);
    void measure(const exchange::Event& event);
    void watch();  // (re)arms or disarms the inactivity deadline
    void on_silence();
    void on_exit(net::ExitStatus status);
    void on_grace_over();
    void check_exited();
    [[nodiscard]] Error exit_error() const;
    void changed();

    net::Loop& loop_;
    Plan plan_;
    std::function<void()> changed_;
    Phase phase_ = Phase::loading;
    std::unique_ptr<net::Process> process_;
    std::unique_ptr<net::Stream> stream_, log_;
    FrameReader frames_;
    std::deque<std::string> unsent_;
    std::size_t unsent_bytes_ = 0;
    Signal to_write_;
    RequestId last_id_ = 0;
    std::map<RequestId, std::shared_ptr<Channel>> channels_;
    std::map<RequestId, std::shared_ptr<Question>> questions_;
    std::optional<Ready> ready_;
    double fraction_ = 0, tokens_per_second_ = 0;
    std::string stderr_tail_;  // of its log, for the error after a crash
    std::string kill_reason_;
    std::optional<net::ExitStatus> status_;
    bool reading_ = true, logging_ = true, stop_requested_ = false, crashed_ = false;
    std::optional<Error> failure_;
    net::Deadline silence_, grace_;
};

}  // namespace hearth::engine

#include "engine/supervisor/worker.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/protocol/codec.h"

extern char** environ;

namespace hearth::engine {
namespace {

constexpr std::size_t kLastWords = 400;

std::string last_line(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    std::string out(text.substr(text.rfind('\n') + 1));  // npos + 1 is the beginning
    for (auto& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return out;
}

}  // namespace

std::vector<std::string> child_environment() {
    constexpr std::array<std::string_view, 12> kKept{
        "PATH=",   "LANG=", "LC_ALL=", "TZ=",           "LD_LIBRARY_PATH=", "CUDA_",
        "NVIDIA_", "GGML_", "OMP_",    "ASAN_OPTIONS=", "UBSAN_OPTIONS=",   "HEARTH_ENGINE_"};
    std::vector<std::string> kept;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view entry = *at;
        if (std::ranges::any_of(kKept, [entry](auto prefix) { return entry.starts_with(prefix); }))
            kept.emplace_back(entry);
    }
    return kept;
}

Worker::Worker(net::Loop& loop, Plan plan, std::function<void()> changed)
    : loop_(loop),
      plan_(std::move(plan)),
      changed_(std::move(changed)),
      silence_(loop, [this] { on_silence(); }),
      grace_(loop, [this] { on_grace_over(); }) {}

Result<std::shared_ptr<Worker>> Worker::start(net::Loop& loop, Plan plan, std::function<void()> changed) {
    std::shared_ptr<Worker> worker(new Worker(loop, std::move(plan), std::move(changed)));
    if (auto launched = worker->launch(); !launched) return fail(launched.error());
    return worker;
}

Result<void> Worker::launch() {
    auto pair = net::make_pair_with_child(loop_);
    if (!pair) return fail(pair.error());
    auto log = net::make_pair_with_child(loop_);
    if (!log) return fail(log.error());
    net::SpawnOptions options;
    options.program = plan_.program;
    options.args = plan_.arguments;
    options.args.insert(options.args.end(), {"--fd", "3"});
    options.env = child_environment();
    options.inherit = {pair->second.get()};
    options.stdout_fd = options.stderr_fd = log->second.get();
    auto process = net::Process::spawn(loop_, options);
    if (!process) return fail(process.error());
    process_ = std::move(*process);
    stream_ = std::move(pair->first);
    log_ = std::move(log->first);
    const auto self = shared_from_this();
    process_->on_exit([self](net::ExitStatus status) { self->on_exit(status); });
    if (auto sent = send(plan_.load); !sent) return sent;
    spawn(read_frames(self));
    spawn(write_frames(self));
    spawn(read_log(self));
    watch();
    return {};
}

Result<void> Worker::send(const ToWorker& message) {
    auto frame = encode_frame(encode(message));
    if (!frame) return fail(frame.error());
    if (unsent_bytes_ + frame->size() > kUnsentBytes && !unsent_.empty()) {
        return fail(Code::overloaded,
                    fmt::format("the engine for {} has not read {} bytes of earlier requests yet", plan_.name,
                                unsent_bytes_));
    }
    unsent_bytes_ += frame->size();
    unsent_.push_back(std::move(*frame));
    to_write_.notify_all();
    return {};
}

Task<void> Worker::write_frames(std::shared_ptr<Worker> self) {
    while (self->reading_) {
        if (self->unsent_.empty()) {
            co_await self->to_write_.wait();
            continue;
        }
        const std::string frame = std::move(self->unsent_.front());
        self->unsent_.pop_front();
        const std::string_view bytes = frame;
        const auto written = co_await self->stream_->write_all(bytes);
        self->unsent_bytes_ -= frame.size();
        if (!written) co_return;  // the reader sees the same error
    }
}

Task<void> Worker::read_frames(std::shared_ptr<Worker> self) {
    std::string broken;
    std::array<char, 16 * 1024> buffer;
    while (broken.empty()) {
        const auto got = co_await self->stream_->read_some(buffer);
        if (!got || *got == 0) break;
        self->frames_.feed({buffer.data(), *got});
        while (broken.empty()) {
            auto payload = self->frames_.next();
            if (!payload)
                broken = payload.error()->message;
            else if (!*payload)
                break;
            else if (auto taken = self->take(std::string_view(**payload)); !taken)
                broken = taken.error()->message;
        }
        self->watch();
    }
    self->reading_ = false;
    if (!broken.empty())
        self->kill(fmt::format("sent something that is not the engine's protocol ({})", broken));
    else if (!self->status_ && !self->stop_requested_)
        self->grace_.arm_in(seconds(2));
    self->to_write_.notify_all();
    self->check_exited();
}

// Keeps the end of the worker's standard error: an assertion's text is the best explanation of a crash.
Task<void> Worker::read_log(std::shared_ptr<Worker> self) {
    std::array<char, 4096> buffer;
    while (true) {
        const auto got = co_await self->log_->read_some(buffer);
        if (!got || *got == 0) break;
        self->stderr_tail_.append(buffer.data(), *got);
        if (self->stderr_tail_.size() > kLastWords)
            self->stderr_tail_.erase(0, self->stderr_tail_.size() - kLastWords);
    }
    self->logging_ = false;
    self->check_exited();
}

Result<void> Worker::take(std::string_view payload) {
    auto message = decode_to_gateway(payload);
    if (!message) return fail(message.error());
    std::visit([this](auto&& m) { take(std::move(m)); }, std::move(*message));
    return {};
}

void Worker::take(LoadProgress progress) {
    if (phase_ != Phase::loading) return;
    fraction_ = std::clamp(progress.fraction, fraction_, 1.0);
    changed();
}

void Worker::take(Ready ready) {
    if (phase_ != Phase::loading) return;
    if (plan_.require_confinement && ready.confinement.level == Confinement::none) {
        failure_.emplace();
        failure_->code = Code::forbidden;
        failure_->message = fmt::format(
            "{} is not used: the kernel does not confine the engine's process, and [engine] "
            "require_confinement = true. `hearth doctor` reports what is missing.",
            plan_.name);
        return stop(false);
    }
    ready_ = std::move(ready);
    fraction_ = 1;
    phase_ = Phase::ready;
    changed();
}

void Worker::take(LoadFailed failed) {
    if (phase_ != Phase::loading) return;
    failure_ = std::move(failed.error);
    phase_ = Phase::stopping;
    grace_.arm_in(plan_.stop_grace);
}

void Worker::take(Events events) {
    std::vector<std::shared_ptr<Channel>> moved;
    bool ended = false;
    for (auto& [id, event] : events.events) {
        const auto found = channels_.find(id);
        if (found == channels_.end()) {
            // A query that the worker could not decode is rejected like a request.
            if (auto* refusal = std::get_if<Error>(&event)) reply_to(id, fail(std::move(*refusal)));
            continue;
        }
        measure(event);
        const auto channel = found->second;
        if (std::holds_alternative<exchange::Done>(event) || std::holds_alternative<Error>(event)) {
            channels_.erase(found);
            ended = true;
        }
        channel->push(std::move(event));
        if (moved.empty() || moved.back() != channel) moved.push_back(channel);
    }
    if (ended && stop_requested_ && open() == 0) grace_.arm_in(plan_.stop_grace);
    // The counters first: a resumed waiter may submit at once.
    if (ended) changed();
    for (const auto& channel : moved) channel->wake();
}

void Worker::take(Counted counted) {
    const auto id = counted.id;
    if (counted.error) return reply_to(id, fail(std::move(*counted.error)));
    reply_to(id, std::move(counted));
}

void Worker::take(TextAnswer answer) {
    const auto id = answer.id;
    if (answer.error) return reply_to(id, fail(std::move(*answer.error)));
    reply_to(id, std::move(answer));
}

void Worker::reply_to(RequestId id, Result<Reply> reply) {
    const auto found = questions_.find(id);
    if (found == questions_.end()) return;
    const auto question = found->second;
    questions_.erase(found);
    question->reply.emplace(std::move(reply));
    changed();
    question->answered.notify_all();
}

void Worker::measure(const exchange::Event& event) {
    const auto* usage = std::get_if<exchange::UsageEvent>(&event);
    if (!usage || !usage->timings || usage->timings->predicted_ms <= 0 || usage->timings->predicted_n < 2)
        return;
    const double now = static_cast<double>(usage->timings->predicted_n) * 1000 / usage->timings->predicted_ms;
    tokens_per_second_ = tokens_per_second_ == 0 ? now : 0.7 * tokens_per_second_ + 0.3 * now;
}

Result<std::shared_ptr<Channel>> Worker::submit(exchange::Request request, Priority priority,
                                                std::string affinity) {
    Submit message{.id = ++last_id_,
                   .request = std::move(request),
                   .priority = priority,
                   .affinity = std::move(affinity)};
    auto channel = std::make_shared<Channel>();
    channel->id = message.id;
    if (auto sent = send(std::move(message)); !sent) return fail(sent.error());
    channels_.emplace(channel->id, channel);
    watch();
    return channel;
}

void Worker::cancel(Channel& channel) {
    if (channel.ended || !channels_.contains(channel.id)) return;
    [[maybe_unused]] const auto sent = send(Cancel{channel.id});
}

Task<Result<std::int64_t>> Worker::count(exchange::Request request, StopToken stop) {
    const auto id = ++last_id_;
    if (auto sent = send(Count{.id = id, .request = std::move(request)}); !sent) co_return fail(sent.error());
    auto reply = co_await wait_for_reply(shared_from_this(), id, std::move(stop));
    if (!reply) co_return fail(std::move(reply.error()));
    const auto* counted = std::get_if<Counted>(&*reply);
    if (!counted) co_return fail(Code::internal, "the engine sent a reply of the wrong type");
    co_return counted->tokens;
}

Task<Result<TextAnswer>> Worker::ask(TextQuery query, StopToken stop) {
    const auto id = query.id = ++last_id_;
    if (auto sent = send(std::move(query)); !sent) co_return fail(sent.error());
    auto reply = co_await wait_for_reply(shared_from_this(), id, std::move(stop));
    if (!reply) co_return fail(std::move(reply.error()));
    auto* answer = std::get_if<TextAnswer>(&*reply);
    if (!answer) co_return fail(Code::internal, "the engine sent a reply of the wrong type");
    co_return std::move(*answer);
}

Task<Result<Worker::Reply>> Worker::wait_for_reply(std::shared_ptr<Worker> self, RequestId id,
                                                   StopToken stop) {
    const auto question = std::make_shared<Question>();
    self->questions_.emplace(id, question);
    self->watch();
    while (!question->reply && !stop.stopped()) co_await question->answered.wait(stop);
    if (!question->reply) {
        self->questions_.erase(id);
        co_return fail(stop.reason());
    }
    co_return std::move(*question->reply);
}

std::size_t Worker::running() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(channels_, [](const auto& c) { return c.second->started; }));
}

void Worker::stop(bool drain) {
    if (phase_ == Phase::exited || (stop_requested_ && drain)) return;
    phase_ = Phase::stopping;
    stop_requested_ = true;
    if (!send(Shutdown{.drain = drain})) return kill({});
    if (!drain || open() == 0) grace_.arm_in(plan_.stop_grace);
    changed();
}

void Worker::kill(std::string why) {
    if (status_) return;
    if (kill_reason_.empty()) kill_reason_ = std::move(why);
    process_->kill(SIGKILL);
}

void Worker::drop_callbacks() {
    changed_ = nullptr;
    silence_.disarm();
    grace_.disarm();
    if (!status_) process_->kill(SIGKILL);
}

void Worker::watch() {
    if (phase_ == Phase::loading) return silence_.arm_in(plan_.load_silence);
    if (phase_ != Phase::exited && open() > 0) return silence_.arm_in(plan_.busy_silence);
    silence_.disarm();
}

void Worker::on_silence() {
    const bool loading = phase_ == Phase::loading;
    kill(fmt::format("sent nothing for {} s while it {}",
                     (loading ? plan_.load_silence : plan_.busy_silence).count(),
                     loading ? "loaded the model" : "had requests"));
}

void Worker::on_exit(net::ExitStatus status) {
    status_ = status;
    if (reading_ || logging_) grace_.arm_in(seconds(2));
    check_exited();
}

void Worker::on_grace_over() {
    if (!status_)
        return kill(stop_requested_ || failure_ ? std::string() : "closed its connection without exiting");
    // The process has exited, but another process holds its sockets open.
    stream_->cancel(exit_error());
    log_->cancel(exit_error());
}

Error Worker::exit_error() const {
    std::string why;
    if (!kill_reason_.empty()) {
        why = fmt::format("was killed because it {}", kill_reason_);
    } else {
        why = fmt::format("stopped unexpectedly ({})", status_ ? status_->to_string() : "connection closed");
        if (status_ && status_->signal == SIGKILL) why += ", probably by the system because of low memory";
        const auto words = last_line(stderr_tail_);
        if (!words.empty()) why += ": " + words;
    }
    Error error;
    error.code = Code::unavailable;
    error.message = fmt::format("the engine for {} {}", plan_.name, why);
    return error;
}

// Exited once the process is reaped and its output is read.
void Worker::check_exited() {
    if (!status_ || reading_ || logging_ || phase_ == Phase::exited) return;
    const auto keep = shared_from_this();
    crashed_ = !stop_requested_ && !failure_;
    if (!kill_reason_.empty()) crashed_ = true;
    auto error = exit_error();
    if (stop_requested_ && !crashed_)
        error.message = fmt::format("the engine for {} was unloaded", plan_.name);
    if (crashed_ || (!failure_ && !ready_)) failure_ = error;  // also for those waiting for the load
    phase_ = Phase::exited;
    silence_.disarm();
    grace_.disarm();
    const auto channels = std::exchange(channels_, {});
    const auto questions = std::exchange(questions_, {});
    for (const auto& [id, channel] : channels) {
        auto own_error = error;
        if (channel->content)
            own_error.code = Code::upstream_broken;  // the client has received part of the answer
        channel->push(std::move(own_error));
    }
    for (const auto& [id, question] : questions) question->reply.emplace(std::unexpect, error);
    changed();
    for (const auto& [id, channel] : channels) channel->wake();
    for (const auto& [id, question] : questions) question->answered.notify_all();
}

void Worker::changed() {
    if (changed_) changed_();
}

}  // namespace hearth::engine

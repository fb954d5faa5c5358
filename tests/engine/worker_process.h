#pragma once
// A hearth-engine started for a test, and a client for its protocol.
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"

namespace hearth::engine::test {

class WorkerProcess {
  public:
    WorkerProcess();  // starts the program, not yet a model
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    void send(const ToWorker& message);
    void send_bytes(std::string_view bytes);
    // The next message; nullopt when the worker closed. Fails the test after a minute.
    std::optional<ToGateway> receive();
    // Loads and waits: Ready or LoadFailed.
    ToGateway load(const Load& load);

    RequestId submit(exchange::Request request, Priority priority = Priority::normal);
    // Runs until this request has ended; events of others are kept.
    exchange::Answer wait(RequestId id);
    exchange::Answer run(exchange::Request request) { return wait(submit(std::move(request))); }
    // Reads until `enough` is true for the answer so far.
    void wait_until(RequestId id, const std::function<bool(const exchange::Answer&)>& enough);
    Stats stats();

    void kill(int signal);
    int wait_for_exit();  // its exit status, or 128 + the signal that ended it
    [[nodiscard]] int pid() const { return pid_; }

    std::map<RequestId, exchange::Answer> answers;
    std::map<RequestId, std::size_t> events;  // how many arrived for each

  private:
    void take(const Events& batch);
    int pid_ = -1, fd_ = -1;
    RequestId next_id_ = 1;
    FrameReader reader_;
};

exchange::Request completion(std::string prompt, std::int64_t max_tokens);
exchange::Request chat(std::string text, std::int64_t max_tokens);

// The tiny model on one thread, so that its results are deterministic.
Load tiny(int sequences = 4, int context = 2048);
// Loads, or fails the test with the worker's reason.
Ready ready(WorkerProcess& worker, const Load& load);
// The text of a whole answer; a failure fails the test.
std::string text_of(const exchange::Answer& answer, std::size_t choice = 0);
std::string words(int from, int to);  // "word3 word4 ...", two tokens each

// Created once per test program, in the build folder.
const std::string& tiny_model();          // qwen2, 2 layers, Qwen2.5's template with tools
const std::string& suffix_first_model();  // the same, declared as trained suffix first
const std::string& joined_model();        // the same, with the middle continuing the prefix without a marker

}  // namespace hearth::engine::test

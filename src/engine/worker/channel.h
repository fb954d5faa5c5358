#pragma once
// The worker's end of the socket: frames out from any thread, bytes in on the reading thread. Writing never blocks a
// step for longer than a slow reader deserves: what the socket does not take waits here, and above kBacklog the
// sender waits too, so that a stalled gateway stops its generations instead of filling memory.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "engine/protocol/frame.h"
#include "engine/protocol/message.h"

namespace hearth::engine {

class Channel {
  public:
    explicit Channel(int fd);  // makes it non-blocking; does not own it
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Any thread; the reading thread never waits here. False when the peer is gone.
    bool send(const ToGateway& message);

    // The reading thread. Waits for a frame, for a wake(), or for `timeout_ms` (-1: for ever), writing meanwhile what
    // waits to be written. nullopt: woken or timed out. Error: the peer closed (Code::cancelled) or broke the framing.
    Result<std::optional<std::string>> receive(int timeout_ms);
    void wake();
    void stop_waiting();  // from now on no sender waits
    // For the end: writes what is left, for at most so long.
    void flush(int timeout_ms);
    [[nodiscard]] bool peer_gone() const;  // without waiting; for the load's progress

  private:
    bool write_some();  // under mutex_; false: gone

    int fd_, wake_fd_;
    FrameReader reader_;
    std::mutex mutex_;
    std::condition_variable drained_;
    std::string backlog_;
    std::size_t written_ = 0;
    std::atomic<std::thread::id> reader_thread_;
    bool gone_ = false, hurry_ = false;
};

}  // namespace hearth::engine

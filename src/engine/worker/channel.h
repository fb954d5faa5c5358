#pragma once
// The worker's end of the socket: frames out from any thread, bytes in on the reading thread. Bytes that
// the socket does not accept are buffered; above kBacklog the sender blocks, so that a stalled gateway pauses its
// generations instead of filling memory.
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

    // Any thread; the reading thread never blocks here. False when the peer has closed.
    bool send(const ToGateway& message);

    // The reading thread. Waits for a frame, for a wake(), or for `timeout_ms` (-1: for ever), writing
    // buffered bytes meanwhile. nullopt: wake() or timeout. Error: the peer closed (Code::cancelled) or violated the framing.
    Result<std::optional<std::string>> receive(int timeout_ms);
    void wake();
    void stop_waiting();  // from now on no sender blocks
    // For exit: writes the remaining bytes, limited by the timeout.
    void flush(int timeout_ms);
    [[nodiscard]] bool peer_gone() const;  // non-blocking; for the load's progress

  private:
    bool write_some();  // under mutex_; false: the peer has closed

    int fd_, wake_fd_;
    FrameReader reader_;
    std::mutex mutex_;
    std::condition_variable drained_;
    std::string backlog_;
    std::size_t written_ = 0;
    std::atomic<std::thread::id> reader_thread_;
    bool gone_ = false, stop_waiting_ = false;
};

}  // namespace hearth::engine

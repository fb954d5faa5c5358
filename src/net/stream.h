#pragma once
// A byte stream over a socket: TCP, Unix, one end of a socketpair, or TLS (net/tls.h). One reader and one
// writer at a time. Every operation tries at once and waits only on EAGAIN; a wait costs no
// system call.
//
// Time limits and cancellation are not parameters of each operation: the owner of the stream keeps one
// Deadline and one StopCallback and calls cancel(), which fails what is pending and all that follows with the
// given error.
#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/stop.h"
#include "net/address.h"
#include "net/fd.h"
#include "net/loop.h"

namespace hearth::net {

class Stream : public EventSink {
  public:
    static constexpr std::ptrdiff_t kWouldBlock = -1, kFailed = -2;

    ~Stream() override;  // closes; there must be no waiter
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // ---- immediate: bytes moved (0 from try_read is the end of the stream), kWouldBlock, or kFailed with error()
    // set.
    virtual std::ptrdiff_t try_read(std::span<char> into) = 0;
    // `skip` bytes of the first piece are already written.
    virtual std::ptrdiff_t try_write(std::span<const std::string_view> pieces, std::size_t skip) = 0;

    // ---- awaitables. Codes: upstream_broken for a reset or broken connection, or the error given to
    // cancel().
    class ReadWait;
    class WriteWait;
    class ReadableWait;
    class WritableWait;
    [[nodiscard]] ReadWait read_some(std::span<char> into);  // Result<size_t>, 0 = EOF
    // Waits until try_read would not block; holds no buffer meanwhile. Result<void>.
    [[nodiscard]] ReadableWait readable();
    // The same for try_write.
    [[nodiscard]] WritableWait writable();
    // Resumes a pending readable() without data, so that the waiter checks its own flags.
    void wake_reader();
    // Writes every byte of every piece in order; pieces and bytes must stay valid until it is done. Result<void>.
    [[nodiscard]] WriteWait write_all(std::span<const std::string_view> pieces);
    [[nodiscard]] WriteWait write_all(const std::string_view& one);

    // Fails pending and later operations with `why`; waiters are resumed at the end of the tick, so this may
    // be called from anywhere. The first reason wins.
    void cancel(Error why);
    [[nodiscard]] bool cancelled() const { return cancelled_; }
    [[nodiscard]] const Error& error() const { return error_; }  // after kFailed, or when cancelled()

    virtual void shutdown_write();  // FIN (TLS: close_notify first, if possible without waiting)
    void close();                   // orderly; pending operations fail with cancelled; idempotent
    void reset();                   // TCP RST: the peer sees a broken stream, not an end

    // Calls back once when the peer closes its side or resets, whether or not there is a reader; bytes that
    // arrive (a pipelined request) do not count. Deferred to the end of the tick if it has happened already.
    // An empty callback ends the watch.
    void watch_peer_gone(Callback callback);
    [[nodiscard]] bool peer_gone() const { return hangup_; }

    [[nodiscard]] const Address& peer() const { return peer_; }
    [[nodiscard]] Address local_address() const;
    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] Loop& loop() { return loop_; }
    // Gives the descriptor away (to wrap it in TLS); the stream is unusable afterwards.
    [[nodiscard]] Fd release();

  protected:
    Stream(Loop& loop, Fd fd, Address peer);
    [[nodiscard]] Result<void> attach();  // registers with the loop
    void on_events(std::uint32_t events) override;
    std::ptrdiff_t read_failed(int error_number);   // kFailed
    std::ptrdiff_t write_failed(int error_number);  // kFailed

    Loop& loop_;
    Fd fd_;
    Address peer_;
    Error error_;
    bool attached_ = false;
    bool cancelled_ = false;
    bool can_read_ = true;  // not drained since the last event
    bool can_write_ = true;
    bool hangup_ = false;  // the peer has closed its side or reset

  private:
    friend class ReadWait;
    friend class WriteWait;
    friend class ReadableWait;
    friend class WritableWait;
    struct Waiter {                  // lives in the awaiting coroutine's frame
        virtual bool attempt() = 0;  // true: finished, resume
        virtual void fail() = 0;     // completes with the stream's error()
        std::coroutine_handle<> handle;

      protected:
        ~Waiter() = default;
    };
    static std::coroutine_handle<> take_if_done(Waiter*& slot);
    void run_later();
    Waiter* reader_ = nullptr;
    Waiter* writer_ = nullptr;
    bool reader_woken_ = false;
    Callback gone_;
    Deferred later_;  // reports a cancellation or the peer's close
};

// Wraps a connected, non-blocking stream socket. TCP_NODELAY is set where it applies.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_stream(Loop& loop, Fd fd, Address peer);
// Two ends of a socketpair (AF_UNIX), the second as a bare descriptor to be given to a child.
[[nodiscard]] Result<std::pair<std::unique_ptr<Stream>, Fd>> make_pair_with_child(Loop& loop);

// One attempt to one address. Gives up when the timeout passes (Code::upstream_timeout) or the token stops.
// Refused, unreachable: Code::upstream_connect, with the address in the message.
Task<Result<std::unique_ptr<Stream>>> connect_to(Loop& loop, Address address, nanoseconds timeout,
                                                 StopToken stop);

// Cancels the stream when the token stops, during this object's lifetime.
class CancelOnStop {
  public:
    CancelOnStop(Stream& stream, const StopToken& token)
        : callback_(token, [&stream, token] { stream.cancel(token.reason()); }) {}

  private:
    StopCallback callback_;
};

// ---- hand-written awaitables, so that a read that succeeds at once does not allocate.

class Stream::ReadWait final : private Stream::Waiter {
  public:
    ReadWait(Stream& stream, std::span<char> into) : stream_(stream), into_(into) {}
    bool await_ready() { return attempt(); }
    void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        stream_.reader_ = this;
    }
    Result<std::size_t> await_resume() {
        if (n_ < 0) return fail_with(stream_.error_);
        return static_cast<std::size_t>(n_);
    }

  private:
    static Failed fail_with(const Error& e) { return Failed(e); }
    bool attempt() override {
        n_ = stream_.try_read(into_);
        return n_ != kWouldBlock;
    }
    void fail() override { n_ = kFailed; }
    Stream& stream_;
    std::span<char> into_;
    std::ptrdiff_t n_ = kFailed;
};

class Stream::ReadableWait final : private Stream::Waiter {
  public:
    explicit ReadableWait(Stream& stream) : stream_(stream) {}
    bool await_ready() { return attempt(); }
    void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        stream_.reader_ = this;
    }
    Result<void> await_resume() {
        if (stream_.cancelled_) return Failed(stream_.error_);
        return {};
    }

  private:
    bool attempt() override {
        return stream_.cancelled_ || stream_.can_read_ || std::exchange(stream_.reader_woken_, false);
    }
    void fail() override {}
    Stream& stream_;
};

class Stream::WritableWait final : private Stream::Waiter {
  public:
    explicit WritableWait(Stream& stream) : stream_(stream) {}
    bool await_ready() { return attempt(); }
    void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        stream_.writer_ = this;
    }
    Result<void> await_resume() {
        if (stream_.cancelled_) return Failed(stream_.error_);
        return {};
    }

  private:
    bool attempt() override { return stream_.cancelled_ || stream_.can_write_; }
    void fail() override {}
    Stream& stream_;
};

class Stream::WriteWait final : private Stream::Waiter {
  public:
    WriteWait(Stream& stream, std::span<const std::string_view> pieces) : stream_(stream), pieces_(pieces) {}
    bool await_ready() { return attempt(); }
    void await_suspend(std::coroutine_handle<> h) {
        handle = h;
        stream_.writer_ = this;
    }
    Result<void> await_resume() {
        if (failed_) return Failed(stream_.error_);
        return {};
    }

  private:
    bool attempt() override;
    void fail() override { failed_ = true; }
    Stream& stream_;
    std::span<const std::string_view> pieces_;
    std::size_t offset_ = 0;  // bytes of pieces_.front() already written
    bool failed_ = false;
};

inline Stream::ReadWait Stream::read_some(std::span<char> into) {
    return ReadWait(*this, into);
}
inline Stream::ReadableWait Stream::readable() {
    return ReadableWait(*this);
}
inline Stream::WritableWait Stream::writable() {
    return WritableWait(*this);
}
inline Stream::WriteWait Stream::write_all(std::span<const std::string_view> pieces) {
    return {*this, pieces};
}
inline Stream::WriteWait Stream::write_all(const std::string_view& one) {
    return {*this, {&one, 1}};
}

}  // namespace hearth::net

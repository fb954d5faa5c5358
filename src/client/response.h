#pragma once
// One exchange: sending the request, then receiving the response. Not for other rooms.
#include "client/connection.h"

namespace hearth::client {

class Exchange final : public Response {
  public:
    Exchange(Client::Impl& client, std::unique_ptr<Connection> connection, const Timeouts& timeouts,
             Mono started, const StopToken& stop);
    ~Exchange() override;

    // Sends the request and reads up to the end of the response's head.
    Task<Result<void>> roundtrip(const Remote& to, const Request& request,
                                 std::span<const std::string_view> body,
                                 const std::optional<net::Proxy>& proxy);
    // After roundtrip() failed: the connection closed before any byte of a response had arrived.
    [[nodiscard]] bool was_stale() const { return disconnected_ && decoder_->idle(); }
    void set_times(bool reused, nanoseconds connect_time) {
        reused_ = reused;
        connect_time_ = connect_time;
    }

    [[nodiscard]] int status() const override { return decoder_->head().status; }
    [[nodiscard]] const http::HeaderList& headers() const override { return decoder_->head().headers; }
    Task<Result<std::string_view>> read() override;
    Task<Result<std::string>> read_all(std::size_t limit) override;
    void set_body_limit(std::size_t bytes) override { decoder_->set_body_limit(bytes); }
    void abort() override;
    [[nodiscard]] const net::Address& peer() const override { return peer_; }
    [[nodiscard]] bool proxied() const override { return proxied_; }
    [[nodiscard]] bool reused() const override { return reused_; }
    [[nodiscard]] nanoseconds connect_time() const override { return connect_time_; }
    [[nodiscard]] nanoseconds head_time() const override { return head_time_; }

  private:
    Result<void> encode_head(const Remote& to, const Request& request, std::size_t length,
                             const std::optional<net::Proxy>& proxy);
    Task<Result<void>> fill();  // more bytes into unread_
    Result<std::string_view> gather();
    void on_deadline();
    void break_off(const Error& why);
    void release();
    Failed failed(Error error);

    Client::Impl& client_;
    std::unique_ptr<Connection> connection_;  // null once returned to the pool or closed
    std::unique_ptr<http::ResponseDecoder> decoder_;
    net::Loop::Block block_;
    std::string_view unread_;  // of block_
    Timeouts timeouts_;
    Mono started_;
    Mono phase_end_{};  // deadline of the current wait
    bool waiting_ = false, disconnected_ = false, keep_ = true, in_body_ = false, ended_ = false;
    std::optional<Error> error_;  // returned by every further read()
    net::Address peer_;
    bool proxied_ = false, reused_ = false;
    nanoseconds connect_time_{0}, head_time_{0};
    StopToken stop_;
    std::optional<StopCallback> on_stop_;
};

}  // namespace hearth::client

#pragma once
// One inbound connection and its current exchange. Not for other rooms.
//
// A connection is one coroutine (run) that loops: read a head, run the handler, finish the exchange. drain() runs beside it
// while bytes of a streamed response do not fit into the socket. A buffer is held only while it has bytes.
#include <memory>
#include <optional>
#include <string>

#include "http/encoder.h"
#include "http/request_decoder.h"
#include "net/stream.h"
#include "server/server.h"

namespace hearth::server {

class Connection;

struct Server::Impl {
    Impl(net::Loop& l, Limits lim, Handler h, ErrorWriter w)
        : loop(l), limits(lim), handler(std::move(h)), error_writer(std::move(w)), notify_empty(l, [this] {
              if (emptied != nullptr && stats.open == 0) emptied->set(true);
          }) {}

    net::Loop& loop;
    Limits limits;
    Handler handler;
    ErrorWriter error_writer;
    std::vector<std::unique_ptr<net::Listener>> listeners;
    net::detail::Link connections;
    Stats stats;
    bool draining = false;
    Promised<bool>* emptied = nullptr;  // shutdown() waits for the last connection
    net::Deferred notify_empty;         // deferred: not from within a destructor
    std::string date;
    Mono date_until{};

    std::string_view http_date();  // value of Date, formatted once per second
};

class Connection final : public Exchange, public net::detail::Link {
  public:
    Connection(std::shared_ptr<Server::Impl> server, std::unique_ptr<net::Stream> stream);
    ~Connection() override;
    static Task<void> serve(std::unique_ptr<Connection> self);

    void close_if_idle();     // shutdown: close now if idle
    void stop(Error reason);  // the exchange's token
    void cut(Error reason);

    // ---- Exchange
    [[nodiscard]] const http::RequestHead& head() const override { return decoder_.head(); }
    [[nodiscard]] const net::Address& peer() const override { return stream_->peer(); }
    [[nodiscard]] const std::string& id() override;
    [[nodiscard]] Mono started() const override { return started_; }
    Task<Result<std::string_view>> read_body(std::size_t limit) override;
    Task<Result<std::string_view>> read_piece(std::uint64_t limit) override;
    Task<Result<void>> respond(int status, const http::HeaderList& headers, std::string_view body) override;
    Task<Result<void>> respond_error(const Error& error) override;
    void forget_body() override;
    Result<void> start(int status, const http::HeaderList& headers) override;
    Result<void> upgrade(const http::HeaderList& headers) override;
    Task<std::string_view> receive(nanoseconds idle) override;
    Task<Result<void>> write(std::span<const std::string_view> pieces) override;
    Task<Result<void>> write(std::string_view one) override;
    Task<Result<void>> finish() override;
    void abort() override;
    Task<void> break_off() override;
    [[nodiscard]] StopToken gone() override;
    [[nodiscard]] bool started_response() const override { return answer_ != Answer::none; }
    [[nodiscard]] bool finished() const override { return answer_ == Answer::finished; }

  private:
    enum class Phase : std::uint8_t { idle, head, handler, body, linger };
    enum class Answer : std::uint8_t { none, streaming, finished };
    enum class Got : std::uint8_t { bytes, end, timed_out, failed };

    // reading (connection.cpp, body.cpp)
    Task<void> run();
    Task<bool> read_head();
    Task<Got> receive(nanoseconds progress, Mono end);  // more into unread_, waiting at most so long
    Task<void> refuse(Error error);                     // a bad or slow head: answer and close
    void begin_exchange();
    Task<bool> end_exchange();
    Task<bool> skip_body();
    Task<void> linger();
    Task<Result<void>> receive_body(Mono end);  // more of it into unread_
    Failed broken_body(Error error);
    Result<bool> take_body(std::size_t limit);  // from unread_; true when whole
    void on_deadline();
    void on_peer_gone();

    // writing (answer.cpp)
    Result<void> encode_head(int status, const http::HeaderList& headers, std::optional<std::size_t> length);
    Task<Result<void>> send(std::span<const std::string_view> pieces);
    Result<void> client_went();
    void append_chunk(std::span<const std::string_view> pieces);
    void flush();
    Task<void> drain();
    Task<void> wait_until_below(std::size_t unsent);
    [[nodiscard]] std::size_t unsent() const { return out_.size() - out_sent_; }

    std::shared_ptr<Server::Impl> server_;
    std::unique_ptr<net::Stream> stream_;
    http::RequestDecoder decoder_;
    net::Loop::Block block_;
    std::string_view unread_;  // of block_
    std::string body_;         // a body that arrived in pieces
    std::string_view body_view_;
    std::size_t body_limit_ = 0;
    std::optional<Error> body_error_;

    std::string out_;  // of a streamed response; also every head while it is written
    std::size_t out_sent_ = 0;
    Promised<bool>* room_ = nullptr;  // write() or finish() waits for room in out_
    std::size_t room_below_ = 0;

    net::Deadline deadline_, write_deadline_, gone_deadline_;
    net::Deferred flush_;
    std::optional<StopSource> gone_;
    std::string id_;
    Mono started_{};
    std::size_t requests_ = 0;
    Phase phase_ = Phase::idle;
    Answer answer_ = Answer::none;
    bool body_whole_ = false, continue_sent_ = false;
    bool keep_ = true;        // the connection may carry another request
    bool chunked_ = false;    // the streamed response is chunked
    bool upgraded_ = false;   // upgraded: no longer HTTP
    bool early_ = false;      // unread_ holds bytes that receive() has not returned yet
    bool timed_out_ = false;  // the deadline of the current wait
    bool draining_ = false;   // drain() runs
    bool client_gone_ = false, aborted_ = false, close_after_exchange_ = false, peer_ended_ = false;
};

}  // namespace hearth::server

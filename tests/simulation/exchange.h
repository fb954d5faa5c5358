#pragma once
// The client of a scenario: gives its request, takes the answer slowly or leaves, and writes down what it gets.
#include "log.h"
#include "net/loop.h"
#include "server/exchange.h"

namespace hearth::simulation {

class Client final : public server::Exchange {
  public:
    Client(net::Loop& loop, const Scenario& scenario, Log& log, Rng& rng);

    [[nodiscard]] const http::RequestHead& head() const override { return head_; }
    [[nodiscard]] const net::Address& peer() const override { return peer_; }
    [[nodiscard]] const std::string& id() override { return id_; }
    [[nodiscard]] Mono started() const override { return started_; }
    Task<Result<std::string_view>> read_body(std::size_t limit) override;
    Task<Result<std::string_view>> read_piece(std::uint64_t) override { co_return std::string_view{}; }
    void forget_body() override;
    Task<Result<void>> respond(int status, const http::HeaderList& headers, std::string_view body) override;
    Task<Result<void>> respond_error(const Error& error) override;
    Result<void> start(int status, const http::HeaderList& headers) override;
    Task<Result<void>> write(std::span<const std::string_view> pieces) override;
    Task<Result<void>> write(std::string_view one) override { co_return co_await write(std::span(&one, 1)); }
    Task<Result<void>> finish() override;
    Result<void> upgrade(const http::HeaderList&) override { return fail(Code::unsupported, "no"); }
    Task<std::string_view> receive(nanoseconds) override { co_return std::string_view{}; }
    void abort() override { log_.fails("the connection was aborted"); }
    Task<void> break_off() override;
    [[nodiscard]] StopToken gone() override { return gone_.token(); }
    [[nodiscard]] bool started_response() const override { return log_.started || log_.whole; }
    [[nodiscard]] bool finished() const override { return log_.finished; }

    void leave();

    // Planted: content after an error.
    bool write_after_error = false;

  private:
    void end();
    net::Loop& loop_;
    Log& log_;
    Rng& rng_;
    std::string body_, id_;
    http::RequestHead head_;
    net::Address peer_;
    Mono started_;
    StopSource gone_;
    int writing_ = 0;
};

}  // namespace hearth::simulation

#pragma once
// An exchange within another: its question or its answer is not what stands on the wire. Heads, peer, id, time and the
// client's going are the outer one's.
#include <string>

#include "server/exchange.h"

namespace hearth::resources {

class DerivedExchange : public server::Exchange {
  public:
    explicit DerivedExchange(server::Exchange& outer) : outer_(outer) {}

    [[nodiscard]] const http::RequestHead& head() const override { return outer_.head(); }
    [[nodiscard]] const net::Address& peer() const override { return outer_.peer(); }
    [[nodiscard]] const std::string& id() override { return outer_.id(); }
    [[nodiscard]] Mono started() const override { return outer_.started(); }
    Task<Result<std::string_view>> read_body(std::size_t limit) override {
        co_return co_await outer_.read_body(limit);
    }
    Task<Result<std::string_view>> read_piece(std::uint64_t limit) override {
        co_return co_await outer_.read_piece(limit);
    }
    void forget_body() override { outer_.forget_body(); }
    Task<Result<void>> respond(int status, const http::HeaderList& headers, std::string_view body) override {
        co_return co_await outer_.respond(status, headers, body);
    }
    Task<Result<void>> respond_error(const Error& error) override {
        co_return co_await outer_.respond_error(error);
    }
    Result<void> start(int status, const http::HeaderList& headers) override {
        return outer_.start(status, headers);
    }
    Result<void> upgrade(const http::HeaderList& headers) override { return outer_.upgrade(headers); }
    Task<std::string_view> receive(nanoseconds idle) override { co_return co_await outer_.receive(idle); }
    Task<Result<void>> write(std::span<const std::string_view> pieces) override {
        co_return co_await outer_.write(pieces);
    }
    Task<Result<void>> write(std::string_view one) override { co_return co_await write(std::span(&one, 1)); }
    Task<Result<void>> finish() override { co_return co_await outer_.finish(); }
    void abort() override { outer_.abort(); }
    Task<void> break_off() override { co_await outer_.break_off(); }
    [[nodiscard]] StopToken gone() override { return outer_.gone(); }
    [[nodiscard]] bool started_response() const override { return outer_.started_response(); }
    [[nodiscard]] bool finished() const override { return outer_.finished(); }

  protected:
    server::Exchange& outer_;
};

}  // namespace hearth::resources

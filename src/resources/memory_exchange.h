#pragma once
// An exchange without a connection: a request that Hearth makes itself goes the same road as a client's, and its answer is
// kept in memory.
#include <string>

#include "base/time.h"
#include "server/exchange.h"

namespace hearth::resources {

class MemoryExchange final : public server::Exchange {
  public:
    // `stop`: the request is not wanted any more.
    MemoryExchange(std::string_view path, std::string body, Mono now, StopToken stop)
        : body_(std::move(body)),
          id_(make_id("req_", system_random())),
          started_(now),
          stop_(std::move(stop)) {
        head_.method = "POST";
        head_.target = path;
        head_.host = "localhost";
        head_.headers.append("content-type", "application/json");
    }

    [[nodiscard]] const http::RequestHead& head() const override { return head_; }
    [[nodiscard]] const net::Address& peer() const override { return peer_; }
    [[nodiscard]] const std::string& id() override { return id_; }
    [[nodiscard]] Mono started() const override { return started_; }
    Task<Result<std::string_view>> read_body(std::size_t limit) override {
        if (body_.size() > limit)
            co_return fail(Code::too_large, "The line is larger than a request may be.");
        co_return std::string_view(body_);
    }
    Task<Result<std::string_view>> read_piece(std::uint64_t limit) override {
        if (std::exchange(given_, true)) co_return std::string_view{};
        co_return co_await read_body(limit);
    }
    void forget_body() override {}  // the caller may ask again with the same bytes
    Task<Result<void>> respond(int status, const http::HeaderList&, std::string_view body) override {
        status_ = status;
        answer_ = body;
        whole_ = true;
        co_return Result<void>{};
    }
    Task<Result<void>> respond_error(const Error& error) override {
        co_return co_await respond(http_status(error.code), {}, {});
    }
    Result<void> start(int status, const http::HeaderList&) override {
        status_ = status;
        return {};
    }
    Task<Result<void>> write(std::span<const std::string_view> pieces) override {
        for (const auto piece : pieces) {
            if (answer_.size() + piece.size() > limits::kReplyBytes)
                co_return fail(Code::cancelled, "The answer is larger than an answer may be.");
            answer_.append(piece);
        }
        co_return Result<void>{};
    }
    Task<Result<void>> write(std::string_view one) override { co_return co_await write(std::span(&one, 1)); }
    Task<Result<void>> finish() override {
        whole_ = true;
        co_return Result<void>{};
    }
    Result<void> upgrade(const http::HeaderList&) override {
        return fail(Code::unsupported, "There is no connection to upgrade.");
    }
    Task<std::string_view> receive(nanoseconds) override { co_return std::string_view{}; }
    void abort() override {}
    Task<void> break_off() override { co_return; }
    [[nodiscard]] StopToken gone() override { return stop_; }
    [[nodiscard]] bool started_response() const override { return status_ != 0; }
    [[nodiscard]] bool finished() const override { return whole_; }

    [[nodiscard]] int status() const { return status_; }  // 0: no answer
    [[nodiscard]] const std::string& answer() const { return answer_; }

  private:
    http::RequestHead head_;
    net::Address peer_;
    std::string body_, id_, answer_;
    Mono started_;
    StopToken stop_;
    int status_ = 0;
    bool whole_ = false, given_ = false;
};

}  // namespace hearth::resources

#pragma once
// Upstreams of unit tests: each answers its requests with what the test has queued for it, and every request is recorded.
#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client/client.h"
#include "net/loop.h"

namespace hearth::test {

// A request as an upstream gets it.
struct Sent {
    std::string provider;  // by its host: "mistral.example"
    std::string method, target, body;
    std::string fields;  // header lines of the common head, with the credentials
    std::string entry;   // of the permit
    http::HeaderList headers;
};

struct Reply {
    int status = 200;
    std::string type = "application/json";
    http::HeaderList headers{};
    std::vector<std::string> pieces{};  // of the body, one for each read
    bool cut = false;                   // the connection breaks behind them
    nanoseconds pause{};                // before each piece
    std::optional<Error> error{};       // in place of a response
    std::function<void(std::size_t)> before_piece{};
};

[[nodiscard]] inline Error error_of(Code code, std::string message) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    return error;
}

class FakeResponse final : public client::Response {
  public:
    FakeResponse(net::Loop& loop, Reply reply, StopToken stop)
        : loop_(loop), reply_(std::move(reply)), stop_(std::move(stop)) {
        headers_ = reply_.headers;
        if (!reply_.type.empty()) headers_.append("content-type", reply_.type);
    }
    [[nodiscard]] int status() const override { return reply_.status; }
    [[nodiscard]] const http::HeaderList& headers() const override { return headers_; }
    Task<Result<std::string_view>> read() override {
        if (reply_.pause.count() > 0) co_await loop_.sleep(reply_.pause, stop_);
        if (reply_.before_piece) reply_.before_piece(at_);
        if (stop_.stopped()) co_return fail(stop_.reason());
        if (at_ < reply_.pieces.size()) {
            piece_ = reply_.pieces[at_++];
            co_return std::string_view(piece_);
        }
        if (reply_.cut) co_return fail(error_of(Code::upstream_broken, "The connection was reset."));
        co_return std::string_view();
    }
    Task<Result<std::string>> read_all(std::size_t) override {
        std::string all;
        while (true) {
            auto piece = co_await read();
            if (!piece) co_return fail(std::move(piece.error()));
            if (piece->empty()) co_return all;
            all += *piece;
        }
    }
    void set_body_limit(std::size_t) override {}
    void abort() override {}
    [[nodiscard]] const net::Address& peer() const override { return peer_; }
    [[nodiscard]] bool proxied() const override { return false; }
    [[nodiscard]] bool reused() const override { return false; }
    [[nodiscard]] nanoseconds connect_time() const override { return {}; }
    [[nodiscard]] nanoseconds head_time() const override { return {}; }

  private:
    net::Loop& loop_;
    Reply reply_;
    StopToken stop_;
    http::HeaderList headers_;
    std::size_t at_ = 0;
    std::string piece_;  // only the last piece is valid, as with the real one
    net::Address peer_;
};

class FakeNetwork final : public client::Sender {
  public:
    using Answer = std::function<Reply(const Sent&)>;
    FakeNetwork(net::Loop& loop, std::vector<std::string>& trace) : loop_(loop), trace_(trace) {}

    void answer(const std::string& provider, Answer answer) {
        answers_[provider].push_back(std::move(answer));
    }
    void reply(const std::string& provider, Reply reply) {
        answer(provider, [reply = std::move(reply)](const Sent&) { return reply; });
    }

    Task<Result<std::unique_ptr<client::Response>>> send(const privacy::Cleared& cleared,
                                                         const client::Remote& to, client::Request request,
                                                         client::Timeouts, StopToken stop) override {
        CHECK(cleared.unchanged());
        CHECK(cleared.permit().host() == to.host);
        CHECK(cleared.permit().port() == to.port);
        Sent got;
        got.provider = to.host.substr(0, to.host.find('.'));
        got.method = request.method;
        got.target = to.base_path + std::string(request.target);
        for (const auto piece : cleared.body()) got.body += piece;
        if (request.common) got.fields = request.common->lines();
        got.headers = std::move(request.headers);
        got.entry = cleared.permit().entry();
        sent.push_back(got);
        trace_.push_back("send " + got.provider);
        auto& queue = answers_[got.provider];
        if (queue.empty()) {
            FAIL_CHECK("no answer is queued for a request to " << got.provider);
            co_return fail(error_of(Code::upstream_connect, "No answer is queued."));
        }
        auto next = std::move(queue.front());
        queue.pop_front();
        auto reply = next(got);
        if (reply.pause.count() > 0) co_await loop_.sleep(reply.pause, stop);
        if (stop.stopped()) co_return fail(stop.reason());
        if (reply.error) co_return fail(std::move(*reply.error));
        co_return std::make_unique<FakeResponse>(loop_, std::move(reply), std::move(stop));
    }

    std::vector<Sent> sent;

  private:
    net::Loop& loop_;
    std::vector<std::string>& trace_;
    std::map<std::string, std::deque<Answer>> answers_;
};

}  // namespace hearth::test

#pragma once
// The client of a unit test: gives its request and records what it gets.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "net/loop.h"
#include "server/exchange.h"

namespace hearth::test {

class FakeClient final : public server::Exchange {
  public:
    FakeClient(net::Loop& loop, std::vector<std::string>& trace, std::string request_body)
        : body(std::move(request_body)), loop_(loop), trace_(trace), started_(loop.now()) {
        request.method = "POST";
        request.target = "/v1/test";
        request.host = "localhost";
        request.headers.append("content-type", "application/json");
    }

    [[nodiscard]] const http::RequestHead& head() const override { return request; }
    [[nodiscard]] const net::Address& peer() const override { return peer_; }
    [[nodiscard]] const std::string& id() override { return id_; }
    [[nodiscard]] Mono started() const override { return started_; }
    Task<Result<std::string_view>> read_body(std::size_t limit) override {
        ++body_reads;
        if (body.size() > limit) co_return fail(Code::too_large, "The body is too large.");
        co_return std::string_view(body);
    }
    Task<Result<std::string_view>> read_piece(std::uint64_t) override { co_return std::string_view{}; }
    // What still points into the body is then found by the address sanitizer.
    void forget_body() override {
        if (!body.empty()) trace_.emplace_back("forget body");
        std::string().swap(body);
    }
    Task<Result<void>> respond(int code, const http::HeaderList& fields, std::string_view text) override {
        take_head(code, fields);
        whole = true;
        bytes = text;
        end("respond");
        co_return Result<void>{};
    }
    Task<Result<void>> respond_error(const Error&) override {
        FAIL_CHECK("the pipeline writes errors itself");
        co_return Result<void>{};
    }
    Result<void> start(int code, const http::HeaderList& fields) override {
        take_head(code, fields);
        trace_.emplace_back("head");
        head_at = loop_.now();
        return {};
    }
    Task<Result<void>> write(std::span<const std::string_view> pieces) override {
        CHECK(status != 0);    // after the head
        CHECK_FALSE(ended());  // and before the end
        if (gone_.token().stopped()) co_return fail(Code::cancelled, "The client has disconnected.");
        std::string joined;
        for (const auto piece : pieces) joined += piece;
        bytes += joined;
        if (!joined.empty()) writes.push_back(joined);
        if (on_write) on_write();
        if (gone_.token().stopped()) co_return fail(Code::cancelled, "The client has disconnected.");
        co_return Result<void>{};
    }
    Task<Result<void>> write(std::string_view one) override { co_return co_await write(std::span(&one, 1)); }
    Task<Result<void>> finish() override {
        end("finish");
        co_return Result<void>{};
    }
    Task<void> break_off() override {
        broken_off = true;
        end("break off");
        co_return;
    }
    Result<void> upgrade(const http::HeaderList&) override { return fail(Code::unsupported, "no"); }
    Task<std::string_view> receive(nanoseconds) override { co_return std::string_view{}; }
    void abort() override { FAIL_CHECK("the connection was aborted"); }
    [[nodiscard]] StopToken gone() override { return gone_.token(); }
    [[nodiscard]] bool started_response() const override { return status != 0; }
    [[nodiscard]] bool finished() const override { return ended(); }

    void leave() { gone_.stop(Error{.code = Code::cancelled, .message = "The client has disconnected."}); }
    [[nodiscard]] bool ended() const { return ended_; }

    std::string body;
    http::RequestHead request;
    std::function<void()> on_write;

    int status = 0;
    int body_reads = 0;
    http::HeaderList headers;
    std::string bytes;                // the body, or the stream
    std::vector<std::string> writes;  // of the stream
    bool whole = false, broken_off = false;
    Mono head_at{};

  private:
    void take_head(int code, const http::HeaderList& fields) {
        CHECK(status == 0);  // one answer
        status = code;
        headers = fields;
    }
    void end(const char* how) {
        CHECK_FALSE(ended_);
        ended_ = true;
        trace_.emplace_back(how);
    }

    net::Loop& loop_;
    std::vector<std::string>& trace_;
    std::string id_ = "req_test";
    net::Address peer_;
    Mono started_;
    StopSource gone_;
    bool ended_ = false;
};

}  // namespace hearth::test

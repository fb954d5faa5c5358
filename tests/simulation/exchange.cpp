#include "exchange.h"

#include <fmt/format.h>

namespace hearth::simulation {

Client::Client(net::Loop& loop, const Scenario& scenario, Log& log, Rng& rng)
    : loop_(loop),
      log_(log),
      rng_(rng),
      body_(scenario.body()),
      id_(fmt::format("req_{}_{}", scenario.seed, scenario.number)),
      started_(loop.now()) {
    head_.method = "POST";
    head_.target = "/simulated";
    head_.host = "localhost";
    head_.headers.append("content-type", "application/json");
    if (scenario.browser) head_.headers.append("origin", "http://localhost:3000");
}

Task<Result<std::string_view>> Client::read_body(std::size_t limit) {
    if (rng_.chance(30)) co_await loop_.sleep(milliseconds(rng_.below(20)), gone_.token());
    if (body_.size() > limit) co_return fail(Code::too_large, "too large");
    co_return std::string_view(body_);
}

// What still points into the body is then found by the address sanitizer.
void Client::forget_body() {
    std::string().swap(body_);
}

void Client::leave() {
    if (log_.left || log_.finished) return;
    log_.left = true;
    gone_.stop(Error{.code = Code::cancelled, .message = "the client has disconnected"});
}

void Client::end() {
    if (log_.finished) log_.fails("the answer ended twice");
    log_.finished = true;
    log_.settled_before_end = log_.settlement.has_value() || log_.records > 0 || log_.entry == 0;
}

Task<Result<void>> Client::respond(int status, const http::HeaderList& headers, std::string_view body) {
    if (log_.started || log_.whole) log_.fails("a second answer was begun");
    if (headers.get("x-hearth-request-id") != id_) log_.fails("the answer does not name its request");
    log_.whole = true;
    log_.status = status;
    log_.bytes = body;
    end();
    co_return Result<void>{};
}

Task<Result<void>> Client::respond_error(const Error&) {
    log_.fails("the server wrote the error, not the pipeline");
    co_return Result<void>{};
}

Result<void> Client::start(int status, const http::HeaderList&) {
    if (log_.started || log_.whole) log_.fails("a second answer was begun");
    log_.started = true;
    log_.status = status;
    return {};
}

Task<Result<void>> Client::write(std::span<const std::string_view> pieces) {
    if (!log_.started) log_.fails("bytes were written before the head");
    if (log_.finished) log_.fails("bytes were written after the end");
    if (writing_ > 0) log_.fails("two writers at once");
    ++writing_;
    if (log_.left) {
        --writing_;
        co_return fail(Code::cancelled, "the client has disconnected");
    }
    for (const auto piece : pieces) log_.bytes += piece;
    // Back pressure, once the buffers of a connection may be full.
    if (log_.bytes.size() > 256 && rng_.chance(10))
        co_await loop_.sleep(milliseconds(rng_.below(30)), gone_.token());
    --writing_;
    if (log_.left) co_return fail(Code::cancelled, "the client has disconnected");
    co_return Result<void>{};
}

Task<Result<void>> Client::finish() {
    if (!log_.started) log_.fails("a stream ended that had not begun");
    end();
    co_return Result<void>{};
}

Task<void> Client::break_off() {
    if (!log_.started) log_.fails("a stream was broken off that had not begun");
    if (write_after_error)
        log_.bytes += "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"more\"}}]}\n\n";
    log_.broken_off = true;
    end();
    co_return;
}

}  // namespace hearth::simulation

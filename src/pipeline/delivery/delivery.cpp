#include "pipeline/delivery/delivery.h"

#include <cassert>

namespace hearth::pipeline {

namespace {
// The bytes are the codec's own and few: write() takes them at once.
Task<void> write_now(server::Exchange& http, std::string_view bytes) {
    [[maybe_unused]] const auto written = co_await http.write(bytes);
}
}  // namespace

Delivery::Delivery(Ports& ports, RequestContext& context)
    : ports_(ports), context_(context), heartbeat_(ports.loop, *this) {}

void Delivery::start_heartbeat() {
    if (context_.stream() && !exchange::passes_through(context_.kind()))
        heartbeat_.start(context_.settings->config.server.keep_alive_after);
}

bool Delivery::send_keep_alive() {
    if (context_.client_gone()) return false;
    if (!head_sent_) {
        head_sent_ = true;
        auto head = headers("pending", {}, context_.codec.stream_type(context_.ingress.call));
        head.append("cache-control", "no-cache");
        [[maybe_unused]] const auto started = context_.http.start(200, head);
    }
    spawn(write_now(context_.http, context_.codec.keep_alive()));
    return true;
}

std::unique_ptr<Verifier> Delivery::verifier_for(const Attempt& attempt) const {
    if (exchange::passes_through(context_.kind())) return nullptr;
    for (const auto& row : ports_.verifiers) {
        if (auto verifier = row.make(context_, attempt)) return verifier;
    }
    return nullptr;
}

Task<Outcome> Delivery::pump(Attempt& attempt) {
    assert(ending_ == Ending::none && !promised_);  // one answer, once
    FilterChain filters(ports_.filters, context_, attempt);
    auto verifier = verifier_for(attempt);
    const auto original = filters.empty() && !verifier ? attempt.answer->original() : std::nullopt;
    if (original && !original->codec)
        return original->whole ? pass_whole(attempt, *original) : pass_stream(attempt, *original);
    if (original) return original->whole ? relay_whole(attempt, *original) : relay_stream(attempt, *original);
    if (context_.stream() && !verifier) return write_stream(attempt, std::move(filters));
    return write_held(attempt, std::move(filters), std::move(verifier));
}

void Delivery::start_stream(Attempt& attempt, Outcome& outcome, const http::HeaderList& more) {
    assert(!promised_);
    promised_ = true;
    outcome.first_token = ports_.now();
    attempt.answer->first_content();
    heartbeat_.stop();
    if (!std::exchange(head_sent_, true)) {
        auto head = answer_headers(attempt, context_.codec.stream_type(context_.ingress.call));
        head.append("cache-control", "no-cache");
        for (const auto header : more) head.append(header.name, header.value);
        [[maybe_unused]] const auto started = context_.http.start(200, head);
    }
    release_body(ports_, context_);
}

void Delivery::end_whole(Attempt& attempt, int status, http::HeaderList headers, std::string body) {
    assert(ending_ == Ending::none && !head_sent_);
    attempt.answer->first_content();
    promised_ = true;
    ending_ = Ending::whole;
    status_ = status;
    headers_ = std::move(headers);
    bytes_ = std::move(body);
}

void Delivery::attempt_failed(const Attempt& attempt) {
    assert(!promised_ && ending_ == Ending::none);
    failed_route_ = route_header(attempt.step);
}

Task<void> Delivery::finish() {
    heartbeat_.stop();
    auto& http = context_.http;
    switch (std::exchange(ending_, Ending::none)) {
        case Ending::none:
            break;  // the client has disconnected
        case Ending::whole: {
            [[maybe_unused]] const auto sent = co_await http.respond(status_, headers_, bytes_);
            break;
        }
        case Ending::stream: {
            [[maybe_unused]] const auto written =
                co_await http.write(relay_ ? tail_ : std::string_view(bytes_));
            [[maybe_unused]] const auto finished = co_await http.finish();
            break;
        }
        case Ending::broken: {
            [[maybe_unused]] const auto written =
                co_await http.write(relay_ ? tail_ : std::string_view(bytes_));
            co_await http.break_off();
            break;
        }
    }
}

Task<void> Delivery::refuse(Error error) {
    assert(!promised_ && ending_ == Ending::none);  // after content there is no second answer
    heartbeat_.stop();
    auto& http = context_.http;
    if (head_sent_) {
        wire::AnswerContext answer;
        answer.request = &context_.request();
        answer.endpoint = context_.ingress.call.endpoint;
        std::string event;
        context_.codec.stream(answer)->write(error, event);
        [[maybe_unused]] const auto written = co_await http.write(std::string_view(event));
        co_await http.break_off();
        co_return;
    }
    auto reply = context_.codec.error(error);
    auto head = headers(failed_route_, {}, "application/json");
    if (reply.retry_after_s) head.append("retry-after", std::to_string(*reply.retry_after_s));
    [[maybe_unused]] const auto sent = co_await http.respond(reply.status, head, reply.body);
}

}  // namespace hearth::pipeline

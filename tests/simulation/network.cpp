#include "network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "wire/codecs.h"
#include "wire/gemini/path.h"

namespace hearth::simulation {

using exchange::Dialect;

namespace {

constexpr auto kLong = std::chrono::seconds(3600);

Error network_error(Code code, std::string message) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    return error;
}

// The dialect in which an upstream is asked stands in the path.
Dialect dialect_by_path(std::string_view target) {
    if (target.find("/responses") != std::string_view::npos) return Dialect::responses;
    if (target.find("/messages") != std::string_view::npos) return Dialect::anthropic;
    if (target.find("enerateContent") != std::string_view::npos) return Dialect::gemini;
    if (target.find("/api/") != std::string_view::npos) return Dialect::ollama;
    return Dialect::openai;
}

wire::Call call_of(Dialect dialect, std::string_view target) {
    wire::Call call;
    if (dialect == Dialect::ollama) call.endpoint = "chat";
    if (dialect != Dialect::gemini) return call;
    const auto question = target.find('?');
    const auto query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
    if (auto parsed = wire::gemini::parse_path(target.substr(0, question), query)) call = std::move(*parsed);
    return call;
}

}  // namespace

std::vector<exchange::Event> events_of(const Act& act, bool failure) {
    std::vector<exchange::Event> events;
    exchange::Started started;
    started.id = "answer-1";
    started.model = "sim";
    started.created_s = 1'800'000'000;
    events.emplace_back(started);
    for (const auto& piece : act.text) events.emplace_back(exchange::TextDelta{0, piece});
    if (failure) {
        events.emplace_back(network_error(Code::upstream_failed, "The model has failed."));
        return events;
    }
    events.emplace_back(exchange::Finish{});
    exchange::UsageEvent usage;
    usage.usage.input = act.input_tokens;
    usage.usage.output = act.output_tokens;
    events.emplace_back(usage);
    events.emplace_back(exchange::Done{});
    return events;
}

// What an upstream sends: a head, then bytes in pieces.
struct Network::Answer {
    int status = 200;
    http::HeaderList headers;
    std::string bytes;
    std::size_t first_content = 0, content_end = 0;  // where the first content ends, and the last one
};

class ScriptedResponse final : public client::Response {
  public:
    ScriptedResponse(Network& network, Network::Answer answer, Fault fault, std::size_t seen,
                     std::optional<NanoUsd> full_charge, client::Timeouts timeouts, StopToken stop)
        : network_(network),
          answer_(std::move(answer)),
          fault_(fault),
          seen_(seen),
          full_charge_(full_charge),
          timeouts_(timeouts),
          stop_(std::move(stop)) {
        end_ = answer_.bytes.size();
        if (fault_ == Fault::cut_early)
            end_ = static_cast<std::size_t>(rng().below(static_cast<int>(answer_.first_content) + 1)) / 2;
        if (fault_ == Fault::cut_late)
            end_ = answer_.first_content +
                   static_cast<std::size_t>(
                       rng().below(static_cast<int>(answer_.content_end - answer_.first_content) + 1));
    }

    [[nodiscard]] int status() const override { return answer_.status; }
    [[nodiscard]] const http::HeaderList& headers() const override { return answer_.headers; }
    Task<Result<std::string_view>> read() override {
        if (stop_.stopped()) co_return fail(stop_.reason());
        if (fault_ == Fault::client_leaves && at_ < answer_.first_content && rng().chance(60)) leave();
        if (fault_ == Fault::client_leaves_late && at_ > answer_.first_content) leave();
        auto paused = co_await network_.pause(delay(), timeouts_.idle, "the next bytes", stop_);
        if (!paused) co_return fail(std::move(paused.error()));
        if (at_ == end_) co_return at_end();
        auto size = 1 + static_cast<std::size_t>(rng().below(static_cast<int>(end_ - at_)));
        // The client leaves only once it has seen something, so the first content comes in a piece of its own.
        if (at_ < answer_.first_content) size = std::min(size, answer_.first_content - at_);
        piece_ = answer_.bytes.substr(at_, size);
        at_ += size;
        if (at_ == end_ && !is_cut())
            network_.log_->seen[seen_].charged = full_charge_;  // the usage has been sent
        co_return std::string_view(piece_);
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
    [[nodiscard]] Rng& rng() const { return *network_.rng_; }
    void leave() { network_.leave_(); }
    [[nodiscard]] bool is_cut() const { return fault_ == Fault::cut_early || fault_ == Fault::cut_late; }
    nanoseconds delay() {
        if (fault_ == Fault::slow) return milliseconds(rng().below(30'000));
        return milliseconds(rng().below(20));
    }
    Result<std::string_view> at_end() {
        if (is_cut()) return fail(network_error(Code::upstream_broken, "the connection was reset"));
        return std::string_view();
    }

    Network& network_;
    Network::Answer answer_;
    Fault fault_;
    std::size_t seen_;
    std::optional<NanoUsd> full_charge_;
    client::Timeouts timeouts_;
    StopToken stop_;
    std::size_t at_ = 0, end_ = 0;
    std::string piece_;
    net::Address peer_;
};

void Network::begin(const Scenario& scenario, Log& log, Rng& rng, std::function<void()> leave) {
    scenario_ = &scenario;
    log_ = &log;
    rng_ = &rng;
    leave_ = std::move(leave);
    next_act_ = 0;
}

std::size_t Network::act_of(std::string_view host) const {
    for (std::size_t i = 0; i < scenario_->acts.size(); ++i) {
        const auto provider = kUpstreams[static_cast<std::size_t>(scenario_->acts[i].upstream)].provider;
        if (host.find(provider) != std::string_view::npos) return i;
    }
    return scenario_->acts.size();
}

Task<Result<void>> Network::pause(nanoseconds duration, nanoseconds limit, std::string_view what,
                                  StopToken stop) {
    co_await loop_.sleep(std::min(duration, limit), stop);
    if (stop.stopped()) co_return fail(stop.reason());
    if (duration >= limit)
        co_return fail(network_error(Code::upstream_timeout, fmt::format("{} did not come in time", what)));
    co_return Result<void>{};
}

void Network::check_cleared(const privacy::Cleared& cleared, const client::Remote& to, std::size_t act) {
    const auto& permit = cleared.permit();
    if (!cleared.unchanged()) log_->fails("bytes were changed after they had been cleared");
    if (permit.host() != to.host || permit.port() != to.port)
        log_->fails("a permit of another destination was used");
    if (log_->entry == 0) log_->fails("bytes left before the ledger knew of the request");
    if (permit.entry() != std::to_string(log_->entry))
        log_->fails("the permit names another entry than the ledger's");
    if (act == scenario_->acts.size()) log_->fails("an upstream was asked that is no candidate: " + to.host);
    if (cleared.body().empty()) log_->fails("a request went out without a body");
}

Network::Answer Network::make_answer(const Act& act, Dialect dialect, std::string_view target,
                                     std::string_view body) {
    Answer out;
    const auto& codec = *wire::client_codec(dialect);
    const auto call = call_of(dialect, target);
    json::Document document;
    auto request = document.parse(body) ? codec.decode(call, document)
                                        : Result<exchange::Request>(fail(Code::invalid_request, "no JSON"));
    if (!request) {
        log_->fails(fmt::format("the upstream cannot read the request: {}", request.error()->message));
        out.status = 400;
        return out;
    }
    if (kUpstreams[static_cast<std::size_t>(act.upstream)].provider == "mistral")
        request->include_usage = true;  // it always reports it, and refuses to be asked
    wire::AnswerContext context;
    context.request = &*request;
    context.endpoint = call.endpoint;
    context.model = "sim";
    context.id = "abcdefghijklmnopqrstuvwx";
    context.created_s = 1'800'000'000;
    const bool failure = act.fault == Fault::error_event;
    const auto events = events_of(act, failure);
    out.headers.append("content-type", request->stream ? codec.stream_type(call) : "application/json");
    out.headers.append("x-request-id", "vendor-1");
    if (request->stream) {
        const auto encoder = codec.stream(context);
        for (const auto& event : events) {
            encoder->write(event, out.bytes);
            if (std::holds_alternative<exchange::Started>(event)) out.first_content = out.bytes.size();
            if (!exchange::is_content(event) || std::holds_alternative<exchange::Finish>(event)) continue;
            if (out.content_end == 0) out.first_content = out.bytes.size();
            out.content_end = out.bytes.size();
        }
    } else {
        exchange::Answer answer;
        for (const auto& event : events) exchange::fold(answer, event);
        out.bytes = failure ? codec.error(*answer.failure).body : codec.whole(context, answer);
        out.first_content = out.content_end = out.bytes.size() - 1;
    }
    return out;
}

Task<Result<std::unique_ptr<client::Response>>> Network::send(const privacy::Cleared& cleared,
                                                              const client::Remote& to,
                                                              client::Request request,
                                                              client::Timeouts timeouts, StopToken stop) {
    const auto number = act_of(to.host);
    if (change_bytes && !cleared.body().empty()) const_cast<char&>(cleared.body().front().front()) ^= 1;
    check_cleared(cleared, to, number);
    if (number == scenario_->acts.size()) co_return fail(network_error(Code::upstream_connect, "unknown"));
    const auto& act = scenario_->acts[number];
    const auto provider = kUpstreams[static_cast<std::size_t>(act.upstream)].provider;
    const auto seen = log_->seen.size();
    log_->seen.push_back(
        {.upstream = act.upstream, .act = number, .entry = log_->entry, .charged = 0, .full = {}});
    std::string target(to.base_path);
    target += request.target;
    if (act.fault == Fault::refused_connection) {
        auto tried = co_await pause(milliseconds(rng_->below(10)), kLong, "", stop);
        if (!tried) co_return fail(std::move(tried.error()));
        co_return fail(network_error(Code::upstream_connect, "connection refused"));
    }
    // The bytes go out in several writes; they must stay as they are until the last of them.
    std::string body;
    for (const auto piece : cleared.body()) {
        body += piece;
        if (!rng_->chance(20)) continue;
        auto written = co_await pause(milliseconds(1), kLong, "", stop);
        if (!written) co_return fail(std::move(written.error()));
    }
    if (!cleared.unchanged()) log_->fails("bytes were changed while they were being sent");
    log_->seen[seen].charged = std::nullopt;  // from here on only the vendor knows
    if (act.fault == Fault::client_leaves && rng_->chance(40)) leave_();
    const auto wait = act.fault == Fault::silent ? nanoseconds(kLong) : milliseconds(rng_->below(50));
    auto waited = co_await pause(wait, timeouts.headers, "the answer's head", stop);
    if (!waited) co_return fail(std::move(waited.error()));
    Answer answer;
    const auto refuse = [&](int status, std::string_view type) {
        answer.status = status;
        answer.headers.append("content-type", "application/json");
        answer.bytes = fmt::format(R"({{"error":{{"message":"The vendor says no.","type":"{}"}}}})", type);
        answer.first_content = answer.content_end = 0;
        log_->seen[seen].charged = 0;
    };
    switch (act.fault) {
        case Fault::status_500:
            refuse(500, "server_error");
            break;
        case Fault::status_429:
            refuse(429, "rate_limit_exceeded");
            answer.headers.append("retry-after", "2");
            break;
        case Fault::status_400:
            refuse(400, "invalid_request_error");
            break;
        case Fault::status_401:
            refuse(401, "authentication_error");
            break;
        default:
            answer = make_answer(act, dialect_by_path(target), target, body);
    }
    if (act.fault == Fault::wrong_type || act.fault == Fault::garbage) {
        answer.bytes = "<html><body>Log in, please.</body></html>";
        answer.first_content = answer.content_end = 0;
        if (act.fault == Fault::wrong_type) answer.headers.set("content-type", "text/html");
    }
    std::optional<NanoUsd> charge;
    const bool useless = act.fault == Fault::wrong_type || act.fault == Fault::garbage ||
                         act.fault == Fault::error_event || answer.status != 200;
    if (!useless) {
        exchange::Usage usage;
        usage.input = act.input_tokens;
        usage.output = act.output_tokens;
        charge = prices_.cost(provider, "sim", usage);
    }
    if (answer.status != 200) charge = 0;
    log_->seen[seen].full = charge;
    co_return std::make_unique<ScriptedResponse>(*this, std::move(answer), act.fault, seen, charge, timeouts,
                                                 std::move(stop));
}

}  // namespace hearth::simulation

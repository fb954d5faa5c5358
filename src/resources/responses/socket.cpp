// Turns of the Responses dialect over a WebSocket: the client sends response.create messages, the events of the answer come
// back as messages. The conversation stays with the connection, whatever `store` says, so that each turn brings only what is
// new. One turn at a time. Format: developers.openai.com/api/docs/guides/websocket-mode.
#include <fmt/format.h>

#include <deque>

#include "base/stop.h"
#include "gateway/reply.h"
#include "http/websocket.h"
#include "pipeline/pipeline.h"
#include "resources/derived_exchange.h"
#include "resources/responses/endpoints.h"
#include "text/edit.h"
#include "text/json_writer.h"
#include "text/sse.h"
#include "wire/responses/codec.h"
#include "wire/responses/items.h"

namespace hearth::resources {

namespace {

constexpr auto kIdle =
    std::chrono::minutes(60);         // between two messages; the vendor ends a connection after as long
constexpr std::size_t kWaiting = 16;  // messages that may come before their turn

// What one connection keeps: the last answer with all that it answered, and the messages whose turn has not come. One task
// reads, so that a client that closes or leaves stops the turn that runs; another takes the turns.
struct Session {
    Resources& resources;
    server::Exchange& socket;
    Caller caller;
    Ingress ingress;
    StoredResponse last{};
    std::deque<std::string> waiting{};
    std::string control{};           // frames that the reader owes: only the taker of turns writes
    StopSource closing{};            // the client has closed or gone: stops the turn that runs
    bool leaving = false;            // nothing more is read: what waits has its turn, then it is over
    Promised<bool>* idle = nullptr;  // the taker waits for a message
    Promised<bool> ended{};          // the taker is done

    void wake() {
        if (idle) std::exchange(idle, nullptr)->set(true);
    }
    Task<Result<void>> send_frame(http::Opcode opcode, std::string_view payload) {
        std::string frames = std::exchange(control, {});
        frames.reserve(frames.size() + payload.size() + 10);
        http::append_frame(frames, opcode, payload);
        co_return co_await socket.write(std::string_view(frames));
    }
};

// {"type":"error","status":400,"error":{...}}: how a turn is refused that has no stream yet.
std::string error_message(int status, std::string_view body) {
    json::Document document;
    const auto root = document.parse(body);
    std::string out;
    json::Writer w(out);
    w.begin_object().member("type", "error").member("status", status);
    w.member_raw("error", root && (*root)["error"] ? (*root)["error"].raw() : std::string_view("null"));
    w.end_object();
    return out;
}

// One turn: the pipeline answers it as a stream of events, which become messages.
class TurnExchange final : public DerivedExchange {
  public:
    TurnExchange(Session& session, std::string body)
        : DerivedExchange(session.socket),
          session_(session),
          body_(std::move(body)),
          id_(make_id("req_", session.resources.ports.random)),
          outer_gone_(session.socket.gone()),
          on_outer_(outer_gone_, [this] { session_.closing.stop(outer_gone_.reason()); }) {}

    [[nodiscard]] const std::string& id() override { return id_; }
    Task<Result<std::string_view>> read_body(std::size_t limit) override {
        if (body_.size() > limit)
            co_return fail(Code::too_large,
                           fmt::format("With what came before it, the turn has {} bytes, but may have {}.",
                                       body_.size(), limit));
        co_return std::string_view(body_);
    }
    void forget_body() override { std::string().swap(body_); }
    Task<Result<void>> respond(int status, const http::HeaderList&, std::string_view body) override {
        answered_ = true;
        co_return co_await session_.send_frame(http::Opcode::text, error_message(status, body));
    }
    Result<void> start(int, const http::HeaderList&) override {
        answered_ = true;
        return {};
    }
    using DerivedExchange::write;
    Task<Result<void>> write(std::span<const std::string_view> pieces) override {
        for (const auto piece : pieces) {
            collector_.feed(piece);
            decoder_.feed(piece);
            text::SseEvent event;
            for (auto more = decoder_.next(event); more && *more; more = decoder_.next(event)) {
                if (event.data.empty()) continue;
                const auto sent = co_await session_.send_frame(http::Opcode::text, event.data);
                if (!sent) co_return fail(sent.error());
            }
        }
        co_return Result<void>{};
    }
    Task<Result<void>> finish() override { co_return Result<void>{}; }
    Task<void> break_off() override { co_return; }
    void abort() override {}
    [[nodiscard]] StopToken gone() override { return session_.closing.token(); }
    [[nodiscard]] bool started_response() const override { return answered_; }
    [[nodiscard]] bool finished() const override { return false; }
    [[nodiscard]] const wire::responses::ItemCollector& collected() const { return collector_; }

  private:
    Session& session_;
    std::string body_, id_;
    StopToken outer_gone_;
    StopCallback on_outer_;
    text::SseDecoder decoder_;
    wire::responses::ItemCollector collector_;
    bool answered_ = false;
};

// generate:false: the input is only kept, and answered with an empty response whose id the next turn names.
Task<void> handle_warmup(Session& session, std::string_view body, std::vector<std::string> input) {
    const auto letters = make_id({}, session.resources.ports.random);
    session.last = {};
    session.last.id = "resp_" + letters;
    session.last.input = std::move(input);
    json::Document document;
    exchange::Request request;
    request.body = exchange::Chat{};
    if (document.parse(body)) {
        if (auto decoded = wire::responses::client_codec().decode({}, document))
            request = std::move(*decoded);
    }
    wire::AnswerContext context;
    context.request = &request;
    context.model = request.model;
    context.id = letters;
    context.created_s =
        std::chrono::duration_cast<seconds>(session.resources.ports.loop.clock().wall().time_since_epoch())
            .count();
    const auto encoder = wire::responses::client_codec().stream(context);
    std::string bytes;
    const exchange::UsageEvent nothing{.usage = {.input = 0, .output = 0}, .timings = {}};
    for (const exchange::Event& event :
         {exchange::Event(exchange::Started{}), exchange::Event(exchange::Finish{}), exchange::Event(nothing),
          exchange::Event(exchange::Done{})})
        encoder->write(event, bytes);
    TurnExchange events(session, {});
    [[maybe_unused]] const auto sent = co_await events.write(std::string_view(bytes));
}

Task<void> refuse(Session& session, const Error& error) {
    const auto reply = wire::responses::client_codec().error(error);
    [[maybe_unused]] const auto sent =
        co_await session.send_frame(http::Opcode::text, error_message(reply.status, reply.body));
}

Task<void> run_turn(Session& session, std::string message) {
    json::Document document;
    const auto root = document.parse(message);
    if (!root || (*root)["type"].as_string() != "response.create") {
        const auto error = root ? fail(Code::invalid_request, "A message must be a response.create.", "type")
                                : Failed(root.error());
        co_await refuse(session, error.error());
        co_return;
    }
    const bool generate = (*root)["generate"].as_bool().value_or(true);
    auto turn = co_await complete_turn(session.resources, session.caller, document, &session.last);
    if (!turn) {
        co_await refuse(session, turn.error());
        co_return;
    }
    auto body = std::move(*turn->body);
    auto input = std::move(turn->input);
    if (!generate) {
        co_await handle_warmup(session, body, std::move(input));
        co_return;
    }
    TurnExchange exchange(session, std::move(body));
    co_await pipeline::handle(session.resources.ports, exchange, session.caller, session.ingress);
    const auto& collected = exchange.collected();
    if (!collected.whole()) co_return;  // a turn that failed can be tried again from where the last one was
    session.last = {.id = collected.id(),
                    .project = {},
                    .body = {},
                    .input = std::move(input),
                    .output = collected.items()};
}

Task<void> run_turns(Session& session) {
    while (!session.closing.stopped()) {
        if (session.waiting.empty()) {
            if (!session.control.empty()) [[maybe_unused]]
                const auto sent = co_await session.socket.write(std::exchange(session.control, {}));
            if (!session.waiting.empty() || session.closing.stopped()) continue;
            if (session.leaving) break;
            Promised<bool> woken;
            session.idle = &woken;
            co_await woken;
            continue;
        }
        auto message = std::move(session.waiting.front());
        session.waiting.pop_front();
        co_await run_turn(session, std::move(message));
    }
    session.ended.set(true);
}

// A message of the client; what it is answered with at once goes to `control`. False: the connection is to be closed, and
// `control` ends with the close frame.
bool accept_message(Session& session, http::WebSocketDecoder::Message message) {
    switch (message.opcode) {
        case http::Opcode::text:
            if (session.waiting.size() == kWaiting) {
                http::append_close(session.control, http::kCloseTooBig,
                                   "Too many messages wait for their turn.");
                return false;
            }
            session.waiting.push_back(std::move(message.payload));
            return true;
        case http::Opcode::ping:
            http::append_frame(session.control, http::Opcode::pong, message.payload);
            return true;
        case http::Opcode::close:
            http::append_close(session.control, http::kCloseNormal, {});
            return false;
        case http::Opcode::binary:
            http::append_close(session.control, http::kCloseUnsupported, "Messages are JSON in text frames.");
            return false;
        case http::Opcode::pong:
        case http::Opcode::continuation:
            break;
    }
    return true;
}

// False: the client closed, or said what it may not.
Task<bool> read_messages(Session& session) {
    http::WebSocketDecoder decoder(session.resources.services.config().server.max_body_bytes);
    for (;;) {
        const auto bytes = co_await session.socket.receive(kIdle);
        if (bytes.empty()) co_return true;
        decoder.feed(bytes);
        for (;;) {
            auto message = decoder.next();
            if (!message) {
                http::append_close(session.control, decoder.close_code(), message.error()->message);
                co_return false;
            }
            if (!*message) break;
            if (!accept_message(session, std::move(**message))) co_return false;
        }
        session.wake();
    }
}

}  // namespace

Task<void> answer_socket(Resources& resources, server::Exchange& exchange, Caller caller, Ingress ingress) {
    auto accept = http::accept_websocket(exchange.head());
    if (!accept) {
        co_await gateway::reply_error(resources.services, exchange, wire::responses::client_codec(),
                                      std::move(accept.error()));
        co_return;
    }
    http::HeaderList headers;
    headers.append("upgrade", "websocket");
    headers.append("connection", "Upgrade");
    headers.append("sec-websocket-accept", *accept);
    headers.append("x-hearth-request-id", exchange.id());
    if (!exchange.upgrade(headers)) co_return;
    Session session{resources, exchange, std::move(caller), std::move(ingress)};
    spawn(run_turns(session));
    const bool quiet = co_await read_messages(session);
    // Ended by the client, or by us: for an hour's silence, or because Hearth stops.
    if (!quiet || exchange.gone().stopped()) {
        session.closing.stop(Error{.code = Code::cancelled, .message = "the client closed the connection"});
    } else {
        session.leaving = true;
    }
    session.wake();
    co_await session.ended;
    if (session.leaving) http::append_close(session.control, http::kCloseGoingAway, {});
    if (!session.control.empty()) [[maybe_unused]]
        const auto sent = co_await exchange.write(std::string_view(session.control));
    co_await exchange.break_off();
}

}  // namespace hearth::resources

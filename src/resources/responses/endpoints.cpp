#include "resources/responses/endpoints.h"

#include <fmt/format.h>

#include "gateway/reply.h"
#include "pipeline/pipeline.h"
#include "resources/derived_exchange.h"
#include "text/json_writer.h"
#include "wire/responses/codec.h"
#include "wire/responses/items.h"

namespace hearth::resources {

namespace {

// A turn under way: a body of its own in, its answer read along for the store.
class KeptExchange final : public DerivedExchange {
  public:
    // `body`: in place of the client's; nullopt: that one.
    KeptExchange(server::Exchange& outer, std::optional<std::string> body)
        : DerivedExchange(outer), body_(std::move(body)) {}

    Task<Result<std::string_view>> read_body(std::size_t limit) override {
        if (!body_) co_return co_await outer_.read_body(limit);
        if (body_->size() > limit)
            co_return fail(Code::too_large,
                           fmt::format("With what came before it, the request has {} bytes, but "
                                       "may have {}.",
                                       body_->size(), limit));
        co_return std::string_view(*body_);
    }
    void forget_body() override {
        if (body_) std::string().swap(*body_);
        outer_.forget_body();
    }
    Task<Result<void>> respond(int status, const http::HeaderList& headers, std::string_view body) override {
        if (status == 200) whole_ = body;
        co_return co_await outer_.respond(status, headers, body);
    }
    using DerivedExchange::write;
    Task<Result<void>> write(std::span<const std::string_view> pieces) override {
        for (const auto piece : pieces) collector_.feed(piece);
        co_return co_await outer_.write(pieces);
    }
    [[nodiscard]] std::optional<StoredResponse> answer() {
        StoredResponse out;
        if (collector_.whole()) {
            out.id = collector_.id();
            out.body = collector_.response();
            out.output = collector_.items();
            return out;
        }
        json::Document document;
        const auto root = document.parse(whole_);
        if (whole_.empty() || !root || !(*root)["id"].is_string()) return std::nullopt;
        out.id = (*root)["id"].as_string();
        out.output = wire::responses::output_items(*root);
        out.body = std::move(whole_);
        return out;
    }

  private:
    std::optional<std::string> body_;
    std::string whole_;
    wire::responses::ItemCollector collector_;
};

// Whether the answer is to be kept: unless the client says no (OpenAI's default).
bool wants_store(json::Value root) {
    return root["store"].as_bool().value_or(true);
}

std::string items_page(const std::vector<std::string>& items) {
    std::string out;
    json::Writer w(out);
    w.begin_object().member("object", "list").key("data").begin_array();
    for (const auto& item : items) w.raw(item);
    w.end_array().member("has_more", false).end_object();
    return out;
}

}  // namespace

Task<Result<Turn>> complete_turn(Resources& resources, const Caller& caller, const json::Document& document,
                                 const StoredResponse* connection) {
    const auto previous = document.root()["previous_response_id"];
    Turn turn;
    if (!previous.is_string()) {
        turn.input = wire::responses::input_items(document);
        if (connection) turn.body = wire::responses::body_of_message(document);
        co_return turn;
    }
    if (connection && connection->id == previous.as_string()) {
        turn.input = connection->conversation();
    } else {
        auto found = co_await resources.responses.find(std::string(previous.as_string()), caller.project);
        if (!found) co_return fail(std::move(found.error()));
        turn.input = found->conversation();
    }
    turn.body = wire::responses::with_items_before(document, turn.input, connection != nullptr);
    for (auto& item : wire::responses::input_items(document)) turn.input.push_back(std::move(item));
    co_return turn;
}

Task<void> answer_response(Resources& resources, server::Exchange& exchange, Caller caller, Ingress ingress) {
    auto& ports = resources.ports;
    const auto& dialect = wire::responses::client_codec();
    const auto body = co_await exchange.read_body(resources.services.config().server.max_body_bytes);
    auto document = ports.documents.take();
    const auto root = body ? document.parse(*body) : Result<json::Value>(fail(body.error()));
    if (!root) {  // the pipeline says what is wrong, and leaves a row in the ledger
        co_await pipeline::handle(ports, exchange, std::move(caller), std::move(ingress));
        co_return;
    }
    const bool stored = wants_store(*root);
    if (!stored && !(*root)["previous_response_id"].is_string()) {  // nothing to do with the store
        co_await pipeline::handle(ports, exchange, std::move(caller), std::move(ingress),
                                  std::move(document));
        co_return;
    }
    auto turn = co_await complete_turn(resources, caller, document, nullptr);
    if (!turn) {
        co_await gateway::reply_error(resources.services, exchange, dialect, std::move(turn.error()));
        co_return;
    }
    const auto project = caller.project;
    if (turn->body) document = {};  // another body is sent on
    KeptExchange kept(exchange, std::move(turn->body));
    co_await pipeline::handle(ports, kept, std::move(caller), std::move(ingress), std::move(document));
    auto answer = stored ? kept.answer() : std::nullopt;
    if (!answer) co_return;
    answer->project = project;
    answer->input = std::move(turn->input);
    co_await resources.responses.put(std::move(*answer));
}

Task<void> answer_stored(Resources& resources, server::Exchange& exchange, Caller caller) {
    constexpr std::string_view kPrefix = "/v1/responses/", kItems = "/input_items";
    const auto& dialect = wire::responses::client_codec();
    auto id = exchange.head().path().substr(kPrefix.size());
    const bool items = id.ends_with(kItems);
    if (items) id.remove_suffix(kItems.size());
    const bool remove = exchange.head().method == "DELETE";
    const auto& method = exchange.head().method;
    if (method != "GET" && method != "HEAD" && !remove) {
        auto error = fail(
            Code::method_not_allowed,
            fmt::format("{} takes GET and DELETE, not {}.", exchange.head().path().substr(0, 200), method));
        co_await gateway::reply_error(resources.services, exchange, dialect, std::move(error.error()));
        co_return;
    }
    auto found = co_await resources.responses.find(std::string(id), caller.project);
    if (!found || (remove && items)) {
        auto error =
            found ? fail(Code::method_not_allowed, "The items of an answer cannot be deleted.")
                  : fail(Code::not_found, fmt::format("Response with id '{}' not found.", id.substr(0, 100)));
        co_await gateway::reply_error(resources.services, exchange, dialect, std::move(error.error()));
        co_return;
    }
    if (!remove) {
        co_await gateway::reply_json(resources.services, exchange, 200,
                                     items ? items_page(found->input) : std::move(found->body));
        co_return;
    }
    [[maybe_unused]] const auto removed =
        co_await resources.responses.remove(std::string(id), caller.project);
    std::string out;
    json::Writer(out)
        .begin_object()
        .member("id", id)
        .member("object", "response.deleted")
        .member("deleted", true)
        .end_object();
    co_await gateway::reply_json(resources.services, exchange, 200, std::move(out));
}

}  // namespace hearth::resources

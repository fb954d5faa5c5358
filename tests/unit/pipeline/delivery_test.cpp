// How an answer comes to the client: by which way, nothing before its first content, its last bytes after the settlement.
#include "replacing.h"
#include "rig.h"

namespace delivery_test {

using namespace hearth;
using exchange::Dialect;

namespace {

class Unchanged final : public pipeline::AnswerFilter {
  public:
    void apply(exchange::Event event, std::vector<exchange::Event>& out) override {
        out.push_back(std::move(event));
    }
};
constexpr pipeline::FilterRow kUnchanged[] = {
    {"unchanged",
     [](const pipeline::RequestContext&, const pipeline::Attempt&)
         -> std::unique_ptr<pipeline::AnswerFilter> { return std::make_unique<Unchanged>(); }}};

// Where the event begins that has the first content, in a stream of any dialect.
std::size_t before_content(std::string_view bytes, std::string_view content) {
    const auto at = bytes.find(content);
    REQUIRE(at != std::string_view::npos);
    const auto start = bytes.rfind("\n\n", at);
    if (start != std::string_view::npos) return start + 2;
    return bytes.rfind('\n', at) + 1;  // lines of JSON; the first one: 0
}

test::FakeNetwork::Answer cut_before_content(std::string content) {
    return [content](const test::Sent& sent) {
        auto reply = test::answer_to(sent, test::text_events({content}));
        reply.pieces.front().resize(before_content(reply.pieces.front(), content));
        if (reply.pieces.front().empty()) reply.pieces.clear();
        reply.cut = true;
        return reply;
    };
}

}  // namespace

TEST_CASE("delivery: the last bytes are written after the settlement, by each way") {
    const auto order = [](Dialect client_dialect, bool stream, bool verify) {
        test::Rig rig({"mistral"});
        if (verify) rig.ports.verifiers = test::kWithMarked;
        rig.network.answer("mistral", test::answering({"Hel", "lo"}));
        const auto client = rig.client(test::chat_body(client_dialect, stream));
        client->on_write = [&] { rig.trace.emplace_back("write"); };
        rig.handle(*client, test::ingress_of(client_dialect, stream));
        CHECK(client->status == 200);
        if (!stream) return rig.trace.at(3) == "respond" && rig.trace.at(2) == "settle";
        const auto last_write = std::find(rig.trace.rbegin(), rig.trace.rend(), "write");
        const auto settled = std::find(rig.trace.rbegin(), rig.trace.rend(), "settle");
        return last_write < settled && rig.trace.back() == "finish";
    };
    for (const bool stream : {false, true}) {
        CHECK(order(Dialect::openai, stream, false));     // relayed
        CHECK(order(Dialect::anthropic, stream, false));  // by events
        CHECK(order(Dialect::openai, stream, true));      // held
    }
}

TEST_CASE("delivery: a stream that fails before its first content has sent nothing of itself") {
    for (const auto dialect : test::kClients) {
        for (const bool same : {true, false}) {
            const auto first = same ? test::provider_of(dialect)
                                    : std::string(dialect == Dialect::anthropic ? "mistral" : "anthropic");
            test::Rig rig({first, "openai"});
            rig.network.answer(first, cut_before_content("FIRST"));
            rig.network.answer("openai", test::answering({"SECOND"}));
            const auto client = rig.chat(dialect, true);
            CHECK(client->status == 200);
            CHECK(test::text_of(test::read_answer(dialect, true, client->bytes)) == "SECOND");
            CHECK(client->headers.get("x-hearth-route").starts_with("openai/sim;"));
            CHECK(rig.step("head") > rig.step("send openai"));
            CHECK(rig.ledger.only().attempts.size() == 1);
        }
    }
}

TEST_CASE(
    "delivery: after content a failure is an error event and a broken stream, and nobody else is asked") {
    for (const auto dialect : test::kClients) {
        for (const bool same : {true, false}) {
            const auto first = same ? test::provider_of(dialect)
                                    : std::string(dialect == Dialect::anthropic ? "mistral" : "anthropic");
            test::Rig rig({first, "openai"});
            rig.network.answer(first, [](const test::Sent& sent) {
                auto reply = test::answer_to(sent, test::text_events({"FIRST", "SECOND"}));
                reply.pieces.front().resize(before_content(reply.pieces.front(), "SECOND"));
                reply.cut = true;
                return reply;
            });
            const auto client = rig.chat(dialect, true);
            CHECK(client->broken_off);
            CHECK(rig.network.sent.size() == 1);
            CHECK(rig.step("settle") < rig.step("break off"));
            const auto answer = test::read_answer(dialect, true, client->bytes);
            CHECK(test::text_of(answer) == "FIRST");
            CHECK(answer.failure.has_value());
            CHECK(client->bytes.find("The connection was reset.") != std::string::npos);
            CHECK(rig.ledger.only().settlement.status == ledger::Status::error);
            CHECK(rig.ledger.only().settlement.error == "upstream_broken");
            CHECK_FALSE(rig.ledger.only().settlement.cost.has_value());
        }
    }
}

TEST_CASE("delivery: a stream that just ends is an error too, not a whole answer") {
    for (const auto* provider : {"mistral", "anthropic"}) {
        test::Rig rig({provider});
        rig.network.answer(provider, [](const test::Sent& sent) {
            auto reply = test::answer_to(sent, test::text_events({"FIRST", "SECOND"}));
            reply.pieces.front().resize(before_content(reply.pieces.front(), "SECOND"));
            return reply;
        });
        const auto client = rig.chat(Dialect::openai, true);
        CHECK(client->broken_off);
        CHECK(rig.ledger.only().settlement.error == "upstream_broken");
    }
}

TEST_CASE("delivery: an error inside a whole answer leads to the next candidate") {
    for (const auto dialect : {Dialect::openai, Dialect::anthropic}) {
        test::Rig rig({"mistral", "openai"});
        rig.network.reply("mistral", test::Reply{.pieces = test::refusal(500).pieces});  // with status 200
        rig.network.answer("openai", test::answering({"Hello"}));
        const auto client = rig.chat(dialect);
        CHECK(test::text_of(test::read_answer(dialect, false, client->bytes)) == "Hello");
        CHECK(rig.ledger.only().attempts.front().code == Code::upstream_failed);
    }
}

TEST_CASE("delivery: the body and its decoded conversation are given back once a stream has begun") {
    for (const auto* provider : {"mistral", "anthropic"}) {  // relayed, by events
        test::Rig rig({provider});
        static const pipeline::RequestContext* context;
        static constexpr pipeline::FilterRow kSpy[] = {
            {"spy",
             [](const pipeline::RequestContext& of,
                const pipeline::Attempt&) -> std::unique_ptr<pipeline::AnswerFilter> {
                 context = &of;
                 return nullptr;
             }}};
        rig.ports.filters = kSpy;
        rig.network.answer(provider, [&](const test::Sent& sent) {
            CHECK(context == nullptr);
            auto reply = test::answer_to(sent, test::text_events({"Hel", "lo"}));
            reply.before_piece = [&](std::size_t piece) {  // until then another candidate may need it
                if (piece == 0) CHECK(context->conversation.document.node_count() > 0);
            };
            return reply;
        });
        const auto client = rig.client(test::chat_body(Dialect::openai, true));
        int writes = 0;
        client->on_write = [&] {
            if (writes++ > 0) return;
            CHECK(client->body.empty());
            CHECK(context->conversation.document.node_count() == 0);
            CHECK(context->request().chat().turns.size() == 1);
            CHECK(context->request().chat().turns.front().parts.empty());
        };
        rig.handle(*client, test::ingress_of(Dialect::openai, true));
        CHECK(writes > 0);
        CHECK(rig.step("head") < rig.step("forget body"));
        CHECK(rig.step("forget body") < rig.step("settle"));
        context = nullptr;
    }
}

TEST_CASE("delivery: a client that leaves before content gets nothing, and no other candidate is asked") {
    for (const bool stream : {false, true}) {
        for (const auto dialect : {Dialect::openai, Dialect::anthropic}) {
            test::Rig rig({"mistral", "openai"});
            const auto client = rig.client(test::chat_body(dialect, stream));
            rig.network.answer("mistral", [&](const test::Sent& sent) {
                auto reply = test::answer_to(sent, test::text_events({"Hello"}));
                reply.before_piece = [&](std::size_t) { client->leave(); };
                return reply;
            });
            rig.handle(*client, test::ingress_of(dialect, stream));
            CHECK(client->status == 0);
            CHECK_FALSE(client->ended());
            CHECK(rig.ledger.only().settlement.status == ledger::Status::cancelled);
            CHECK(rig.ledger.only().settlement.error == "cancelled");
            CHECK_FALSE(rig.ledger.only().settlement.cost.has_value());  // the vendor may charge
            CHECK(rig.circuits.counts().abandoned == 1);
        }
    }
}

TEST_CASE("delivery: a client that leaves in the middle of a stream ends it") {
    for (const auto dialect : {Dialect::openai, Dialect::anthropic}) {
        test::Rig rig({"mistral"});
        rig.network.answer("mistral", [](const test::Sent& sent) {
            auto reply = test::answer_to(sent, test::text_events({"FIRST", "SECOND"}));
            const auto at = before_content(reply.pieces.front(), "SECOND");
            return test::cut_at(std::move(reply), at);
        });
        const auto client = rig.client(test::chat_body(dialect, true));
        client->on_write = [&] { client->leave(); };
        rig.handle(*client, test::ingress_of(dialect, true));
        CHECK(client->bytes.find("SECOND") == std::string::npos);
        CHECK_FALSE(client->ended());
        CHECK(rig.ledger.only().settlement.status == ledger::Status::cancelled);
        CHECK(rig.ledger.only().settlement.first_token.has_value());
        CHECK(rig.circuits.counts().abandoned == 1);
    }
}

}  // namespace delivery_test

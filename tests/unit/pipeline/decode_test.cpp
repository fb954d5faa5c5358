// The stage that reads a body: which fields are read, what is refused, and that a body is parsed once.
#include "unit/pipeline/rows.h"

#include "rig.h"

namespace decode_test {

using namespace hearth;
using namespace hearth::pipeline;
using exchange::Dialect;
using exchange::Kind;

namespace {

// One request whose body has been through the stage.
struct Decoded {
    Decoded(std::string body, Ingress ingress, std::string type = "application/json",
            test::Rig::Change change = {}, json::Document parsed = {})
        : rig({"mistral"}, change),
          client(rig.client(std::move(body))),
          context(rig.ports, *client, rig.caller, std::move(ingress)) {
        client->request.headers.set("content-type", type);
        context.conversation.document = std::move(parsed);
        done = rig.wait(decode(rig.ports, context));
    }
    [[nodiscard]] Code code() const { return done ? Code::internal : done.error()->code; }

    test::Rig rig;
    std::unique_ptr<test::FakeClient> client;
    RequestContext context;
    Result<void> done;
};

Ingress of_kind(Kind kind) {
    Ingress ingress;
    ingress.call.kind = kind;
    return ingress;
}

std::string form(std::string_view fields) {
    std::string out;
    for (std::size_t at = 0; at < fields.size();) {
        const auto end = std::min(fields.find(' ', at), fields.size());
        const auto field = fields.substr(at, end - at);
        const auto equals = field.find('=');
        out += fmt::format("--B\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
                           field.substr(0, equals), field.substr(equals + 1));
        at = end + 1;
    }
    return out + "--B--\r\n";
}
constexpr auto kForm = "multipart/form-data; boundary=B";

}  // namespace

TEST_CASE("decode: a chat's JSON becomes a request, with what routing needs to know of it") {
    const Decoded decoded(test::chat_body(Dialect::openai, true), test::ingress_of(Dialect::openai));
    REQUIRE(decoded.done);
    const auto& request = decoded.context.request();
    CHECK(request.model == "chain");
    CHECK(request.stream);
    CHECK(request.chat().turns.size() == 1);
    CHECK(decoded.context.conversation.needs.approx_input_tokens > 0);
    // The JSON's text is the client's bytes, not a copy.
    CHECK(decoded.context.conversation.document.text().data() == decoded.client->body.data());
}

TEST_CASE("decode: each dialect's body is read by its own codec") {
    for (const auto dialect : test::kClients) {
        const Decoded decoded(test::chat_body(dialect), test::ingress_of(dialect));
        REQUIRE(decoded.done);
        CHECK(decoded.context.request().model == "chain");
        CHECK(decoded.context.request().dialect == dialect);
    }
}

TEST_CASE("decode: audio and images are not decoded; model and stream are found in their JSON") {
    const Decoded decoded(R"({"model":"openai/tts","stream":true,"input":"Say it"})", of_kind(Kind::audio));
    REQUIRE(decoded.done);
    CHECK(decoded.context.request().model == "openai/tts");
    CHECK(decoded.context.stream());
    CHECK(decoded.context.kind() == Kind::audio);
}

TEST_CASE("decode: model and stream are found in a form") {
    const Decoded decoded(form("model=openai/whisper stream=true file=bytes"), of_kind(Kind::audio), kForm);
    REQUIRE(decoded.done);
    CHECK(decoded.context.request().model == "openai/whisper");
    CHECK(decoded.context.stream());
    const Decoded whole(form("file=bytes model=openai/whisper stream=false"), of_kind(Kind::audio), kForm);
    REQUIRE(whole.done);
    CHECK_FALSE(whole.context.stream());
}

TEST_CASE("decode: a form with two models, or broken off, is refused") {
    CHECK(Decoded(form("model=a/x model=b/y"), of_kind(Kind::audio), kForm).code() == Code::invalid_request);
    CHECK(
        Decoded("--B\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nx", of_kind(Kind::audio), kForm)
            .code() == Code::invalid_request);
}

TEST_CASE("decode: a missing model is refused and named as the field at fault") {
    const Decoded chat(R"({"messages":[{"role":"user","content":"x"}]})", test::ingress_of(Dialect::openai));
    CHECK(chat.code() == Code::invalid_request);
    CHECK(chat.done.error()->param == "model");
    const Decoded audio(R"({"input":"x"})", of_kind(Kind::audio));
    CHECK(audio.code() == Code::invalid_request);
    CHECK(audio.done.error()->param == "model");
    const Decoded in_form(form("file=bytes"), of_kind(Kind::image), kForm);
    CHECK(in_form.code() == Code::invalid_request);
    const Decoded too_long(fmt::format(R"({{"model":"{}"}})", std::string(limits::kModelNameBytes + 1, 'm')),
                           of_kind(Kind::audio));
    CHECK(too_long.code() == Code::invalid_request);
}

TEST_CASE("decode: files and batches name no model, and their bodies are not read as JSON") {
    const Decoded decoded("not JSON", of_kind(Kind::file));
    CHECK(decoded.done);
    CHECK(decoded.context.conversation.document.node_count() == 0);
}

TEST_CASE("decode: clients of llama-server name no model and mean this machine") {
    Ingress ingress;
    ingress.dialect = Dialect::llama;
    ingress.call.kind = Kind::completion;
    ingress.call.endpoint = "completion";
    const Decoded decoded(R"({"prompt":"Once"})", std::move(ingress));
    REQUIRE(decoded.done);
    CHECK(decoded.context.request().model == "local");
}

TEST_CASE("decode: what is no JSON is refused, as is a body over the limit") {
    CHECK(Decoded("{", test::ingress_of(Dialect::openai)).code() == Code::invalid_request);
    const auto small = [](config::Config& config) { config.server.max_body_bytes = 10; };
    const Decoded large(test::chat_body(Dialect::openai), test::ingress_of(Dialect::openai),
                        "application/json", small);
    CHECK(large.code() == Code::too_large);
}

TEST_CASE("decode: a body that was parsed before is neither read nor parsed again") {
    const auto text = test::chat_body(Dialect::openai);
    json::Document parsed;
    REQUIRE(parsed.parse(text));
    const Decoded decoded("not what was parsed", test::ingress_of(Dialect::openai), "application/json", {},
                          std::move(parsed));
    REQUIRE(decoded.done);
    CHECK(decoded.context.request().model == "chain");
    CHECK(decoded.client->body_reads == 0);
    CHECK(decoded.context.conversation.document.text().data() == text.data());
}

TEST_CASE("decode: a refused request leaves one ledger row, and nothing is sent") {
    test::Rig rig;
    const auto client = rig.client("{");
    rig.handle(*client, test::ingress_of(Dialect::openai));
    CHECK(client->status == 400);
    CHECK(rig.steps() == "record, respond");
    const auto& entry = rig.ledger.only();
    CHECK(entry.settlement.status == ledger::Status::refused);
    CHECK(entry.settlement.error == "invalid_request");
    CHECK(entry.settlement.cost == 0);
    CHECK(rig.network.sent.empty());
}

}  // namespace decode_test

// What is passed on to a provider unread but for the model's name: audio, images, files, batches.
#include "pipeline/delivery/filters.h"
#include "rig.h"

namespace passthrough_test {

using namespace hearth;
using exchange::Kind;

namespace {

pipeline::Ingress of_kind(Kind kind, std::string provider = {}) {
    pipeline::Ingress ingress;
    ingress.call.kind = kind;
    ingress.provider = std::move(provider);
    return ingress;
}

std::unique_ptr<test::FakeClient> ask(test::Rig& rig, Kind kind, std::string_view target, std::string body,
                                      std::string_view type = "application/json", std::string provider = {}) {
    auto client = rig.client(std::move(body));
    client->request.target = target;
    client->request.headers.set("content-type", type);
    rig.handle(*client, of_kind(kind, std::move(provider)));
    return client;
}

constexpr auto kSpeech = "/v1/audio/speech";
constexpr auto kForm = "multipart/form-data; boundary=B";

}  // namespace

TEST_CASE("passthrough: the model's name is replaced in JSON, and nothing else is changed") {
    test::Rig rig;
    rig.network.reply("openai", test::Reply{.type = "audio/mpeg", .pieces = {"ID3", "sound"}});
    const auto client = ask(rig, Kind::audio, kSpeech,
                            "{ \"input\":\"\\u0053ay\",\n \"model\" : \"openai/extra-tts\", \"x\":1e3 }");
    CHECK(rig.network.sent.front().body ==
          "{ \"input\":\"\\u0053ay\",\n \"model\" : \"extra-tts\", \"x\":1e3 }");
    CHECK(rig.network.sent.front().target == "/v1/audio/speech");
    CHECK(client->status == 200);
    CHECK(client->bytes == "ID3sound");
    CHECK(client->headers.get("content-type") == "audio/mpeg");
    CHECK(client->headers.get("x-content-type-options") == "nosniff");
    CHECK(client->headers.get("content-security-policy") == "sandbox");
    CHECK(client->headers.get("x-hearth-route").starts_with("openai/extra-tts;"));
    CHECK(rig.ledger.only().settlement.status == ledger::Status::ok);
}

TEST_CASE("passthrough: the model's name is replaced in a form") {
    test::Rig rig;
    rig.network.reply("openai", test::Reply{.pieces = {R"({"text":"Hi"})"}});
    const auto form = [](std::string_view model) {
        return fmt::format(
            "--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n\x01\x02--\r\n"
            "--B\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{}\r\n--B--\r\n",
            model);
    };
    const auto client =
        ask(rig, Kind::audio, "/v1/audio/transcriptions", form("openai/extra-whisper"), kForm);
    CHECK(client->bytes == R"({"text":"Hi"})");
    CHECK(rig.network.sent.front().body == form("extra-whisper"));
    CHECK(rig.network.sent.front().headers.get("content-type") == kForm);
}

TEST_CASE("passthrough: what a provider reports of an image's tokens is settled") {
    test::Rig rig;
    rig.network.reply("openai",
                      test::Reply{.pieces = {R"({"data":[],"usage":{"input_tokens":5,"output_tokens":7}})"}});
    ask(rig, Kind::image, "/v1/images/generations", R"({"model":"openai/sim","prompt":"A cat"})");
    CHECK(rig.ledger.only().settlement.usage.input == 5);
    CHECK(rig.ledger.only().settlement.usage.output == 7);
    CHECK(rig.ledger.only().settlement.cost == test::kAnswerCost);
}

TEST_CASE("passthrough: whatever a provider answers about its own files is the answer") {
    test::Rig rig;
    const std::string body = R"({"error":{"message":"No such file","type":"invalid_request_error"}})";
    rig.network.reply("openai", test::Reply{.status = 404, .pieces = {body}});
    auto client = rig.client({});
    client->request.method = "GET";
    client->request.target = "/v1/files/file-1?x=y";
    rig.handle(*client, of_kind(Kind::file, "openai"));
    CHECK(client->status == 404);
    CHECK(client->bytes == body);
    CHECK(rig.network.sent.front().method == "GET");
    CHECK(rig.network.sent.front().target == "/v1/files/file-1?x=y");
    CHECK(rig.network.sent.front().body.empty());
    CHECK(rig.ledger.only().settlement.status == ledger::Status::error);
    CHECK(rig.ledger.only().settlement.http_status == 404);
    CHECK(rig.ledger.only().settlement.error == "upstream_rejected");
    CHECK(rig.circuits.counts().abandoned == 1);  // it answered, but no model of it has
}

TEST_CASE("passthrough: a redirect is not passed on, for files neither") {
    test::Rig rig;
    test::Reply redirect{.status = 302};
    redirect.headers.append("location", "https://elsewhere.example/");
    rig.network.reply("openai", redirect);
    const auto client = ask(rig, Kind::file, "/v1/files/file-1", {}, "", "openai");
    CHECK(client->status == 502);
    CHECK(client->headers.find("location") == std::nullopt);
}

TEST_CASE("passthrough: a refusal of audio is a failure of the candidate") {
    test::Rig rig;
    rig.network.reply("openai", test::refusal(404));
    const auto client = ask(rig, Kind::audio, kSpeech, R"({"model":"openai/extra-tts","input":"x"})");
    CHECK(client->status == 404);
    CHECK(rig.circuits.counts().failed == 1);
}

TEST_CASE("passthrough: a stream that is cut ends as a broken connection") {
    test::Rig rig;
    rig.network.reply("openai", test::Reply{.type = "audio/mpeg", .pieces = {"ID3", "sou"}, .cut = true});
    const auto client = ask(rig, Kind::audio, kSpeech, R"({"model":"openai/extra-tts","input":"x"})");
    CHECK(client->status == 200);
    CHECK(client->bytes == "ID3sou");
    CHECK(client->broken_off);
    CHECK(rig.ledger.only().settlement.status == ledger::Status::error);
    CHECK(rig.ledger.only().settlement.error == "upstream_broken");
    CHECK(rig.circuits.counts().failed == 1);
}

TEST_CASE("passthrough: a stream that is cut before its first bytes has sent nothing") {
    test::Rig rig;
    rig.network.reply("openai", test::Reply{.type = "audio/mpeg", .cut = true});
    const auto client = ask(rig, Kind::audio, kSpeech, R"({"model":"openai/extra-tts","input":"x"})");
    CHECK(client->status == 502);
    CHECK(client->whole);
    CHECK_FALSE(client->broken_off);
}

TEST_CASE("passthrough: a provider that has no such endpoints is not asked") {
    test::Rig rig;
    const auto client = ask(rig, Kind::audio, kSpeech, R"({"model":"anthropic/extra-tts","input":"x"})");
    CHECK(client->status == 501);
    CHECK(client->bytes.find("anthropic has no /v1/audio/speech in OpenAI's shape") != std::string::npos);
    CHECK(rig.network.sent.empty());
    CHECK(rig.circuits.counts().abandoned == 1);
}

TEST_CASE("passthrough: neither filters nor verifiers apply to what is not read") {
    test::Rig rig;
    const pipeline::FilterRow filters[] = {{"fails",
                                            [](const pipeline::RequestContext&, const pipeline::Attempt&)
                                                -> std::unique_ptr<pipeline::AnswerFilter> {
                                                FAIL_CHECK("a filter was made");
                                                return nullptr;
                                            }}};
    rig.ports.filters = filters;
    rig.network.reply("openai", test::Reply{.type = "audio/mpeg", .pieces = {"ID3"}});
    CHECK(ask(rig, Kind::audio, kSpeech, R"({"model":"openai/extra-tts","input":"x"})")->bytes == "ID3");
}

}  // namespace passthrough_test

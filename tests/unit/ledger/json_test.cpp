#include "ledger/json.h"

#include <doctest/doctest.h>

#include "text/json.h"

namespace json_test {

using namespace hearth;
using namespace hearth::ledger;

namespace {

Entry settled() {
    Entry entry;
    entry.id = 7;
    entry.intent = {
        .request_id = "req_1",
        .time = Wall(milliseconds(1'795'359'628'123)),
        .client = "curl",
        .project = "default",
        .dialect = "openai",
        .kind = "chat",
        .requested_model = "auto",
        .stream = true,
        .to = {.provider = "openai", .model = "gpt-5.5", .place = Place::cloud, .reason = "a \"reason\""},
        .estimated_input_tokens = 11};
    entry.attempts = {{.to = {.provider = "groq", .model = "m", .place = Place::cloud},
                       .started = Wall(milliseconds(1'795'359'628'120)),
                       .duration = microseconds(31'250),
                       .code = Code::rate_limited,
                       .http_status = 429,
                       .cost = 0},
                      {.to = {.provider = "mistral", .model = "n", .place = Place::cloud},
                       .started = Wall(milliseconds(1'795'359'628'121)),
                       .duration = microseconds(500),
                       .code = Code::answer_rejected,
                       .usage = {.input = 10, .output = 2, .cached_input = 5},
                       .cost = 30'000,
                       .warnings = {"top_k: gone"}}};
    entry.settlement = {.id = 7,
                        .status = Status::ok,
                        .usage = {.input = 12, .output = 3},
                        .cost = 150'000,
                        .queue = microseconds(100),
                        .total = microseconds(412'900),
                        .finish = "stop",
                        .warnings = {"seed: gone"}};
    return entry;
}

}  // namespace

TEST_CASE("a settled entry as JSON") {
    std::string out;
    append_json(out, settled());
    CHECK(
        out ==
        R"({"id":7,"time":"2026-11-22T15:00:28.123Z","request_id":"req_1","client":"curl","key":null,)"
        R"("project":"default","dialect":"openai","kind":"chat","stream":true,"requested_model":"auto",)"
        R"("model":"gpt-5.5","provider":"openai","place":"cloud","region":null,"reason":"a \"reason\"",)"
        R"("estimated_input_tokens":11,"status":"ok","http_status":200,"error":null,"finish":"stop",)"
        R"("served_model":null,"input_tokens":22,"output_tokens":5,"cached_input_tokens":5,)"
        R"("cache_write_tokens":null,"reasoning_tokens":null,"cost_nano_usd":180000,)"
        R"("last_attempt":{"input_tokens":12,"output_tokens":3,"cached_input_tokens":null,)"
        R"("cache_write_tokens":null,"reasoning_tokens":null,"cost_nano_usd":150000},"warnings":["seed: gone"],)"
        R"("timings":{"queue_ms":0.1,"first_token_ms":null,"total_ms":412.9},)"
        R"("attempts":[{"model":"m","provider":"groq","place":"cloud","region":null,"reason":null,)"
        R"("time":"2026-11-22T15:00:28.120Z","duration_ms":31.25,"error":"rate_limited","http_status":429,)"
        R"("input_tokens":null,"output_tokens":null,"cached_input_tokens":null,"cache_write_tokens":null,)"
        R"("reasoning_tokens":null,"cost_nano_usd":0,"warnings":[]},)"
        R"({"model":"n","provider":"mistral","place":"cloud","region":null,"reason":null,)"
        R"("time":"2026-11-22T15:00:28.121Z","duration_ms":0.5,"error":"answer_rejected","http_status":null,)"
        R"("input_tokens":10,"output_tokens":2,"cached_input_tokens":5,"cache_write_tokens":null,)"
        R"("reasoning_tokens":null,"cost_nano_usd":30000,"warnings":["top_k: gone"]}]})");
}

TEST_CASE("a list of entries is one document; unknown is null") {
    Entry running;
    running.id = 8;
    running.settlement.status = Status::running;
    const Entry both[] = {running, settled()};
    json::Document document;
    const auto text = entries_json(both);
    const auto root = document.parse(text);
    REQUIRE(root);
    const auto entries = root->get("entries");
    REQUIRE(entries.size() == 2);
    CHECK(entries.at(0).get("status").as_string() == "running");
    CHECK(entries.at(0).get("http_status").is_null());
    CHECK(entries.at(0).get("cost_nano_usd").is_null());
    CHECK(entries.at(1).get("cost_nano_usd").as_int() == 180'000);
    CHECK(entries_json({}) == "{\"entries\":[]}");
}

TEST_CASE("status names read back") {
    for (const auto status : {Status::running, Status::ok, Status::error, Status::cancelled, Status::refused,
                              Status::interrupted}) {
        CHECK(status_from(status_name(status)) == status);
    }
    CHECK(!status_from("done"));
}

}  // namespace json_test

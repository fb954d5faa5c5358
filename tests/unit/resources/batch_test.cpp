// Batches as data: their lines, their state on disk, and results that a crash tore.
#include "resources/batches/batch.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/time.h"
#include "resources/batches/folder.h"

namespace batch_test {

using namespace hearth;
using namespace hearth::resources;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kChat = "/v1/chat/completions";

std::string line(std::string_view id, std::string_view body = R"({"model":"spark"})") {
    return R"({"custom_id":")" + std::string(id) +
           R"(","method":"POST","url":"/v1/chat/completions","body":)" + std::string(body) + "}";
}

BatchInput read(std::string_view text, std::size_t piece = 1 << 20, std::size_t line_bytes = 4096) {
    const auto input = read_input(
        [&](std::uint64_t at) -> Result<std::string> {
            return std::string(text.substr(std::min<std::size_t>(at, text.size()), piece));
        },
        kChat, line_bytes);
    REQUIRE(input);
    return *input;
}

std::string first_code(const BatchInput& input) {
    REQUIRE(!input.problems.empty());
    return input.problems.front().code;
}

std::string code_of(std::string_view text) {
    const auto read = read_line(text, kChat);
    REQUIRE(!read);
    return read.error()->param;
}

}  // namespace

TEST_CASE("batch: the lines of a file, however it is read") {
    const auto text = line("a") + "\n\r\n" + line("b") + "\r\n\n" + line("c");
    for (std::size_t piece = 1; piece < 40; ++piece) {
        const auto input = read(text, piece);
        CHECK(input.problems.empty());
        REQUIRE(input.lines.size() == 3);
        std::string ids;
        for (const auto& place : input.lines) {
            const auto found = read_line(text.substr(place.offset, place.size), kChat);
            REQUIRE(found);
            ids += found->custom_id;
            CHECK(found->body == R"({"model":"spark"})");
        }
        CHECK(ids == "abc");
    }
}

TEST_CASE("batch: what is wrong with a line is said with its number") {
    CHECK(code_of("nonsense") == "invalid_json_line");
    CHECK(code_of(line("")) == "invalid_custom_id");
    CHECK(code_of(R"({"custom_id":"a","method":"GET","url":"/v1/chat/completions","body":{}})") ==
          "invalid_method");
    CHECK(code_of(R"({"custom_id":"a","method":"POST","url":"/hearth/v1/stop","body":{}})") == "invalid_url");
    CHECK(code_of(line("a", "[]")) == "invalid_body");
    CHECK(code_of(line("a", R"({"stream":true})")) == "invalid_body");
    CHECK(first_code(read("")) == "empty_file");
    CHECK(first_code(read("\n \n")) == "empty_file");
    const auto twice = read(line("a") + "\n" + line("a"));
    CHECK(first_code(twice) == "duplicate_custom_id");
    CHECK(twice.problems.front().line == 2);
    CHECK(first_code(read(line("a", "\"" + std::string(500, 'x') + "\""), 64, 100)) == "line_too_long");
    std::string many;
    for (int i = 0; i < 100; ++i) many += "x\n";
    CHECK(read(many).problems.size() == BatchInput::kProblems);
}

TEST_CASE("batch: more lines than a batch may have") {
    std::string text;
    for (std::size_t i = 0; i <= kBatchLines; ++i) text += line(std::to_string(i), "{}") + "\n";
    const auto input = read(text);
    CHECK(input.lines.size() == kBatchLines);
    CHECK(first_code(input) == "too_many_tasks");
}

TEST_CASE("batch: a request for one") {
    const auto read_body = [](std::string_view text) {
        json::Document document;
        REQUIRE(document.parse(text));
        return read_batch_request(document);
    };
    const auto good = read_body(
        R"({"input_file_id":"file-a","endpoint":"/v1/embeddings","completion_window":"24h","metadata":{"k":"v"}})");
    REQUIRE(good);
    CHECK(good->metadata == R"({"k":"v"})");
    for (
        const auto* bad :
        {R"({"endpoint":"/v1/embeddings","completion_window":"24h"})",
         R"({"input_file_id":"f","endpoint":"/v1/audio/speech","completion_window":"24h"})",
         R"({"input_file_id":"f","endpoint":"/hearth/v1/ledger","completion_window":"24h"})",
         R"({"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"1h"})",
         R"({"input_file_id":"f","endpoint":"/v1/embeddings","completion_window":"24h","metadata":{"k":1}})"})
        CHECK_FALSE(read_body(bad));
}

TEST_CASE("batch: its state is the same after a restart") {
    Batch batch;
    batch.id = "batch_1";
    batch.owner = {.key = "k1", .project = "p", .client = "curl", .hops = 1};
    batch.endpoint = kChat;
    batch.input_file_id = "file-in";
    batch.output_file_id = "file-out";
    batch.metadata = R"({"a":"b"})";
    batch.status = BatchStatus::finalizing;
    batch.ending = BatchStatus::expired;
    batch.problems = {{"code", "message", 3}};
    batch.total = 5;
    batch.completed = 2;
    batch.failed = 1;
    batch.keep_results_s = 60;
    batch.created_at = 10;
    batch.expires_at = 20;
    const auto text = to_json(batch, true);
    const auto back = read_batch(text);
    REQUIRE(back);
    CHECK(to_json(*back, true) == text);
    CHECK(back->owner.hops == 1);
    const auto shown = to_json(batch);
    CHECK(shown.find("k1") == std::string::npos);
    CHECK(shown.find("file-out") == std::string::npos);  // not there yet
    for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(read_batch(text.substr(0, size)));
}

TEST_CASE("batch: results survive being torn, and are counted") {
    const auto path = fs::temp_directory_path() / make_id("hearth-batch-", system_random());
    fs::create_directories(path);
    BatchFolder folder(path);
    using Results = BatchFolder::Results;
    CHECK(folder.recover("batch_1", Results::output).value() == 0);
    for (const auto* id : {"a", "b"}) {
        const auto result =
            to_line({.custom_id = id, .request_id = "req_1", .status = 200, .body = "{\n \"x\": 1 }\r\n"});
        CHECK(std::ranges::count(result, '\n') == 1);
        REQUIRE(folder.append("batch_1", Results::output, result));
    }
    const auto file = folder.results("batch_1", Results::output);
    const auto whole = fs::file_size(file);
    std::ofstream(file, std::ios::app) << R"({"id":"batch_req_torn)";
    CHECK(folder.recover("batch_1", Results::output).value() == 2);
    CHECK(fs::file_size(file) == whole);
    CHECK(folder.recover("batch_1", Results::errors).value() == 0);
    // What was saved later stays, whichever arrives first.
    Batch batch;
    batch.id = "batch_1";
    batch.status = BatchStatus::cancelling;
    REQUIRE(folder.save("batch_1", 2, to_json(batch, true)));
    batch.status = BatchStatus::in_progress;
    REQUIRE(folder.save("batch_1", 1, to_json(batch, true)));
    const auto found = folder.load();
    REQUIRE(found.size() == 1);
    CHECK(found.front().status == BatchStatus::cancelling);
    folder.remove("batch_1");
    CHECK(fs::is_empty(path));
    fs::remove_all(path);
}

TEST_CASE("batch: a result line in OpenAI's form") {
    json::Document document;
    const auto good =
        to_line({.custom_id = "a", .request_id = "req_1", .status = 200, .body = R"({"id":"x"})"});
    const auto root = document.parse(good);
    REQUIRE(root);
    CHECK((*root)["custom_id"].as_string() == "a");
    CHECK((*root)["response"]["status_code"].as_int() == 200);
    CHECK((*root)["response"]["body"]["id"].as_string() == "x");
    CHECK((*root)["error"].is_null());
    const auto bad = document.parse_copy(to_line({.custom_id = "a", .status = 200, .body = "<html>"}));
    REQUIRE(bad);
    CHECK((*bad)["response"].is_null());
    CHECK((*bad)["error"]["code"].as_string() == "no_answer");
}

}  // namespace batch_test

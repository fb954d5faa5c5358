// Downloads against a hub on loopback: real sockets, real files.
#include "models/pull.h"

#include <doctest/doctest.h>
#include <sys/file.h>

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "base/sha256.h"
#include "client/client.h"
#include "gguf_builder.h"
#include "hub/hub_server.h"
#include "models/fetch.h"
#include "net/loop.h"
#include "privacy/gate.h"
#include "scratch.h"

namespace pull_test {

using namespace hearth;
using namespace hearth::models;
using hearth::models::test::GgufBuilder;
using hearth::models::test::Scratch;
using hearth::test::HubServer;

namespace {

// Large enough for several reads, with different bytes at every offset.
std::string model_bytes(std::string_view salt = "", std::uint64_t rows = 20'000) {
    return GgufBuilder::tiny().string("general.description", salt).tensor("more", {32, rows}).build();
}

struct Fixture {
    Fixture() : store({.root = scratch.path("models"), .builtin = scratch.path("none"), .discover = false}) {
        options.endpoint = hub.url();
        options.environment = [this](std::string_view name) {
            return std::string(name == "HF_TOKEN" ? token : "");
        };
        options.retry_first = milliseconds(1);
        options.attempts = 2;
        options.clear = [this](const text::Url& url) -> Result<privacy::Cleared> {
            checked_hosts.push_back(url.authority());
            return privacy::Gate(privacy::Policy{})
                .clear("default",
                       {.provider = "hub",
                        .scheme = url.scheme,
                        .host = url.host,
                        .port = url.port,
                        .place = Place::loopback},
                       "test", {});
        };
        options.on_progress = [this](const Progress& p) { progress.push_back(p); };
    }
    HubFile put(const std::string& path, const std::string& bytes, bool lfs = true) {
        const auto sum = to_hex(sha256(bytes));
        hub.repositories["org/repo"][path] = {bytes, lfs ? sum : ""};
        return {path, lfs ? sum : "", bytes.size()};
    }
    Result<Model> pull(const std::string& source) {
        std::optional<Result<Model>> result;
        spawn(run(*this, source, result));
        loop.run();
        return std::move(*result);
    }
    static Task<void> run(Fixture& w, std::string source, std::optional<Result<Model>>& into) {
        {
            client::Client client(w.loop);
            into.emplace(
                co_await models::pull(w.loop, client, w.store, std::move(source), w.options, w.stop.token()));
        }
        w.loop.stop();
    }
    [[nodiscard]] std::size_t partials() const {
        std::error_code none;
        const std::filesystem::directory_iterator folder(store.partial_dir(), none);
        return none ? 0
                    : static_cast<std::size_t>(std::distance(folder, std::filesystem::directory_iterator{}));
    }

    Scratch scratch;
    HubServer hub;
    std::string token;
    PullOptions options;
    Store store;
    net::Loop loop;
    StopSource stop;
    std::vector<Progress> progress;
    std::vector<std::string> checked_hosts;
};

}  // namespace

TEST_CASE("pull: a model of the hub is resolved, downloaded, verified and stored") {
    Fixture w;
    const auto bytes = model_bytes();
    w.put("README.md", "# hello", false);
    w.put("mmproj-model-Q4_K_M.gguf", "not the model");
    w.put("model-Q8_0.gguf", model_bytes("eight"));
    w.put("model-q4_k_m.gguf", bytes);
    const auto model = w.pull("hf:org/repo");
    REQUIRE_MESSAGE(model, model.error()->message);
    CHECK(model->name == "hf:org/repo:Q4_K_M");
    CHECK(model->source == "hf:org/repo@0123456789abcdef0123456789abcdef01234567/model-q4_k_m.gguf");
    CHECK(model->files.front().sha256 == to_hex(sha256(bytes)));
    CHECK(w.scratch.read("models/blobs/sha256-" + model->files.front().sha256) == bytes);
    CHECK(w.store.resolve("hf:org/repo")->name == "hf:org/repo:Q4_K_M");
    CHECK(w.partials() == 0);
    CHECK(w.progress.front().stage == Stage::resolve);
    CHECK(w.progress.back().stage == Stage::store);
    bool downloading = false;
    for (const auto& p : w.progress)
        downloading = downloading || (p.stage == Stage::download && p.total == bytes.size());
    CHECK(downloading);
    CHECK(w.hub.requests().front().header("accept-encoding") == "identity");
    CHECK(w.hub.requests().front().header("authorization").empty());

    const auto again =
        w.pull("hf:org/repo:q4_k_m");  // already stored with that SHA-256: not downloaded again
    REQUIRE(again);
    CHECK(w.hub.count("/resolve/") == 1);
    CHECK(w.pull("hf:org/repo:Q8_0")->name == "hf:org/repo:Q8_0");
    CHECK(w.store.list().models.size() == 3);
}

TEST_CASE("pull: an interrupted transfer resumes, within one pull and in the next") {
    Fixture w;
    const auto bytes = model_bytes();
    w.put("m.gguf", bytes);
    w.hub.behaviour.cut_after = bytes.size() / 3;
    const auto model = w.pull("hf:org/repo");
    REQUIRE_MESSAGE(model, model.error()->message);
    CHECK(w.scratch.read("models/blobs/sha256-" + model->files.front().sha256) == bytes);
    const auto requests = w.hub.requests();
    CHECK(w.hub.count("/resolve/") == 2);
    CHECK(requests.back().header("range") == "bytes=" + std::to_string(bytes.size() / 3) + "-");
    CHECK(requests.back().header("if-range") == "\"v1\"");

    Fixture second;
    second.put("m.gguf", bytes);
    second.hub.behaviour.cut_after = bytes.size() / 2;
    second.options.attempts = 1;
    CHECK(second.pull("hf:org/repo").error()->code == Code::upstream_broken);
    CHECK(second.partials() == 2);
    CHECK(second.store.list().models.empty());
    REQUIRE(second.pull("hf:org/repo"));
    CHECK(second.hub.requests().back().header("range") == "bytes=" + std::to_string(bytes.size() / 2) + "-");
    CHECK(second.partials() == 0);
}

namespace {

Task<void> stop_on_first_byte(Fixture& w) {
    while (w.hub.count("/resolve/") == 0) co_await w.loop.sleep(milliseconds(2));
    Error why;
    why.code = Code::cancelled;
    why.message = "stopped by the test";
    w.stop.stop(why);
}

}  // namespace

TEST_CASE("pull: a cancelled pull leaves only its resumable part") {
    Fixture w;
    const auto bytes = model_bytes();
    w.put("m.gguf", bytes);
    w.hub.behaviour.stall_after = bytes.size() / 2;
    spawn(stop_on_first_byte(w));
    const auto cancelled = w.pull("hf:org/repo");
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error()->message == "stopped by the test");
    CHECK(w.store.list().models.empty());
    w.stop = StopSource();
    const auto model = w.pull("hf:org/repo");
    REQUIRE_MESSAGE(model, model.error()->message);
    CHECK(model->bytes == bytes.size());
    CHECK(w.partials() == 0);
}

TEST_CASE("pull: starts over if the server ignores ranges or has another version") {
    for (const bool changed : {false, true}) {
        CAPTURE(changed);
        Fixture w;
        const auto bytes = model_bytes();
        w.put("m.gguf", bytes, false);
        w.hub.behaviour.cut_after = 1000;
        w.options.attempts = 1;
        CHECK(w.pull(w.hub.url() + "/blob/m.gguf").error()->code == Code::upstream_broken);
        if (changed)
            w.hub.behaviour.etag_value = "\"v2\"";
        else
            w.hub.behaviour.ranges = false;
        const auto model = w.pull(w.hub.url() + "/blob/m.gguf");
        REQUIRE_MESSAGE(model, model.error()->message);
        CHECK(w.hub.requests().back().header("range") == "bytes=1000-");
        CHECK(w.hub.requests().back().header("if-range") == "\"v1\"");
        CHECK(w.scratch.read("models/blobs/sha256-" + model->files.front().sha256) == bytes);
    }
}

TEST_CASE("pull: without checksum and ETag a partial file is not resumed") {
    Fixture w;
    w.put("m.gguf", model_bytes(), false);
    w.hub.behaviour.cut_after = 1000;
    w.hub.behaviour.etag = false;
    REQUIRE(w.pull(w.hub.url() + "/blob/m.gguf"));
    CHECK(w.hub.count("/blob/") == 2);
    CHECK(w.hub.requests().back().header("range").empty());
}

TEST_CASE("pull: a corrupted download is detected and deleted") {
    Fixture w;
    const auto bytes = model_bytes();
    w.put("m.gguf", bytes);
    auto& file = w.hub.repositories["org/repo"]["m.gguf"];
    file.bytes[bytes.size() / 2] ^= 1;
    const auto damaged = w.pull("hf:org/repo");
    REQUIRE_FALSE(damaged);
    CHECK(damaged.error()->code == Code::corrupt);
    CHECK(damaged.error()->message.find(file.sha256) != std::string::npos);
    CHECK(damaged.error()->message.find(to_hex(sha256(file.bytes))) != std::string::npos);
    CHECK(w.partials() == 0);
    CHECK(w.store.list().models.empty());
    file.bytes = bytes;
    CHECK(w.pull("hf:org/repo"));
}

TEST_CASE("pull: files that are too long, too short or not a model are rejected") {
    Fixture longer;
    longer.put("m.gguf", model_bytes());
    longer.hub.behaviour.tail = "and more";
    const auto refused = longer.pull("hf:org/repo");
    REQUIRE_FALSE(refused);
    CHECK(refused.error()->code == Code::corrupt);
    CHECK(refused.error()->limit == refused.error()->needed + 8);
    longer.hub.behaviour.no_length = true;  // unknown beforehand
    CHECK(longer.pull("hf:org/repo").error()->code == Code::corrupt);
    CHECK(longer.partials() == 0);

    Fixture page;
    page.put("m.gguf", "<html>please log in</html>", false);
    const auto html = page.pull(page.hub.url() + "/blob/m.gguf");
    CHECK(html.error()->code == Code::corrupt);
    CHECK(html.error()->message.find("not a GGUF file") != std::string::npos);

    Fixture cut;  // complete for HTTP, but shorter than its own header claims
    cut.put("m.gguf", model_bytes().substr(0, 5000));
    const auto short_model = cut.pull("hf:org/repo");
    CHECK(short_model.error()->code == Code::corrupt);
    CHECK(short_model.error()->message.find("truncated") != std::string::npos);
    CHECK(cut.partials() == 0);
    CHECK(cut.store.list().models.empty());
}

TEST_CASE("pull: the token is sent to the hub only") {
    Fixture w;
    HubServer other_host;
    const auto bytes = model_bytes();
    w.put("m.gguf", bytes);
    w.hub.behaviour.token = "secret";
    const auto refused = w.pull("hf:org/repo");
    CHECK(refused.error()->code == Code::unauthenticated);
    CHECK(refused.error()->message.find("HF_TOKEN") != std::string::npos);
    CHECK(refused.error()->message.find("secret") == std::string::npos);

    w.token = "secret";
    other_host.repositories = w.hub.repositories;
    w.hub.behaviour.files_from = other_host.url();
    const auto model = w.pull("hf:org/repo");
    REQUIRE_MESSAGE(model, model.error()->message);
    CHECK(w.hub.requests().back().header("authorization") == "Bearer secret");
    REQUIRE(other_host.requests().size() == 1);
    CHECK(other_host.requests().front().header("authorization").empty());
    CHECK(other_host.requests().front().target == "/blob/m.gguf?signature=s");
    // Each host was asked for; a refusal by the policy ends it.
    CHECK(w.checked_hosts.back() == other_host.url().substr(7));
    w.options.clear = [](const text::Url&) -> Result<privacy::Cleared> {
        return fail(Code::forbidden, "offline");
    };
    CHECK(w.pull("hf:org/repo").error()->code == Code::forbidden);
}

TEST_CASE("pull: redirects are limited and never downgrade https") {
    Fixture w;
    w.put("m.gguf", model_bytes());
    w.hub.behaviour.redirect_all = "/again";
    CHECK(w.pull("hf:org/repo").error()->message.find("redirects more than") != std::string::npos);
    CHECK(w.hub.requests().size() == static_cast<std::size_t>(kRedirects) + 1);
    const auto secure = text::parse_url("https://hub.test/a/b");
    CHECK(redirected(*secure, "http://hub.test/a").error()->code == Code::upstream_failed);
    CHECK(redirected(*secure, "//cdn.test/x")->to_string() == "https://cdn.test/x");
    CHECK(redirected(*secure, "/x#y")->to_string() == "https://hub.test/x");
    CHECK_FALSE(redirected(*secure, ""));
    CHECK_FALSE(redirected(*secure, "javascript:1"));
}

TEST_CASE("pull: a missing repository or quantization is reported with the available ones") {
    Fixture w;
    w.put("m-Q4_K_M.gguf", model_bytes());
    w.put("m-Q5_K_M.gguf", model_bytes());
    w.put("m-IQ2_XS.gguf", model_bytes());
    const auto quant = w.pull("hf:org/repo:Q5_K_S");
    CHECK(quant.error()->code == Code::not_found);
    CHECK(quant.error()->message.find("available are Q5_K_M, Q4_K_M, IQ2_XS") != std::string::npos);
    const auto repository = w.pull("hf:org/nothing");
    CHECK(repository.error()->code == Code::not_found);
    CHECK(repository.error()->message.find("org/nothing") != std::string::npos);
    CHECK(w.pull(w.hub.url() + "/blob/none.gguf").error()->code == Code::not_found);
    CHECK(w.pull(w.scratch.path("none.gguf")).error()->code == Code::not_found);
    w.hub.behaviour.status = 429;
    CHECK(w.pull("hf:org/repo").error()->retry_after_ms.value_or(0) == 7000);
    w.hub.behaviour.status = 500;
    CHECK(w.pull("hf:org/repo").error()->code == Code::upstream_failed);
}

TEST_CASE("pull: all parts of a split model are found in a paged listing") {
    Fixture w;
    w.put("Q4_K_M/big-Q4_K_M-00001-of-00002.gguf", model_bytes("1"));
    w.put("Q4_K_M/big-Q4_K_M-00002-of-00002.gguf", model_bytes("2"));
    w.put("zzz-Q8_0.gguf", model_bytes("3"));
    w.hub.behaviour.page = 1;
    auto model = w.pull("hf:org/repo:Q4_K_M");
    REQUIRE_MESSAGE(model, model.error()->message);
    CHECK(model->files.size() == 2);
    CHECK(std::filesystem::path(model->path()).filename() == "big-Q4_K_M-00001-of-00002.gguf");
    CHECK(w.hub.count("cursor=") == 2);
    CHECK(w.progress.back().total == model->bytes);

    w.put("x-00001-of-00002.gguf", model_bytes("4"), false);
    w.put("x-00002-of-00002.gguf", model_bytes("5"), false);
    model = w.pull(w.hub.url() + "/blob/x-00001-of-00002.gguf");
    REQUIRE_MESSAGE(model, model.error()->message);
    CHECK(model->name == "x:latest");
    CHECK(model->files.size() == 2);
}

TEST_CASE("pull: free disk space is checked before the download") {
    Fixture w;
    w.put("m.gguf", model_bytes());
    w.options.free_bytes = 64ULL << 20;
    const auto refused = w.pull("hf:org/repo");
    CHECK(refused.error()->code == Code::storage);
    CHECK(refused.error()->needed > 2'000'000);
    CHECK(refused.error()->limit == 64 << 20);
    w.options.free_bytes = 0;
    w.options.max_bytes = 1000;
    CHECK(w.pull("hf:org/repo").error()->code == Code::too_large);
    w.hub.repositories["org/repo"]["m.gguf"].sha256.clear();
    w.hub.behaviour.no_length = true;
    CHECK(w.pull(w.hub.url() + "/blob/m.gguf").error()->code ==
          Code::too_large);  // detected during the download
    w.hub.behaviour.no_length = false;
    CHECK(w.pull(w.hub.url() + "/blob/m.gguf").error()->code == Code::too_large);  // known beforehand
    w.options.max_bytes = 0;
    w.options.free_bytes = 64ULL << 20;
    CHECK(w.pull(w.hub.url() + "/blob/m.gguf").error()->code == Code::storage);
    CHECK(w.hub.count("/resolve/") == 0);
}

TEST_CASE("pull: a second pull of the same file is a conflict") {
    Fixture w;
    const auto file = w.put("m.gguf", model_bytes());
    std::filesystem::create_directories(w.store.partial_dir());
    const auto path = w.store.partial_dir() + "/" + file.sha256 + ".part";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(::flock(fd, LOCK_EX) == 0);
    CHECK(w.pull("hf:org/repo").error()->code == Code::conflict);
    ::close(fd);
    CHECK(w.pull("hf:org/repo"));
}

TEST_CASE("pull: a local file is imported under its own or another name") {
    Fixture w;
    const auto path = w.scratch.write("local.gguf", model_bytes());
    CHECK(w.pull(path)->name == "local:latest");
    w.options.name = *parse_name("mine:v2");
    CHECK(w.pull(path)->name == "mine:v2");
    CHECK(w.hub.requests().empty());
}

}  // namespace pull_test

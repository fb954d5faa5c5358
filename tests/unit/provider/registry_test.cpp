#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "provider/embedded.h"
#include "provider/place.h"
#include "provider/provider.h"
#include "provider/rows.h"

namespace registry_test {

using namespace hearth;
using namespace hearth::provider;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

config::Config with(config::Provider wanted) {
    config::Config config;
    config.providers.emplace(wanted.id, std::move(wanted));
    return config;
}

Registry build(const config::Config& config = {}, Variables env = {}) {
    auto registry = Registry::build(config, config::Environment(std::move(env)));
    INFO((registry ? std::string{} : registry.error()->message));
    REQUIRE(registry);
    return std::move(*registry);
}

std::string refused(const config::Config& config, Variables env = {}) {
    const auto registry = Registry::build(config, config::Environment(std::move(env)));
    REQUIRE(!registry);
    CHECK(registry.error()->code == Code::config);
    return registry.error()->message;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class File {
  public:
    File(const std::string& text, mode_t mode) {
        char name[] = "/tmp/hearth-key-XXXXXX";
        const int fd = ::mkstemp(name);
        REQUIRE(fd >= 0);
        path_ = name;
        std::ofstream(path_) << text;
        ::chmod(name, mode);
        ::close(fd);
    }
    ~File() { std::filesystem::remove(path_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("the catalogue has the promised providers, each with its source") {
    const auto registry = build();
    CHECK(registry.warnings().empty());
    for (const auto* id : {"openai",
                           "deepseek",
                           "xai",
                           "mistral",
                           "groq",
                           "together",
                           "fireworks",
                           "openrouter",
                           "xidao",
                           "llama",
                           "anthropic",
                           "google",
                           "cerebras",
                           "nvidia",
                           "perplexity",
                           "cohere",
                           "azure-openai",
                           "bedrock",
                           "bedrock-anthropic",
                           "vertex",
                           "vertex-anthropic",
                           "github-models",
                           "ollama",
                           "lmstudio",
                           "llama-server",
                           "vllm"}) {
        CAPTURE(id);
        const auto* const row = registry.find(id);
        REQUIRE(row);
        CHECK(!row->source.empty());
        CHECK(!row->custom);
        CHECK(!row->moved);
        CHECK(row->place == (row->runtime == Runtime::none ? Place::cloud : Place::loopback));
        if (row->id != "xidao" && row->base_template.empty()) {
            REQUIRE(row->base);
            CHECK(row->base->tls() == (row->place == Place::cloud));
            CHECK(!row->base->target.ends_with('/'));
        }
    }
    CHECK(registry.all().size() == 26);
    CHECK(registry.find("openai")->base->to_string() == "https://api.openai.com/v1");
    CHECK(registry.find("together")->prices == "togetherai");
    CHECK(registry.find("fireworks")->prices == "fireworks-ai");
    CHECK(registry.find("deepseek")->base->target.empty());
    CHECK(registry.find("nobody") == nullptr);
}

TEST_CASE("a provider that is not ready names the remedy") {
    const auto registry = build();
    CHECK(has(registry.find("openai")->not_ready(), "OPENAI_API_KEY"));
    CHECK(has(registry.find("xidao")->not_ready(), "[providers.xidao] base_url"));
    CHECK(registry.find("xidao")->prices.empty());
    CHECK(registry.find("ollama")->not_ready().empty());
    const auto ready = build({}, {{"OPENAI_API_KEY", "sk-1"}});
    CHECK(ready.find("openai")->not_ready().empty());
    CHECK(ready.find("openai")->key.reveal() == "sk-1");
    CHECK(ready.find("openai")->key_from == "OPENAI_API_KEY");
    config::Provider off{.id = "openai"};
    off.enabled = false;
    CHECK(has(build(with(off), {{"OPENAI_API_KEY", "sk-1"}}).find("openai")->not_ready(), "switched off"));
}

TEST_CASE("a moved address never makes the place less strict") {
    const auto moved = build({}, {{"OPENAI_BASE_URL", "http://127.0.0.1:9999/v1/"}, {"OPENAI_API_KEY", "k"}});
    const auto* row = moved.find("openai");
    CHECK(row->moved);
    CHECK(row->place == Place::cloud);
    CHECK(row->base->to_string() == "http://127.0.0.1:9999/v1");
    CHECK(row->not_ready().empty());  // loopback may have the key over plain http

    config::Provider said{.id = "openai", .base_url = "http://127.0.0.1:9999"};
    said.place = Place::loopback;
    CHECK(build(with(said)).find("openai")->place == Place::cloud);

    const auto place_of = [](const std::string& url) {
        return build(with({.id = "vllm", .base_url = url})).find("vllm")->place;
    };
    CHECK(place_of("http://localhost:1/v1") == Place::loopback);
    CHECK(place_of("http://[::1]:1/v1") == Place::loopback);
    CHECK(place_of("http://192.168.1.5:8000/v1") == Place::lan);
    CHECK(place_of("http://[fd00::5]:8000/v1") == Place::lan);
    CHECK(place_of("https://gpu.example.com/v1") == Place::cloud);
    CHECK(place_of("http://8.8.8.8/v1") == Place::cloud);
    config::Provider vouched{.id = "vllm", .base_url = "https://gpu.home.arpa/v1"};
    vouched.place = Place::lan;
    CHECK(build(with(vouched)).find("vllm")->place == Place::lan);
    vouched.place = Place::loopback;
    CHECK(build(with(vouched)).find("vllm")->place == Place::lan);
}

TEST_CASE("the configuration's address wins over the environment's") {
    const auto registry = build(with({.id = "openai", .base_url = "https://a.example/v1"}),
                                {{"OPENAI_BASE_URL", "https://b.example/v1"}});
    CHECK(registry.find("openai")->base->host == "a.example");
}

TEST_CASE("an address that is this Hearth itself is ignored with a warning") {
    for (const auto* url : {"http://127.0.0.1:4327/v1", "http://localhost:4327/v1", "http://[::1]:4327"}) {
        CAPTURE(url);
        const auto registry = build({}, {{"OPENAI_BASE_URL", url}});
        REQUIRE(registry.warnings().size() == 1);
        CHECK(has(registry.warnings()[0], "OPENAI_BASE_URL"));
        CHECK(has(registry.warnings()[0], "this Hearth itself"));
        CHECK(registry.find("openai")->base->host == "api.openai.com");
        CHECK(!registry.find("openai")->moved);
    }
    CHECK(build({}, {{"OPENAI_BASE_URL", "http://127.0.0.1:4328/v1"}}).warnings().empty());
    config::Config everywhere;
    everywhere.server.listen = {{.host = "0.0.0.0", .port = 5000}};
    CHECK(build(everywhere, {{"XAI_BASE_URL", "http://localhost:5000/v1"}}).warnings().size() == 1);
}

TEST_CASE("custom providers are cloud unless configured otherwise") {
    config::Provider mine{.id = "mine", .base_url = "https://llm.example/v1", .key_env = "MINE_KEY"};
    auto registry = build(with(mine), {{"MINE_KEY", "k"}});
    const auto* row = registry.find("mine");
    REQUIRE(row);
    CHECK(row->custom);
    CHECK(!row->moved);
    CHECK(row->place == Place::cloud);
    CHECK(row->prices.empty());
    CHECK(row->not_ready().empty());
    CHECK(has(build(with(mine)).find("mine")->not_ready(), "MINE_KEY"));
    CHECK(build(with({.id = "open", .base_url = "http://127.0.0.1:1"})).find("open")->not_ready().empty());

    mine.dialect = "anthropic";
    registry = build(with(mine), {{"MINE_KEY", "k"}});
    CHECK(registry.find("mine")->auth == Auth::header);
    CHECK(registry.find("mine")->auth_header == "x-api-key");
    mine.dialect.clear();

    mine.place = Place::loopback;
    CHECK(has(refused(with(mine)), "not an address of this machine"));
    mine.place = Place::local;
    CHECK(has(refused(with(mine)), "Hearth's own engine"));
    mine.place = Place::lan;
    CHECK(build(with(mine)).find("mine")->place == Place::lan);
}

TEST_CASE("a key never goes to another machine over plain http") {
    const auto why = build({}, {{"OPENAI_BASE_URL", "http://10.0.0.7/v1"}, {"OPENAI_API_KEY", "secret-key"}})
                         .find("openai")
                         ->not_ready();
    CHECK(has(why, "plain http"));
    CHECK(!has(why, "secret-key"));
    // Without a key there is nothing to lose on the way but the content, which is the policy's business.
    CHECK(
        build(with({.id = "vllm", .base_url = "http://10.0.0.7:8000/v1"})).find("vllm")->not_ready().empty());
}

TEST_CASE("errors about addresses, headers and dialects name the configuration key") {
    CHECK(has(refused(with({.id = "openai", .base_url = "ftp://x/v1"})), "[providers.openai] base_url"));
    CHECK(
        has(refused(with({.id = "openai", .base_url = "https://u:p@x/v1"})), "[providers.openai] base_url"));
    CHECK(has(refused(with({.id = "openai", .base_url = "https://x/v1?key=1"})), "query"));
    CHECK(has(refused({}, {{"GROQ_BASE_URL", "not a url"}}), "GROQ_BASE_URL"));
    CHECK(has(refused({}, {{"OPENAI_API_KEY", "a\r\nx-evil: 1"}}), "OPENAI_API_KEY"));
    config::Provider row{.id = "mine", .base_url = "https://x/v1", .dialect = "klingon"};
    CHECK(has(refused(with(row)), "klingon"));
    row.dialect = "openai";
    row.headers = {{"bad name", "v"}};
    CHECK(has(refused(with(row)), "bad name"));
    row.headers = {{"x-a", "line\nbreak"}};
    CHECK(has(refused(with(row)), "x-a"));
}

TEST_CASE("OLLAMA_HOST in the forms that Ollama takes") {
    const auto url = [](const std::string& value) {
        return build({}, {{"OLLAMA_HOST", value}}).find("ollama")->base->to_string();
    };
    CHECK(url("0.0.0.0") == "http://127.0.0.1:11434/v1");
    CHECK(url("127.0.0.1:9") == "http://127.0.0.1:9/v1");
    CHECK(url(":9") == "http://127.0.0.1:9/v1");
    CHECK(url("http://192.168.0.4:11434/") == "http://192.168.0.4:11434/v1");
    CHECK(url("[::1]") == "http://[::1]:11434/v1");
    CHECK(url("https://ollama.example") == "https://ollama.example/v1");
    CHECK(build({}, {{"OLLAMA_HOST", "https://ollama.example"}}).find("ollama")->place == Place::cloud);
}

TEST_CASE("key files: read, trimmed, and refused when others can read them") {
    const File good("  sk-file \r\nsecond line\n", 0600);
    config::Provider row{.id = "openai"};
    row.key_file = good.path();
    const auto registry = build(with(row), {{"OPENAI_API_KEY", "sk-env"}});
    CHECK(registry.find("openai")->key.reveal() == "sk-file");
    CHECK(registry.find("openai")->key_from == good.path().string());

    const File group("k", 0640);
    row.key_file = group.path();
    CHECK(build(with(row)).warnings().size() == 1);
    const File open("k", 0644);
    row.key_file = open.path();
    CHECK(has(refused(with(row)), "chmod 600"));
    const File empty("\n\nkey\n", 0600);
    row.key_file = empty.path();
    CHECK(has(refused(with(row)), "no key in its first line"));
    const File large(std::string(20'000, 'k'), 0600);
    row.key_file = large.path();
    CHECK(has(refused(with(row)), "larger than"));
    row.key_file = "/nonexistent/key";
    CHECK(has(refused(with(row)), "cannot be read"));
    row.key_file = "/tmp";
    CHECK(has(refused(with(row)), "not a file"));
}

TEST_CASE("model lists are names and prefixes") {
    Provider row;
    CHECK(row.offers("anything"));
    row.models = {"gpt-5.5", "o3*"};
    CHECK(row.offers("gpt-5.5"));
    CHECK(!row.offers("gpt-5.5-pro"));
    CHECK(row.offers("o3-mini"));
}

TEST_CASE("hosts and where they are") {
    for (const auto* host :
         {"127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost", "::ffff:127.0.0.1"}) {
        CAPTURE(host);
        CHECK(is_loopback_host(host));
    }
    for (const auto* host :
         {"128.0.0.1", "::2", "localhost.example.com", "xlocalhost", "", "0.0.0.0", "127.0.0.1.evil.com"}) {
        CAPTURE(host);
        CHECK(!is_loopback_host(host));
    }
    CHECK(place_of_host("172.16.0.1") == Place::lan);
    CHECK(place_of_host("172.32.0.1") == Place::cloud);
    CHECK(place_of_host("100.64.0.1") == Place::cloud);
    CHECK(place_of_host("fe80::1") == Place::lan);
    CHECK(place_of_host("nas") == Place::cloud);
}

TEST_CASE("an invalid catalogue is an error that names row and field") {
    const auto wrong = [](std::string_view json) {
        const auto rows = read_rows(json);
        REQUIRE(!rows);
        CHECK(rows.error()->code == Code::corrupt);
        return rows.error()->message;
    };
    CHECK(has(wrong(R"({"providers":[{"id":"a","name":"A","place":"moon","source":"s"}]})"), "\"a\""));
    CHECK(has(wrong(R"({"providers":[{"id":"a","name":"A","place":"cloud"}]})"), "source"));
    CHECK(has(
        wrong(R"({"providers":[{"id":"a","name":"A","place":"cloud","source":"s","quirks":{"x":true}}]})"),
        "quirk"));
    CHECK(has(wrong("{"), "providers.json"));
    const auto with_member = [&](std::string_view member) {
        return wrong(R"({"providers":[{"id":"a","name":"A","place":"cloud","source":"s",)" +
                     std::string(member) + "}]}");
    };
    CHECK(has(with_member(R"("wires":["klingon"])"), "wires"));
    CHECK(has(with_member(R"("wires":[{"dialect":"openai","pfad":"/v1"}])"), "'pfad'"));
    CHECK(has(with_member(R"("wires":[{"dialect":"openai","paths":{"dance":"/v1"}}])"), "'paths'"));
    CHECK(has(with_member(R"("account":"azure")"), "'account'"));
    CHECK(has(with_member(R"("account":"aws")"), "'aws_service'"));
    CHECK(has(with_member(R"("base_url_env":[{"append":"/v1"}])"), "'base_url_env'"));
    CHECK(read_rows(embedded_providers()).value().size() == 26);
}

}  // namespace registry_test

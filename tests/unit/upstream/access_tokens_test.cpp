// Access tokens of a service account: one fetch for all who wait, kept until it ends, fetched anew after forget().
#include "upstream/access_tokens.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "text/json_writer.h"
#include "unit/pipeline/fake_ledger.h"
#include "unit/pipeline/fake_network.h"

namespace access_tokens_test {

using namespace hearth;
using namespace hearth::upstream;

namespace {

std::string private_key() {
    static const std::string text = [] {
        EVP_PKEY* key = EVP_RSA_gen(2048);
        BIO* bio = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
        char* data = nullptr;
        const auto size = BIO_get_mem_data(bio, &data);
        std::string pem(data, static_cast<std::size_t>(size));
        BIO_free(bio);
        EVP_PKEY_free(key);
        return pem;
    }();
    return text;
}

// The key file of a service account whose tokens come from oauth2.example.
struct AccountFile {
    AccountFile() {
        std::string json;
        json::Writer w(json);
        w.begin_object().member("type", "service_account").member("project_id", "p-1");
        w.member("private_key_id", "kid").member("private_key", private_key());
        w.member("client_email", "a@p-1.example").member("token_uri", "https://oauth2.example/token");
        w.end_object();
        char name[] = "/tmp/hearth-account-XXXXXX";
        const int fd = ::mkstemp(name);
        REQUIRE(fd >= 0);
        path = name;
        std::ofstream(path) << json;
        ::close(fd);
    }
    ~AccountFile() { std::filesystem::remove(path); }
    AccountFile(const AccountFile&) = delete;
    AccountFile& operator=(const AccountFile&) = delete;
    std::string path;
};

SettingsPtr make_settings(const std::string& account) {
    config::Config config;
    auto made =
        Settings::make(std::move(config), config::Environment({{"GOOGLE_APPLICATION_CREDENTIALS", account}}));
    REQUIRE(made);
    return *made;
}

struct Fixture {
    Fixture() { REQUIRE(upstream != nullptr); }

    void token(std::string name, std::int64_t lasts, nanoseconds pause = milliseconds(100)) {
        test::Reply reply;
        reply.pieces = {R"({"access_token":")" + name + R"(","expires_in":)" + std::to_string(lasts) + "}"};
        reply.pause = pause;
        network.reply("oauth2", std::move(reply));
    }
    void failure() {
        network.reply("oauth2", test::Reply{.status = 400, .pieces = {R"({"error":"invalid_grant"})"}});
    }
    // Asks without waiting; the token, or the error's code, is appended to `got`.
    void ask(StopToken stop = {}) {
        spawn([](Fixture& f, StopToken until) -> Task<void> {
            const auto token = co_await f.tokens.get(f.settings, "default", *f.upstream, until);
            f.got.emplace_back(token ? token->reveal() : code_name(token.error()->code));
        }(*this, std::move(stop)));
    }
    void pass(nanoseconds time) {
        spawn([](Fixture& f, nanoseconds t) -> Task<void> {
            co_await f.loop.sleep(t);
            f.loop.stop();
        }(*this, time));
        loop.run();
    }
    std::string ask_and_wait() {
        ask();
        pass(seconds(1));
        REQUIRE_FALSE(got.empty());
        return got.back();
    }

    AccountFile account;
    std::vector<std::string> trace;
    SimulatedClock clock{Wall(milliseconds(1'800'000'000'000))};
    net::Loop loop{{.simulated = &clock}};
    test::FakeNetwork network{loop, trace};
    test::FakeLedger ledger{trace};
    SettingsPtr settings = make_settings(account.path);
    const Upstream* upstream = settings->upstreams.find("vertex");
    AccessTokens tokens{loop, network, ledger, system_random()};
    std::vector<std::string> got;
};
using Got = std::vector<std::string>;

}  // namespace

TEST_CASE("tokens: one fetch for all who wait, and a line in the ledger for it") {
    Fixture f;
    f.token("one", 3600);
    for (int i = 0; i < 3; ++i) f.ask();
    CHECK(f.got.empty());
    f.pass(seconds(1));
    CHECK(f.got == Got{"one", "one", "one"});
    CHECK(f.network.sent.size() == 1);
    CHECK(f.network.sent.front().target == "/token");
    CHECK(f.network.sent.front().body.starts_with("grant_type="));
    CHECK(f.network.sent.front().entry == "1");
    const auto& entry = f.ledger.only();
    CHECK(entry.intent.kind == "token");
    CHECK(entry.intent.to.provider == "vertex");
    CHECK(entry.settlement.status == ledger::Status::ok);
    CHECK(entry.settlement.cost == 0);
    CHECK(f.trace == Got{"begin vertex", "send oauth2", "settle"});
}

TEST_CASE("tokens: kept until a minute before the end") {
    Fixture f;
    f.token("one", 3600);
    CHECK(f.ask_and_wait() == "one");
    f.pass(seconds(3500));
    CHECK(f.ask_and_wait() == "one");
    CHECK(f.network.sent.size() == 1);
    f.token("two", 3600);
    f.pass(seconds(60));
    CHECK(f.ask_and_wait() == "two");
    CHECK(f.network.sent.size() == 2);
}

TEST_CASE("tokens: whoever has waited takes a token of a short life; the next fetches anew") {
    Fixture f;
    f.token("one", 10);
    CHECK(f.ask_and_wait() == "one");
    f.token("two", 10);
    CHECK(f.ask_and_wait() == "two");
}

TEST_CASE("tokens: after forget() every token is fetched anew") {
    Fixture f;
    f.token("one", 3600);
    CHECK(f.ask_and_wait() == "one");
    f.tokens.forget();
    f.token("two", 3600);
    CHECK(f.ask_and_wait() == "two");
    CHECK(f.network.sent.size() == 2);
}

TEST_CASE("tokens: one that was being fetched when forget() was called is not kept") {
    Fixture f;
    f.token("of the old account", 3600);
    f.ask();
    f.tokens.forget();
    f.pass(seconds(1));
    CHECK(f.got == Got{"of the old account"});  // the request began with the old settings
    f.token("of the new one", 3600);
    CHECK(f.ask_and_wait() == "of the new one");
}

TEST_CASE("tokens: a failure is everybody's, and nothing is fetched for a few seconds") {
    Fixture f;
    f.failure();
    f.ask();
    f.ask();
    f.pass(seconds(1));
    CHECK(f.got == Got{"upstream_failed", "upstream_failed"});
    CHECK(f.ledger.only().settlement.status == ledger::Status::error);
    CHECK(f.ask_and_wait() == "upstream_failed");
    CHECK(f.network.sent.size() == 1);
    f.pass(seconds(5));
    f.token("one", 3600);
    CHECK(f.ask_and_wait() == "one");
    CHECK(f.network.sent.size() == 2);
}

TEST_CASE("tokens: forget() also ends the pause after a failure") {
    Fixture f;
    f.failure();
    CHECK(f.ask_and_wait() == "upstream_failed");
    f.tokens.forget();
    f.token("one", 3600);
    CHECK(f.ask_and_wait() == "one");
}

TEST_CASE("tokens: a request that is cancelled stops waiting, and the fetch goes on for the others") {
    Fixture f;
    f.token("one", 3600, milliseconds(500));
    StopSource stop;
    f.ask(stop.token());
    f.ask();
    f.pass(milliseconds(100));
    stop.stop(test::error_of(Code::cancelled, "The client has disconnected."));
    f.pass(milliseconds(100));
    CHECK(f.got == Got{"cancelled"});
    f.pass(seconds(2));
    CHECK(f.got == Got{"cancelled", "one"});
    CHECK(f.network.sent.size() == 1);
}

TEST_CASE("tokens: none is fetched while the ledger cannot be written") {
    Fixture f;
    f.ledger.refused_provider = "vertex";
    CHECK(f.ask_and_wait() == "storage");
    CHECK(f.network.sent.empty());
}

}  // namespace access_tokens_test

#include "provider/google_account.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "provider/provider.h"
#include "text/base64.h"

namespace google_account_test {

using namespace hearth;
using namespace hearth::provider;

namespace {

constexpr auto kAccount =
    R"({"type":"service_account","project_id":"p-1","private_key_id":"kid","private_key":"-----BEGIN","client_email":"a@p-1.iam.gserviceaccount.com","token_uri":"https://oauth2.googleapis.com/token"})";

std::string decoded(std::string_view part) {
    std::string text(part);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    while (text.size() % 4 != 0) text += '=';
    return text::base64_decode(text).value();
}

std::string why(std::string_view json) {
    const auto account = parse_google_account(json);
    REQUIRE(!account);
    CHECK(account.error()->code == Code::config);
    return account.error()->message;
}

struct TemporaryFile {
    explicit TemporaryFile(const std::string& text) {
        char name[] = "/tmp/hearth-google-XXXXXX";
        const int fd = ::mkstemp(name);
        REQUIRE(fd >= 0);
        path = name;
        std::ofstream(path) << text;
        ::close(fd);
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
    std::string path;
};

}  // namespace

TEST_CASE("a service account's file: read, or refused with a reason that quotes nothing") {
    const auto account = parse_google_account(kAccount).value();
    CHECK(account.email == "a@p-1.iam.gserviceaccount.com");
    CHECK(account.project == "p-1");
    CHECK(account.token_uri.host == "oauth2.googleapis.com");
    CHECK(why("not json") == "It is not JSON.");
    CHECK(why(R"({"type":"authorized_user","refresh_token":"secret"})") ==
          "It is of the type authorized_user, and only a service account's key can be used.");
    CHECK(why(R"({"type":"service_account"})") == "It lacks client_email or private_key.");
    CHECK(
        why(R"({"type":"service_account","client_email":"a","private_key":"k","token_uri":"http://evil/"})") ==
        "Its token_uri is not an https address.");
}

TEST_CASE("the assertion: RS256, an hour, base64url without padding") {
    const auto account = parse_google_account(kAccount).value();
    const auto text = jwt_to_sign(account, Wall(milliseconds(1'700'000'000'999)));
    const auto dot = text.find('.');
    CHECK(decoded(text.substr(0, dot)) == R"({"alg":"RS256","typ":"JWT","kid":"kid"})");
    CHECK(
        decoded(text.substr(dot + 1)) ==
        R"({"iss":"a@p-1.iam.gserviceaccount.com","scope":"https://www.googleapis.com/auth/cloud-platform",)"
        R"("aud":"https://oauth2.googleapis.com/token","iat":1700000000,"exp":1700003600})");
    CHECK(jwt("a.b", "\xfb\xff") == "a.b.-_8");
    CHECK(token_request("a.b.c") ==
          "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c");
}

TEST_CASE("the token endpoint's answers") {
    const auto token =
        parse_token_answer(200, R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})");
    REQUIRE(token);
    CHECK(token->token.reveal() == "ya29.x");
    CHECK(token->lasts == seconds(3599));
    CHECK(parse_token_answer(200, R"({"access_token":"x"})")->lasts == seconds(300));
    CHECK(parse_token_answer(200, R"({"access_token":"x","expires_in":-5})")->lasts == seconds(0));
    CHECK(parse_token_answer(400, R"({"error":"invalid_grant","error_description":"a@b is gone"})")
              .error()
              ->message == "it answered 400 (invalid_grant)");
    CHECK(parse_token_answer(502, "<html>").error()->message == "it answered 502");
    CHECK(parse_token_answer(200, R"({"access_token":"a\r\nb"})").error()->message ==
          "its answer holds no token");
    CHECK(parse_token_answer(200, "[]").error()->message == "its answer holds no token");
}

TEST_CASE("GOOGLE_APPLICATION_CREDENTIALS: an account, or a reason not to be ready, never a failed start") {
    using Variables = std::map<std::string, std::string, std::less<>>;
    const auto vertex = [](Variables env) {
        auto registry = Registry::build({}, config::Environment(std::move(env)));
        REQUIRE(registry);
        return *registry->find("vertex");
    };
    const TemporaryFile good(kAccount);
    const auto row = vertex({{"GOOGLE_APPLICATION_CREDENTIALS", good.path}});
    CHECK(row.not_ready().empty());
    CHECK(row.authenticates_each_request());
    CHECK(row.base->target == "/v1/projects/p-1/locations/global/publishers/google");  // the account's own
    const TemporaryFile user(R"({"type":"authorized_user"})");
    CHECK(vertex({{"GOOGLE_APPLICATION_CREDENTIALS", user.path}, {"GOOGLE_CLOUD_PROJECT", "p"}})
              .not_ready()
              .find("authorized_user") != std::string::npos);
    CHECK(vertex({{"GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent"}, {"GOOGLE_CLOUD_PROJECT", "p"}})
              .not_ready()
              .find("cannot be read") != std::string::npos);
    ::chmod(good.path.c_str(), 0644);
    CHECK(vertex({{"GOOGLE_APPLICATION_CREDENTIALS", good.path}, {"GOOGLE_CLOUD_PROJECT", "p"}})
              .not_ready()
              .find("chmod 600") != std::string::npos);
    // A token at hand needs no account.
    CHECK(
        !vertex({{"GOOGLE_APPLICATION_CREDENTIALS", good.path}, {"GOOGLE_OAUTH_ACCESS_TOKEN", "t"}}).google);
}

TEST_CASE("a configured key file may hold either") {
    const TemporaryFile account(kAccount), token("ya29.token\n");
    const auto vertex = [](const std::string& path) {
        config::Config config;
        config::Provider wanted{.id = "vertex"};
        wanted.key_file = path;
        config.providers.emplace("vertex", std::move(wanted));
        return Registry::build(config, config::Environment{});
    };
    CHECK(vertex(account.path)->find("vertex")->google->email.starts_with("a@"));
    CHECK(vertex(token.path)->find("vertex")->key.reveal() == "ya29.token");
    const TemporaryFile broken("{\"type\":1}");
    const auto bad = vertex(broken.path);
    REQUIRE(!bad);
    CHECK(bad.error()->message.starts_with("[providers.vertex] key_file: "));
}

}  // namespace google_account_test

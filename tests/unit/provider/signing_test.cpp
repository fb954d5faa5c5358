#include "provider/signing.h"

#include <doctest/doctest.h>

#include "provider/provider.h"

namespace signing_test {

using namespace hearth;
using namespace hearth::provider;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const Wall kThen = Wall(milliseconds(1'440'938'160'000));  // 2015-08-30T12:36:00Z

AwsAccount example(std::string service) {
    return {.access_key_id = "AKIDEXAMPLE",
            .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            .session_token = {},
            .region = "us-east-1",
            .service = std::move(service)};
}

// The signature alone, of a request to example.amazonaws.com as in AWS's test suite.
std::string signature(std::string_view method, std::string_view target, Fields more = {},
                      std::span<const std::string_view> body = {}) {
    Fields fields{{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}};
    fields.insert(fields.end(), more.begin(), more.end());
    const auto whole =
        sigv4(example("service"), {method, "example.amazonaws.com", target, body}, fields, kThen);
    return whole.substr(whole.rfind('=') + 1);
}

}  // namespace

// Known answers: the suite "aws-sig-v4-test-suite" that AWS published with its documentation of Signature Version 4 (the
// .authz file of each folder; a copy lies in awslabs/aws-c-auth, tests/aws-signing-test-suite/v4).
TEST_CASE("AWS Signature Version 4: AWS's own test suite") {
    constexpr auto kVanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    CHECK(amz_date(kThen) == "20150830T123600Z");
    CHECK(signature("GET", "/") == kVanilla);
    CHECK(signature("GET", "/example/..") == kVanilla);  // get-relative
    CHECK(signature("GET", "//") == kVanilla);           // get-slash
    CHECK(signature("GET", "/./") == kVanilla);          // get-slash-dot-slash
    CHECK(signature("GET", "/?Param2=value2&Param1=value1") ==
          "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    CHECK(signature("GET", "/\u1234") == "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    CHECK(signature("GET", "/example space/") ==
          "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741");
    CHECK(signature("POST", "/") == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    CHECK(signature("GET", "/", {{"my-header1", " value1"}, {"my-header2", " \"a   b   c\""}}) ==
          "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    const std::string_view pieces[] = {"Param1", "", "=value1"};
    CHECK(signature("POST", "/", {{"content-type", "application/x-www-form-urlencoded"}}, pieces) ==
          "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

// The example of docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (ListUsers).
TEST_CASE("AWS Signature Version 4: the example of the documentation") {
    const Fields fields{{"content-type", "application/x-www-form-urlencoded; charset=utf-8"},
                        {"host", "iam.amazonaws.com"},
                        {"x-amz-date", "20150830T123600Z"}};
    const auto value =
        sigv4(example("iam"), {"GET", "iam.amazonaws.com", "/?Action=ListUsers&Version=2010-05-08", {}},
              fields, kThen);
    CHECK(value ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-date, "
          "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST_CASE("a signer signs what leaves: host, type, date and a session's token") {
    Provider row;
    row.id = "bedrock";
    CHECK(!make_signer(row));
    row.aws = example("bedrock");
    row.aws->session_token = Secret("session");
    const auto signer = make_signer(row);
    REQUIRE(signer);
    const std::string_view body[] = {"{}"};
    http::HeaderList out;
    signer->sign({.host = "bedrock-runtime.us-east-1.amazonaws.com",
                  .target = "/openai/v1/chat/completions",
                  .body = body},
                 kThen, out);
    CHECK(out.get("x-amz-date") == "20150830T123600Z");
    CHECK(out.get("x-amz-security-token") == "session");
    const auto proof = out.get("authorization");
    CHECK(proof.find("/us-east-1/bedrock/aws4_request") != std::string_view::npos);
    CHECK(proof.find("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token") !=
          std::string_view::npos);

    http::HeaderList other;  // another body is another signature
    const std::string_view longer[] = {"{", "\"a\":1}"};
    signer->sign({.host = "bedrock-runtime.us-east-1.amazonaws.com",
                  .target = "/openai/v1/chat/completions",
                  .body = longer},
                 kThen, other);
    CHECK(other.get("authorization") != proof);

    row.key = Secret("a bearer token needs no signature");
    CHECK(!make_signer(row));
}

}  // namespace signing_test

#include "client/fields.h"

#include <doctest/doctest.h>

namespace fields_test {

using namespace hearth;

namespace {

http::HeaderList list(std::initializer_list<http::Header> fields) {
    http::HeaderList out;
    for (const auto& field : fields) out.append(field.name, field.value);
    return out;
}

}  // namespace

TEST_CASE("common fields are encoded once, without framing and hop-by-hop fields") {
    const auto common = client::CommonFields::encode(list({{"Host", "other"},
                                                           {"accept", "*/*"},
                                                           {"Content-Length", "5"},
                                                           {"connection", "close"},
                                                           {"Transfer-Encoding", "chunked"},
                                                           {"x-a", "b"}}));
    REQUIRE(common);
    CHECK(common->lines() == "accept: */*\r\nx-a: b\r\n");
    CHECK_FALSE(common->credentials());
    CHECK(client::CommonFields().lines().empty());
}

TEST_CASE("common fields report whether they contain credentials") {
    for (const auto* name : {"Authorization", "x-api-key", "api-key", "x-goog-api-key"}) {
        CAPTURE(name);
        CHECK(client::CommonFields::encode(list({{name, "secret"}})).value().credentials());
    }
}

TEST_CASE("common fields with line breaks or invalid names are rejected") {
    const auto value = client::CommonFields::encode(list({{"x-a", "b\r\nx-evil: 1"}}));
    REQUIRE_FALSE(value);
    CHECK(value.error()->code == Code::internal);
    CHECK(value.error()->message.find("evil") == std::string::npos);
    CHECK_FALSE(client::CommonFields::encode(list({{"bad name", "1"}})));
}

}  // namespace fields_test

#include "text/base64.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace base64_test {

using namespace hearth;
using namespace hearth::text;

TEST_CASE("base64: the vectors of RFC 4648 section 10") {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : vectors) {
        CHECK(base64_encode(plain) == coded);
        CHECK(base64_decode(coded).value() == plain);
    }
}

TEST_CASE("base64: non-canonical input is rejected") {
    for (const std::string_view bad : {"Zg", "Zg=", "Z===", "=Zg=", "Zg==Zg==", "Zm9v\n", "Zm 9",
                                       "Zh==", "Zm9=", "Zm-_", "\xff\xff\xff\xff"}) {
        CAPTURE(bad);
        const auto result = base64_decode(bad);
        REQUIRE_FALSE(result);
        CHECK(result.error()->code == Code::invalid_request);
    }
}

TEST_CASE("base64: decoding is the inverse of encoding") {
    CHECK(rc::check(
        [](const std::string& bytes) { RC_ASSERT(base64_decode(base64_encode(bytes)).value() == bytes); }));
}

}  // namespace base64_test

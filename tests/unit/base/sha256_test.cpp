// Vectors: FIPS 180-2 appendix B and NIST's CAVP short messages.
#include "base/sha256.h"

#include <doctest/doctest.h>

#include <string>

namespace sha256_test {

using namespace hearth;

TEST_CASE("sha256: published vectors") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 million;
    const std::string block(1000, 'a');
    for (int i = 0; i < 1000; ++i) million.update(block);
    CHECK(to_hex(million.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: incremental, accelerated and portable hashing give the same digest") {
    std::string text;
    for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>(i * 7));
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const std::string_view whole(text.data(), length);
        const auto expected = sha256(whole);
        auto plain = Sha256::portable();
        plain.update(whole);
        CHECK(plain.finish() == expected);
        Sha256 pieces;
        pieces.update(whole.substr(0, length / 3));
        pieces.update(whole.substr(length / 3));
        CHECK(pieces.finish() == expected);
    }
}

}  // namespace sha256_test

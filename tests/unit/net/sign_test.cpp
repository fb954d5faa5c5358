#include "net/sign.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace sign_test {

using namespace hearth;

namespace {

std::string pem_of(EVP_PKEY* key) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

bool verifies(EVP_PKEY* key, std::string_view message, std::string_view signature) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool good =
        EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                         reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

}  // namespace

TEST_CASE("RS256: a signature verifies for its message only") {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    const Secret pem(pem_of(key));
    const auto signature = net::sign_rs256(pem, "header.claims");
    REQUIRE(signature);
    CHECK(signature->size() == 256);
    CHECK(verifies(key, "header.claims", *signature));
    CHECK(!verifies(key, "header.claims2", *signature));
    CHECK(net::sign_rs256(pem, "header.claims").value() == *signature);  // PKCS #1 v1.5 is deterministic
    EVP_PKEY_free(key);
}

TEST_CASE("RS256: unusable keys are rejected without quoting them") {
    CHECK(net::sign_rs256(Secret("secret words"), "x").error()->message ==
          "The private key is not PEM, or it has a passphrase.");
    EVP_PKEY* key = EVP_EC_gen("P-256");
    CHECK(net::sign_rs256(Secret(pem_of(key)), "x").error()->message == "The private key is not an RSA key.");
    EVP_PKEY_free(key);
}

}  // namespace sign_test

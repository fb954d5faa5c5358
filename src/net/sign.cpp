#include "net/sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace hearth::net {

namespace {

struct BioFree {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct KeyFree {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct DigestFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Without this, OpenSSL would prompt for a passphrase on the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return -1;
}

Failed refused(std::string_view why) {
    ERR_clear_error();  // OpenSSL's message may quote the key
    return fail(Code::config, std::string(why));
}

}  // namespace

Result<std::string> sign_rs256(const Secret& pem, std::string_view message) {
    const auto text = pem.reveal();
    const std::unique_ptr<BIO, BioFree> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    const std::unique_ptr<EVP_PKEY, KeyFree> key(
        bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!key) return refused("The private key is not PEM, or it has a passphrase.");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return refused("The private key is not an RSA key.");
    const std::unique_ptr<EVP_MD_CTX, DigestFree> context(EVP_MD_CTX_new());
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
    auto size = out.size();
    auto* const place = reinterpret_cast<unsigned char*>(out.data());
    const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
    const bool done = context &&
                      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                      EVP_DigestSign(context.get(), place, &size, bytes, message.size()) == 1;
    if (!done) return refused("OpenSSL could not sign with the private key.");
    out.resize(size);
    return out;
}

}  // namespace hearth::net

#pragma once
// A certificate authority made for one test run, and server certificates signed by it.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

namespace rig {

class Certificates {
  public:
    // Files `<name>.ca.pem`, `<name>.chain.pem` and `<name>.key.pem` in the build folder, for this process.
    // `alternative_names`: "DNS:localhost,IP:127.0.0.1".
    Certificates(const std::string& name, const char* alternative_names) {
        const std::string base = std::string(HEARTH_BINARY_DIR) + "/" + name + std::to_string(::getpid());
        ca_file = base + ".ca.pem";
        chain_file = base + ".chain.pem";
        key_file = base + ".key.pem";
        const Key ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        const auto ca = make("Test Authority", ca_key.get(), nullptr, ca_key.get(), NID_basic_constraints,
                             "critical,CA:TRUE");
        const auto leaf =
            make("test server", key.get(), ca.get(), ca_key.get(), NID_subject_alt_name, alternative_names);
        save(ca_file, [&](FILE* f) { PEM_write_X509(f, ca.get()); });
        save(chain_file, [&](FILE* f) { PEM_write_X509(f, leaf.get()); });
        save(key_file,
             [&](FILE* f) { PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    }
    ~Certificates() {
        for (const auto& file : {ca_file, chain_file, key_file}) ::unlink(file.c_str());
    }
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    std::string ca_file, chain_file, key_file;

  private:
    using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
    using Cert = std::unique_ptr<X509, decltype(&X509_free)>;

    static Cert make(const char* subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer, int extension,
                     const char* value) {
        Cert cert(X509_new(), X509_free);
        X509_set_version(cert.get(), X509_VERSION_3);
        static long serial = 1;
        ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial++);
        X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(cert.get()), 86400);
        X509_set_pubkey(cert.get(), key);
        auto* name = X509_get_subject_name(cert.get());
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(subject),
                                   -1, -1, 0);
        X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer != nullptr ? issuer : cert.get()));
        X509_EXTENSION* ext = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value);
        X509_add_ext(cert.get(), ext, -1);
        X509_EXTENSION_free(ext);
        X509_sign(cert.get(), signer, EVP_sha256());
        return cert;
    }

    template <class F>
    static void save(const std::string& path, F write) {
        FILE* f = std::fopen(path.c_str(), "w");
        write(f);
        std::fclose(f);
    }
};

}  // namespace rig

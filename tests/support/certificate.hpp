// SPDX-License-Identifier: Apache-2.0
// A key and a certificate that it signs itself, made for one test, in PEM files.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace purse::test {

/// Writes `folder`/`name`.crt and `folder`/`name`.key, which a password may lock.
inline void make_certificate(const std::string& folder, const std::string& name,
                             const char* password = nullptr)
{
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, void (*)(X509*)> certificate{X509_new(), X509_free};
    const auto must = [](bool good) {
        if (!good) throw std::runtime_error{"cannot make a certificate"};
    };
    must(key && certificate);
    auto* x509 = certificate.get();
    must(X509_set_version(x509, 2) == 1);
    must(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1);
    must(X509_gmtime_adj(X509_getm_notBefore(x509), -3'600) != nullptr);
    must(X509_gmtime_adj(X509_getm_notAfter(x509), 3'600) != nullptr);
    must(X509_set_pubkey(x509, key.get()) == 1);
    auto* subject = X509_get_subject_name(x509);
    must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                                    0) == 1);
    must(X509_set_issuer_name(x509, subject) == 1);
    must(X509_sign(x509, key.get(), EVP_sha256()) > 0);

    const auto write = [&](const std::string& path, auto put) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "w"),
                                                                   std::fclose};
        must(file != nullptr && put(file.get()) == 1);
    };
    write(folder + '/' + name + ".crt", [&](auto* file) { return PEM_write_X509(file, x509); });
    write(folder + '/' + name + ".key", [&](auto* file) {
        return PEM_write_PrivateKey(file, key.get(), password ? EVP_aes_128_cbc() : nullptr,
                                    nullptr, 0, nullptr, const_cast<char*>(password));
    });
}

}  // namespace purse::test

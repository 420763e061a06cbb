// OpenSSL's objects with owners, and the one way we make a certificate.
#pragma once
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>

#include "crypto/certificate.hpp"

namespace earshot::crypto {

template <auto kFree>
struct OpensslDeleter {
    template <typename T>
    void operator()(T* object) const { kFree(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;

KeyPtr make_p256_key();
// Version 3, with a random serial number; neither extended nor signed yet. Times in seconds since 1970.
X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name, std::int64_t not_before, std::int64_t not_after);
void sign_certificate(X509* certificate, EVP_PKEY* key);
Fingerprint fingerprint_of(const X509* certificate);

}  // namespace earshot::crypto

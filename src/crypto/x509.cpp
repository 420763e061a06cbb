#include "crypto/x509.hpp"

#include <openssl/ec.h>
#include <openssl/rand.h>

#include "base/check.hpp"

namespace earshot::crypto {

KeyPtr make_p256_key() {
    KeyPtr key{EVP_EC_gen("P-256")};
    ENSURE(key);
    return key;
}

X509Ptr make_certificate(EVP_PKEY* key, const std::string& common_name, std::int64_t not_before, std::int64_t not_after) {
    X509Ptr certificate{X509_new()};
    ENSURE(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    std::array<std::uint8_t, 8> serial{};
    ENSURE(RAND_bytes(serial.data(), serial.size()) == 1);
    serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);  // positive and of one length (RFC 5280 section 4.1.2.2)
    std::uint64_t number = 0;
    for (const auto byte : serial) number = number << 8 | byte;
    ENSURE(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number) == 1);
    ENSURE(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), not_before) != nullptr);
    ENSURE(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after) != nullptr);
    auto* name = X509_get_subject_name(certificate.get());
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
    ENSURE(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, text, static_cast<int>(common_name.size()), -1, 0) == 1);
    ENSURE(X509_set_issuer_name(certificate.get(), name) == 1);
    ENSURE(X509_set_pubkey(certificate.get(), key) == 1);
    return certificate;
}

void sign_certificate(X509* certificate, EVP_PKEY* key) { ENSURE(X509_sign(certificate, key, EVP_sha256()) > 0); }

Fingerprint fingerprint_of(const X509* certificate) {
    Fingerprint fingerprint{};
    unsigned size = 0;
    ENSURE(X509_digest(certificate, EVP_sha256(), fingerprint.data(), &size) == 1 && size == fingerprint.size());
    return fingerprint;
}

}  // namespace earshot::crypto

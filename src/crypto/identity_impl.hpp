#pragma once
#include <openssl/ssl.h>

#include "crypto/dtls.hpp"
#include "crypto/x509.hpp"

namespace earshot::crypto {

// In the server's order of preference; OpenSSL's names for RFC 7714 section 14.2 and RFC 5764 section 4.1.2.
inline constexpr char kSrtpBoth[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
inline constexpr char kSrtpCmOnly[] = "SRTP_AES128_CM_SHA1_80";

struct Identity::Impl {
    std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>> context;
    Fingerprint fingerprint{};
};

}  // namespace earshot::crypto

// Self-signed ECDSA P-256 certificates: the HTTPS listener's, made on first run and kept as PEM.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace earshot::crypto {

using Fingerprint = std::array<std::uint8_t, 32>;  // SHA-256 of the certificate's DER

struct TlsCertificate {
    std::string certificate_pem;
    std::string key_pem;  // PKCS #8, unencrypted: write it with mode 0600
};

// `hosts`: DNS names and IP addresses as text, 1 to 100 of them; the first is the common name too. Valid from
// a day before `now` (clocks differ) for `days`. The error is a sentence that names the host at fault.
std::expected<TlsCertificate, std::string> make_tls_certificate(std::span<const std::string> hosts, WallMs now, int days);

struct CertificateFacts {
    Fingerprint fingerprint{};
    WallMs not_after = 0;
};
// Of the first certificate in `pem`; the error is a sentence.
std::expected<CertificateFacts, std::string> read_certificate(std::string_view pem);

}  // namespace earshot::crypto

// TLS in the client role: what a server shows is checked against the system's store and the name that was asked for. A certificate
// that fails is no end yet: it may be self-signed and known, so the handshake goes on and whoever asked decides before a byte is said.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace earshot::io {

struct ServerProof {
    bool verified = false;      // by the system's store, for this very name or address
    std::string why{};          // when it is not: OpenSSL's few words
    std::string fingerprint{};  // SHA-256 of the certificate, 64 hexadecimal digits; empty: none was shown
};

class TlsClient {
public:
    TlsClient();
    // A connection that will ask for `host` (a name or an IP address).
    SSL* connect_to(const std::string& host) const;
    // After the handshake.
    static ServerProof proof_of(SSL* ssl);

private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace earshot::io

// Our certificate and what TLS may be: 1.2 and 1.3, forward secrecy and authenticated ciphers only.
#pragma once
#include <openssl/ssl.h>

#include <expected>
#include <memory>
#include <string>

namespace earshot::io {

// Before any other use of OpenSSL: the machine's openssl.cnf is not ours, and reading it takes longer than all our start.
void begin_tls();

class TlsContext {
public:
    // PEM files: the chain with our certificate first, and its key. The error is one sentence.
    static std::expected<TlsContext, std::string> load(const std::string& certificate_file, const std::string& key_file);
    SSL_CTX* get() const { return context_.get(); }

private:
    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

}  // namespace earshot::io

#include "io/net/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include <string_view>

#include "base/check.hpp"

namespace earshot::io {
namespace {

// RFC 7301: one protocol of ours; a client that offers others only is told no_application_protocol.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned int offered_size, void*) {
    static constexpr unsigned char kOurs[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, kOurs, sizeof kOurs - 1, offered, offered_size) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

void harden(SSL_CTX* context) {
    ENSURE(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
    ENSURE(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    ENSURE(SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // Idle connections hold no record buffers; a write may be repeated from another address (queues move).
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 0);
    SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
}

std::string why() {
    const auto code = ERR_peek_last_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason ? reason : "unreadable";
}

}  // namespace

void begin_tls() { OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr); }

std::expected<TlsContext, std::string> TlsContext::load(const std::string& certificate_file, const std::string& key_file) {
    TlsContext tls;
    tls.context_.reset(SSL_CTX_new(TLS_server_method()));
    ENSURE(tls.context_);
    harden(tls.get());
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(tls.get(), certificate_file.c_str()) != 1)
        return std::unexpected(fmt::format("the certificate {} cannot be used ({}): check tls.certificate", certificate_file, why()));
    if (SSL_CTX_use_PrivateKey_file(tls.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
        return std::unexpected(fmt::format("the key {} cannot be used with {} ({}): check tls.key", key_file, certificate_file, why()));
    return tls;
}

}  // namespace earshot::io

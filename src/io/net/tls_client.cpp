#include "io/net/tls_client.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/address.hpp"
#include "base/check.hpp"

namespace earshot::io {

TlsClient::TlsClient() : context_(SSL_CTX_new(TLS_client_method())) {
    static constexpr unsigned char kOurs[] = "\x08http/1.1";
    ENSURE(context_);
    ENSURE(SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) == 1);
    ENSURE(SSL_CTX_set_cipher_list(context_.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_protos(context_.get(), kOurs, sizeof kOurs - 1);
    // A machine without a store trusts nobody by it; pinning still works.
    if (SSL_CTX_set_default_verify_paths(context_.get()) != 1) ERR_clear_error();
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);  // the result is read afterwards, by proof_of
}

SSL* TlsClient::connect_to(const std::string& host) const {
    SSL* ssl = SSL_new(context_.get());
    ENSURE(ssl != nullptr);
    SSL_set_connect_state(ssl);
    auto* wanted = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (IpAddress::parse(host)) {
        ENSURE(X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1);
    } else {
        ENSURE(X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) == 1);
        // RFC 6066 section 3: names only, no addresses. (OpenSSL's macro of the same meaning casts as C does.)
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
    }
    return ssl;
}

ServerProof TlsClient::proof_of(SSL* ssl) {
    ServerProof proof;
    X509* certificate = SSL_get0_peer_certificate(ssl);
    if (certificate == nullptr) return proof;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return proof;
    for (unsigned i = 0; i < size; ++i) proof.fingerprint += fmt::format("{:02x}", digest[i]);
    const long result = SSL_get_verify_result(ssl);
    proof.verified = result == X509_V_OK;
    if (!proof.verified) proof.why = X509_verify_cert_error_string(result);
    return proof;
}

}  // namespace earshot::io

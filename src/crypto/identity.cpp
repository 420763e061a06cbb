// The certificate of a run, and the OpenSSL context that all of its associations share.
#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include "base/check.hpp"
#include "crypto/dtls.hpp"
#include "crypto/identity_impl.hpp"

namespace earshot::crypto {
namespace {

// Nobody looks at these: the fingerprint in the SDP is what vouches (RFC 8122). Fixed, so that making an
// identity needs no clock.
constexpr std::int64_t kNotBefore = 1'704'067'200;  // 2024-01-01
constexpr std::int64_t kNotAfter = 2'493'072'000;   // 2049-01-01
constexpr std::uint32_t kLargestFlight = 16'384;    // what a peer's certificate chain may weigh
constexpr long kLargestRecord = 2'048;              // ours; also the size of the write buffer

int accept_any_certificate(X509_STORE_CTX*, void*) { return 1; }

void configure(SSL_CTX* context) {
    ENSURE(SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1);
    ENSURE(SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1);
    ENSURE(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    ENSURE(SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1);
    ENSURE(SSL_CTX_set_tlsext_use_srtp(context, kSrtpBoth) == 0);  // zero means done
    // No resumption of any kind, no renegotiation, no cookies (ICE proved the path), no path MTU questions.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_QUERY_MTU | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, kLargestFlight);
    ENSURE(SSL_CTX_set_max_send_fragment(context, kLargestRecord) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, accept_any_certificate, nullptr);
}

}  // namespace

Identity::Identity() : impl_(std::make_unique<Impl>()) {}
Identity::~Identity() = default;
Identity::Identity(Identity&&) noexcept = default;
Identity& Identity::operator=(Identity&&) noexcept = default;
const Fingerprint& Identity::fingerprint() const { return impl_->fingerprint; }

Identity Identity::make() {
    Identity identity;
    const auto key = make_p256_key();
    const auto certificate = make_certificate(key.get(), "Earshot", kNotBefore, kNotAfter);
    sign_certificate(certificate.get(), key.get());
    auto& context = identity.impl_->context;
    context.reset(SSL_CTX_new(DTLS_method()));
    ENSURE(context);
    configure(context.get());
    ENSURE(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
    ENSURE(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
    identity.impl_->fingerprint = fingerprint_of(certificate.get());
    return identity;
}

std::string fingerprint_text(const Fingerprint& fingerprint) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string text;
    text.reserve(fingerprint.size() * 3);
    for (const auto byte : fingerprint) {
        if (!text.empty()) text += ':';
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace earshot::crypto

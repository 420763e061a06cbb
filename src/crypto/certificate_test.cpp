#include "crypto/certificate.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string>
#include <vector>

#include "crypto/x509.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

constexpr WallMs kNow = 1'795'000'000'000;  // 2026-11-18
const std::vector<std::string> kHosts{"talk.example.org", "localhost", "192.0.2.7", "2001:db8::1"};

X509Ptr parse(const std::string& pem) {
    auto* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509Ptr certificate{PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)};
    BIO_free(bio);
    return certificate;
}

}  // namespace

TEST_CASE("a certificate for HTTPS names its hosts and addresses, and belongs to its key") {
    const auto made = make_tls_certificate(kHosts, kNow, 397);
    REQUIRE(made);
    const auto certificate = parse(made->certificate_pem);
    REQUIRE(certificate);
    CHECK(X509_check_host(certificate.get(), "talk.example.org", 0, 0, nullptr) == 1);
    CHECK(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr) == 1);
    CHECK(X509_check_host(certificate.get(), "other.example.org", 0, 0, nullptr) == 0);
    CHECK(X509_check_ip_asc(certificate.get(), "192.0.2.7", 0) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "2001:db8::1", 0) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "192.0.2.8", 0) == 0);
    auto* bio = BIO_new_mem_buf(made->key_pem.data(), static_cast<int>(made->key_pem.size()));
    const KeyPtr key{PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr)};
    BIO_free(bio);
    REQUIRE(key);
    CHECK(X509_check_private_key(certificate.get(), key.get()) == 1);
    CHECK(X509_verify(certificate.get(), key.get()) == 1);
}

TEST_CASE("what is read back is what was made") {
    const auto made = make_tls_certificate(kHosts, kNow, 397);
    REQUIRE(made);
    const auto facts = read_certificate(made->certificate_pem);
    REQUIRE(facts);
    CHECK(facts->fingerprint == fingerprint_of(parse(made->certificate_pem).get()));
    CHECK(facts->not_after == kNow + WallMs{397} * 86'400'000);
    CHECK(read_certificate("no certificate").error() == "There is no certificate in PEM form in this file.");
}

TEST_CASE("a host that is none is refused by name") {
    const std::vector<std::string> bad{"good.example", "bad,DNS:evil.example"};
    CHECK(make_tls_certificate(bad, kNow, 10).error() == "\"bad,DNS:evil.example\" is neither a host name nor an IP address.");
    CHECK_FALSE(make_tls_certificate({}, kNow, 10));
    CHECK_FALSE(make_tls_certificate(std::vector<std::string>(101, "a.example"), kNow, 10));
}

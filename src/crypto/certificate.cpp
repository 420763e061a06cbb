#include "crypto/certificate.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/check.hpp"
#include "crypto/x509.hpp"

namespace earshot::crypto {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::size_t kMaxHosts = 100, kMaxHost = 253, kMaxCommonName = 64;

using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

bool is_dns_name(const std::string& host) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '*'; };
    return !host.empty() && host.size() <= kMaxHost && std::ranges::all_of(host, allowed);
}

bool append(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
    auto* name = GENERAL_NAME_new();
    ENSURE(name != nullptr && value != nullptr);
    GENERAL_NAME_set0_value(name, type, value);
    return sk_GENERAL_NAME_push(names, name) > 0;
}

bool add_host(GENERAL_NAMES* names, const std::string& host) {
    if (auto* address = a2i_IPADDRESS(host.c_str())) return append(names, GEN_IPADD, address);
    ERR_clear_error();
    if (!is_dns_name(host)) return false;
    auto* text = ASN1_IA5STRING_new();
    ENSURE(text != nullptr && ASN1_STRING_set(text, host.data(), static_cast<int>(host.size())) == 1);
    return append(names, GEN_DNS, text);
}

void add_extension(X509* certificate, int nid, const char* value) {
    using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
    const ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, nullptr, nid, value)};
    ENSURE(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string key_pem(EVP_PKEY* key) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    ENSURE(bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return text_of(bio.get());
}

std::string certificate_pem(X509* certificate) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    ENSURE(bio && PEM_write_bio_X509(bio.get(), certificate) == 1);
    return text_of(bio.get());
}

WallMs wall_ms_of(const ASN1_TIME* time) {
    tm broken_down{};
    if (ASN1_TIME_to_tm(time, &broken_down) != 1) return 0;
    using namespace std::chrono;
    const sys_days date = year{broken_down.tm_year + 1900} / month{static_cast<unsigned>(broken_down.tm_mon + 1)} / day{static_cast<unsigned>(broken_down.tm_mday)};
    const auto at = date + hours{broken_down.tm_hour} + minutes{broken_down.tm_min} + seconds{broken_down.tm_sec};
    return duration_cast<milliseconds>(at.time_since_epoch()).count();
}

}  // namespace

std::expected<TlsCertificate, std::string> make_tls_certificate(std::span<const std::string> hosts, WallMs now, int days) {
    if (hosts.empty() || hosts.size() > kMaxHosts) return std::unexpected(fmt::format("A certificate takes 1 to {} hosts, not {}.", kMaxHosts, hosts.size()));
    const NamesPtr names{GENERAL_NAMES_new()};
    ENSURE(names);
    for (const auto& host : hosts) {
        if (!add_host(names.get(), host)) return std::unexpected(fmt::format("\"{}\" is neither a host name nor an IP address.", host));
    }
    const auto key = make_p256_key();
    const auto from = now / 1000 - kDay;
    const auto certificate = make_certificate(key.get(), hosts.front().substr(0, kMaxCommonName), from, from + kDay * (days + 1));
    ENSURE(X509_add1_ext_i2d(certificate.get(), NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
    sign_certificate(certificate.get(), key.get());
    return TlsCertificate{certificate_pem(certificate.get()), key_pem(key.get())};
}

std::expected<CertificateFacts, std::string> read_certificate(std::string_view pem) {
    const BioPtr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1 << 20)))};
    ENSURE(bio);
    const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
    ERR_clear_error();
    if (!certificate) return std::unexpected(std::string{"There is no certificate in PEM form in this file."});
    return CertificateFacts{fingerprint_of(certificate.get()), wall_ms_of(X509_get0_notAfter(certificate.get()))};
}

}  // namespace earshot::crypto

// Deprecated since 3.0 in favour of providers, yet the one hook that also reaches ECDSA's nonces.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/deterministic.hpp"

#include <openssl/rand.h>

#include "base/check.hpp"

namespace earshot::crypto {
namespace {

Random* source = nullptr;  // OpenSSL's hook carries no context

int draw(unsigned char* out, int size) {
    source->fill({out, static_cast<std::size_t>(size)});
    return 1;
}
int ready() { return 1; }
const RAND_METHOD method{nullptr, draw, nullptr, nullptr, draw, ready};

}  // namespace

DeterministicOpenssl::DeterministicOpenssl(Random& random) : previous_(RAND_get_rand_method()) {
    ENSURE(source == nullptr);
    source = &random;
    ENSURE(RAND_set_rand_method(&method) == 1);
}

DeterministicOpenssl::~DeterministicOpenssl() {
    RAND_set_rand_method(static_cast<const RAND_METHOD*>(previous_));
    source = nullptr;
}

}  // namespace earshot::crypto

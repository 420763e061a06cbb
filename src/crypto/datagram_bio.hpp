// The wire as OpenSSL sees it: one datagram in per turn, and each write one datagram out. A memory BIO
// would run datagrams together.
#pragma once
#include <openssl/bio.h>

#include <functional>

#include "base/bytes.hpp"

namespace earshot::crypto {

struct DatagramPort {
    Bytes incoming{};                                      // consumed by the first read
    const std::function<void(Bytes)>* outgoing = nullptr;  // none: what OpenSSL writes is dropped
};

// The port must outlive the BIO and keep its place.
BIO* make_datagram_bio(DatagramPort& port);

}  // namespace earshot::crypto

// What the operator chose, as the engine needs it. app fills it from the configuration.
#pragma once
#include <string>
#include <vector>

#include "base/address.hpp"
#include "core/limits.hpp"
#include "crypto/dtls.hpp"
#include "fronts/plain/session.hpp"
#include "fronts/voix/session.hpp"
#include "fronts/web/session.hpp"

namespace earshot::engine {

// Where browsers find our media port.
struct MediaAddresses {
    std::vector<SocketAddress> udp;
    std::vector<SocketAddress> tcp;
};

struct Settings {
    core::HubLimits hub;
    fronts::web::Settings web;
    fronts::plain::PairSettings plain;
    fronts::voix::Settings voix;
    MediaAddresses media;
    std::string operator_key;           // empty: nobody can prove to be the operator
    crypto::Fingerprint fingerprint{};  // of the identity that the shard's DTLS shows
};

}  // namespace earshot::engine

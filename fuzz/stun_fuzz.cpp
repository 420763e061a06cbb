// rooms: wire
// max_len: 1400
// Any datagram as STUN: whatever is accepted lies inside it, and what we write of it is understood again.
#include "base/check.hpp"
#include "wire/hex_for_tests.hpp"
#include "wire/stun.hpp"

using namespace earshot;

namespace {

bool inside(Bytes outer, std::string_view part) {
    const auto bytes = as_bytes(part);
    return part.empty() || (bytes.data() >= outer.data() && bytes.data() + bytes.size() <= outer.data() + outer.size());
}

void write_again(const wire::StunMessage& message) {
    std::array<std::uint8_t, 2048> out{};
    wire::StunWriter writer(out, message.message_class, message.transaction, message.method);
    if (message.priority) writer.priority(*message.priority);
    if (message.ice_controlled) writer.ice_controlled(*message.ice_controlled);
    if (message.mapped_address) writer.xor_mapped_address(*message.mapped_address);
    if (message.error_code != 0) writer.error(message.error_code, message.error_reason);
    writer.integrity(as_bytes("password"), wire::testing::hmac_sha1);
    const auto again = wire::parse_stun(writer.finish());
    if (!again) {
        ENSURE(message.error_reason.size() > 1100);  // grown beyond what a message may be
        return;
    }
    ENSURE(again->message_class == message.message_class && again->method == message.method && again->transaction == message.transaction);
    ENSURE(again->priority == message.priority && again->ice_controlled == message.ice_controlled && again->mapped_address == message.mapped_address);
    ENSURE(again->error_code == message.error_code && again->error_reason == message.error_reason);
    ENSURE(again->has_fingerprint && wire::stun_integrity_ok(*again, as_bytes("password"), wire::testing::hmac_sha1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes datagram{data, size};
    const auto message = wire::parse_stun(datagram);
    if (!message) return 0;
    ENSURE(inside(datagram, message->username.value_or("")) && inside(datagram, message->software.value_or("")) && inside(datagram, message->error_reason));
    ENSURE(inside(datagram, wire::stun_local_ufrag(*message)));
    ENSURE(message->named_unknown().size() <= wire::kMaxStunUnknown);
    wire::stun_integrity_ok(*message, as_bytes("password"), wire::testing::hmac_sha1);
    write_again(*message);
    return 0;
}

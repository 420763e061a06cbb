#include "crypto/datagram_bio.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace earshot::crypto {
namespace {

constexpr int kIpAndUdpHeaders = 28;

DatagramPort& port_of(BIO* bio) { return *static_cast<DatagramPort*>(BIO_get_data(bio)); }

int read_datagram(BIO* bio, char* out, int room) {
    auto& port = port_of(bio);
    BIO_clear_retry_flags(bio);
    if (port.incoming.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto size = std::min(port.incoming.size(), static_cast<std::size_t>(std::max(room, 0)));
    std::copy_n(port.incoming.data(), size, reinterpret_cast<std::uint8_t*>(out));
    port.incoming = {};
    return static_cast<int>(size);
}

int write_datagram(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    if (const auto* outgoing = port_of(bio).outgoing; outgoing && size > 0) (*outgoing)({reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
    return size;
}

long control(BIO*, int command, long, void*) {
    switch (command) {
        case BIO_CTRL_FLUSH: return 1;
        case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: return kIpAndUdpHeaders;
        default: return 0;
    }
}

BIO_METHOD* make_method() {
    auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");
    ENSURE(method != nullptr);
    BIO_meth_set_read(method, read_datagram);
    BIO_meth_set_write(method, write_datagram);
    BIO_meth_set_ctrl(method, control);
    return method;
}

}  // namespace

BIO* make_datagram_bio(DatagramPort& port) {
    static BIO_METHOD* const method = make_method();  // a table of functions, shared by all
    auto* bio = BIO_new(method);
    ENSURE(bio != nullptr);
    BIO_set_data(bio, &port);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace earshot::crypto

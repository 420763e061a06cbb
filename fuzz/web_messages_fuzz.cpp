// rooms: wire
// Whatever decodes must encode, and decode again to the very same message.
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "wire/web_messages.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    if (const auto message = wire::web::decode_client(text)) {
        const auto again = wire::web::decode_client(wire::web::encode(*message));
        ENSURE(again && *again == *message);
    }
    if (const auto message = wire::web::decode_server(text)) {
        const auto again = wire::web::decode_server(wire::web::encode(*message));
        ENSURE(again && *again == *message);
    }
    return 0;
}

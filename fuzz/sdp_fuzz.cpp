// rooms: wire
// max_len: 16384
// Any text as a session description: what is accepted is within its bounds, and is the same after being written.
#include <algorithm>

#include "base/check.hpp"
#include "wire/sdp.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto description = wire::parse_sdp(as_text({data, size}));
    if (!description) {
        ENSURE(description.error().sentence.ends_with('.'));
        return 0;
    }
    ENSURE(description->media.size() <= wire::kMaxSdpMedia);
    const auto text = wire::write_sdp(*description);
    const auto again = wire::parse_sdp(text);
    if (!again) {
        // Lines of our own were added beyond a bound.
        ENSURE(text.size() > wire::kMaxSdpSize || std::count(text.begin(), text.end(), '\n') > static_cast<std::ptrdiff_t>(wire::kMaxSdpLines));
        return 0;
    }
    ENSURE(*again == *description);
    return 0;
}

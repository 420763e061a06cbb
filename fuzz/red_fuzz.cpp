// rooms: wire
// max_len: 1500
// Any payload as RED: every view lies inside, and what we write of it is read the same.
#include <vector>

#include "base/check.hpp"
#include "wire/red.hpp"

using namespace earshot;

namespace {

bool inside(Bytes part, Bytes whole) { return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input{data, size};
    const auto red = wire::parse_red(input);
    if (!red) return 0;
    ENSURE(inside(red->payload, input));
    for (const auto& copy : red->earlier()) ENSURE(inside(copy.payload, input));
    std::vector<std::uint8_t> out(wire::red_size(red->earlier(), red->payload.size()));
    ENSURE(out.size() == size);
    ENSURE(wire::write_red(out, red->earlier(), red->payload_type, red->payload) == size);
    ENSURE(as_text(out) == as_text(input));
    return 0;
}

// rooms: core
// Any bytes as a name, a room or a text: what is accepted can be accepted again unchanged, and nothing
// accepted holds a control character.
#include <algorithm>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "core/names.hpp"
#include "core/text.hpp"

using namespace earshot;

namespace {
bool plain(std::string_view text, bool lines) {
    return std::ranges::none_of(text, [&](char c) { return (static_cast<unsigned char>(c) < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7f; });
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    if (const auto name = core::read_nickname(text)) {
        ENSURE(plain(name->shown, false) && !name->shown.empty());
        const auto again = core::read_nickname(name->shown);
        ENSURE(again && again->shown == name->shown && again->key == name->key);
    } else if (!name.error().suggestion.empty()) {
        ENSURE(core::read_nickname(name.error().suggestion).has_value());
    }
    if (const auto room = core::read_room_name(text)) {
        const auto again = core::read_room_name(room->shown);
        ENSURE(again && again->key == room->key && plain(room->shown, false));
    }
    const auto repaired = core::repair_utf8(text);
    ENSURE(core::count_characters(repaired).has_value());
    ENSURE(plain(core::clean_text(repaired), true) && plain(core::clean_line(repaired), false));
    ENSURE(core::count_characters(core::clean_text(repaired)).has_value());
    return 0;
}

// The tables of keys: what the finals, numbers and code points of key sequences mean.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "client/screen/input_event.hpp"

namespace earshot::client::screen {

// `CSI final`, `CSI 1 ; modifiers final` and `SS3 final`: arrows, Home, End, F1 to F4.
std::optional<Key> key_of_final(char final_byte);

// `CSI number ~`.
std::optional<Key> key_of_number(unsigned number);

// A control byte (below 0x20, or 0x7f) of the legacy protocol.
KeyInput key_of_control(std::uint8_t byte);

// A code point of the kitty keyboard protocol, without modifiers. Keys that mean nothing to us are Key::other.
KeyInput key_of_code(char32_t code);

// A character of its own, as typed: its text, and the key as a small letter with shift.
KeyInput key_of_character(char32_t character);

// The parameter of xterm and kitty: 1 and a bit each for shift, alt, control, super; locks are not told.
Modifiers modifiers_of(unsigned parameter);

}  // namespace earshot::client::screen

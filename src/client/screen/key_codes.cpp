#include "client/screen/key_codes.hpp"

#include <array>

#include "client/screen/utf8.hpp"

namespace earshot::client::screen {
namespace {

Key function_key(unsigned number) { return static_cast<Key>(static_cast<unsigned>(Key::f1) + number - 1); }

KeyInput named(Key key) {
    KeyInput out;
    out.key = key;
    return out;
}

// Keypad keys of the kitty protocol, from 57399 on: what each would be on the main keys.
constexpr std::u32string_view kKeypad = U"0123456789./*-+";
constexpr std::array kKeypadKeys{Key::enter,   Key::character, Key::character, Key::left, Key::right,  Key::up,    Key::down,
                                 Key::page_up, Key::page_down, Key::home,      Key::end,  Key::insert, Key::remove};

}  // namespace

std::optional<Key> key_of_final(char final_byte) {
    switch (final_byte) {
        case 'A': return Key::up;
        case 'B': return Key::down;
        case 'C': return Key::right;
        case 'D': return Key::left;
        case 'F': return Key::end;
        case 'H': return Key::home;
        case 'P': return Key::f1;
        case 'Q': return Key::f2;
        case 'R': return Key::f3;
        case 'S': return Key::f4;
        default: return std::nullopt;
    }
}

std::optional<Key> key_of_number(unsigned number) {
    switch (number) {
        case 1:
        case 7: return Key::home;
        case 2: return Key::insert;
        case 3: return Key::remove;
        case 4:
        case 8: return Key::end;
        case 5: return Key::page_up;
        case 6: return Key::page_down;
        default: break;
    }
    if (number >= 11 && number <= 15) return function_key(number - 10);
    if (number >= 17 && number <= 21) return function_key(number - 11);
    if (number == 23 || number == 24) return function_key(number - 12);
    return std::nullopt;
}

KeyInput key_of_control(std::uint8_t byte) {
    if (byte == 0x7f || byte == 0x08) return named(Key::backspace);
    if (byte == 0x09) return named(Key::tab);
    if (byte == 0x0d) return named(Key::enter);
    if (byte == 0x1b) return named(Key::escape);
    KeyInput out;
    out.modifiers.control = true;
    out.character = byte == 0 ? U' ' : byte < 0x1b ? U'a' + byte - 1u : U'@' + byte;
    return out;
}

KeyInput key_of_character(char32_t character) {
    KeyInput out;
    out.character = character;
    if (character >= U'A' && character <= U'Z') {
        out.character = character - U'A' + U'a';
        out.modifiers.shift = true;
    }
    append_utf8(out.text, character);
    return out;
}

KeyInput key_of_code(char32_t code) {
    if (code == 27 || code == 13 || code == 9 || code == 127 || code == 8) return key_of_control(static_cast<std::uint8_t>(code));
    if (code >= 57399 && code < 57399 + kKeypad.size()) return key_of_character(kKeypad[code - 57399]);
    if (code >= 57414 && code < 57414 + kKeypadKeys.size()) {
        if (code == 57415) return key_of_character(U'=');
        if (code == 57416) return key_of_character(U',');
        return named(kKeypadKeys[code - 57414]);
    }
    // The rest of the private area is locks, media keys and the modifiers themselves; controls are no keys.
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 57344 && code <= 63743)) return named(Key::other);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return named(Key::other);
    return key_of_character(code);
}

Modifiers modifiers_of(unsigned parameter) {
    const unsigned bits = parameter > 0 ? parameter - 1 : 0;
    return {.shift = (bits & 1) != 0, .alt = (bits & 2) != 0, .control = (bits & 4) != 0, .super = (bits & 8) != 0};
}

}  // namespace earshot::client::screen

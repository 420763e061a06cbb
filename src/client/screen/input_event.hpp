// What a terminal tells: keys, pastes, the focus, the mouse, and its answers to what we asked.
#pragma once
#include <cstdint>
#include <string>
#include <variant>

namespace earshot::client::screen {

enum class Key : std::uint8_t {
    character,
    enter,
    escape,
    backspace,
    tab,
    up,
    down,
    left,
    right,
    home,
    end,
    page_up,
    page_down,
    insert,
    remove,
    f1,
    f2,
    f3,
    f4,
    f5,
    f6,
    f7,
    f8,
    f9,
    f10,
    f11,
    f12,
    other,
};

// Releases and repeats are told only by terminals that speak the kitty keyboard protocol; elsewhere all is a press.
enum class KeyPhase : std::uint8_t { press, repeat, release };

struct Modifiers {
    bool shift = false;
    bool alt = false;
    bool control = false;
    bool super = false;
    bool operator==(const Modifiers&) const = default;
};

struct KeyInput {
    Key key = Key::character;
    char32_t character = 0;  // of Key::character: the key itself, a small letter where there is one
    Modifiers modifiers;
    KeyPhase phase = KeyPhase::press;
    std::string text;  // UTF-8 that the key types; empty when it types none
    bool operator==(const KeyInput&) const = default;
};

// Text that came at once; lines end in '\n'. `cut` when it was longer than InputDecoder::kMaxPaste.
struct Paste {
    std::string text;
    bool cut = false;
    bool operator==(const Paste&) const = default;
};

struct Focus {
    bool gained = false;
    bool operator==(const Focus&) const = default;
};

enum class MouseAction : std::uint8_t { press, release, move, wheel_up, wheel_down };

struct Mouse {
    MouseAction action = MouseAction::press;
    std::uint8_t button = 0;  // 0 left, 1 middle, 2 right
    int column = 0;           // both from 0
    int row = 0;
    bool operator==(const Mouse&) const = default;
};

// The answer to `CSI ? u`: the terminal speaks the kitty keyboard protocol and these flags are on.
struct KeyboardProtocol {
    unsigned flags = 0;
    bool operator==(const KeyboardProtocol&) const = default;
};

// The answer to OSC 11: the terminal's background, 0 to 255 each.
struct Background {
    std::uint8_t red = 0, green = 0, blue = 0;
    bool operator==(const Background&) const = default;
};

// The answer to `CSI c`, which every terminal gives: whatever was asked before it is answered by now or never.
struct DeviceAttributes {
    bool operator==(const DeviceAttributes&) const = default;
};

using InputEvent = std::variant<KeyInput, Paste, Focus, Mouse, KeyboardProtocol, Background, DeviceAttributes>;

}  // namespace earshot::client::screen

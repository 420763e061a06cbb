// Events in short words, for tests.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "base/overloaded.hpp"
#include "client/screen/input_event.hpp"
#include "client/screen/utf8.hpp"

namespace earshot::client::screen {

inline std::string describe(const KeyInput& key) {
    static constexpr std::array kNames{"",    "enter",   "escape",    "backspace", "tab",    "up",  "down", "left", "right", "home",
                                       "end", "page_up", "page_down", "insert",    "delete", "f1",  "f2",   "f3",   "f4",    "f5",
                                       "f6",  "f7",      "f8",        "f9",        "f10",    "f11", "f12",  "other"};
    std::string out;
    if (key.phase == KeyPhase::repeat) out += "repeat:";
    if (key.phase == KeyPhase::release) out += "release:";
    if (key.modifiers.shift) out += "shift+";
    if (key.modifiers.alt) out += "alt+";
    if (key.modifiers.control) out += "ctrl+";
    if (key.modifiers.super) out += "super+";
    if (key.key != Key::character) return out + kNames[static_cast<std::size_t>(key.key)];
    if (!key.text.empty()) return out + "'" + key.text + "'";
    if (key.character == U' ') return out + "space";
    append_utf8(out, key.character);
    return out;
}

inline std::string describe(const Mouse& mouse) {
    static constexpr std::array kNames{"press", "release", "move", "wheel_up", "wheel_down"};
    std::string out = kNames[static_cast<std::size_t>(mouse.action)];
    if (mouse.action <= MouseAction::move) out += std::to_string(mouse.button);
    return out + "@" + std::to_string(mouse.column) + "," + std::to_string(mouse.row);
}

inline std::string describe(const Paste& paste) {
    std::string out = paste.cut ? "cut-paste{" : "paste{";
    for (const char c : paste.text) out += c == '\n' ? std::string("\\n") : std::string(1, c);
    return out + "}";
}

inline std::string describe(const std::vector<InputEvent>& events) {
    std::string out;
    for (const auto& event : events) {
        if (!out.empty()) out += ' ';
        out += std::visit(
            overloaded{[](const KeyInput& e) { return describe(e); }, [](const Paste& e) { return describe(e); }, [](const Mouse& e) { return describe(e); },
                       [](const Focus& e) { return std::string(e.gained ? "focus" : "blur"); },
                       [](const KeyboardProtocol& e) { return "kitty" + std::to_string(e.flags); },
                       [](const Background& e) { return "background" + std::to_string(e.red) + "," + std::to_string(e.green) + "," + std::to_string(e.blue); },
                       [](const DeviceAttributes&) { return std::string("attributes"); }},
            event);
    }
    return out;
}

}  // namespace earshot::client::screen

// Where people come in. The web's door takes whole WebSocket messages, every other one a stream of bytes.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace earshot::port {

enum class Door : std::uint8_t {
    kWeb,
#define EARSHOT_STREAM_DOOR(door, name, flag, fallback, front, settings, help) door,
#include "port/doors.def"
#undef EARSHOT_STREAM_DOOR
};

struct StreamDoor {
    Door door;
    std::string_view key;       // of its setting: "listen.plain_text"
    std::string_view flag;      // "--plain-text"
    std::string_view fallback;  // "127.0.0.1:2222"
    std::string_view help;
    constexpr std::string_view name() const { return flag.substr(2); }
};

inline constexpr std::array kStreamDoors{
#define EARSHOT_STREAM_DOOR(door, name, flag, fallback, front, settings, help) StreamDoor{Door::door, "listen." #name, flag, fallback, help},
#include "port/doors.def"
#undef EARSHOT_STREAM_DOOR
};

}  // namespace earshot::port

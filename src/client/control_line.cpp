#include "client/control_line.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "client/words.hpp"

namespace earshot::client {
namespace {

namespace a = action;

struct Entry {
    std::string_view line;
    ControlRequest (*request)();
};

constexpr std::array kEntries{
    Entry{"ptt on", [] { return ControlRequest{Action{a::Talk{Switch::kOn}}}; }},
    Entry{"ptt off", [] { return ControlRequest{Action{a::Talk{Switch::kOff}}}; }},
    Entry{"ptt toggle", [] { return ControlRequest{Action{a::Talk{Switch::kToggle}}}; }},
    Entry{"mute", [] { return ControlRequest{Action{a::Mute{Switch::kOn}}}; }},
    Entry{"unmute", [] { return ControlRequest{Action{a::Mute{Switch::kOff}}}; }},
    Entry{"deafen", [] { return ControlRequest{Action{a::Deafen{Switch::kOn}}}; }},
    Entry{"undeafen", [] { return ControlRequest{Action{a::Deafen{Switch::kOff}}}; }},
    Entry{"quit", [] { return ControlRequest{Action{a::Quit{}}}; }},
    Entry{"status", [] { return ControlRequest{AskStatus{}}; }},
    Entry{"status --json", [] { return ControlRequest{AskStatus{true}}; }},
};

}  // namespace

std::expected<ControlRequest, std::string> read_control(std::string_view line) {
    const auto entry = std::ranges::find(kEntries, trimmed(line), &Entry::line);
    if (entry == kEntries.end())
        return std::unexpected("unknown command; there are ptt on|off|toggle, mute, unmute, deafen, undeafen, status [--json] and quit");
    return entry->request();
}

}  // namespace earshot::client

// One line of `earshot ctl`: what another program of the same user asks of a running client.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "client/action.hpp"

namespace earshot::client {

inline constexpr std::size_t kMostControlBytes = 256;  // of one line

struct AskStatus {
    bool json = false;
};
using ControlRequest = std::variant<Action, AskStatus>;

// "ptt on", "mute", "status", "status --json", ... without its newline. The error is a sentence.
std::expected<ControlRequest, std::string> read_control(std::string_view line);

}  // namespace earshot::client

#include "client/control_line.hpp"

#include <doctest/doctest.h>

using namespace earshot::client;

TEST_CASE("each line of ctl is one request, and nothing else is") {
    CHECK(std::get<action::Talk>(std::get<Action>(*read_control("ptt toggle"))).to == Switch::kToggle);
    CHECK(std::get<action::Deafen>(std::get<Action>(*read_control(" undeafen "))).to == Switch::kOff);
    CHECK(std::get<AskStatus>(*read_control("status --json")).json);
    for (const char* line : {"", "ptt", "ptt  on", "say hello", "MUTE", "status --yaml"}) CHECK_MESSAGE(!read_control(line), line);
}

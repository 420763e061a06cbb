// The limits that the house holds its members to. The values come from engine/limits.hpp.
#pragma once
#include <cstddef>

#include "base/time.hpp"

namespace earshot::core {

struct HubLimits {
    std::size_t text_characters = 4000;
    std::size_t topic_characters = 300;
    std::size_t members = 5000;
    std::size_t rooms = 2000;
    std::size_t rooms_per_member = 50;
    std::size_t call_members = 500;
    std::size_t unstored_entries = 8192;   // then commands are refused as busy
    std::size_t remembered_retries = 128;  // per member
    std::size_t barred_per_room = 256;     // then the one barred longest may come back
    Duration barred_for = std::chrono::minutes(10);
    std::size_t reason_characters = 200;  // of a removal; what is longer is refused
    double messages_per_second = 10;
    double message_burst = 20;
};

}  // namespace earshot::core

// The limits that the house holds its members to. The values come from engine/limits.hpp.
#pragma once
#include <cstddef>

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
    double messages_per_second = 10;
    double message_burst = 20;
};

}  // namespace earshot::core

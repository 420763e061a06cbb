// What the parts of the running client share: the loop, the house, and how a step of it is taken. The program owns all three.
#pragma once
#include <functional>

#include "client/house.hpp"
#include "io/net/asio.hpp"

namespace earshot::client {

using Step = std::function<void(Now, Outbox&)>;

struct Stage {
    io::asio::io_context& context;
    House& house;
    std::function<void(const Step&)> turn;  // a step, all that it asks for, and the next alarm
    std::function<void()> arm;              // some deadline is another
};

}  // namespace earshot::client

// Rings a loop from any thread, without allocation: an eventfd.
#pragma once
#include "io/net/socket.hpp"
#include "port/control.hpp"

namespace earshot::io {

class EventWaker final : public port::Waker {
public:
    EventWaker();
    void wake() override;
    // Forgets the rings so far; by the loop that was woken, before it looks for news.
    void clear();
    int descriptor() const { return event_.get(); }

private:
    Descriptor event_;
};

}  // namespace earshot::io

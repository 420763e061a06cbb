// One descriptor kept back for the day when there are none: a caller that cannot be served is let in and closed
// politely, instead of ringing at the listener for ever.
#pragma once
#include <fcntl.h>
#include <sys/socket.h>

#include "base/time.hpp"
#include "io/net/socket.hpp"

namespace earshot::io {

class ReserveDescriptor {
public:
    static constexpr Duration kPause = std::chrono::milliseconds(100);  // before one asks again

    // After accept() failed with EMFILE or ENFILE. False: another thread was quicker to take what we let go; then the
    // caller must not ask again at once, for nothing has changed.
    bool turn_away_one(int listener) {
        if (!held_) held_ = open();
        if (!held_) return false;
        held_.reset();
        { const Descriptor refused(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)); }
        held_ = open();
        return static_cast<bool>(held_);
    }

private:
    static Descriptor open() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
    Descriptor held_ = open();
};

}  // namespace earshot::io

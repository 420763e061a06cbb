// One descriptor kept back for the day when there are none: a caller that cannot be served is let in and closed
// politely, instead of ringing at the listener for ever.
#pragma once
#include <fcntl.h>
#include <sys/socket.h>

#include "io/net/socket.hpp"

namespace earshot::io {

class ReserveDescriptor {
public:
    // After accept() failed with EMFILE or ENFILE.
    void turn_away_one(int listener) {
        held_.reset();
        { const Descriptor refused(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)); }
        held_ = open();
    }

private:
    static Descriptor open() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
    Descriptor held_ = open();
};

}  // namespace earshot::io

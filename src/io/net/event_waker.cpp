#include "io/net/event_waker.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.hpp"

namespace earshot::io {

EventWaker::EventWaker() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { ENSURE(event_); }

void EventWaker::wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);  // full means that it rings already
}

void EventWaker::clear() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(event_.get(), &count, sizeof count);
}

}  // namespace earshot::io

#include "crypto/openssl_clock.hpp"

#include <sys/time.h>
#include <time.h>

#include "base/check.hpp"

namespace earshot::crypto {
namespace {

constexpr std::int64_t kOutside = -1;
// One per thread, because the question comes through C and carries no context.
thread_local std::int64_t handed_in_us = kOutside;

// Far from zero, which OpenSSL takes to mean "no timer".
constexpr std::int64_t kOffsetUs = 1'000'000'000'000;

}  // namespace

OpensslTime::OpensslTime(Time now) : previous_us_(handed_in_us) {
    handed_in_us = kOffsetUs + std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
    ENSURE(handed_in_us > 0);
}

OpensslTime::~OpensslTime() { handed_in_us = previous_us_; }

}  // namespace earshot::crypto

extern "C" int gettimeofday(timeval* __restrict out, void* __restrict) noexcept {
    using earshot::crypto::handed_in_us;
    if (handed_in_us != earshot::crypto::kOutside) {
        out->tv_sec = handed_in_us / 1'000'000;
        out->tv_usec = handed_in_us % 1'000'000;
        return 0;
    }
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

#include "io/net/system_random.hpp"

#include <sys/random.h>

#include <cerrno>

#include "base/check.hpp"

namespace earshot::io {

void SystemRandom::fill(MutableBytes out) {
    while (!out.empty()) {
        const auto got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        ENSURE(got > 0);  // without chance there are no secrets: stop
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace earshot::io

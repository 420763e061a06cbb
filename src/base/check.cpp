#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace earshot {

void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "earshot: broken invariant: %s (%s:%d). This is a bug; please report it with this line.\n", condition, file, line);
    std::abort();
}

}  // namespace earshot

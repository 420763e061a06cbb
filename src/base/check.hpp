// ENSURE stops the process when one of our own invariants is broken. It stays on in release.
// Bad input is never a reason to ENSURE: that is a value of error.
#pragma once

namespace earshot {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define ENSURE(condition) \
    (__builtin_expect(static_cast<bool>(condition), 1) ? static_cast<void>(0) : ::earshot::check_failed(#condition, __FILE__, __LINE__))

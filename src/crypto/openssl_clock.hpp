// OpenSSL's DTLS asks gettimeofday() when to retransmit. This makes it ask us: while an OpensslTime
// lives, its thread's OpenSSL sees the moment that was handed in, so a Dtls is a function of its inputs.
// The program's own definition of gettimeofday() is what the shared library binds to; outside of such a
// scope it answers with the system's time as ever.
#pragma once
#include "base/time.hpp"

namespace earshot::crypto {

class OpensslTime {
public:
    explicit OpensslTime(Time now);
    ~OpensslTime();
    OpensslTime(const OpensslTime&) = delete;
    OpensslTime& operator=(const OpensslTime&) = delete;

private:
    std::int64_t previous_us_;  // of the scope around this one
};

}  // namespace earshot::crypto

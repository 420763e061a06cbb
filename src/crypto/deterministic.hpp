// For the simulator and for tests: while one lives, everything OpenSSL draws (keys, nonces, hello
// randoms, serial numbers) comes from the Random handed in, so the same seed gives the same bytes.
// Process-wide, and so one at a time and on one thread. Never in the real server.
#pragma once
#include "base/random.hpp"

namespace earshot::crypto {

class DeterministicOpenssl {
public:
    explicit DeterministicOpenssl(Random& random);
    ~DeterministicOpenssl();
    DeterministicOpenssl(const DeterministicOpenssl&) = delete;
    DeterministicOpenssl& operator=(const DeterministicOpenssl&) = delete;

private:
    const void* previous_;  // OpenSSL's RAND_METHOD
};

}  // namespace earshot::crypto

// Which library's AES protects packets. Tests and benchmarks choose; everybody else takes the fastest.
#pragma once
#include <cstdint>

namespace earshot::crypto {

enum class CipherLibrary : std::uint8_t { kFastest, kIpsecMb, kOpenssl };

// True when libipsec-mb was built in and this processor has the instructions it wants (AES-NI, PCLMULQDQ).
bool ipsec_mb_usable();

}  // namespace earshot::crypto

// What it costs to protect one 120-byte voice packet: 256 listeners in rotation, each with a key of its own,
// 64 packets a call, by both ciphers and both libraries. Prints the median of nine runs and the aims.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/random.hpp"
#include "crypto/srtp.hpp"

using namespace earshot;
using namespace earshot::crypto;

namespace {

constexpr std::size_t kListeners = 256, kBatch = 64, kRuns = 9, kBatchesPerRun = 4000;
constexpr std::size_t kHeader = 12, kPayload = 108, kSlot = 160;

double thread_cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

SrtpKeys random_keys(Random& random, SrtpProfile profile) {
    SrtpKeys keys{profile, {}, {}};
    random.fill(keys.master_key.fill());
    random.fill(keys.master_salt.fill());
    return keys;
}

double measure(SrtpProfile profile, CipherLibrary library) {
    SeededRandom random{1};
    std::vector<SrtpOutbound> listeners;
    for (std::size_t i = 0; i < kListeners; ++i) listeners.emplace_back(random_keys(random, profile), library);
    std::array<std::uint8_t, kPayload> payload{};
    random.fill(payload);
    std::vector<std::uint8_t> arena(kBatch * kSlot);
    std::array<ProtectJob, kBatch> jobs;
    std::array<double, kRuns> runs{};
    std::uint16_t sequence = 1;
    for (std::size_t run = 0; run <= kRuns; ++run) {  // the first warms up and is not counted
        const double start = thread_cpu_ns();
        for (std::size_t batch = 0; batch < kBatchesPerRun; ++batch) {
            for (std::size_t i = 0; i < kBatch; ++i) {
                auto* packet = arena.data() + i * kSlot;
                packet[0] = 0x80;
                packet[1] = 111;
                store_u16(packet + 2, sequence);
                jobs[i] = {&listeners[(batch * kBatch + i) % kListeners], packet, payload.data(), kHeader, kPayload, 0};
            }
            ++sequence;
            protect_rtp(jobs);
        }
        if (run > 0) runs[run - 1] = (thread_cpu_ns() - start) / (kBatchesPerRun * kBatch);
    }
    std::ranges::sort(runs);
    return runs[kRuns / 2];
}

}  // namespace

int main() {
    constexpr auto gcm = SrtpProfile::kAeadAes128Gcm, cm = SrtpProfile::kAes128CmSha1_80;
    fmt::print("ns of CPU per 120-byte packet, {} keys, batches of {}, median of {} runs\n\n", kListeners, kBatch, kRuns);
    fmt::print("{:<14}{:>14}{:>14}\n", "", "AES-128-GCM", "CM + SHA-1");
    const auto row = [&](const char* name, CipherLibrary library) { fmt::print("{:<14}{:>14.1f}{:>14.1f}\n", name, measure(gcm, library), measure(cm, library)); };
    if (ipsec_mb_usable()) row("libipsec-mb", CipherLibrary::kIpsecMb);
    row("OpenSSL EVP", CipherLibrary::kOpenssl);
    fmt::print("{:<14}{:>14}{:>14}\n", "aim", "<= 60", "<= 110");
}

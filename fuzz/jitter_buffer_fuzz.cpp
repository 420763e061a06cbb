// rooms: audio
// max_len: 4096
// Packets with any numbers, times and bytes, in any order and rhythm, and a device that asks when it likes: the jitter buffer always
// answers with finite sound, within its bounds. Each step is a verb and its arguments, read from the input.
#include <cmath>
#include <vector>

#include "audio/jitter_buffer.hpp"
#include "base/check.hpp"

using namespace earshot;

namespace {

class Stage {
public:
    explicit Stage(Bytes bytes) : input_(bytes) {}

    void run() {
        while (input_.remaining() > 0 && steps_++ < 600) step();
    }

private:
    void step() {
        const std::uint8_t verb = input_.u8();
        switch (verb % 8) {
            case 0: return play(1 + verb / 8u);
            case 1: now_ += std::chrono::microseconds(input_.u16()); return;
            case 2: return leap();
            case 3: return insert(input_.take(input_.u8()));
            case 4: sequence_ += verb / 8u, timestamp_ += verb / 8u * 960u; return;  // lost
            case 5: sequence_ -= verb / 8u, timestamp_ -= verb / 8u * 960u; return;  // late or twice
            default: return speak(verb);
        }
    }
    void leap() {
        switch (input_.u8() % 6) {
            case 0: sequence_ = input_.u64(); break;
            case 1: timestamp_ = input_.u32(); break;
            case 2: now_ += std::chrono::milliseconds(input_.u16()); break;
            case 3: now_ -= std::chrono::milliseconds(input_.u8()); break;
            case 4: buffer_.reset(); break;
            default: now_ = Time{Duration{static_cast<std::int64_t>(input_.u64() >> 2)}}; break;
        }
    }
    // In the rhythm of a real talk: a packet each 20 ms, whatever its bytes.
    void speak(std::uint8_t verb) {
        insert(input_.take(verb / 4));
        now_ += 20ms;
        for (int call = 0; call < 2; ++call) play(4);
    }
    void insert(Bytes payload) {
        buffer_.insert(now_, {payload, sequence_, timestamp_, false});
        sequence_ += 1;
        timestamp_ += 960;
    }
    void play(std::size_t quarters) {
        sound_.assign(quarters * 120 * 2, NAN);
        buffer_.play(now_, sound_);
        for (const float sample : sound_) ENSURE(std::isfinite(sample));
        const auto statistics = buffer_.statistics();
        ENSURE(statistics.target >= 0ns && statistics.target <= 400ms);
        ENSURE(statistics.concealed >= 0ns && statistics.played >= 0ns && statistics.delay >= 0ns);
    }

    ByteReader input_;
    audio::JitterBuffer buffer_;
    std::vector<float> sound_;
    Time now_{1000s};
    std::uint64_t sequence_ = 1 << 16;
    std::uint32_t timestamp_ = 0xffff0000;
    int steps_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Stage{{data, size}}.run();
    return 0;
}

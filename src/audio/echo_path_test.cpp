#include "audio/echo_path.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "audio/signals_for_tests.hpp"

namespace earshot::audio {
namespace {

// Cancels nothing, holds back as long as the real one, and counts what it is fed.
class Delay final : public EchoCanceller {
public:
    Delay(int& far, int& near) : far_(far), near_(near) {}
    void far_end(ConstSamples) override { ++far_; }
    void near_end(Samples block) override {
        ++near_;
        for (float& sample : block) {
            line_.push_back(sample);
            sample = line_.front();
            line_.pop_front();
        }
    }

private:
    int &far_, &near_;
    std::deque<float> line_ = std::deque<float>(EchoPath::kHeldBack, 0.f);
};

struct Room {
    int far = 0, near = 0;
    EchoPath path{std::make_unique<Delay>(far, near)};
    std::vector<float> heard{};

    // Both at once; the loudspeakers say something or nothing.
    void hear(ConstSamples sound, bool loudspeakers) {
        std::array<float, 480> far_block{}, block{};
        far_block.fill(loudspeakers ? 0.1f : 0.f);
        for (std::size_t at = 0; at + 480 <= sound.size(); at += 480) {
            std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>(at), 480, block.begin());
            path.far_end(far_block);
            path.near_end(block, loudspeakers);
            heard.insert(heard.end(), block.begin(), block.end());
        }
    }
    std::size_t lag(ConstSamples said, std::size_t from) const { return best_match(said.subspan(from, 4800), ConstSamples{heard}.subspan(from), 1200).shift; }
};

}  // namespace

TEST_CASE("while the loudspeakers are silent the microphone is not held back and the canceller does nothing") {
    Room room;
    const auto said = made_speech(0.5, 48'000, 3, false);
    room.hear(said, false);
    CHECK(room.heard == said);
    CHECK(room.near == 0);
    CHECK(room.far == 0);
}

TEST_CASE("going in and coming out is heard by nobody") {
    Room room;
    const auto said = made_speech(0.5, 48'000 * 8, 3, true);
    const ConstSamples all{said};
    room.hear(all.first(48'000 * 2), false);
    room.hear(all.subspan(48'000 * 2, 48'000 * 2), true);
    CHECK(room.path.cancelling());
    CHECK(room.lag(said, 48'000 * 3) >= EchoPath::kHeldBack);
    room.hear(all.subspan(48'000 * 4), false);
    CHECK_FALSE(room.path.cancelling());
    CHECK(room.lag(said, 48'000 * 7) == 0);
    CHECK(room.far == room.near);
    CHECK(largest_step(room.heard) < 1.1 * largest_step(said));
    CHECK(rms(room.heard) == doctest::Approx(rms(said)).epsilon(0.05));
}

TEST_CASE("in the middle of a tone a whole period is said again") {
    Room room;
    const auto tone = made_sine(130, 0.5, 48'000 * 2);  // 369.2 samples: neither 384 nor a divisor of it
    room.hear(ConstSamples{tone}.first(48'000), false);
    room.hear(ConstSamples{tone}.subspan(48'000), true);
    CHECK(largest_step(room.heard) < 1.05 * largest_step(tone));
    for (std::size_t at = 47'000; at + 480 < 51'000; at += 240) CHECK(rms(ConstSamples{room.heard}.subspan(at, 369)) == doctest::Approx(0.3536).epsilon(0.03));
}

TEST_CASE("a voice that never pauses stays on its way until it does") {
    Room room;
    const auto tone = made_sine(130, 0.5, 48'000 * 2);
    room.hear(tone, true);
    room.hear(tone, false);
    CHECK(room.path.cancelling());
    room.hear(std::vector<float>(48'000), false);
    CHECK_FALSE(room.path.cancelling());
}

TEST_CASE("the real canceller holds back as long as its way believes") {
    const auto said = made_speech(0.5, 48'000 * 4, 3, false);
    EchoPath path{std::move(*make_webrtc_canceller({.echo = true, .noise = false, .gain = false, .high_pass = false}))};
    std::vector<float> heard = said;
    std::array<float, 480> far{};
    far[0] = 1e-6f;
    for (std::size_t at = 0; at + 480 <= heard.size(); at += 480) {
        path.far_end(far);
        path.near_end(std::span<float, 480>{heard.data() + at, 480}, true);
    }
    const auto match = best_match(ConstSamples{said}.subspan(96'000, 48'000), ConstSamples{heard}.subspan(96'000), 1500);
    CHECK(match.shift >= EchoPath::kHeldBack - 2);
    CHECK(match.shift <= EchoPath::kHeldBack + 2);
}

}  // namespace earshot::audio

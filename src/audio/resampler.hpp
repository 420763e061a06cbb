// Between any rate of a device or file and any other, in a stream: what is cut into pieces comes out as if it had been whole.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "audio/frame.hpp"

struct SpeexResamplerState_;

namespace earshot::audio {

class Resampler {
public:
    static constexpr int kMinRate = 4'000, kMaxRate = 768'000;
    static constexpr std::size_t kMaxChannels = 8;

    // `quality`: 0 to 10; 6 keeps what an ear hears up to 90 % of the smaller rate's band.
    static std::expected<Resampler, std::string> make(int from, int to, std::size_t channels, int quality = 6);
    // One that correct() can be asked of, even where the rates are the same.
    static std::expected<Resampler, std::string> make_adjustable(int from, int to, std::size_t channels, int quality = 6);

    struct Done {
        std::size_t consumed = 0, produced = 0;  // sample frames
    };
    // Interleaved. Takes and gives as much as fits; call again with what was not consumed.
    Done process(ConstSamples in, Samples out);

    // The source's clock is that much faster than it says (0.001: a thousandth): from now on so much more is read for what is given.
    // Without a seam; it costs a new filter, so ask rarely. Only of one that was made adjustable.
    void correct(double faster);

    // How long a sound waits inside.
    Duration latency() const;
    bool passes_through() const { return !state_; }

private:
    struct Free {
        void operator()(SpeexResamplerState_* state) const;
    };
    explicit Resampler(std::size_t channels) : channels_(channels) {}

    std::unique_ptr<SpeexResamplerState_, Free> state_;  // none: the rates are the same
    std::size_t channels_;
    int from_ = kRate, to_ = kRate;
};

}  // namespace earshot::audio

#include "audio/echo_canceller.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <webrtc/common.h>
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#pragma GCC diagnostic pop

#include <array>

#include "base/check.hpp"

namespace earshot::audio {
namespace {

class WebrtcCanceller final : public EchoCanceller {
public:
    static std::expected<std::unique_ptr<EchoCanceller>, std::string> make(const ProcessingSettings& settings) {
        webrtc::Config config;
        config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
        config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
        config.Set<webrtc::ExperimentalAgc>(new webrtc::ExperimentalAgc(false));
        std::unique_ptr<webrtc::AudioProcessing> processing(webrtc::AudioProcessing::Create(config));
        if (!processing) return std::unexpected("the audio processing module does not start");
        if (!configure(*processing, settings)) return std::unexpected("the audio processing module refuses its settings");
        return std::unique_ptr<EchoCanceller>(new WebrtcCanceller(std::move(processing), settings));
    }

    void far_end(ConstSamples block) override {
        ENSURE(block.size() == kBlock);
        if (!settings_.echo) return;
        std::array<float, kBlock> copy;
        std::ranges::copy(block, copy.begin());
        float* channel = copy.data();
        processing_->ProcessReverseStream(&channel, stream_, stream_, &channel);
    }

    void near_end(Samples block) override {
        ENSURE(block.size() == kBlock);
        // The module wants to be told some delay before every block; it then finds its own.
        if (settings_.echo) processing_->set_stream_delay_ms(0);
        float* channel = block.data();
        processing_->ProcessStream(&channel, stream_, stream_, &channel);
    }

private:
    WebrtcCanceller(std::unique_ptr<webrtc::AudioProcessing> processing, const ProcessingSettings& settings)
        : processing_(std::move(processing)), settings_(settings) {}

    static bool configure(webrtc::AudioProcessing& p, const ProcessingSettings& settings) {
        int refused = p.high_pass_filter()->Enable(settings.high_pass);
        refused |= p.echo_cancellation()->enable_drift_compensation(false);
        refused |= p.echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kHighSuppression);
        refused |= p.echo_cancellation()->Enable(settings.echo);
        refused |= p.noise_suppression()->set_level(webrtc::NoiseSuppression::kHigh);
        refused |= p.noise_suppression()->Enable(settings.noise);
        refused |= p.gain_control()->set_mode(webrtc::GainControl::kAdaptiveDigital);
        refused |= p.gain_control()->set_target_level_dbfs(6);
        refused |= p.gain_control()->set_compression_gain_db(12);
        refused |= p.gain_control()->enable_limiter(true);
        refused |= p.gain_control()->Enable(settings.gain);
        const webrtc::StreamConfig mono(kRate, 1);
        refused |= p.Initialize(webrtc::ProcessingConfig{{mono, mono, mono, mono}});
        return refused == 0;
    }

    std::unique_ptr<webrtc::AudioProcessing> processing_;
    ProcessingSettings settings_;
    const webrtc::StreamConfig stream_{kRate, 1};
};

}  // namespace

std::expected<std::unique_ptr<EchoCanceller>, std::string> make_webrtc_canceller(const ProcessingSettings& settings) { return WebrtcCanceller::make(settings); }

}  // namespace earshot::audio

#include "io/sound/cubeb_system.hpp"

#include <cubeb/cubeb.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "io/sound/clocked_stream.hpp"

namespace earshot::io {
namespace {

constexpr cubeb_device_type kBoth = static_cast<cubeb_device_type>(CUBEB_DEVICE_TYPE_INPUT | CUBEB_DEVICE_TYPE_OUTPUT);

const char* words(int error) {
    switch (error) {
        case CUBEB_ERROR_INVALID_FORMAT: return "it does not take 48 kHz float";
        case CUBEB_ERROR_NOT_SUPPORTED: return "the sound system cannot do that";
        case CUBEB_ERROR_DEVICE_UNAVAILABLE: return "it is not available";
        default: return "the sound system refuses it";
    }
}

// The devices of one kind, freed when left.
struct Collection {
    Collection(cubeb* context, cubeb_device_type type) : context_(context) {
        if (cubeb_enumerate_devices(context, type, &all) != CUBEB_OK) all = {};
    }
    ~Collection() {
        if (all.device) cubeb_device_collection_destroy(context_, &all);
    }
    Collection(const Collection&) = delete;
    Collection& operator=(const Collection&) = delete;
    cubeb_device_collection all{};

private:
    cubeb* context_;
};

class CubebStream final : public SoundStream {
public:
    CubebStream(cubeb* context, cubeb_devid id, SoundDirection direction, std::size_t channels, Duration period, SoundUser& user)
        : context_(context), id_(id), direction_(direction), channels_(channels), period_(period), user_(user) {}
    ~CubebStream() override { close(); }

    int open(Attention attention) {
        close();
        attention_ = attention;
        cubeb_stream_params params{};
        params.format = CUBEB_SAMPLE_FLOAT32NE;
        params.rate = audio::kRate;
        params.channels = static_cast<std::uint32_t>(channels_);
        params.layout = channels_ == 1 ? CUBEB_LAYOUT_MONO : CUBEB_LAYOUT_STEREO;
        params.prefs = CUBEB_STREAM_PREF_NONE;
        const bool input = direction_ == SoundDirection::kInput;
        return cubeb_stream_init(context_, &stream_, input ? "microphone" : "voices", input ? id_ : nullptr, input ? &params : nullptr, input ? nullptr : id_,
                                 input ? nullptr : &params, latency_frames(), data, state, this);
    }

    // An input that relaxes is opened anew: how much is handed over at a time is settled when a stream is made.
    void run(Attention attention) override {
        const bool on = attention != Attention::kOff;
        if (on && direction_ == SoundDirection::kInput && attention != attention_ && open(attention) != CUBEB_OK) return lost();
        if (on == running_ || !stream_) return;
        running_ = on;
        if (on)
            cubeb_stream_start(stream_);
        else
            cubeb_stream_stop(stream_);
    }
    bool failed() const override { return failed_; }

private:
    void close() {
        if (!stream_) return;
        if (running_) cubeb_stream_stop(stream_);
        cubeb_stream_destroy(std::exchange(stream_, nullptr));
        running_ = false;
    }
    // Of what the PulseAudio backend calls latency it hands over a quarter at a time. An input waits for nothing else; an output is filled so
    // far ahead, which two periods are enough for.
    std::uint32_t latency_frames() const {
        const bool pulse = std::string_view(cubeb_get_backend_id(context_)).starts_with("pulse");
        auto frames = period_.count() * audio::kRate / 1'000'000'000;
        if (direction_ == SoundDirection::kInput)
            frames *= (pulse ? 4 : 1) * (attention_ == Attention::kRelaxed ? std::max<std::int64_t>(1, 50ms / period_) : 1);
        else if (pulse)
            frames *= 2;
        return static_cast<std::uint32_t>(frames);
    }
    static long data(cubeb_stream*, void* self, const void* in, void* out, long frames) {
        static_cast<CubebStream*>(self)->block(static_cast<const float*>(in), static_cast<float*>(out), static_cast<std::size_t>(frames));
        return frames;
    }
    void block(const float* in, float* out, std::size_t frames) {
        const Time now = sound_clock();
        if (direction_ == SoundDirection::kInput)
            user_.captured(now, {in, frames * channels_}, channels_);
        else
            user_.wanted(now, {out, frames * channels_});
    }
    static void state(cubeb_stream*, void* self, cubeb_state state) {
        if (state == CUBEB_STATE_ERROR) static_cast<CubebStream*>(self)->lost();
    }
    void lost() {
        failed_ = true;
        user_.noticed(direction_ == SoundDirection::kInput ? SoundEvent::kInputLost : SoundEvent::kOutputLost);
    }

    cubeb* context_;
    cubeb_devid id_;
    SoundDirection direction_;
    std::size_t channels_;
    Duration period_;
    SoundUser& user_;
    Attention attention_ = Attention::kEager;
    cubeb_stream* stream_ = nullptr;
    bool running_ = false;
    std::atomic<bool> failed_ = false;
};

void devices_changed(cubeb*, void* user) { static_cast<SoundUser*>(user)->noticed(SoundEvent::kDevicesChanged); }

SoundDevice described(const cubeb_device_info& info) {
    SoundDevice device{.direction = info.type == CUBEB_DEVICE_TYPE_INPUT ? SoundDirection::kInput : SoundDirection::kOutput};
    device.id = info.device_id ? info.device_id : "";
    device.name = info.friendly_name && *info.friendly_name ? info.friendly_name : device.id;
    device.is_default = info.preferred != CUBEB_DEVICE_PREF_NONE;
    device.monitor = device.id.ends_with(".monitor");
    return device;
}

}  // namespace

void CubebSystem::Free::operator()(cubeb* context) const {
    cubeb_register_device_collection_changed(context, kBoth, nullptr, nullptr);
    cubeb_destroy(context);
}

std::expected<std::unique_ptr<CubebSystem>, std::string> CubebSystem::make(SoundUser& user) {
    cubeb* context = nullptr;
    if (cubeb_init(&context, "Earshot", nullptr) != CUBEB_OK) return std::unexpected("there is no sound system to talk to");
    return std::unique_ptr<CubebSystem>(new CubebSystem(std::unique_ptr<cubeb, Free>(context), user));
}

CubebSystem::CubebSystem(std::unique_ptr<cubeb, Free> context, SoundUser& user) : context_(std::move(context)) {
    // Where this is not known, a lost device is still told by its stream.
    cubeb_register_device_collection_changed(context_.get(), kBoth, devices_changed, &user);
}

CubebSystem::~CubebSystem() = default;

std::vector<SoundDevice> CubebSystem::devices() const {
    std::vector<SoundDevice> devices;
    for (const auto type : {CUBEB_DEVICE_TYPE_INPUT, CUBEB_DEVICE_TYPE_OUTPUT}) {
        const Collection found(context_.get(), type);
        for (std::size_t i = 0; i < found.all.count; ++i)
            if (found.all.device[i].state == CUBEB_DEVICE_STATE_ENABLED) devices.push_back(described(found.all.device[i]));
    }
    return devices;
}

StreamResult CubebSystem::open(SoundDirection direction, const std::string& id, const SoundOptions& options, SoundUser& user) {
    const bool input = direction == SoundDirection::kInput;
    const Collection found(context_.get(), input ? CUBEB_DEVICE_TYPE_INPUT : CUBEB_DEVICE_TYPE_OUTPUT);
    cubeb_devid chosen = nullptr;
    for (std::size_t i = 0; i < found.all.count; ++i)
        if (!id.empty() && found.all.device[i].device_id && id == found.all.device[i].device_id) chosen = found.all.device[i].devid;
    if (!id.empty() && !chosen) return std::unexpected(fmt::format("{} is gone", id));
    auto stream = std::make_unique<CubebStream>(context_.get(), chosen, direction, input ? options.input_channels : 2, options.period, user);
    if (const int error = stream->open(Attention::kEager); error != CUBEB_OK)
        return std::unexpected(fmt::format("the {} does not open: {}", input ? "microphone" : "output", words(error)));
    return stream;
}

}  // namespace earshot::io

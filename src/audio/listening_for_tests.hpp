// A whole listening in virtual time: speech, encoder, weather, jitter buffer, and what was heard. For tests and benches.
#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "audio/clicks_for_tests.hpp"
#include "audio/jitter_buffer.hpp"
#include "audio/opus_decoder.hpp"
#include "audio/opus_encoder.hpp"
#include "audio/weather_for_tests.hpp"

namespace earshot::audio {

struct ListeningSettings {
    Duration frame = 20ms;
    Duration call = 5ms;  // the device's period
    int expected_loss = 10;
    int bitrate = 32'000;
    OpusMode mode = OpusMode::kVoice;
    bool gate = false;       // sends nothing in silence, and marks the first packet after it
    Duration call_jitter{};  // of the device's asking, uniform
    std::uint64_t seed = 1;
    Duration warm_up = 0s;                             // not counted
    std::vector<Arrival> arrivals{};                   // recorded ones, in place of the drawn
    std::vector<std::vector<std::uint8_t>> packets{};  // recorded ones, in place of the encoded; again and again
    std::size_t copies = 0;  // whole packets from before that each packet brings along (RED)
    bool keep_sound = true;
};

struct Listening {
    JitterStatistics statistics;
    std::vector<float> heard;        // left channel
    std::vector<float> clean;        // the same packets decoded with none missing
    std::vector<std::size_t> seams;  // in `heard`, to the call
    std::vector<double> delays_ms;   // at each call while he spoke
    Duration unmended{};             // lost without a copy in the next packet
    Duration sent{};

    double share(Duration part) const {
        return statistics.played.count() ? static_cast<double>(part.count()) / static_cast<double>(statistics.played.count()) : 0.0;
    }
    double concealed() const { return share(statistics.concealed); }
    double unmendable() const { return sent.count() ? static_cast<double>(unmended.count()) / static_cast<double>(sent.count()) : 0.0; }
    double delay(double quantile) const {
        if (delays_ms.empty()) return 0;
        auto sorted = delays_ms;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1))];
    }
    // Splashes above `ratio` within 40 ms after a joint: the call that it happened in and what was decoded with it.
    std::size_t clicks(double ratio) const {
        std::size_t count = 0;
        for (const auto& splash : splashes(heard))
            count += splash.ratio > ratio &&
                     std::any_of(seams.begin(), seams.end(), [&](std::size_t seam) { return splash.at + 240 >= seam && splash.at < seam + 1920; });
        return count;
    }
    double waited_ms() const {
        return statistics.decoded ? static_cast<double>(statistics.waited.count()) / 1e6 / static_cast<double>(statistics.decoded) : 0.0;
    }
};

inline void subtract(JitterStatistics& from, const JitterStatistics& before) {
    from.played -= before.played, from.concealed -= before.concealed, from.recovered -= before.recovered;
    from.stretched -= before.stretched, from.accelerated -= before.accelerated, from.waited -= before.waited;
    from.packets -= before.packets, from.decoded -= before.decoded, from.lost -= before.lost, from.late -= before.late;
    from.dropped -= before.dropped, from.seams -= before.seams;
}

class Listener {
public:
    Listener(const Weather& weather, const ListeningSettings& settings)
        : settings_(settings),
          trace_(weather, settings.seed),
          chance_(settings.seed + 77),
          encoder_(*OpusEncoder::make({.mode = settings.mode, .frame = settings.frame, .bitrate = settings.bitrate, .dtx = settings.gate})) {
        encoder_.set_expected_loss(settings.expected_loss);
    }

    Listening listen(ConstSamples speech) {
        const auto frame = static_cast<std::size_t>(settings_.frame.count() * 48 / 1'000'000);
        const auto frames = speech.size() / frame;
        Listening result;
        for (std::size_t n = 0; n < frames; ++n) {
            send(speech.subspan(n * frame, frame), result);
            while (played_until_ + settings_.call <= sent_until_) call(result);
        }
        result.statistics = buffer_.statistics();
        subtract(result.statistics, before_);
        return result;
    }

    void change(const Weather& weather) { trace_.change(weather); }
    void reset() { buffer_.reset(); }

private:
    struct OnTheWay {
        std::vector<std::uint8_t> payload;
        std::uint64_t sequence;
        std::uint32_t timestamp;
        bool marker;
        std::vector<OnTheWay> copies{};  // of the ones before, oldest first
    };

    Arrival arrival_of(std::size_t packet) { return packet < settings_.arrivals.size() ? settings_.arrivals[packet] : trace_.next(settings_.frame); }

    void send(ConstSamples sound, Listening& result) {
        const auto arrival = arrival_of(packets_);
        sent_until_ = arrival.sent;
        const Bytes encoded = settings_.packets.empty() ? *encoder_.encode(sound) : Bytes{settings_.packets[packets_ % settings_.packets.size()]};
        ++packets_;
        const auto timestamp = static_cast<std::uint32_t>(timestamp_ += static_cast<std::uint32_t>(sound.size()));
        if (settings_.keep_sound) decode_clean(encoded, sound.size(), result);
        if (settings_.gate && says_silence(encoded)) {
            silent_ = true;
            return;
        }
        const bool counts = arrival.sent >= settings_.warm_up;
        if (counts) result.sent += settings_.frame;
        const auto shape = inspect_opus(encoded);
        missing_ = arrival.at ? 0 : missing_ + 1;
        if (settings_.copies > 0 ? missing_ > settings_.copies : was_missing_ && !(arrival.at && shape->recoverable > 0))
            if (counts) result.unmended += settings_.frame;
        was_missing_ = !arrival.at;
        OnTheWay packet{{encoded.begin(), encoded.end()}, sequence_++, timestamp, silent_};
        silent_ = false;
        earlier_.push_back(packet);
        packet.copies.assign(earlier_.begin(), earlier_.end() - 1);
        if (earlier_.size() > settings_.copies) earlier_.erase(earlier_.begin());
        if (!arrival.at) return;
        if (arrival.twice) way_.emplace(*arrival.at + 3ms, packet);
        way_.emplace(*arrival.at, std::move(packet));
    }
    void decode_clean(Bytes payload, std::size_t frames, Listening& result) {
        std::vector<float> sound(kLongestPacket * 2);
        const auto done = clean_.decode(payload, sound).value_or(0);
        for (std::size_t n = 0; n < std::min(done, frames); ++n) result.clean.push_back(sound[2 * n]);
    }
    void call(Listening& result) {
        played_until_ += settings_.call;
        Duration asked_at = played_until_;
        if (settings_.call_jitter.count())
            asked_at += Duration{static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>(settings_.call_jitter.count())))};
        for (auto it = way_.begin(); it != way_.end() && it->first <= asked_at; it = way_.erase(it))
            arrive(kStart + it->first, it->second);
        sound_.assign(static_cast<std::size_t>(settings_.call.count() * 96 / 1'000'000), 0.0f);
        buffer_.play(kStart + asked_at, sound_);
        note(result);
    }
    void arrive(Time at, const OnTheWay& packet) {
        for (const auto& copy : packet.copies)
            if (settings_.copies > 0 && seen_.insert(copy.sequence).second)
                buffer_.insert(at, {.payload = copy.payload, .sequence = copy.sequence, .timestamp = copy.timestamp, .copy = true});
        if (settings_.copies > 0 && !seen_.insert(packet.sequence).second) return;
        buffer_.insert(at, {.payload = packet.payload, .sequence = packet.sequence, .timestamp = packet.timestamp, .marker = packet.marker});
    }
    void note(Listening& result) {
        const auto now = buffer_.statistics();
        if (played_until_ < settings_.warm_up) {
            before_ = now;
            return;
        }
        if (now.seams != seams_) result.seams.push_back(result.heard.size());
        seams_ = now.seams;
        for (std::size_t n = 0; settings_.keep_sound && n < sound_.size(); n += 2) result.heard.push_back(sound_[n]);
        if (now.delay > 0ns) result.delays_ms.push_back(static_cast<double>(now.delay.count()) / 1e6);
    }

    static constexpr Time kStart{1000s};
    ListeningSettings settings_;
    WeatherTrace trace_;
    SeededRandom chance_;
    OpusEncoder encoder_;
    OpusDecoder clean_;
    JitterBuffer buffer_;
    std::multimap<Duration, OnTheWay> way_;
    std::vector<float> sound_;
    JitterStatistics before_;
    Duration sent_until_{}, played_until_{};
    std::size_t packets_ = 0;
    std::uint64_t sequence_ = 1000, seams_ = 0;
    std::uint32_t timestamp_ = 4'294'900'000u;
    std::size_t missing_ = 0;  // in a row
    bool was_missing_ = false, silent_ = true;
    std::vector<OnTheWay> earlier_;
    std::set<std::uint64_t> seen_;
};

inline Listening listen(const Weather& weather, const ListeningSettings& settings, ConstSamples speech) { return Listener{weather, settings}.listen(speech); }

}  // namespace earshot::audio

// How the jitter buffer does in drawn weather: how much it conceals beside what no copy could mend, what it stretches and hurries, how
// long it makes one wait, whether it clicks, and what it costs. Virtual time: the figures are the same on every machine but the last.
//   jitter_bench [--seconds N] [--seed N] [--speech FILE.raw: mono float 48 kHz] [--frame MS] [--call MS] [--save FOLDER] [--trace NAME=FILE]...
//   jitter_bench --hour drift|weather   (the second is meant for a build with sanitizers)
// A trace is recorded: a line a packet, milliseconds when it was sent, when it came or - for lost, and its Opus packet in hexadecimal.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include "audio/clicks_for_tests.hpp"
#include "audio/listening_for_tests.hpp"
#include "audio/signals_for_tests.hpp"

using namespace earshot;

namespace {

struct Options {
    int seconds = 120;
    std::uint64_t seed = 1;
    std::string speech, save, hour;
    Duration frame = 20ms, call = 5ms;
    std::vector<std::pair<std::string, std::string>> traces;
};

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Options options(int count, char** words) {
    Options chosen;
    for (int n = 1; n + 1 < count; n += 2) {
        const std::string_view name = words[n], value = words[n + 1];
        if (name == "--seconds") chosen.seconds = number(value);
        if (name == "--seed") chosen.seed = static_cast<std::uint64_t>(number(value));
        if (name == "--speech") chosen.speech = value;
        if (name == "--hour") chosen.hour = value;
        if (name == "--save") chosen.save = value;
        if (name == "--trace") chosen.traces.emplace_back(value.substr(0, value.find('=')), value.substr(value.find('=') + 1));
        if (name == "--frame") chosen.frame = std::chrono::milliseconds(number(value));
        if (name == "--call") chosen.call = std::chrono::milliseconds(number(value));
    }
    return chosen;
}

// A recording is repeated until it is long enough.
std::vector<float> speech(const Options& chosen) {
    const auto wanted = static_cast<std::size_t>(chosen.seconds) * audio::kRate;
    if (chosen.speech.empty()) return audio::made_speech(0.5, wanted, chosen.seed);
    std::ifstream file(chosen.speech, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<float> once(bytes.size() / sizeof(float)), sound;
    std::memcpy(once.data(), bytes.data(), once.size() * sizeof(float));
    while (!once.empty() && sound.size() < wanted) sound.push_back(once[sound.size() % once.size()]);
    return sound;
}

void save(const Options& chosen, const audio::Listening& heard, int row) {
    if (chosen.save.empty()) return;
    const auto write = [&](const char* what, const std::vector<float>& sound) {
        std::ofstream file(fmt::format("{}/{}-{}.raw", chosen.save, row, what), std::ios::binary);
        file.write(reinterpret_cast<const char*>(sound.data()), static_cast<std::streamsize>(sound.size() * sizeof(float)));
    };
    write("heard", heard.heard);
    write("clean", heard.clean);
    std::ofstream seams(fmt::format("{}/{}-seams.txt", chosen.save, row));
    for (const auto at : heard.seams) seams << at << '\n';
}

constexpr double kClick = 3.0;

struct Recording {
    std::vector<audio::Arrival> arrivals;
    std::vector<std::vector<std::uint8_t>> packets;
};

std::vector<std::uint8_t> from_hex(std::string_view text) {
    std::vector<std::uint8_t> bytes(text.size() / 2);
    for (std::size_t n = 0; n < bytes.size(); ++n) std::from_chars(text.data() + 2 * n, text.data() + 2 * n + 2, bytes[n], 16);
    return bytes;
}

Recording recorded(const std::string& path) {
    std::ifstream file(path);
    Recording recording;
    const auto milliseconds = [](double ms) { return Duration{static_cast<std::int64_t>(ms * 1e6)}; };
    double sent = 0, at = 0;
    for (std::string came, packet; file >> sent >> came >> packet;) {
        const bool arrived = std::from_chars(came.data(), came.data() + came.size(), at).ec == std::errc{};
        recording.arrivals.push_back({milliseconds(sent), arrived ? std::optional{milliseconds(at)} : std::nullopt});
        recording.packets.push_back(from_hex(packet));
    }
    return recording;
}

void row(const Options& chosen, const audio::Weather& weather, std::span<const float> sound, int number, Recording recording = {}) {
    if (!recording.arrivals.empty()) sound = sound.first(std::min(sound.size(), recording.arrivals.size() * 960));
    const auto begun = std::chrono::steady_clock::now();
    const auto heard = audio::listen(weather,
                                     {.frame = chosen.frame,
                                      .call = chosen.call,
                                      .seed = chosen.seed,
                                      .warm_up = 10s,
                                      .arrivals = std::move(recording.arrivals),
                                      .packets = std::move(recording.packets)},
                                     sound);
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const double reference = heard.unmendable();
    const auto& s = heard.statistics;
    fmt::print("{:28} {:6.2f} {:6.2f} {:5} {:6.2f} {:6.2f} {:6.2f} {:7.1f} {:6.1f} {:6.1f} {:5} {:6} {:6.2f} {:5} {:6.1f} {:6.1f}\n", weather.name,
               100 * heard.concealed(), 100 * reference, reference > 0 ? fmt::format("{:.2f}", heard.concealed() / reference) : "-",
               100 * heard.share(s.recovered), 100 * heard.share(s.stretched), 100 * heard.share(s.accelerated), heard.delay(0.5), heard.delay(0.95),
               heard.waited_ms(), s.seams, heard.clicks(kClick), audio::largest_splash(heard.heard), s.late, static_cast<double>(s.target.count()) / 1e6, took);
    save(chosen, heard, number);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

// Nanoseconds of this machine for 10 ms of one slot's sound, the packet's arrival included: silent, speaking, and while the network stalls.
void cost(Duration frame) {
    auto encoder = *audio::OpusEncoder::make({.frame = frame, .bitrate = 32'000, .dtx = false});
    const auto speech = audio::made_speech(0.5, 20 * audio::kRate, 1, false);
    audio::JitterBuffer buffer;
    std::vector<float> out(960);
    Time now{1000s};
    std::vector<double> silent, speaking, stalled;
    const auto timed = [](std::vector<double>& into, auto&& work) {
        const auto begun = std::chrono::steady_clock::now();
        work();
        into.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count());
    };
    for (int n = 0; n < 2000; ++n) timed(silent, [&] { buffer.play(now += 10ms, out); });
    audio::Packet packet{};
    const auto calls = frame / Duration{10ms};
    for (std::size_t at = 0; at + encoder.frame_samples() <= speech.size(); at += encoder.frame_samples()) {
        packet.payload = *encoder.encode(audio::ConstSamples{speech}.subspan(at, encoder.frame_samples()));
        std::vector<double> whole;
        timed(whole, [&] {
            buffer.insert(now, packet);
            for (int n = 0; n < calls; ++n) buffer.play(now += 10ms, out);
        });
        speaking.push_back(whole[0] / static_cast<double>(calls));
        packet.sequence += 1;
        packet.timestamp += static_cast<std::uint32_t>(encoder.frame_samples());
    }
    for (int n = 0; n < 10; ++n) timed(stalled, [&] { buffer.play(now += 10ms, out); });
    fmt::print("cost of 10 ms, frames of {} ms: silent {:.0f} ns, speaking {:.0f} ns, concealing {:.0f} ns (medians); {:.2f} % of a core for one who speaks\n",
               whole_ms(frame), median(silent), median(speaking), median(stalled), median(speaking) / 1e5);
}

std::vector<std::vector<std::uint8_t>> minute_of_packets(Duration frame) {
    auto encoder = *audio::OpusEncoder::make({.frame = frame, .bitrate = 32'000, .dtx = false});
    encoder.set_expected_loss(10);
    const auto speech = audio::made_speech(0.5, 60 * audio::kRate, 1);
    std::vector<std::vector<std::uint8_t>> packets;
    for (std::size_t at = 0; at + encoder.frame_samples() <= speech.size(); at += encoder.frame_samples()) {
        const auto packet = *encoder.encode(audio::ConstSamples{speech}.subspan(at, encoder.frame_samples()));
        packets.emplace_back(packet.begin(), packet.end());
    }
    return packets;
}

double shift_ms(const Duration part) { return static_cast<double>(part.count()) / 1e6; }

// Sixty minutes with clocks that drift apart by 200 ppm, which are 720 ms: no drop, and the delay of the last minutes is that of the first.
void drifting_hour(double ppm) {
    const std::vector<float> minute(60 * audio::kRate);
    audio::Listener listener({.jitter_ms = 0.3, .drift_ppm = ppm}, {.frame = 10ms, .packets = minute_of_packets(10ms), .keep_sound = false});
    listener.listen(minute);
    const auto first = listener.listen(minute);
    double most = 0;
    audio::Listening last;
    for (int n = 2; n < 60; ++n) {
        last = listener.listen(minute);
        most = std::max(most, last.delay(1.0));
    }
    const auto& s = last.statistics;
    fmt::print(
        "an hour at {:+.0f} ppm: delay {:.1f} ms in minute 2, {:.1f} ms in minute 60, {:.1f} ms at most; {} dropped, {:.0f} ms concealed, {:.0f} ms stretched, "
        "{:.0f} ms accelerated\n",
        ppm, first.delay(0.5), last.delay(0.5), most, s.dropped, shift_ms(s.concealed - first.statistics.concealed),
        shift_ms(s.stretched - first.statistics.stretched), shift_ms(s.accelerated - first.statistics.accelerated));
}

// Each minute other weather; now and then another speaker.
void weather_hour(std::uint64_t seed) {
    const std::vector<float> minute(60 * audio::kRate);
    const audio::Weather weathers[] = {audio::kCalm,  audio::kMild,   audio::kWifi,  audio::kBursts,
                                       audio::kLossy, audio::kStalls, audio::kQueue, audio::kDuplicates};
    audio::Listener listener(audio::kCalm, {.seed = seed, .packets = minute_of_packets(20ms), .keep_sound = false});
    audio::Listening last;
    for (std::size_t n = 0; n < 60; ++n) {
        listener.change(weathers[n * 5 % std::size(weathers)]);
        if (n % 7 == 6) listener.reset();
        last = listener.listen(minute);
    }
    const auto& s = last.statistics;
    fmt::print("an hour of weather: {} packets, {:.2f} % concealed, {} late, {} dropped, {} joints, delay {:.1f} ms in the last minute\n", s.packets,
               100 * last.concealed(), s.late, s.dropped, s.seams, last.delay(0.5));
}

}  // namespace

int main(int count, char** words) {
    const auto chosen = options(count, words);
    if (chosen.hour == "drift") return drifting_hour(200), drifting_hour(-200), 0;
    if (chosen.hour == "weather") return weather_hour(chosen.seed), 0;
    const auto sound = speech(chosen);
    fmt::print("{} s of {} speech, frames of {} ms, device of {} ms; shares in %, times in ms\n", chosen.seconds, chosen.speech.empty() ? "made" : "given",
               whole_ms(chosen.frame), whole_ms(chosen.call));
    fmt::print("{:28} {:>6} {:>6} {:>5} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>5} {:>6} {:>6} {:>5} {:>6} {:>6}\n", "", "conc.", "unmend", "ratio", "copies",
               "slower", "faster", "del.p50", "p95", "waited", "seams", "clicks", "splash", "late", "target", "took s");
    int at = 0;
    for (const auto& [name, path] : chosen.traces) row(chosen, audio::Weather{.name = name}, sound, at++, recorded(path));
    if (!chosen.traces.empty()) return 0;
    for (const auto& weather : {audio::kCalm, audio::kMild, audio::kWifi, audio::kBursts, audio::kLossy, audio::kStalls, audio::kRareStalls, audio::kQueue,
                                audio::kDuplicates, audio::Weather{.name = "drift +200 ppm", .jitter_ms = 3, .drift_ppm = 200},
                                audio::Weather{.name = "drift -200 ppm", .jitter_ms = 3, .drift_ppm = -200}})
        row(chosen, weather, sound, at++);
    fmt::print(
        "clicks: splashes at joints above {:.1f} times all within 30 ms; splash: the largest anywhere; clean speech reaches {:.2f}, a hard cut ten and more\n",
        kClick, audio::largest_splash(audio::listen(audio::kCalm, {}, sound).clean));
    for (const auto frame : {10ms, 20ms}) cost(frame);
}

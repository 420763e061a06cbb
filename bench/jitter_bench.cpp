// How the jitter buffer does in drawn weather: how much it conceals beside what no copy could mend, what it stretches and hurries, how
// long it makes one wait, whether it clicks, and what it costs. Virtual time: the figures are the same on every machine but the last.
//   jitter_bench [--seconds N] [--seed N] [--speech FILE.raw: mono float 48 kHz] [--frame MS] [--call MS] [--save FOLDER] [--trace NAME=FILE]...
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
    std::string speech, save;
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

std::size_t clicks(const audio::Listening& heard) {
    const double threshold = std::max(4.0, 1.05 * audio::largest_splash(heard.clean));
    const auto found = audio::splashes(heard.heard);
    return static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [&](const auto& splash) { return splash.ratio > threshold; }));
}

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
    fmt::print("{:28} {:6.2f} {:6.2f} {:5} {:6.2f} {:6.2f} {:6.2f} {:7.1f} {:6.1f} {:6.1f} {:5} {:6} {:5} {:6.1f} {:6.1f}\n", weather.name,
               100 * heard.concealed(), 100 * reference, reference > 0 ? fmt::format("{:.2f}", heard.concealed() / reference) : "-",
               100 * heard.share(s.recovered), 100 * heard.share(s.stretched), 100 * heard.share(s.accelerated), heard.delay(0.5), heard.delay(0.95),
               heard.waited_ms(), s.seams, clicks(heard), s.late, static_cast<double>(s.target.count()) / 1e6, took);
    save(chosen, heard, number);
}

}  // namespace

int main(int count, char** words) {
    const auto chosen = options(count, words);
    const auto sound = speech(chosen);
    fmt::print("{} s of {} speech, frames of {} ms, device of {} ms; shares in %, times in ms\n", chosen.seconds, chosen.speech.empty() ? "made" : "given",
               whole_ms(chosen.frame), whole_ms(chosen.call));
    fmt::print("{:28} {:>6} {:>6} {:>5} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>5} {:>6} {:>5} {:>6} {:>6}\n", "", "conc.", "unmend", "ratio", "copies",
               "slower", "faster", "del.p50", "p95", "waited", "seams", "clicks", "late", "target", "took s");
    int at = 0;
    for (const auto& [name, path] : chosen.traces) row(chosen, audio::Weather{.name = name}, sound, at++, recorded(path));
    if (!chosen.traces.empty()) return 0;
    for (const auto& weather : {audio::kCalm, audio::kMild, audio::kWifi, audio::kBursts, audio::kLossy, audio::kStalls, audio::kRareStalls, audio::kQueue,
                                audio::kDuplicates, audio::Weather{.name = "drift +200 ppm", .jitter_ms = 3, .drift_ppm = 200},
                                audio::Weather{.name = "drift -200 ppm", .jitter_ms = 3, .drift_ppm = -200}})
        row(chosen, weather, sound, at++);
}

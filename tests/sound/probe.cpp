// Plays a known sound into an output and listens to an input, both of the real sound system, and says what it heard of it:
//   sound_probe list
//   sound_probe INPUT OUTPUT SECONDS [PERIOD_US [quiet]]     quiet: the output is stopped, to see what listening alone costs
// Speaks in lines: "device …", "using …", "notice …", "heard correlation=… delay_ms=… blocks=… steps=…".
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <utility>

#include "audio/signals_for_tests.hpp"
#include "io/sound/clocked_stream.hpp"
#include "io/sound/device.hpp"

using namespace earshot;

namespace {

constexpr std::size_t kMost = 48'000 * 60;

class Probe final : public io::SoundUser {
public:
    Probe() : said(audio::made_speech(0.5, kMost, 99, false)) {
        heard.reserve(kMost + 96'000);
        captures.reserve(100'000);
        plays.reserve(100'000);
    }
    void captured(Time now, audio::ConstSamples sound, std::size_t) override {
        if (heard.size() + sound.size() > heard.capacity() || captures.size() == captures.capacity()) return;
        captures.emplace_back(now, heard.size() + sound.size());
        heard.insert(heard.end(), sound.begin(), sound.end());
    }
    void wanted(Time now, audio::Samples stereo) override {
        if (plays.size() < plays.capacity()) plays.emplace_back(now, played);
        for (std::size_t i = 0; i < stereo.size(); i += 2, ++played) stereo[i] = stereo[i + 1] = played < said.size() ? said[played] : 0;
        ++blocks;
    }
    void noticed(io::SoundEvent) override {
        std::lock_guard lock(mutex);
        event = true;
        changed.notify_all();
    }
    // From the block in which the sample `from` was played to the one in which it was heard, as the sample `at`.
    double delay_ms(std::size_t from, std::size_t at) const {
        const auto played_in = std::ranges::upper_bound(plays, from, {}, &std::pair<Time, std::size_t>::second);
        const auto heard_in = std::ranges::upper_bound(captures, at, {}, &std::pair<Time, std::size_t>::second);
        if (played_in == plays.begin() || heard_in == captures.end()) return -1;
        return static_cast<double>((heard_in->first - std::prev(played_in)->first).count()) / 1e6;
    }
    std::vector<float> said, heard;
    std::vector<std::pair<Time, std::size_t>> captures, plays;  // moment, samples heard by its end; moment, samples played before it
    std::size_t played = 0, blocks = 0;
    std::mutex mutex;
    std::condition_variable changed;
    bool event = false;
};

template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::print(format, std::forward<Args>(args)...);
    fmt::print("\n");
    std::fflush(stdout);
}

int number(const char* text) {
    int value = 0;
    std::from_chars(text, text + std::string_view(text).size(), value);
    return value;
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int list() {
    Probe probe;
    auto sound = io::open_sound({.input = "none", .output = "none"}, probe);
    const auto devices = (*sound)->devices();
    if (!devices) return say("error {}", devices.error()), 1;
    for (const auto& d : *devices)
        say("device {} {} {} {} {}", d.direction == io::SoundDirection::kInput ? "input" : "output", d.is_default ? "*" : "-", d.monitor ? "monitor" : "real",
            d.id, d.name);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "list") return list();
    if (argc < 4) return 2;
    Probe probe;
    double made = -1;
    const bool quiet = argc > 5;
    io::SoundOptions options{.input = argv[1], .output = argv[2]};
    if (argc > 4) options.period = std::chrono::microseconds(number(argv[4]));
    auto sound = io::open_sound(options, probe);
    if (!sound) return say("error {}", sound.error()), 1;
    say("using {} | {} | {}", (*sound)->input_name(), (*sound)->output_name(), (*sound)->echo_free() ? "echo free" : "echo");
    if (quiet) (*sound)->play(io::Attention::kOff), (*sound)->listen(io::Attention::kRelaxed);
    const auto begun = std::chrono::steady_clock::now();
    const auto end = begun + std::chrono::seconds(number(argv[3]));
    while (std::chrono::steady_clock::now() < end) {
        if (made < 0 && std::chrono::steady_clock::now() > begun + std::chrono::seconds(2)) made = cpu_seconds();
        {
            std::unique_lock lock(probe.mutex);
            probe.changed.wait_until(lock, std::min(end, std::chrono::steady_clock::now() + std::chrono::seconds(1)), [&] { return probe.event; });
            probe.event = false;
        }
        for (const auto& notice : (*sound)->refresh()) say("notice {}", notice);
    }
    const double cpu = cpu_seconds() - made;
    sound->reset();
    // Half a second from the middle of what was heard, looked for in what was said.
    constexpr std::size_t kPiece = 24'000, kSearch = 24'000;
    audio::BestMatch best;
    double delay = -1, steps = 0;
    if (probe.heard.size() > 4 * kPiece && probe.played > 4 * kPiece) {
        const std::size_t from = probe.played / 2;
        const std::size_t about = probe.heard.size() - std::min(probe.heard.size(), probe.played - from);
        const std::size_t begin = about > kSearch / 2 ? about - kSearch / 2 : 0;
        const auto said = audio::ConstSamples{probe.said}.subspan(from, kPiece);
        best = audio::best_match(said, audio::ConstSamples{probe.heard}.subspan(begin), std::min(kSearch, probe.heard.size() - begin - kPiece));
        delay = probe.delay_ms(from, begin + best.shift);
        steps = audio::largest_step(audio::ConstSamples{probe.heard}.subspan(begin + best.shift, kPiece)) / audio::largest_step(said);
    }
    say("heard correlation={:.4f} delay_ms={:.1f} blocks={} hearings={} samples={} steps={:.2f} cpu_percent={:.2f}", best.correlation, delay, probe.blocks,
        probe.captures.size(), probe.heard.size(), steps, 100 * cpu / (number(argv[3]) - 2));
    return 0;
}

// From mouth to ear through two callers of the terminal client: with the production media loop between them on loopback (E1, E2), and in
// virtual time, through nothing and through drawn weather (E3). And what each 10 ms of it cost.
//   voice_path_bench [e1] [e2] [virtual] [e3] [cpu]      without: all
// A device of period P: its microphone hands over at t what sounded from t - 2P to t - P, its loudspeakers play from t + P what they are given at t.
#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "client/voice/caller.hpp"
#include "mouth_to_ear.hpp"
#include "voice_server.hpp"

using namespace earshot;

namespace {

constexpr Duration kTalk = 6s;
constexpr int kRounds = 8;
constexpr Duration kSkip = 1500ms;  // a call is a second old before it is judged
const audio::ProcessingSettings kNone{.echo = false, .noise = false, .gain = false, .high_pass = false};

struct Setting {
    client::CallerSettings caller;
    Duration period = 5ms;
};

Setting ordinary(audio::ProcessingSettings processing = kNone) {
    Setting setting;
    setting.caller.processing = processing;
    setting.caller.talk.activation = client::Activation::kOpen;
    setting.caller.dtx = false;
    return setting;
}
Setting quick() {
    auto setting = ordinary();
    setting.caller.low_delay = true;
    setting.period = 2500us;
    return setting;
}

// One who speaks and one who listens, each with a device of his own, whose clocks began at different moments.
class Pair {
public:
    Pair(const Setting& setting, Time start, Duration phase, std::uint64_t seed)
        : period_(setting.period),
          block_(static_cast<std::size_t>(bench::samples_in(period_))),
          speaker(*client::Caller::make(setting.caller)),
          listener(*client::Caller::make(setting.caller)),
          mouth{start, audio::made_speech(0.5, static_cast<std::size_t>(bench::samples_in(kTalk + 1s)), seed, false)},
          ear{start + phase + 2 * period_, {}},
          next_mouth_(start + 2 * period_),
          next_ear_(start + phase + period_) {
        packets.reserve(64);
    }

    Time next() const { return std::min(next_mouth_, next_ear_); }
    bool over() const { return spoken_ >= static_cast<std::size_t>(bench::samples_in(kTalk)); }

    // What is due at `now`; true when there are packets to send.
    bool turn(Time now) {
        packets.clear();
        late_ += next() + period_ < now;
        if (next_ear_ <= now) {
            std::vector<float> stereo(2 * block_);
            listener.play(now, stereo);
            for (std::size_t i = 0; i < stereo.size(); i += 2) ear.sound.push_back(stereo[i]);
            next_ear_ += period_;
        }
        if (next_mouth_ <= now) {
            speaker.capture(now, audio::ConstSamples{mouth.sound}.subspan(spoken_, block_), 1, packets);
            spoken_ += block_;
            next_mouth_ += period_;
        }
        return !packets.empty();
    }
    // What noise and echo are taken out of is no longer the same sound: a pitch period looks much like the next.
    bench::Delays delays() const { return bench::delays_between(mouth, ear, 200ms, kSkip, speaker.microphone().processing() ? 24'000 : 4800); }
    std::size_t late() const { return late_; }
    audio::JitterStatistics heard(std::size_t slot) const { return listener.playout().statistics(slot); }

private:
    Duration period_;
    std::size_t block_;

public:
    client::Caller speaker, listener;
    bench::Tape mouth, ear;
    std::vector<client::Outgoing> packets;

private:
    Time next_mouth_, next_ear_;
    std::size_t spoken_ = 0, late_ = 0;
};

void print(std::string_view what, const bench::Delays& delays, std::size_t late) {
    fmt::print("{:58} p50 {:5.1f} ms, p99 {:5.1f} ms, {} windows, {} not recognised, {} late wakings\n", what, delays.percentile(0.5), delays.percentile(0.99),
               delays.ms.size(), delays.unknown, late);
}

void through_the_server(std::string_view what, const Setting& setting) {
    bench::VoiceServer server(2);
    SeededRandom chance(7);
    bench::Delays all, calmest, network;
    double calmest_network = 1e9;
    std::size_t late = 0, least = 0;
    for (int round = 0; round < kRounds; ++round) {
        const Duration phase{static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(setting.period.count())))};
        Pair pair(setting, io::read_clock() + 10ms, phase, static_cast<std::uint64_t>(round) + 1);
        std::uint32_t base = static_cast<std::uint32_t>(round) * 1'000'000;
        server.heard_by(1);
        std::deque<Time> sent;  // loopback loses and reorders nothing
        bench::Delays way;
        while (!pair.over()) {
            if (io::read_clock() < pair.next()) server.wait_until(pair.next());
            for (const auto& packet : server.heard_by(1)) {
                if (sent.empty()) continue;  // of the round before
                way.ms.push_back(static_cast<double>((packet.at - sent.front()).count()) / 1e6);
                sent.pop_front();
                pair.listener.receive(packet.at, packet.slot,
                                      {.payload = packet.payload, .sequence = packet.sequence, .timestamp = packet.timestamp, .marker = packet.marker});
            }
            const Time now = io::read_clock();
            if (now < pair.next() || !pair.turn(now)) continue;
            for (const auto& packet : pair.packets) {
                sent.push_back(io::read_clock());
                server.speak(0, packet.payload(), base + packet.timestamp, packet.level);
            }
        }
        const auto delays = pair.delays();
        all.add(delays);
        late += pair.late();
        network.add(way);
        if (way.percentile(0.99) < calmest_network) calmest_network = way.percentile(0.99), least = pair.late(), calmest = delays;
    }
    print(what, all, late);
    fmt::print("    from sending to receiving: p50 {:.2f} ms, p99 {:.2f} ms\n", network.percentile(0.5), network.percentile(0.99));
    // On a machine that others use, what wakes late is heard late: the round with the steadiest network says what is ours.
    print(fmt::format("    the calmest round, network p99 {:.2f} ms", calmest_network), calmest, least);
}

// The delay that the network draws for a packet, or none when it is lost.
using Weather = std::function<std::optional<Duration>(Random&)>;

double normal(Random& chance) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(chance.u64() >> 11) / 9007199254740992.0;
    return sum;
}
Weather jitter(double loss, double base_ms, double deviation_ms, bool folded) {
    return [=](Random& chance) -> std::optional<Duration> {
        if (chance.chance(loss)) return std::nullopt;
        const double drawn = normal(chance) * deviation_ms;
        return Duration{static_cast<std::int64_t>(1e6 * std::max(0.0, base_ms + (folded ? std::abs(drawn) : drawn)))};
    };
}

void through_weather(std::string_view what, const Setting& setting, const Weather& weather, double loss, double base_ms) {
    bench::Delays all;
    audio::JitterStatistics sum;
    SeededRandom chance(11);
    for (int round = 0; round < 4 * kRounds; ++round) {
        const Duration phase{static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(setting.period.count())))};
        Pair pair(setting, Time{1h}, phase, static_cast<std::uint64_t>(round) + 1);
        std::multimap<Time, std::pair<std::uint64_t, client::Outgoing>> wire;
        std::uint64_t sequence = 0;
        for (int report = 0; report < 3; ++report) pair.speaker.reported(Time{1h} - 1s, loss);
        while (!pair.over()) {
            const Time now = pair.next();
            while (!wire.empty() && wire.begin()->first <= now) {
                const auto& [number, packet] = wire.begin()->second;
                pair.listener.receive(wire.begin()->first, 0,
                                      {.payload = packet.payload(), .sequence = number, .timestamp = packet.timestamp, .marker = packet.marker});
                wire.erase(wire.begin());
            }
            if (!pair.turn(now)) continue;
            for (const auto& packet : pair.packets) {
                ++sequence;
                if (const auto delay = weather(chance)) wire.emplace(now + *delay + 500us, std::pair{sequence, packet});
            }
        }
        all.add(pair.delays());
        const auto heard = pair.heard(0);
        sum.played += heard.played, sum.concealed += heard.concealed, sum.recovered += heard.recovered;
        sum.stretched += heard.stretched, sum.accelerated += heard.accelerated, sum.lost += heard.lost, sum.late += heard.late, sum.seams += heard.seams;
    }
    for (auto& ms : all.ms) ms -= base_ms;
    print(what, all, 0);
    const auto share = [&](Duration part) { return 100.0 * static_cast<double>(part.count()) / static_cast<double>(sum.played.count()); };
    fmt::print(
        "    of the sound: {:.2f} % concealed, {:.2f} % recovered by FEC, {:.2f} % stretched, {:.2f} % accelerated; {} packets missing when due, {} of them "
        "late\n",
        share(sum.concealed), share(sum.recovered), share(sum.stretched), share(sum.accelerated), sum.lost, sum.late);
}

// --- what it costs

// Of this thread alone, so that others on the machine do not count.
double thread_us() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}
double median_us(const std::function<void(std::size_t)>& work, std::size_t times = 1000) {
    std::vector<double> us;
    for (std::size_t i = 0; i < times; ++i) {
        const double before = thread_us();
        work(i);
        us.push_back(thread_us() - before);
    }
    std::ranges::nth_element(us, us.begin() + static_cast<std::ptrdiff_t>(us.size() / 2));
    return us[us.size() / 2];
}
void cost(std::string_view what, double us) { fmt::print("{:58} {:7.1f} us each 10 ms, {:5.2f} % of a core\n", what, us, us / 100); }

// One who talks while eight are heard, whose echo is taken out.
double everything_us(int complexity, double loss) {
    const auto speech = audio::made_speech(0.5, 48'000 * 12, 3, false);
    auto caller = client::Caller::make({.complexity = complexity});
    auto encoder = audio::OpusEncoder::make({.dtx = false});
    std::vector<std::vector<std::uint8_t>> packets;
    for (std::size_t i = 0; i < 1000; ++i) {
        const auto packet = encoder->encode(audio::ConstSamples{speech}.subspan(i * 480, 480));
        packets.emplace_back(packet->begin(), packet->end());
    }
    std::vector<float> stereo(960);
    std::vector<client::Outgoing> out;
    out.reserve(4);
    Time now{1h};
    for (int report = 0; report < 3; ++report) caller->reported(now, loss);
    return median_us([&](std::size_t i) {
        now += 10ms;
        for (std::size_t slot = 0; slot < 8; ++slot)
            caller->receive(now, slot, {.payload = packets[i], .sequence = i, .timestamp = static_cast<std::uint32_t>(i * 480)});
        caller->play(now, stereo);
        caller->capture(now, audio::ConstSamples{speech}.subspan((i + 7) % 1000 * 480, 480), 1, out);
        out.clear();
    });
}

void costs() {
    const auto speech = audio::made_speech(0.5, 48'000 * 12, 3, false);
    const auto block = [&](std::size_t i) { return audio::ConstSamples{speech}.subspan(i % 1000 * 480, 480); };
    for (const int complexity : {5, 6, 7, 9}) {
        auto encoder = audio::OpusEncoder::make({.complexity = complexity, .dtx = false});
        cost(fmt::format("encode, 40 kbit/s, complexity {}", complexity), median_us([&](std::size_t i) { (void)encoder->encode(block(i)); }));
        encoder->set_expected_loss(5);
        cost("    with FEC", median_us([&](std::size_t i) { (void)encoder->encode(block(i)); }));
    }
    const std::vector<float> nothing(480);
    for (const bool far : {false, true}) {
        for (const auto& [name, processing] : {std::pair{"all", audio::ProcessingSettings{}},
                                               {"echo", {.echo = true, .noise = false, .gain = false, .high_pass = false}},
                                               {"noise", {.echo = false, .noise = true, .gain = false, .high_pass = false}},
                                               {"gain", {.echo = false, .noise = false, .gain = true, .high_pass = false}}}) {
            auto processor = *audio::VoiceProcessor::make(processing);
            std::array<float, 480> near;
            cost(fmt::format("processing: {}, the far end {}", name, far ? "speaks" : "is silent"), median_us([&](std::size_t i) {
                     std::ranges::copy(block(i), near.begin());
                     processor->far_end((far ? block(i + 7) : audio::ConstSamples{nothing}).first<480>());
                     processor->near_end(near, far);
                 }));
        }
    }
    for (const std::size_t speakers : {std::size_t{0}, std::size_t{1}, std::size_t{8}}) {
        auto encoder = audio::OpusEncoder::make({.dtx = false});
        auto caller = client::Caller::make({.processing = kNone});
        std::vector<float> stereo(960);
        Time now{1h};
        std::vector<std::vector<std::uint8_t>> packets;
        for (std::size_t i = 0; i < 1000; ++i) {
            const auto packet = encoder->encode(block(i));
            packets.emplace_back(packet->begin(), packet->end());
        }
        cost(fmt::format("play: {} speakers decoded and mixed", speakers), median_us([&](std::size_t i) {
                 now += 10ms;
                 for (std::size_t slot = 0; slot < speakers; ++slot)
                     caller->receive(now, slot, {.payload = packets[i], .sequence = i, .timestamp = static_cast<std::uint32_t>(i * 480)});
                 caller->play(now, stereo);
             }));
    }
    for (const int complexity : {5, 6, 7, 9}) {
        cost(fmt::format("E5 talking while 8 are heard, complexity {}", complexity), everything_us(complexity, 0));
        cost("    and 5 % are lost, so with FEC", everything_us(complexity, 0.05));
    }
    for (const bool processing : {false, true}) {
        auto caller = client::Caller::make({.processing = processing ? audio::ProcessingSettings{} : kNone});
        std::vector<client::Outgoing> out;
        const auto quiet = audio::made_noise(0.0005, 480);
        Time now{1h};
        const auto hear = [&](std::size_t) { caller->capture(now += 10ms, quiet, 1, out); };
        median_us(hear, 500);
        cost(fmt::format("capture of a quiet room, processing {}", processing ? "asleep" : "off"), median_us(hear));
        out.reserve(20'000);
        cost(fmt::format("capture of speech, processing {}", processing ? "on" : "off"),
             median_us([&](std::size_t i) { caller->capture(now += 10ms, block(i), 1, out); }));
    }
}

}  // namespace

int main(int count, char** arguments) {
    setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::set<std::string_view> wanted(arguments + 1, arguments + count);
    const auto want = [&](std::string_view what) { return wanted.empty() || wanted.contains(what); };
    fmt::print("Mouth to ear. Aims: E1 p50 at most 36 ms, p99 40; E2 p50 19; E3 p50 60 with at most 1 % concealed.\n");
    if (want("e1")) through_the_server("E1 10 ms frames, device 5 ms", ordinary());
    if (want("e1")) through_the_server("   with echo, noise and gain control", ordinary({}));
    if (want("e2")) through_the_server("E2 low delay: 5 ms frames, device 2.5 ms", quick());
    if (want("virtual")) {
        through_weather("E1 in virtual time, 0.5 ms of network", ordinary(), jitter(0, 0, 0, true), 0, 0);
        through_weather("   with echo, noise and gain control", ordinary({}), jitter(0, 0, 0, true), 0, 0);
        through_weather("E2 in virtual time, 0.5 ms of network", quick(), jitter(0, 0, 0, true), 0, 0);
    }
    if (want("e3")) {
        through_weather("E3 1 % loss, later by |N(0, 10 ms)|: 10 ms rms", ordinary(), jitter(0.01, 0, 10, true), 0.01, 0);
        through_weather("   1 % loss, N(30, 10 ms), the 30 ms not counted", ordinary(), jitter(0.01, 30, 10, false), 0.01, 30);
    }
    if (want("cpu")) costs();
}

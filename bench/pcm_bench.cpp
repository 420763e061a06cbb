// What a member with a bare voice socket costs, in CPU time and memory, and how much later he is heard: the production machines, the
// production loops and real sockets on loopback. CPU time is counted of the thread, not of the clock.
//   pcm_bench [cpu] [memory] [latency]      without: all
#include <arpa/inet.h>
#include <fmt/format.h>
#include <malloc.h>

#include <string_view>
#include <thread>

#include "audio/resampler.hpp"
#include "bridge/pcm_desk.hpp"
#include "io/net/control_loop.hpp"
#include "io/net/event_waker.hpp"
#include "mouth_to_ear.hpp"
#include "voice_server.hpp"

using namespace earshot;

namespace {

constexpr engine::PcmFormat kFormat{44'100, 2};
constexpr std::size_t kPiece = 1024;  // sample frames of one write
constexpr int kSteps = 2000;          // of 20 ms

double cpu_ns() {
    timespec at{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

// Of one core, for something that happens 50 times a second.
void print_cost(std::string_view what, double ns_a_step) { fmt::print("{:62} {:7.1f} us each 20 ms, {:5.3f} % of a core\n", what, ns_a_step / 1000, ns_a_step / 20e6 * 100); }

std::string pcm_of(audio::ConstSamples mono) {
    std::string bytes;
    for (const float sample : mono)
        for (int channel = 0; channel < 2; ++channel) {
            const auto value = static_cast<std::int16_t>(std::lrint(std::clamp(sample, -1.f, 1.f) * 32767.f));
            bytes += static_cast<char>(value & 0xff);
            bytes += static_cast<char>(value >> 8 & 0xff);
        }
    return bytes;
}

std::vector<float> resampled(audio::ConstSamples sound, int from, int to) {
    auto resampler = std::move(audio::Resampler::make(from, to, 1, 10).value());
    std::vector<float> out(sound.size() * static_cast<std::size_t>(to) / static_cast<std::size_t>(from) + 1000);
    const auto lead = static_cast<std::size_t>(resampler.latency().count() * to / 1'000'000'000);
    const auto done = resampler.process(sound, out);
    out.resize(done.produced);
    if (lead < out.size()) out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(lead));
    return out;
}

// The bridge with a shard that hands a bare member's packets back, in made time.
struct Room {
    engine::ShardLine line{512, 1024};
    Counters counters;
    bridge::Bridge bridge{line.to_shard, line.from_shard, counters};
    Time now{1h};
    double forward() {  // what the shard does, and is not counted here
        const double before = cpu_ns();
        line.to_shard.take_each([&](const engine::BarePacket& packet) {
            static_cast<void>(line.from_shard.push([&](engine::TappedPacket& tapped) {
                tapped.room = RoomId{1};
                tapped.member = MemberId{packet.peer.value};
                tapped.at = now;
                tapped.sequence = packet.sequence;
                tapped.timestamp = packet.timestamp;
                tapped.tenure = static_cast<std::uint32_t>(packet.peer.value);
                tapped.slot = static_cast<std::uint8_t>(packet.peer.value - 1);
                tapped.marker = packet.marker;
                tapped.size = packet.size;
                std::ranges::copy(packet.payload(), tapped.bytes.begin());
            }));
        });
        return cpu_ns() - before;
    }
};

void cpu() {
    const auto speech = audio::made_speech(0.5, kSteps * bridge::kFrame, 1, false);
    Room room;
    for (std::uint64_t i = 1; i <= 4; ++i) room.bridge.add({.peer = {i}, .room = {1}, .member = {i}});
    bridge::PcmIntake intake{kFormat};
    const auto pcm = pcm_of(resampled(speech, 48'000, 44'100));
    bridge::PcmOutput output{kFormat};
    double in = 0, encode = 0, decode = 0, mix = 0, convert = 0;
    std::size_t at = 0;
    for (int step = 0; step < kSteps; ++step, room.now += 20ms) {
        double begin = cpu_ns();
        bridge::MonoFrame taken;
        const auto size = std::min<std::size_t>(882 * 4, pcm.size() - at);
        intake.receive(room.now, as_bytes(std::string_view{pcm}.substr(at, size)));
        at += size;
        while (intake.due() <= room.now) intake.take(taken);
        in += cpu_ns() - begin;
        bridge::MonoFrame frame;
        for (std::uint64_t speaker = 1; speaker <= 2; ++speaker) {
            std::copy_n(speech.begin() + step * static_cast<int>(bridge::kFrame), frame.size(), frame.begin());
            begin = cpu_ns();
            room.bridge.say(room.now, {speaker}, frame);
            encode += (cpu_ns() - begin) / 2;
        }
        room.forward();
        begin = cpu_ns();
        room.bridge.step(room.now);
        decode += (cpu_ns() - begin) / 2;
        begin = cpu_ns();
        const auto* heard = room.bridge.heard_by({1});  // who speaks has a mix of his own
        mix += cpu_ns() - begin;
        begin = cpu_ns();
        if (heard) output.convert(*heard);
        convert += cpu_ns() - begin;
    }
    print_cost("a speaker's bytes to frames (44.1 kHz stereo, resampled)", in / kSteps);
    print_cost("a speaker's frame to Opus, once for everybody", encode / kSteps);
    print_cost("a speaker's packets decoded, once a room (jitter buffer too)", decode / kSteps);
    print_cost("one mix of two speakers", mix / kSteps);
    print_cost("a listener's mix to his format (44.1 kHz stereo)", convert / kSteps);
    print_cost("a member who speaks all the time in a room where another speaks", (in + encode + decode + mix + convert) / kSteps);
}

// The whole desk with silent listeners and with one who speaks: what the thread spends.
struct Desk {
    engine::BridgeOrderBox orders{1024};
    engine::BridgeNewsBox news{1024};
    engine::ShardLine line{512, 1024};
    Counters counters;
    bridge::PcmDesk desk{{kFormat}, {orders, news, line.to_shard, line.from_shard, counters}};
    port::ControlOutbox out;
    Now now{Time{1h}, 0};
    std::uint64_t last = 0;

    void join() {
        const ConnectionId id{++last};
        desk.opened(now, id, {}, out);
        static_cast<void>(orders.push(engine::AddBareMember{{last}, {1}, {last}, {last}, false, false}));
        desk.drain(now, out);
    }
    void step() {
        now.at += 20ms;
        while (desk.deadline().at <= now.at) desk.tick(now, out);
        for (auto& item : out.take())
            if (const auto* send = std::get_if<port::Send>(&item)) desk.wrote(now, send->to, send->bytes->size(), out);
        line.to_shard.take_each([](const auto&) {});
    }
};

void silence_and_memory() {
    constexpr int kMembers = 50;
    const auto before = ::mallinfo2();
    Desk desk;
    const auto empty = ::mallinfo2();
    for (int i = 0; i < kMembers; ++i) desk.join();
    for (int i = 0; i < 10; ++i) desk.step();
    const auto joined = ::mallinfo2();
    const auto held = [](const auto& info) { return static_cast<double>(info.uordblks + info.hblkhd); };
    fmt::print("memory: {:.0f} kB a voice socket in a call; {:.0f} kB for the desk and its boxes\n", (held(joined) - held(empty)) / kMembers / 1000, (held(empty) - held(before)) / 1000);
    const double begin = cpu_ns();
    for (int i = 0; i < kSteps; ++i) desk.step();
    print_cost("a member in a silent room, his silence sent to him", (cpu_ns() - begin) / kSteps / kMembers);
    Room room;
    room.bridge.add({.peer = {1}, .room = {1}, .member = {1}});
    const auto quiet = ::mallinfo2();
    bridge::MonoFrame frame;
    frame.fill(0.1f);
    for (int i = 0; i < 50; ++i, room.now += 20ms) {
        for (std::size_t n = 0; n < frame.size(); ++n) frame[n] = n % 100 < 50 ? 0.1f : -0.1f;
        room.bridge.say(room.now, {1}, frame);
        room.forward();
        room.bridge.step(room.now);
    }
    fmt::print("memory: {:.0f} kB a decoder, one for each slot of a room that was heard in the last half minute\n", (held(::mallinfo2()) - held(quiet)) / 1000);
}

// --- latency: a voice socket speaks; a WebRTC member and another voice socket listen

struct NothingStored final : port::Store {
    port::StoreReply execute(const port::StoreRequest&) override { return port::Appended{}; }
};

int dial(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    ENSURE(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    return fd;
}

class Speaking {
public:
    Speaking() : bound_(std::move(io::listen_tcp({IpAddress::v4(127, 0, 0, 1), 0}, "--plain-voice").value())), port_(bound_.address.port) {
        io::set_buffers(bound_.socket.get(), engine::limits::kVoiceSocketBuffer);
        orders_.set_waker(&bell_);
        loop_.listen(io::ListenerKind::kStream, std::move(bound_));
        thread_ = std::thread([this] { loop_.run(desk_, nothing_); });
    }
    ~Speaking() {
        loop_.stop();
        thread_.join();
    }

    void measure(int rounds) {
        const int mouth = join(), ear = join();
        bench::Delays to_webrtc, to_pcm;
        for (int round = 0; round < rounds; ++round) talk(mouth, ear, static_cast<std::uint64_t>(round) + 1, to_webrtc, to_pcm);
        const double piece = kPiece / 44.1;
        for (const auto& [what, delays] : {std::pair{"WebRTC, played in steps of 10 ms", &to_webrtc}, {"another voice socket", &to_pcm}})
            fmt::print("raw sound to {:34} p50 {:5.1f} ms, p99 {:5.1f} ms after it was written; {:5.1f} ms after it sounded ({} windows, {} not recognised)\n", what,
                       delays->percentile(0.5) - piece, delays->percentile(0.99) - piece, delays->percentile(0.5), delays->ms.size(), delays->unknown);
        ::close(mouth);
        ::close(ear);
    }

private:
    int join() {
        const int fd = dial(port_);
        while (true) {
            for (const auto& news : news_.take())
                if (const auto* opened = std::get_if<engine::VoiceOpened>(&news)) {
                    const PeerId peer{100 + opened->voice.value};
                    ENSURE(orders_.push(engine::AddBareMember{peer, RoomId{1}, MemberId{peer.value}, opened->voice, false, false}));
                    server_.order(engine::AddBare{peer, RoomId{1}, MemberId{peer.value}, false});
                    return fd;
                }
            std::this_thread::yield();
        }
    }

    void talk(int mouth, int ear, std::uint64_t seed, bench::Delays& to_webrtc, bench::Delays& to_pcm) {
        const auto speech = audio::made_speech(0.5, 48'000 * 6, seed, false);
        const auto bytes = pcm_of(resampled(speech, 48'000, 44'100));
        const Time start = io::read_clock() + 30ms;
        const Duration piece{static_cast<std::int64_t>(kPiece * 1'000'000'000ull / 44'100)};
        Time next_write = start + piece, next_play = start;
        std::size_t written = 0;
        bench::Tape said{start, speech}, heard{start + 10ms, {}};
        audio::JitterBuffer jitter;
        std::vector<std::pair<Time, std::size_t>> arrivals;
        std::string pcm;
        std::vector<char> buffer(1 << 16);
        server_.heard_by(0);
        while (io::read_clock() < start + 6500ms) {
            server_.wait_until(std::min(next_write, next_play));
            for (ssize_t got = ::recv(ear, buffer.data(), buffer.size(), MSG_DONTWAIT); got > 0; got = ::recv(ear, buffer.data(), buffer.size(), MSG_DONTWAIT)) {
                pcm.append(buffer.data(), static_cast<std::size_t>(got));
                arrivals.emplace_back(io::read_clock(), pcm.size() / 4);
            }
            for (ssize_t got = ::recv(mouth, buffer.data(), buffer.size(), MSG_DONTWAIT); got > 0; got = ::recv(mouth, buffer.data(), buffer.size(), MSG_DONTWAIT)) {}
            for (const auto& packet : server_.heard_by(0))
                jitter.insert(packet.at, {.payload = packet.payload, .sequence = packet.sequence, .timestamp = packet.timestamp, .marker = packet.marker});
            const Time now = io::read_clock();
            if (next_play <= now) {
                std::array<float, 960> block;
                jitter.play(now, block);
                for (std::size_t i = 0; i < block.size(); i += 2) heard.sound.push_back(block[i]);
                next_play += 10ms;
            }
            if (next_write <= now && written < bytes.size()) {
                const auto size = std::min(kPiece * 4, bytes.size() - written);
                ENSURE(::send(mouth, bytes.data() + written, size, 0) == static_cast<ssize_t>(size));
                written += size;
                next_write += piece;
            }
        }
        to_webrtc.add(bench::delays_between(said, heard, 300ms, 1500ms));
        to_pcm.add(bench::delays_between(said, played(pcm, arrivals), 300ms, 1500ms));
    }

    // As a player plays it who begins as early as he can without ever running dry (but for one piece in twenty, on a machine that
    // others use).
    static bench::Tape played(const std::string& pcm, const std::vector<std::pair<Time, std::size_t>>& arrivals) {
        std::vector<Time> begins;
        std::size_t before = 0;
        for (const auto& [at, until] : arrivals) {
            begins.push_back(at - Duration{static_cast<std::int64_t>(before * 1'000'000'000ull / 44'100)});
            before = until;
        }
        std::ranges::sort(begins);
        std::vector<float> sound;
        for (std::size_t at = 0; at + 4 <= pcm.size(); at += 4)
            sound.push_back(static_cast<float>(static_cast<std::int16_t>(static_cast<std::uint8_t>(pcm[at]) | static_cast<std::uint8_t>(pcm[at + 1]) << 8)) / 32768.f);
        return {begins.at(begins.size() * 95 / 100), resampled(sound, 44'100, 48'000)};
    }

    engine::BridgeOrderBox orders_{64};
    engine::BridgeNewsBox news_{64};
    engine::ShardLine line_{512, 1024};
    Counters counters_, loop_counters_;
    io::EventWaker bell_;
    SilentLog log_;
    NothingStored nothing_;
    bench::VoiceServer server_{1, &line_};
    bridge::PcmDesk desk_{{kFormat}, {orders_, news_, line_.to_shard, line_.from_shard, counters_}};
    io::Bound bound_;
    std::uint16_t port_;
    io::ControlLoop loop_{bell_, loop_counters_, log_, {}};
    std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
    const auto wanted = [&](std::string_view what) { return argc == 1 || std::any_of(argv + 1, argv + argc, [&](const char* each) { return each == what; }); };
    if (wanted("cpu")) cpu();
    if (wanted("memory")) silence_and_memory();
    if (wanted("latency")) Speaking{}.measure(4);
    return 0;
}

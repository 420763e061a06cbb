// The desk of raw sound and a real shard, tied as the house ties them, in virtual time: sockets that send sound in any pieces and
// record what they are sent.
#pragma once
#include <algorithm>
#include <map>
#include <vector>

#include "audio/signals_for_tests.hpp"
#include "bridge/pcm_desk.hpp"
#include "engine/limits.hpp"
#include "engine/shard.hpp"

namespace earshot::bridge::testing {

inline std::vector<std::uint8_t> pcm_of(audio::ConstSamples mono, int channels) {
    std::vector<std::uint8_t> bytes;
    for (const float sample : mono)
        for (int channel = 0; channel < channels; ++channel) {
            const auto value = static_cast<std::int16_t>(std::lrint(std::clamp(sample, -1.f, 1.f) * 32767.f));
            bytes.push_back(static_cast<std::uint8_t>(value & 0xff));
            bytes.push_back(static_cast<std::uint8_t>(value >> 8 & 0xff));
        }
    return bytes;
}

// The first channel.
inline std::vector<float> sound_of(Bytes pcm, int channels) {
    std::vector<float> sound;
    const auto step = static_cast<std::size_t>(2 * channels);
    for (std::size_t at = 0; at + step <= pcm.size(); at += step)
        sound.push_back(static_cast<float>(static_cast<std::int16_t>(pcm[at] | pcm[at + 1] << 8)) / 32768.f);
    return sound;
}

// The amplitude of one tone in a sound, in windows of 100 ms, the mean of them: while a sender's clock is being followed his pitch is
// off by a few hundred millionths, and a long window would not know him.
inline double tone(audio::ConstSamples sound, double hertz, double rate) {
    const auto window = static_cast<std::size_t>(rate / 10);
    if (sound.size() >= 2 * window) {
        double sum = 0;
        const auto count = sound.size() / window;
        for (std::size_t i = 0; i < count; ++i) sum += tone(sound.subspan(i * window, window), hertz, rate);
        return sum / static_cast<double>(count);
    }
    double re = 0, im = 0;
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const double phase = 2 * std::numbers::pi * hertz * static_cast<double>(i) / rate;
        re += sound[i] * std::cos(phase);
        im += sound[i] * std::sin(phase);
    }
    return 2 * std::hypot(re, im) / static_cast<double>(std::max<std::size_t>(sound.size(), 1));
}

class World {
public:
    struct Person {
        ConnectionId id;
        PeerId peer;
        engine::PcmFormat format;
        std::vector<std::uint8_t> to_say;  // not yet sent
        std::size_t piece = 4096;          // bytes of one write
        Duration pace{};                   // between two writes; 0: what real time needs
        Time next{};
        std::size_t said = 0;
        std::vector<std::uint8_t> heard;
        bool reads = true;
        bool paused = false;
        bool closed = false;
        std::size_t unread = 0;
        std::size_t most_waiting = 0;
        Duration most_sound{};
    };

    explicit World(std::vector<engine::PcmFormat> formats = {{44'100, 2}})
        : desk(std::move(formats), {orders, news, line.to_shard, line.from_shard, counters, &from_talks, &to_talks}) {}

    Person& join(engine::PcmFormat format = {44'100, 2}, std::uint8_t pair = 0, bool in_call = true) {
        auto& person = people[++last_];
        person.id = {last_};
        person.format = format;
        desk.opened(now, person.id, {.door = port::Door::kPlain, .remote = {IpAddress::v4(127, 0, 0, 1), 50'000}, .pair = pair}, out);
        if (in_call) bring_in(person);
        return person;
    }
    void bring_in(Person& person) {
        person.peer = {person.id.value};
        order(engine::AddBareMember{person.peer, RoomId{1}, member(person), engine::VoiceId{person.id.value}, false, false});
        tell_shard(engine::AddBare{person.peer, RoomId{1}, member(person), false});
    }
    static MemberId member(const Person& person) { return {100 + person.id.value}; }
    void order(engine::BridgeOrder what) {
        if (!orders.push(std::move(what))) return;
        desk.drain(now, out);
        carry_out();
    }
    void tell_shard(engine::ShardOrder what) {
        if (!shard_orders.push(std::move(what))) return;
        shard.drain(now, arena);
    }
    // From now on he says this, at the pace of real time unless told otherwise.
    void say(Person& person, audio::ConstSamples mono) {
        const auto bytes = pcm_of(mono, person.format.channels);
        if (person.said == person.to_say.size()) person.next = now.at;
        person.to_say.insert(person.to_say.end(), bytes.begin(), bytes.end());
    }
    void tone(Person& person, double hertz, Duration length, double amplitude = 0.25) {
        say(person, audio::made_sine(hertz, amplitude, static_cast<std::size_t>(length.count() / 1000 * person.format.rate / 1'000'000), person.format.rate));
    }
    void close(Person& person) {
        desk.closed(now, person.id, out);
        person.closed = true;
        carry_out();
    }
    void read_again(Person& person) {
        person.reads = true;
        desk.wrote(now, person.id, std::exchange(person.unread, 0), out);
        carry_out();
    }
    void pass(Duration time) {
        for (const Time until = now.at + time; now.at < until; now.at += 500us) {
            for (auto& [id, person] : people) speak(person);
            if (desk.deadline().at <= now.at) {
                desk.tick(now, out);
                ++ticks;
            }
            carry_out();
            if (!line.to_shard.empty()) shard.drain(now, arena);
            if (shard.deadline().at <= now.at) shard.tick(now, arena);
        }
    }
    std::vector<float> heard(const Person& person) const { return sound_of(person.heard, person.format.channels); }
    // The last part of what he heard.
    std::vector<float> lately(const Person& person, Duration time) const {
        auto sound = heard(person);
        const auto count = static_cast<std::size_t>(time.count() / 1000 * person.format.rate / 1'000'000);
        if (sound.size() > count) sound.erase(sound.begin(), sound.end() - static_cast<std::ptrdiff_t>(count));
        return sound;
    }
    template <typename News>
    std::vector<News> told() {
        std::vector<News> found;
        for (auto& item : news.take())
            if (const auto* wanted = std::get_if<News>(&item)) found.push_back(*wanted);
        return found;
    }

    Now now{Time{1h}, 0};
    engine::BridgeOrderBox orders{64};
    engine::BridgeNewsBox news{64};
    engine::OrderBox shard_orders{64};
    engine::NewsBox shard_news{4096};
    engine::ShardLine line{64, 64};
    engine::TalkFrameBox from_talks{64}, to_talks{64};
    Counters counters, shard_counters;
    SeededRandom random{1};
    static const crypto::Identity& identity() {
        static const auto made = crypto::Identity::make();
        return made;
    }
    engine::Shard shard{identity(), shard_orders, shard_news, shard_counters, random, &line};
    PcmDesk desk;
    port::SendArena arena{16};
    port::ControlOutbox out;
    std::map<std::uint64_t, Person> people;
    std::uint64_t ticks = 0;

private:
    void speak(Person& person) {
        while (!person.closed && !person.paused && person.said < person.to_say.size() && person.next <= now.at) {
            const auto size = std::min(person.piece, person.to_say.size() - person.said);
            desk.received(now, person.id, Bytes{person.to_say}.subspan(person.said, size), out);
            person.said += size;
            const auto bytes_a_second = person.format.rate * person.format.channels * 2;
            person.next += person.pace > Duration{} ? person.pace : Duration{static_cast<std::int64_t>(size) * 1'000'000'000 / bytes_a_second};
            person.most_sound = std::max(person.most_sound, desk.waiting_sound(person.id));
            carry_out();
        }
    }
    void carry_out() {
        for (auto items = out.take(); !items.empty(); items = out.take())
            for (auto& item : items) {
                if (const auto* send = std::get_if<port::Send>(&item)) arrive(people.at(send->to.value), *send->bytes);
                if (const auto* pause = std::get_if<port::PauseReading>(&item)) people.at(pause->which.value).paused = pause->paused;
                if (const auto* close = std::get_if<port::Close>(&item)) people.at(close->which.value).closed = true;
            }
    }
    void arrive(Person& person, const std::string& bytes) {
        person.most_waiting = std::max(person.most_waiting, desk.waiting_bytes(person.id));
        if (!person.reads) {
            person.unread += bytes.size();
            return;
        }
        person.heard.insert(person.heard.end(), bytes.begin(), bytes.end());
        desk.wrote(now, person.id, bytes.size(), out);
    }
    std::uint64_t last_ = 0;
};

}  // namespace earshot::bridge::testing

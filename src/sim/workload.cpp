#include "sim/workload.hpp"

#include <array>

namespace earshot::sim {
namespace {
constexpr std::array kNames{"Ann", "Ben", "Cora", "Dmitri", "Eve", "Femi", "Gwen", "Hana"};
constexpr std::array kBareNames{"Pat", "Quinn", "Ravi", "Sol"};
constexpr std::array kVoixNames{"Vera", "Will", "Xenia", "Yves"};
}  // namespace

Workload::Workload(Scene& scene) : scene_(scene), chance_(scene.world.fork("workload")) {
    rooms_ = {"#lobby"};
    for (const auto* more : {"#tea", "#work/plans"})
        if (chance_.chance(0.5)) rooms_.emplace_back(more);
    span_ = std::chrono::seconds{20 + chance_.below(40)};
    harshness_ = chance_.chance(0.3) ? 0.0 : static_cast<double>(chance_.below(1000)) / 1000.0;
    may_fall_ = chance_.chance(0.5);
    voices_ = chance_.chance(0.5);
    bad_disk_ = chance_.chance(0.3);
    bare_voices_ = scene_.world.fork("bare voices").chance(0.25);
    std::string dangers = voices_ ? ", voices" : "";
    if (may_fall_) dangers += ", the house may fall";
    if (bad_disk_) dangers += ", a bad disk";
    scene_.world.note("world", "a day of {} s, {} rooms, harshness {:.2f}{}", span_ / 1s, rooms_.size(), harshness_, dangers);
}

void Workload::draw_people() {
    const auto webs = 2 + chance_.below(kNames.size() - 1);
    for (std::size_t i = 0; i < webs; ++i) {
        auto& member = scene_.web(kNames.at(i));
        for (const auto& room : rooms_)
            if (chance_.chance(room == "#lobby" ? 0.9 : 0.5)) member.join(room);
        scene_.world.after(scene_.world.between(0s, 6s), [&member] { member.come(); });
    }
    const auto plains = chance_.below(kBareNames.size() + 1);
    for (std::size_t i = 0; i < plains; ++i) {
        auto& member = scene_.plain(kBareNames.at(i), chance_.chance(0.5) ? Framing::kLines : Framing::kSegments);
        if (bare_voices_) scene_.voice(member);
        scene_.world.after(scene_.world.between(0s, 6s), [&member] { member.come(); });
    }
    const auto voixes = chance_.chance(0.5) ? chance_.below(kVoixNames.size() + 1) : 0;
    for (std::size_t i = 0; i < voixes; ++i) {
        auto& member = scene_.voix(kVoixNames.at(i));
        for (const auto& room : rooms_)
            if (chance_.chance(0.4)) member.join(room);
        member.answer = chance_.chance(0.7) ? VoixMember::Answer::kAccept : chance_.chance(0.5) ? VoixMember::Answer::kDeny : VoixMember::Answer::kNone;
        scene_.world.after(scene_.world.between(0s, 6s), [&member] { member.come(); });
    }
    if (voixes > 0 && chance_.chance(0.5)) scene_.thief().come();
    const auto hostiles = chance_.chance(0.5) ? 1 + chance_.below(2) : 0;
    for (std::size_t i = 0; i < hostiles; ++i) {
        auto& hostile = scene_.hostile(chance_.chance(0.6) ? port::Door::kWeb : chance_.chance(0.5) ? port::Door::kPlain : port::Door::kVoix);
        scene_.world.after(scene_.world.between(0s, 10s), [&hostile] { hostile.come(); });
    }
}

void Workload::run() {
    draw_people();
    const auto end = scene_.world.now().at + span_;
    while (scene_.world.sound() && scene_.world.now().at < end) {
        scene_.run_for(scene_.world.between(5ms, 400ms));
        act();
    }
    if (!scene_.world.sound()) return;
    scene_.heal();
    scene_.settle();
    // Whoever vanished without coming back as himself is announced as gone within this time.
    scene_.run_for(Stream::kVanishedTimeout + 35s);
    scene_.settle();
    scene_.check_all();
}

void Workload::act() {
    if (const auto voixes = scene_.voixes().size(); voixes > 0 && chance_.below(scene_.webs().size() * 3 + scene_.plains().size() * 2 + voixes * 3) < voixes * 3)
        return act_as(*scene_.voixes().at(chance_.below(voixes)));
    const auto whom = chance_.below(scene_.webs().size() * 3 + scene_.plains().size() * 2 + 1);
    if (whom == 0) return act_of_nature();
    if (whom <= scene_.webs().size() * 3) return act_as(*scene_.webs().at((whom - 1) / 3));
    act_as(*scene_.plains().at((whom - 1 - scene_.webs().size() * 3) / 2));
}

// With voice on: somebody joins the call of a room, speaks for a while, mutes himself, loses his UDP or his address.
void Workload::act_by_voice(Caller& member) {
    auto& world = scene_.world;
    switch (chance_.below(12)) {
        case 0: return member.leave_call();
        case 1: return member.set_voice(!member.muted(), member.deafened());
        case 2: return member.set_voice(member.muted(), !member.deafened());
        case 3: return member.restart_call();
        case 4: return member.phone().change_address();
        case 5: {
            member.phone().cut_udp(true);
            return world.after(world.between(500ms, 40s), [&member] { member.phone().cut_udp(false); });
        }
        case 6:
        case 7:
            if (const auto room = some_room(); member.in(room) && member.wanted_rooms().contains(room)) return member.call(room, chance_.chance(0.15));
            return;
        default: {
            if (!member.call_wanted()) {
                if (const auto room = some_room(); member.in(room) && member.wanted_rooms().contains(room)) member.call(room);
                return;
            }
            member.talk(true);
            return world.after(world.between(500ms, 4s), [&member] { member.talk(false); });
        }
    }
}

void Workload::act_as(Caller& member) {
    auto& world = scene_.world;
    const auto room = some_room();
    if (voices_ && chance_.chance(0.35)) return act_by_voice(member);
    switch (const auto what = chance_.below(60); what) {
        case 0:
        case 1:
        case 2: return member.join(room);
        case 3:
            if (member.call_wanted() == room) member.leave_call();
            return member.leave(room);
        case 4:
        case 5:
        case 6: return member.typing(room);
        case 7: return member.topic(room, fmt::format("topic {}", chance_.below(1000)));
        case 8: return member.nick(chance_.chance(0.2) ? member.key() : fmt::format("{}-{}", member.key(), chance_.below(100)));
        case 9:
        case 10: return member.read_back(room);
        case 11: return scene_.webs().front()->here() ? member.direct(scene_.webs().front()->member(), "psst") : void();
        case 12:
        case 13: return member.lose_connection();
        case 14: return member.vanish();
        case 15: {
            member.read_slowly(true);
            return world.after(world.between(1s, 20s), [&member] { member.read_slowly(false); });
        }
        case 16: {
            if (!member.wants_to_be_here()) return member.come();
            member.quit();
            return world.after(world.between(0s, 5s), [&member] { member.come(); });
        }
        case 17: {
            member.stay_away(true);
            member.vanish();
            return world.after(world.between(1s, 40s), [&member] { member.stay_away(false); });
        }
        case 18: return moderate(member, room);
        default:
            if (member.wanted_rooms().contains(room)) member.say(room, what < 25 ? std::string(chance_.below(3000), 'w') : "hello");
    }
}

// Some may, most may not, and the house knows which.
void Workload::moderate(Caller& member, const std::string& room) {
    const auto& people = member.room(room).people;
    if (!member.in(room) || people.empty()) return;
    const auto whom = std::next(people.begin(), static_cast<std::ptrdiff_t>(chance_.below(people.size())))->first;
    if (chance_.chance(0.3)) member.operate(chance_.chance(0.5) ? scene_.settings.operator_key : "a guess");
    if (chance_.chance(0.5)) return member.mute_other(room, whom);
    member.remove(room, whom, chance_.chance(0.5) ? "enough" : "");
}

// His voice socket: talks, stalls, breaks, leaves alone.
void Workload::act_by_bare_voice() {
    auto& world = scene_.world;
    auto& voice = *scene_.voices().at(chance_.below(scene_.voices().size()));
    switch (chance_.below(10)) {
        case 0: return voice.lose_connection();
        case 1: return voice.leave();
        case 2: {
            voice.read_slowly(true);
            return world.after(world.between(1s, 10s), [&voice] { voice.read_slowly(false); });
        }
        default: {
            voice.talk(true);
            return world.after(world.between(300ms, 3s), [&voice] { voice.talk(false); });
        }
    }
}

void Workload::act_as(PlainMember& member) {
    auto& world = scene_.world;
    if (bare_voices_ && chance_.chance(0.4)) return act_by_bare_voice();
    switch (chance_.below(30)) {
        case 0: return member.lose_connection();
        case 1: return member.vanish();
        case 2: {
            member.read_slowly(true);
            return world.after(world.between(1s, 20s), [&member] { member.read_slowly(false); });
        }
        case 3: {
            if (!member.wants_to_be_here()) return member.come();
            member.quit();
            return world.after(world.between(1s, 6s), [&member] { member.come(); });
        }
        default: member.say("good day");
    }
}

void Workload::act_as(VoixMember& member) {
    auto& world = scene_.world;
    const auto& other = *scene_.voixes().at(chance_.below(scene_.voixes().size()));
    switch (chance_.below(30)) {
        case 0: return member.lose_connection();
        case 1: return member.vanish();
        case 2: {
            member.read_slowly(true);
            return world.after(world.between(1s, 20s), [&member] { member.read_slowly(false); });
        }
        case 3: {
            if (!member.wants_to_be_here()) return member.come();
            member.quit();
            return world.after(world.between(1s, 6s), [&member] { member.come(); });
        }
        case 4: return member.join(some_room());
        case 5: case 6: case 7: case 8: return member.call(other.name());
        case 9: case 10: return member.call(some_room());
        case 11: return member.hang_up();
        case 12: return member.move();
        case 13: return member.tell(other.name(), "psst");
        case 14: member.answers_pings = chance_.chance(0.8); return;
        default: static_cast<void>(member.say(some_room(), "good evening"));
    }
}

void Workload::act_of_nature() {
    auto& house = scene_.house;
    auto& disk = scene_.disk;
    switch (chance_.below(6)) {
        case 0:
            if (!may_fall_ || !house.standing()) return;
            if (chance_.chance(0.7))
                house.crash();
            else
                house.stop();
            return scene_.world.after(scene_.world.between(10ms, 5s), [&house] {
                if (!house.standing()) house.start();
            });
        case 1: house.settings.disk_delay = chance_.chance(0.5) ? Duration{2ms} : scene_.world.between(1ms, 800ms); return;
        case 2:
            if (bad_disk_) disk.faults.failing_syncs = static_cast<std::uint32_t>(chance_.below(4));
            return;
        case 3:
            if (!bad_disk_) return;
            disk.faults.capacity = chance_.chance(0.5) ? std::optional{disk.size() + chance_.below(2000)} : std::nullopt;
            return;
        case 4: return scene_.world.shift_wall_clock(static_cast<WallMs>(chance_.below(20'000)) - 10'000);
        default:
            house.weather = draw_weather(chance_, harshness_);
            scene_.world.note("weather", "datagrams: {}; streams: {}", house.weather.datagrams.words(), house.weather.streams.words());
    }
}

}  // namespace earshot::sim

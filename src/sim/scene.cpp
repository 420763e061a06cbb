#include "sim/scene.hpp"

#include <algorithm>

#include "engine/limits.hpp"

namespace earshot::sim {
namespace {

// The one that crosses the limit still waits too: a page of history of the longest messages.
constexpr std::size_t kLongestMessage = 1024 * 1024;

House::Settings house_settings() {
    House::Settings settings;
    settings.media_address = media_address();
    settings.waiting_limit = engine::limits::kWaitingBytes + kLongestMessage;
    return settings;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

Scene::Scene(std::uint64_t seed, SceneSettings wanted)
    : settings(std::move(wanted)),
      world(seed),
      house(world, disk, engine_machines(settings, disk), house_settings()),
      ledger(world),
      hearing(world),
      legs(world),
      talk_book(world),
      openssl_chance_(world.fork("openssl")) {
    house.on_media_sent = [this](const port::Path& path, Bytes datagram) { legs.sent(path, datagram); };
    house.talks().on_sent = [this](const SocketAddress& to, Bytes bytes) {
        if (as_text(bytes).starts_with("SE")) return;
        for (const auto& thief : thieves_)
            if (thief->address() == to) world.broken("a stolen key never works", fmt::format("{} bytes of a talk go to {}", bytes.size(), to.text()));
    };
    world.trace().print_as_it_comes(settings.print);
    house.start();
}

Scene::~Scene() = default;

Caller& Scene::web(const std::string& name) { return *webs_.emplace_back(std::make_unique<Caller>(world, house, ledger, hearing, name, ++number_)); }

Caller& Scene::web_in(const std::string& name, const std::string& room) {
    auto& member = web(name);
    member.join(room);
    member.come();
    until([&] { return member.settled(); });
    run_for(100ms);  // the others see him
    return member;
}

Caller& Scene::caller_in(const std::string& name, const std::string& room, bool listen_only) {
    auto& member = web_in(name, room);
    member.call(room, listen_only);
    until([&] { return member.settled(); });
    return member;
}

PlainMember& Scene::plain(const std::string& name, Framing manner) {
    return *plains_.emplace_back(std::make_unique<PlainMember>(world, house, ledger, name, ++number_, manner, settings.phrases));
}

PlainMember& Scene::plain_in(const std::string& name, Framing manner) {
    auto& member = plain(name, manner);
    member.come();
    until([&] { return member.here(); });
    return member;
}

VoixMember& Scene::voix(const std::string& name) {
    return *voixes_.emplace_back(std::make_unique<VoixMember>(world, house, ledger, talk_book, name, ++number_));
}

VoixMember& Scene::voix_in(const std::string& name) {
    auto& member = voix(name);
    member.come();
    until([&] { return member.settled(); });
    run_for(100ms);  // the others see him
    return member;
}

TalkThief& Scene::thief() { return *thieves_.emplace_back(std::make_unique<TalkThief>(world, house, talk_book, ++number_)); }

VoiceMember& Scene::voice(PlainMember& text, bool alone) {
    hearing.bare_voices = true;
    auto& member = *voices_.emplace_back(std::make_unique<VoiceMember>(world, house, text, alone));
    member.come();
    return member;
}

VoiceMember& Scene::voice_in(const std::string& name, Framing manner) {
    auto& member = voice(plain_in(name, manner));
    until([&] { return member.in_call(); });
    return member;
}

HostileMember& Scene::hostile(port::Door door) { return *hostiles_.emplace_back(std::make_unique<HostileMember>(world, house, ++number_, door)); }

void Scene::heal() {
    world.note("world", "heals");
    house.weather = fair_weather();
    house.settings.disk_delay = 2ms;
    disk.faults.failing_syncs = 0;
    disk.faults.capacity.reset();
    for (auto& hostile : hostiles_) hostile->stop();
    for (auto& thief : thieves_) thief->stop();
    for (auto& voix : voixes_) {
        voix->stay_away(false);
        voix->read_slowly(false);
        voix->answers_pings = true;
    }
    for (auto& web : webs_) {
        web->stay_away(false);
        web->read_slowly(false);
        if (web->has_phone()) web->phone().cut_udp(false);
    }
    for (auto& plain : plains_) {
        plain->stay_away(false);
        plain->read_slowly(false);
    }
    for (auto& voice : voices_) voice->read_slowly(false);
    if (!house.standing()) house.start();
}

void Scene::settle(Duration patience) {
    const auto all = [this] {
        const auto settled = [](const auto& m) { return m->settled(); };
        return std::ranges::all_of(webs_, settled) && std::ranges::all_of(plains_, settled) && std::ranges::all_of(voixes_, settled) &&
               std::ranges::all_of(voices_, settled);
    };
    // What was said last is on its way to the others still.
    if (until(all, patience)) return run_for(500ms);
    if (!world.sound()) return;
    for (const auto& web : webs_)
        if (!web->settled()) return world.broken("after healing everybody comes back", fmt::format("{} {}", web->key(), web->why_unsettled()));
    for (const auto& voix : voixes_)
        if (!voix->settled()) return world.broken("after healing everybody comes back", fmt::format("{} is not in", voix->key()));
    for (const auto& plain : plains_)
        if (!plain->settled()) return world.broken("after healing everybody comes back", fmt::format("{} is not in", plain->key()));
    for (const auto& voice : voices_)
        if (!voice->settled()) return world.broken("after healing everybody comes back", fmt::format("{} is not in the call", voice->key()));
}

void Scene::roll_call() {
    struct Call {
        std::string room, text, sender;
    };
    std::vector<Call> calls;
    for (auto& web : webs_)
        for (const auto& room : web->wanted_rooms())
            if (web->settled() && web->wants_to_be_here()) calls.push_back({room, web->say(room, "is here"), web->key()});
    for (auto& plain : plains_)
        if (plain->here() && plain->wants_to_be_here()) calls.push_back({kPlainRoom, plain->say("is here"), plain->key()});
    for (auto& voix : voixes_)
        for (const auto& room : voix->wanted_rooms())
            if (voix->settled() && voix->wants_to_be_here()) calls.push_back({room, voix->say(room, "is here"), voix->key()});
    settle();
    const auto unread = [&]() -> std::string {
        for (const auto& call : calls) {
            for (const auto& web : webs_)
                if (web->in(call.room) && !web->sees(call.room, call.text)) return fmt::format("{} does not see {}", web->key(), call.text);
            for (const auto& voix : voixes_)  // who said it himself is not told
                if (call.sender != voix->key() && voix->in(call.room) && !voix->saw_ending(call.text))
                    return fmt::format("{} does not see {}", voix->key(), call.text);
            for (const auto& plain : plains_)
                if (call.room == kPlainRoom && plain->here() && std::ranges::none_of(plain->seen(), [&](const auto& s) { return s.ends_with(call.text); }))
                    return fmt::format("{} does not see {}", plain->key(), call.text);
        }
        return {};
    };
    if (!until([&] { return unread().empty(); }, 10s) && world.sound()) world.broken("after healing everybody reads everybody", unread());
}

// A test's patience for a page or two, not a user's.
void Scene::read_everything_back() {
    for (int round = 0; round < 500 && world.sound(); ++round) {
        bool all = true;
        for (auto& web : webs_)
            for (const auto& room : web->wanted_rooms())
                if (web->in(room) && !web->room(room).read_to_beginning) {
                    web->read_back(room);
                    all = false;
                }
        if (all) return;
        settle();
        run_for(300ms);  // within what a client may ask in a second
    }
    if (world.sound()) world.broken("history ends", "500 pages were read and the beginning was not reached");
}

void Scene::check_views() {
    std::map<std::string, std::vector<std::uint64_t>> on_disk;
    std::map<std::string, std::string> topics;
    for (const auto& message : disk.messages())
        if (const auto row = disk.rooms().find(message.room); row != disk.rooms().end()) on_disk[row->second.name].push_back(message.id.value);
    for (const auto& [id, row] : disk.rooms()) topics[row.name] = row.topic;
    for (const auto& web : webs_)
        for (const auto& room : web->wanted_rooms()) {
            const auto& view = web->room(room);
            if (!view.joined) continue;
            std::vector<std::uint64_t> ids;
            for (const auto& [id, message] : view.messages) ids.push_back(id);
            constexpr const char* kSame = "after healing everybody has what is on disk";
            if (ids != on_disk[room])
                return world.broken(kSame, fmt::format("{} has {} messages of {}, on disk are {}", web->key(), ids.size(), room, on_disk[room].size()));
            if (view.topic != topics[room])
                return world.broken(kSame, fmt::format("{} has the topic \"{}\" of {}, on disk is \"{}\"", web->key(), view.topic, room, topics[room]));
        }
}

std::vector<std::string> Scene::expected_names(const std::string& room) const {
    std::vector<std::string> names;
    for (const auto& web : webs_)
        if (web->wants_to_be_here() && web->wanted_rooms().contains(room)) names.push_back(web->name());
    for (const auto& plain : plains_)
        if (plain->here() && room == kPlainRoom) names.push_back(plain->name());
    for (const auto& voix : voixes_)
        if (voix->wants_to_be_here() && voix->in(room)) names.push_back(voix->name());
    std::ranges::sort(names);
    return names;
}

std::string Scene::presence_fault() const {
    std::map<std::string, std::optional<std::uint64_t>> keepers;
    for (const auto& web : webs_)
        for (const auto& room : web->wanted_rooms()) {
            if (!web->in(room)) continue;
            const auto keeper = web->room(room).keeper;
            if (keepers.emplace(room, keeper).first->second != keeper) return fmt::format("{} sees another keeper of {} than the others", web->key(), room);
        }
    for (const auto& web : webs_)
        for (const auto& room : web->wanted_rooms()) {
            if (!web->in(room)) continue;
            std::vector<std::string> names;
            for (const auto& [id, person] : web->room(room).people) {
                names.push_back(person.name);
                if (person.presence != wire::web::Presence::here) return fmt::format("{} sees {} as {}", web->key(), person.name, to_text(person.presence));
            }
            std::ranges::sort(names);
            if (names != expected_names(room))
                return fmt::format("{} sees {} in {}; there are {}", web->key(), listed(names), room, listed(expected_names(room)));
        }
    for (const auto& voix : voixes_)
        for (const auto& room : voix->wanted_rooms()) {
            if (!voix->in(room)) continue;
            const auto& seen = voix->people_of(room);
            const std::vector<std::string> names(seen.begin(), seen.end());
            if (names != expected_names(room))
                return fmt::format("{} reads of {} in {}; there are {}", voix->key(), listed(names), room, listed(expected_names(room)));
        }
    return {};
}

// For a moment somebody whose next consent check is a little late may look quiet (RFC 7675: up to 6 s apart).
void Scene::check_presence() {
    if (!until([&] { return presence_fault().empty(); }, 10s) && world.sound()) world.broken("after healing presence is true", presence_fault());
}

// Everyone who may speak speaks at once: whoever listens to that call hears every one of them, and no stream has a gap.
void Scene::check_voice() {
    for (auto& web : webs_) web->talk(web->call_wanted().has_value() && web->wants_to_be_here());
    run_for(2s);
    legs.mark();
    const auto since = world.now().at;
    run_for(1s);
    for (const auto& listener : webs_)
        for (const auto& speaker : webs_) {
            const auto& room = listener->call_wanted();
            if (!room || listener == speaker || speaker->call_wanted() != room || listener->deafened() || speaker->muted() || speaker->listen_only()) continue;
            if (hearing.last(listener->number(), speaker->number()) <= since)
                return world.broken("after healing everybody hears everybody", fmt::format("{} does not hear {}", listener->key(), speaker->key()));
        }
    if (const auto gaps = legs.gaps_since_mark())
        return world.broken("no stream has an unexplained gap", fmt::format("{} numbers were passed over in fair weather", gaps));
    for (auto& web : webs_) web->talk(false);
    run_for(1s);
}

// Everyone with a Voix client calls the next one: they talk both ways, and nobody else hears them.
void Scene::check_talks() {
    std::vector<VoixMember*> there;
    for (auto& voix : voixes_)
        if (voix->settled() && voix->wants_to_be_here() && voix->in("#lobby")) there.push_back(voix.get());  // a nickname is known by a common channel
    for (auto* voix : there) {
        voix->hang_up();
        voix->answer = VoixMember::Answer::kAccept;
    }
    run_for(31s);  // whoever called much may call again, and what rang rings no more
    const auto since = world.now().at;
    for (std::size_t i = 0; i + 1 < there.size(); i += 2) there[i]->call(there[i + 1]->name());
    for (std::size_t i = 0; i + 1 < there.size(); i += 2) {
        const auto one = there[i]->number(), other = there[i + 1]->number();
        if (!until([&] { return talk_book.last(one, other) > since && talk_book.last(other, one) > since; }, 10s) && world.sound())
            return world.broken("after healing who is called talks", fmt::format("{} and {} do not hear each other", there[i]->key(), there[i + 1]->key()));
    }
}

// By their tones: every bare member hears every other one and not himself; when nobody talks he hears nothing at all.
std::string Scene::bare_voice_fault(bool talking) const {
    for (const auto& listener : voices_) {
        if (!listener->text().wants_to_be_here()) continue;
        if (!listener->in_call()) return fmt::format("{} is sent nothing", listener->key());
        if (!talking && listener->loudest() > 1e-4) return fmt::format("{} hears {:.6f} in silence", listener->key(), listener->loudest());
        for (const auto& speaker : voices_) {
            if (!talking || !speaker->text().wants_to_be_here()) continue;
            const auto loud = listener->hears(speaker->hertz());
            if (listener == speaker && loud > 0.01) return fmt::format("{} hears himself at {:.4f}", listener->key(), loud);
            if (listener != speaker && loud < VoiceMember::kLoudness / 2) return fmt::format("{} hears {} at {:.4f}", listener->key(), speaker->key(), loud);
        }
    }
    return {};
}

void Scene::check_bare_voice() {
    if (voices_.empty()) return;
    for (auto& voice : voices_) {
        if (voice->text().here()) voice->text().type("[unmute]");  // somebody may have muted him
        voice->talk(true);
    }
    run_for(2s);
    std::map<std::uint32_t, std::uint64_t> before;
    for (const auto& web : webs_) before[web->number()] = hearing.times_bare(web->number());
    run_for(500ms);
    if (const auto fault = bare_voice_fault(true); !fault.empty()) return world.broken("bare members hear the others, mixed, and not themselves", fault);
    const bool any = std::ranges::any_of(voices_, [](const auto& voice) { return voice->text().wants_to_be_here(); });
    for (const auto& web : webs_)
        if (any && web->call_wanted() == kPlainRoom && web->wants_to_be_here() && !web->deafened() &&
            hearing.times_bare(web->number()) < before[web->number()] + 20)
            return world.broken("browsers hear bare members",
                                fmt::format("{} heard {} packets in half a second", web->key(), hearing.times_bare(web->number()) - before[web->number()]));
    for (auto& voice : voices_) voice->talk(false);
    run_for(2s);
    if (const auto fault = bare_voice_fault(false); !fault.empty()) world.broken("silence stays silence", fault);
}

void Scene::check_all() {
    if (!world.sound()) return;
    roll_call();
    if (world.sound()) check_voice();
    if (world.sound() && !voixes_.empty()) check_talks();
    if (world.sound()) check_bare_voice();
    if (world.sound()) read_everything_back();
    if (world.sound()) check_views();
    if (world.sound()) check_presence();
    if (world.sound()) ledger.check_against(disk);
}

}  // namespace earshot::sim

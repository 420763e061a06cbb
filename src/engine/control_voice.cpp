// Voice sockets of the plain front, as the text side sees them: whose they are, and what follows when either end leaves.
#include <fmt/format.h>

#include <algorithm>

#include "engine/control.hpp"

namespace earshot::engine {
namespace {

// A name that tells where he comes from: only who uses the same machine or network can be one.
std::string name_by_address(const IpAddress& ip, std::uint16_t port) {
    auto name = ip.text();
    std::ranges::replace(name, ':', '-');
    if (name.size() > 24) name.resize(24);
    return fmt::format("{}{}-{}", ip.is_v4() ? "" : "ip", name, port);
}

}  // namespace

void Control::hear(Now now, const BridgeNews& news, port::ControlOutbox& out) {
    if (const auto* opened = std::get_if<VoiceOpened>(&news)) {
        voices_[opened->voice] = {*opened, {}};
        if (shutting_down_) return close_voice(opened->voice);
        if (const auto text = pairing_.voice_opened(now.at, opened->voice, {opened->ip, opened->pair})) pair_up(now, text, opened->voice, out);
        return;
    }
    const auto& closed = std::get<VoiceClosed>(news);
    const auto found = voices_.find(closed.voice);
    if (found == voices_.end()) return;
    const auto member = found->second.member;
    voices_.erase(found);
    const auto text = pairing_.voice_closed(closed.voice);
    if (text) lose_partner(now, text, closed.why, out);
    if (!member || lone_.erase(member) == 0) return;
    if (closed.why == VoiceEnd::kTooFast) parts_.log.info(fmt::format("voice of member {} ended: too fast", member.value));
    act(now, member, 0, core::Quit{core::LeaveReason::kLeft}, out);
}

void Control::pair_up(Now now, ConnectionId text, VoiceId voice, port::ControlOutbox& out) {
    if (!text || !voice) return;
    tell(now, text, fronts::VoiceHere{true}, out);
    if (const auto member = connections_.at(text).member) bring_into_call(member);
}

// Once he has both a voice socket and a place in his pair's room; whichever comes last.
void Control::bring_into_call(MemberId member) {
    const auto voice = voice_of(member);
    if (!voice) return;
    const auto& room_name = settings_.plain.of(voices_.at(voice).came.pair).room;
    const auto* room = hub_.room_named(room_name);
    const auto* who = hub_.member(member);
    if (room && who && who->call != room->id() && std::ranges::find(room->people(), member, &core::Person::member) != room->people().end())
        callers_.emplace_back(member, room_name);
}

void Control::enter_alone(Now now, VoiceId voice, port::ControlOutbox& out) {
    auto& alone = voices_.at(voice);
    const auto member = hub_.enter(name_by_address(alone.came.ip, alone.came.port), core::ClientKind::kSocket);
    if (!member) return close_voice(voice);
    alone.member = *member;
    lone_[*member] = voice;
    act(now, *member, 0, core::Join{settings_.plain.of(alone.came.pair).room}, out);
}

// His text has ended, or he was sent away: his voice goes with him.
void Control::part(MemberId member) {
    close_voice(voice_of(member));
    lone_.erase(member);
}

void Control::part(ConnectionId text) { close_voice(pairing_.text_closed(text)); }

// The voice socket has ended: its text goes with it.
void Control::lose_partner(Now now, ConnectionId text, VoiceEnd why, port::ControlOutbox& out) {
    if (shutting_down_) return;
    const auto& connection = connections_.at(text);
    const auto& settings = settings_.plain.of(connection.pair);
    if (why == VoiceEnd::kTooFast) parts_.log.info(fmt::format("voice of member {} ended: too fast", connection.member.value));
    const auto sentence = why == VoiceEnd::kTooFast ? fmt::format("Your sound came faster than it can be heard: this port takes {} Hz, {}, 16 bit. Goodbye!",
                                                                  settings.rate, settings.channels == 1 ? "mono" : "stereo")
                                                    : std::string("Your voice connection has ended, and this one with it. Goodbye!");
    say_goodbye(now, text, fronts::Goodbye::kIdle, sentence, out);
}

VoiceId Control::voice_of(MemberId member) const {
    if (!member) return {};
    if (const auto found = lone_.find(member); found != lone_.end()) return found->second;
    return pairing_.voice_of(book_.connection_of(member));
}

// The news of its end is ignored then.
void Control::close_voice(VoiceId voice) {
    if (!voice || voices_.erase(voice) == 0) return;
    pairing_.voice_closed(voice);
    if (!parts_.bridge->push_reserved(CloseVoice{voice})) parts_.counters.add(Counter::mailbox_full);
}

// The media side has no place for him. Who is nothing but a voice leaves.
void Control::give_up_voice(Now now, MemberId member, port::ControlOutbox& out) {
    if (lone_.contains(member)) return act(now, member, 0, core::Quit{core::LeaveReason::kLeft}, out);
    close_voice(voice_of(member));
}

}  // namespace earshot::engine

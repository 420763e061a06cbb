// Calls and talks, as Control carries them between a session, the hub, the desks and the shard.
#include <fmt/format.h>

#include "base/overloaded.hpp"
#include "engine/control.hpp"

namespace earshot::engine {

void Control::answer_call(Now now, ConnectionId id, const fronts::AnswerCall& answer, port::ControlOutbox& out) {
    const auto member = connections_.at(id).member;
    const auto taken = calls_.answer(member, answer.call, answer.sdp);
    if (taken) {
        tell(now, id, fronts::CallAnswered{answer.ticket}, out);
        if (*taken) tell_offer(now, **taken, out);
        return;
    }
    tell(now, id, fronts::CallRefused{answer.ticket, taken.error() != CallDesk::kNoSuchCall, taken.error()}, out);
}

void Control::restart_call(Now now, ConnectionId id, const fronts::RestartCall& restart, port::ControlOutbox& out) {
    const auto offered = calls_.restart(connections_.at(id).member, restart.ticket, restart.call);
    if (offered) return tell(now, id, *offered, out);
    tell(now, id, fronts::CallRefused{restart.ticket, false, offered.error()}, out);
}

void Control::see_video(Now now, ConnectionId id, const fronts::SeeVideo& see, port::ControlOutbox& out) {
    if (const auto shown = calls_.see(connections_.at(id).member, see.tiles)) tell(now, id, *shown, out);
}

void Control::tell_offer(Now now, const CallDesk::Offer& offer, port::ControlOutbox& out) { tell(now, book_.connection_of(offer.first), offer.second, out); }

void Control::ask_talk(Now now, ConnectionId id, const fronts::AskTalk& ask, port::ControlOutbox& out) {
    const auto& connection = connections_.at(id);
    const TalkDesk::Party from{connection.member, connection.ip};
    const auto refuse = [&](std::string text) { tell(now, id, fronts::TalkRefused{ask.ticket, std::move(text)}, out); };
    if (!from.member) return refuse("You are not here.");
    if (!ask.room.empty()) {
        const auto* room = hub_.room_named(ask.room);
        if (!room || !room->has(from.member)) return refuse("You are not in that room; join it first.");
        const auto key = talks_.ask_room(room->id(), from);
        if (!key) return refuse(key.error());
        tell(now, id, fronts::TalkAsked{room->name(), *key}, out);
        tell_of_talk(now, {from.member, *key, true}, out);
        return act(now, from.member, 0, core::JoinCall{room->name()}, out);  // he hears the room's call, and is heard in it
    }
    const auto* to = hub_.member(ask.with);
    const auto peer = connections_.find(book_.connection_of(ask.with));
    if (!to || peer == connections_.end() || to->client != core::ClientKind::kVoix)
        return refuse("Only somebody with a Voix client can be called; in a channel's talk everybody is heard.");
    const auto key = talks_.ask(now.at, from, {ask.with, peer->second.ip});
    if (!key) return refuse(key.error());
    const auto own_name = hub_.member(from.member)->name, peer_name = to->name;
    tell(now, id, fronts::TalkAsked{peer_name, *key}, out);
    tell(now, book_.connection_of(ask.with), fronts::TalkAsked{own_name, *key}, out);
}

void Control::answer_talk(Now now, ConnectionId id, const fronts::AnswerTalk& answer, port::ControlOutbox& out) {
    const auto own = connections_.at(id).member;
    const auto news = talks_.answer(own, answer.key, answer.accept);
    if (!news) return tell(now, id, fronts::TalkRefused{answer.ticket, news.error()}, out);
    if (*news) return tell_of_talk(now, **news, out);
    const auto* who = hub_.member(own);  // he has left a channel's talk
    if (who && who->call && !talks_.talks_in(who->call, own)) act(now, own, 0, core::LeaveCall{}, out);
}

void Control::tell_of_talk(Now now, const TalkDesk::News& news, port::ControlOutbox& out) {
    tell(now, book_.connection_of(news.member), fronts::TalkSettled{news.key, news.accepted}, out);
}

// Calls have a media side: what the Hub grants or takes back is carried out here, before anybody is told.
bool Control::serve_call(Now now, const core::Delivery& delivery, core::Effects& later, port::ControlOutbox& out) {
    const auto member = delivery.to.empty() ? MemberId{} : delivery.to.front();
    const auto connection = book_.connection_of(member);
    if (std::holds_alternative<core::Joined>(delivery.event)) bring_into_call(member);
    if (const auto* granted = std::get_if<core::CallGranted>(&delivery.event)) {
        if (talks_.talks_in(granted->room, member)) {
            // Without a bridge the talk stays a relay among its own people.
            const auto peer = calls_.grant_bare(member, *granted, VoiceId{});
            if (!peer) hub_.end_call(member, later);
            else talks_.bridge(granted->room, member, *peer);
            return true;
        }
        if (const auto voice = voice_of(member)) {
            if (calls_.grant_bare(member, *granted, voice)) return true;
            close_voice(voice);
            hub_.end_call(member, later);
            return true;
        }
        const auto offered = calls_.grant(member, delivery.ticket, *granted, hub_.member(member) && hub_.member(member)->client == core::ClientKind::kBrowser);
        if (offered) {
            tell(now, connection, *offered, out);
        } else {
            tell(now, connection, fronts::CallRefused{delivery.ticket, false, offered.error()}, out);
            hub_.end_call(member, later);
        }
        return true;
    }
    if (const auto* left = std::get_if<core::CallLeft>(&delivery.event)) {
        const auto ended = calls_.drop(member);
        talks_.bridge(left->room, member, PeerId{});
        // His voice may have been silent, and now there is none that could end the silence. Without a connection the book tells how he is.
        if (connection) hub_.set_presence(member, core::Presence::kHere, later);
        if (!ended || left->why == core::CallLeftWhy::kAsked || left->why == core::CallLeftWhy::kEnded) return true;
        tell(now, connection,
             fronts::CallOver{ended->call, ended->room, left->why == core::CallLeftWhy::kReplaced ? fronts::CallEnd::kReplaced : fronts::CallEnd::kRoomLeft},
             out);
        return true;
    }
    if (const auto* video = std::get_if<core::VideoSet>(&delivery.event)) {
        for (const auto& offer : calls_.set_video(member, video->camera, video->share)) tell_offer(now, offer, out);
        return true;
    }
    if (const auto* voice = std::get_if<core::VoiceSet>(&delivery.event)) {
        calls_.set_voice(member, voice->muted, voice->deafened);
        return true;
    }
    return false;
}

void Control::hear(Now now, const ShardNews& news, port::ControlOutbox& out) {
    core::Effects effects;
    std::visit(overloaded{
                   [](const PeerConnected&) {},
                   [&](const PeerQuiet& n) {
                       const auto member = calls_.member_of(n.peer);
                       // Without a connection the book tells how he is.
                       if (member && book_.connection_of(*member))
                           hub_.set_presence(*member, n.quiet ? core::Presence::kQuiet : core::Presence::kHere, effects);
                   },
                   [&](const PeerLost& n) {
                       const auto member = calls_.member_of(n.peer);
                       if (!member) return;
                       const auto ended = calls_.drop(*member);
                       hub_.end_call(*member, effects);
                       if (book_.connection_of(*member)) hub_.set_presence(*member, core::Presence::kHere, effects);
                       parts_.log.info(fmt::format("call of member {} ended: {}", member->value, name(n.reason)));
                       const bool lost = n.reason == LostReason::kConsent || n.reason == LostReason::kClosed;
                       tell(now, book_.connection_of(*member),
                            fronts::CallOver{ended->call, ended->room, lost ? fronts::CallEnd::kLost : fronts::CallEnd::kFailed}, out);
                       give_up_voice(now, *member, out);
                   },
                   [&](const Speaking& n) { hub_.set_speaking(n.room, n.member, n.speaking, effects); },
                   [&](const SlotsChanged& n) { hub_.set_slots(n.room, n.slots, effects); },
               },
               news);
    route(now, std::move(effects), out);
}

}  // namespace earshot::engine

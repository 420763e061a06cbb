#include "engine/call_desk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earshot::engine {

std::expected<fronts::CallOffered, std::string> CallDesk::grant(MemberId member, fronts::Ticket ticket, const core::CallGranted& granted, bool video) {
    if (!orders_) return std::unexpected("This server has no voice.");
    const PeerId peer{++last_peer_};
    Call call{.member = member, .room_id = granted.room, .room = granted.room_name, .local = describe(peer), .takes_video = video};
    if (video && room_shows(granted.room)) call.local.video = describe_video();
    const auto& local = call.local;
    if (!order(AddPeer{.peer = peer,
                       .room = granted.room,
                       .member = member,
                       .ufrag = local.ufrag,
                       .pwd = local.pwd,
                       .slot_ssrcs = local.slot_ssrcs,
                       .listen_only = granted.listen_only,
                       .muted = granted.muted,
                       .deafened = granted.deafened,
                       .own_rtcp_ssrc = random_.u32() | 1,
                       .cname = local.cname}))
        return std::unexpected("The server is too busy for another call; try again in a moment.");
    if (local.video) order(OfferVideo{peer, local.video->slot_ssrcs, local.video->repair_ssrcs});
    fronts::CallOffered offered{ticket, peer, granted.room_name, rtc::make_offer(local)};
    by_member_[member] = peer;
    calls_.emplace(peer, std::move(call));
    return offered;
}

std::expected<PeerId, std::string> CallDesk::grant_bare(MemberId member, const core::CallGranted& granted, VoiceId voice) {
    if (!orders_ || !bridge_) return std::unexpected("This server has no voice for you.");
    const PeerId peer{++last_peer_};
    constexpr auto kBusy = "The server is too busy for another call; try again in a moment.";
    if (!order(AddBareMember{peer, granted.room, member, voice, granted.muted || granted.listen_only, granted.deafened})) return std::unexpected(kBusy);
    if (!order(AddBare{peer, granted.room, member, granted.muted || granted.listen_only})) {
        order(RemoveBareMember{peer});
        return std::unexpected(kBusy);
    }
    by_member_[member] = peer;
    calls_.emplace(peer, Call{.member = member, .room_id = granted.room, .room = granted.room_name, .local = {}, .bare = true});
    return peer;
}

// Names that cannot be guessed; the peer's number in front keeps them apart (RFC 8839 section 5.4: at least 24 and 128 random bits).
void CallDesk::name_anew(PeerId peer, rtc::LocalDescription& local) {
    local.ufrag = fmt::format("{:x}+", peer.value) + random_.ice_chars(8);
    local.pwd = random_.ice_chars(24);
}

rtc::LocalDescription CallDesk::describe(PeerId peer) {
    rtc::LocalDescription local;
    name_anew(peer, local);
    local.fingerprint = settings_.fingerprint;
    local.session_id = random_.u64() >> 2;  // RFC 8829 section 5.2.1: 62 bits
    local.session_version = 1;
    local.cname = random_.hex(8);
    for (std::size_t i = 0; i < kHeardSlots; ++i) {
        // Neighbouring numbers under one random stem: distinct for certain, and never 0.
        const auto stem = i == 0 ? (random_.u32() & ~15u) | 1u : local.slot_ssrcs.front();
        local.slot_ssrcs.push_back(stem + static_cast<std::uint32_t>(i));
    }
    std::uint16_t preference = 0xffff;
    for (const auto& address : settings_.media.udp) local.candidates.push_back(wire::host_candidate(address, wire::CandidateTransport::kUdp, preference--));
    for (const auto& address : settings_.media.tcp) local.candidates.push_back(wire::host_candidate(address, wire::CandidateTransport::kTcp, preference--));
    return local;
}

CallDesk::Call* CallDesk::find(MemberId member, PeerId peer) {
    const auto found = calls_.find(peer);
    return found != calls_.end() && found->second.member == member && !found->second.bare ? &found->second : nullptr;
}

std::expected<std::optional<CallDesk::Offer>, std::string> CallDesk::answer(MemberId member, PeerId peer, const std::string& sdp) {
    auto* call = find(member, peer);
    if (!call) return std::unexpected(std::string(kNoSuchCall));
    auto remote = rtc::read_answer(call->local, sdp);
    if (!remote) return std::unexpected("That answer cannot be used: " + remote.error());
    if (!order(SetRemote{peer, static_cast<rtc::RemoteMedia&&>(*remote)})) return std::unexpected("The server is too busy; try again in a moment.");
    call->answer_awaited = false;
    return call->video_waits ? offer_video(peer, *call) : std::nullopt;
}

std::expected<fronts::CallOffered, std::string> CallDesk::restart(MemberId member, fronts::Ticket ticket, PeerId peer) {
    auto* call = find(member, peer);
    if (!call) return std::unexpected(std::string(kNoSuchCall));
    name_anew(peer, call->local);
    const bool late = call->takes_video && !call->local.video && room_shows(call->room_id);  // an offer of pictures that never reached him
    if (late) call->local.video = describe_video();
    if (late) order(OfferVideo{peer, call->local.video->slot_ssrcs, call->local.video->repair_ssrcs});
    ++call->local.session_version;
    call->answer_awaited = true;
    if (!order(RestartIce{peer, call->local.ufrag, call->local.pwd})) return std::unexpected("The server is too busy; try again in a moment.");
    return fronts::CallOffered{ticket, peer, call->room, rtc::make_offer(call->local)};
}

void CallDesk::set_voice(MemberId member, bool muted, bool deafened) {
    const auto found = by_member_.find(member);
    if (found == by_member_.end()) return;
    order(SetVoice{found->second, muted, deafened});
    if (calls_.at(found->second).bare) order(SetBareVoice{found->second, muted, deafened});
}

bool CallDesk::room_shows(RoomId room) const {
    return std::ranges::any_of(calls_, [&](const auto& each) { return each.second.room_id == room && each.second.local.video; });
}

// Neighbouring numbers under one random stem, as those of the voices: distinct for certain, and never 0. One of theirs by chance: once in 2^26.
rtc::LocalVideo CallDesk::describe_video() {
    rtc::LocalVideo video;
    const auto stem = (random_.u32() & ~63u) | 1u;
    for (std::uint32_t slot = 0; slot < kVideoSlots; ++slot) {
        video.slot_ssrcs.push_back(stem + slot);
        video.repair_ssrcs.push_back(stem + static_cast<std::uint32_t>(kVideoSlots) + slot);
    }
    return video;
}

// While he has not answered the last offer another would cross its answer.
std::optional<CallDesk::Offer> CallDesk::offer_video(PeerId peer, Call& call) {
    call.video_waits = call.answer_awaited;
    if (!call.takes_video || call.local.video || call.answer_awaited) return std::nullopt;
    auto video = describe_video();
    if (!order(OfferVideo{peer, video.slot_ssrcs, video.repair_ssrcs})) return std::nullopt;
    call.local.video = std::move(video);
    call.answer_awaited = true;
    ++call.local.session_version;
    return Offer{call.member, {0, peer, call.room, rtc::make_offer(call.local)}};
}

std::vector<CallDesk::Offer> CallDesk::set_video(MemberId member, bool camera, bool share) {
    const auto found = by_member_.find(member);
    if (found == by_member_.end()) return {};
    const auto& shower = calls_.at(found->second);
    order(ShowVideo{found->second, camera, share});
    std::vector<PeerId> peers;
    for (const auto& [peer, call] : calls_)
        if (call.room_id == shower.room_id && (camera || share)) peers.push_back(peer);
    std::ranges::sort(peers);
    std::vector<Offer> offers;
    for (const auto peer : peers)
        if (auto offer = offer_video(peer, calls_.at(peer))) offers.push_back(std::move(*offer));
    return offers;
}

std::optional<fronts::VideoSlotsShown> CallDesk::see(MemberId member, const std::vector<VideoTile>& tiles) {
    const auto found = by_member_.find(member);
    if (found == by_member_.end()) return std::nullopt;
    auto& call = calls_.at(found->second);
    const bool changed = call.slots.see(tiles);
    order(SeeVideo{found->second, call.slots.tiles()});
    if (!changed) return std::nullopt;
    return fronts::VideoSlotsShown{found->second, call.slots.tiles()};
}

std::optional<CallDesk::Ended> CallDesk::drop(MemberId member) {
    const auto found = by_member_.find(member);
    if (found == by_member_.end()) return std::nullopt;
    const auto peer = found->second;
    by_member_.erase(found);
    Ended ended{peer, std::move(calls_.at(peer).room)};
    if (calls_.at(peer).bare) order(RemoveBareMember{peer});
    calls_.erase(peer);
    order(RemovePeer{peer});
    return ended;
}

std::optional<MemberId> CallDesk::member_of(PeerId peer) const {
    const auto found = calls_.find(peer);
    return found == calls_.end() ? std::nullopt : std::optional{found->second.member};
}

void CallDesk::shutdown() { order(Shutdown{}); }

bool CallDesk::order(ShardOrder what) {
    if (!orders_) return true;
    const bool must_arrive = std::holds_alternative<RemovePeer>(what) || std::holds_alternative<SetVoice>(what) || std::holds_alternative<OfferVideo>(what) ||
                             std::holds_alternative<ShowVideo>(what) || std::holds_alternative<SeeVideo>(what) || std::holds_alternative<Shutdown>(what);
    if (must_arrive ? orders_->push_reserved(std::move(what)) : orders_->push(std::move(what))) return true;
    counters_.add(Counter::mailbox_full);
    return false;
}

bool CallDesk::order(BridgeOrder what) {
    const bool may_wait = std::holds_alternative<AddBareMember>(what);
    if (may_wait ? bridge_->push(std::move(what)) : bridge_->push_reserved(std::move(what))) return true;
    counters_.add(Counter::mailbox_full);
    return false;
}

}  // namespace earshot::engine

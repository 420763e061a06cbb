#include "client/call_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace earshot::client {

namespace web = wire::web;

namespace {

bool wanted(Switch to, bool now) { return to == Switch::kToggle ? !now : to == Switch::kOn; }

std::string why(web::CallEndReason reason) {
    switch (reason) {
        case web::CallEndReason::replaced: return "You took the call somewhere else.";
        case web::CallEndReason::room_left: return "You left the room.";
        case web::CallEndReason::closing: return "The server is closing.";
        case web::CallEndReason::left:
        case web::CallEndReason::failed:
        case web::CallEndReason::lost: return "The call was lost.";
    }
    return "";
}

}  // namespace

// --- what one wants

void CallDesk::join(Now now, const std::string& room, bool listen_only, Outbox& out) {
    if (active() && model_.call.room == room) return;
    if (active()) out.ask(effect::HangUp{});
    model_.call = {.room = room};
    listen_only_ = listen_only;
    tries_ = 0;
    call_ = 0;
    media_up_ = false;
    set(CallState::kJoining, "", out);
    ask(now, out);
}

void CallDesk::ask(Now now, Outbox& out) {
    restart_tried_ = ask_again_ = false;
    due_ = now.at + kConnectWithin;
    if (!requests_.ask(web::client::CallJoin{.room = model_.call.room, .listen_only = listen_only_, .muted = model_.voice.muted},
                       {.kind = Asked::Kind::kCallJoin, .room = model_.call.room}, out))
        due_ = kNever;  // room_joined() goes on
}

void CallDesk::hang_up(Outbox& out) {
    if (!active()) return;
    requests_.ask(web::client::CallLeave{}, {.kind = Asked::Kind::kCallLeave}, out);
    over("", out);
}

void CallDesk::mute(Switch to, Outbox& out) {
    auto& voice = model_.voice;
    const bool on = wanted(to, voice.muted);
    if (!on) voice.deafened = false;
    voice.muted = muted_before_deafen_ = on;
    if (on) voice.pushed = voice.hands_free = false;
    tell_voice(out);
}

// Deafening mutes too; hearing again brings back what was before.
void CallDesk::deafen(Switch to, Outbox& out) {
    auto& voice = model_.voice;
    const bool on = wanted(to, voice.deafened);
    if (on == voice.deafened) return;
    voice.deafened = on;
    if (on)
        muted_before_deafen_ = std::exchange(voice.muted, true);
    else
        voice.muted = muted_before_deafen_;
    if (on) voice.pushed = voice.hands_free = false;
    tell_voice(out);
}

void CallDesk::talk(Switch to, Outbox& out) {
    auto& voice = model_.voice;
    const bool on = wanted(to, voice.pushed) && !voice.muted;
    if (on == voice.pushed) return;
    voice.pushed = on;
    out.ask(effect::VoiceChanged{});
}

void CallDesk::hands_free(Outbox& out) {
    auto& voice = model_.voice;
    if (voice.hands_free) return hands_free_ended(out);
    muted_before_hands_free_ = voice.muted;
    voice.hands_free = true;
    voice.muted = voice.deafened = false;
    tell_voice(out);
}

void CallDesk::hands_free_ended(Outbox& out) {
    if (!std::exchange(model_.voice.hands_free, false)) return;
    model_.voice.muted = muted_before_hands_free_;
    tell_voice(out);
}

void CallDesk::tell_voice(Outbox& out) {
    out.ask(effect::VoiceChanged{});
    if (active()) requests_.tell(web::client::Voice{model_.voice.muted, model_.voice.deafened}, out);
}

// --- what the server says

void CallDesk::offered(Now now, const web::server::CallOffer& offer, bool asked, Outbox& out) {
    if (!active() || offer.room != model_.call.room || (!asked && offer.call != call_)) return;
    const bool fresh = offer.call != std::exchange(call_, offer.call);
    due_ = now.at + kConnectWithin;
    out.ask(effect::TakeOffer{.call = offer.call, .sdp = offer.sdp, .listen_only = listen_only_, .fresh = fresh});
    if (fresh) set(CallState::kConnecting, "", out);
    if (fresh && model_.voice.deafened) tell_voice(out);
}

void CallDesk::refused(Now now, const std::string& sentence, bool for_good, Outbox& out) {
    if (!active()) return;
    if (for_good) return over(sentence, out);
    trouble(now, out);
}

void CallDesk::ended(Now now, const web::server::CallEnded& ended, Outbox& out) {
    if (!active() || ended.call != call_) return;
    call_ = 0;
    media_up_ = false;
    if (ended.reason == web::CallEndReason::failed || ended.reason == web::CallEndReason::lost) return trouble(now, out);
    over(why(ended.reason), out);
}

void CallDesk::room_joined(Now now, const std::string& room, bool still_in, Outbox& out) {
    if (!active() || room != model_.call.room) return;
    if (!still_in) {
        call_ = 0;
        media_up_ = false;
        return ask(now, out);
    }
    tell_voice(out);
    if (media_up_) return set(CallState::kConnected, "", out);
    restart_tried_ = false;
    trouble(now, out);
}

// The voice goes on by itself while the house keeps the call; joining waits until we are back.
void CallDesk::connection_lost(Outbox& out) {
    model_.voice.pushed = false;
    if (!active()) return;
    due_ = kNever;
    if (!media_up_) set(CallState::kReconnecting, "", out);
}

void CallDesk::room_left(const std::string& room, Outbox& out) {
    if (active() && model_.call.room == room) over("", out);
}

// --- what the phone says

void CallDesk::answered(Now now, std::uint64_t call, std::string sdp, Outbox& out) {
    if (!active() || call != call_) return;
    due_ = now.at + kConnectWithin;
    requests_.ask(web::client::CallAnswer{.call = call, .sdp = std::move(sdp)}, {.kind = Asked::Kind::kCallAnswer, .room = model_.call.room}, out);
}

void CallDesk::failed(Now, std::uint64_t call, const std::string& sentence, Outbox& out) {
    if (active() && call == call_) over(sentence, out);
}

void CallDesk::media_connected(Route route, Outbox& out) {
    if (!active()) return;
    media_up_ = true;
    tries_ = 0;
    restart_tried_ = false;
    due_ = kNever;
    const bool news = model_.call.route != route || model_.call.state != CallState::kConnected;
    model_.call.route = route;
    if (news) set(CallState::kConnected, "", out);
}

void CallDesk::media_lost(Now now, Outbox& out) {
    if (!active()) return;
    media_up_ = false;
    trouble(now, out);
}

// First new ICE names for the transport that stands, then a new call, later and later.
void CallDesk::trouble(Now now, Outbox& out) {
    if (model_.call.state != CallState::kReconnecting) set(CallState::kReconnecting, "", out);
    if (call_ != 0 && !std::exchange(restart_tried_, true) &&
        requests_.ask(web::client::CallRestart{.call = call_}, {.kind = Asked::Kind::kCallRestart, .room = model_.call.room}, out)) {
        due_ = now.at + kConnectWithin / 2;
        return;
    }
    if (tries_ == kMostTries) return over("The voice cannot get through. Try /call again.", out);
    call_ = 0;
    due_ = now.at + std::min<Duration>(tries_ == 0 ? Duration{} : 1s * (1 << std::min(tries_ - 1, 5)), kLongestWait);
    ++tries_;
    ask_again_ = true;
}

void CallDesk::tick(Now now, Outbox& out) {
    if (now.at < due_) return;
    due_ = kNever;
    if (!active()) return;
    if (ask_again_) return ask(now, out);
    trouble(now, out);
}

void CallDesk::set(CallState state, std::string text, Outbox& out) {
    model_.call.state = state;
    if (state != CallState::kConnected) model_.call.route = Route::kNone;
    out.tell(happening::CallChanged{model_.call.room, state, model_.call.route, std::move(text)});
}

void CallDesk::over(std::string text, Outbox& out) {
    due_ = kNever;
    call_ = 0;
    media_up_ = false;
    model_.voice.pushed = model_.voice.hands_free = false;
    out.ask(effect::HangUp{});
    set(CallState::kNone, std::move(text), out);
    model_.call = {};
}

}  // namespace earshot::client

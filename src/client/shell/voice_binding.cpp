#include "client/shell/voice_binding.hpp"

#include <algorithm>
#include <utility>

namespace earshot::client {
namespace {

int whole(float decibels) { return static_cast<int>(std::clamp(decibels, -200.f, 50.f)); }

}  // namespace

void VoiceBinding::apply(Time now, const Model& model) {
    const auto& voice = model.voice;
    const bool in_call = model.call.state == CallState::kConnected || model.call.state == CallState::kReconnecting;
    // Each change wakes the worker that minds the devices. Outside of a call the microphone rests.
    // During a look at one's own sound it is the caller who holds everything back.
    const bool checking = model.sound && !model.sound->offer;
    const bool muted = (voice.muted || !in_call) && !checking, deafened = voice.deafened && !checking;
    if (deafened_ != deafened) muted_.reset(), desk_.deafen(*(deafened_ = deafened));
    if (!deafened && muted_ != muted) desk_.mute(*(muted_ = muted));
    desk_.with_caller([&](Caller& caller) {
        for (std::size_t i = 0; i < caller.playout().slots(); ++i) caller.set_slot(i, MemberId{i < model.call.slots.size() ? model.call.slots[i] : 0});
        if (const auto* room = model.find_room(model.call.room))
            for (const auto& [id, person] : room->people) caller.set_volume(MemberId{id}, person.volume_percent);
        caller.set_master(voice.master_percent);
        caller.set_activation(voice.mode == TalkMode::kPushToTalk ? Activation::kPushToTalk : Activation::kVoice);
        if (voice.pushed != std::exchange(pushed_, voice.pushed)) {
            if (voice.push_level == PushLevel::kToggle)
                caller.latch_talk(now, voice.pushed);
            else
                caller.hold_to_talk(now, voice.pushed);
        }
        const bool hands_free = voice.hands_free && in_call;  // one that was begun outside waits for the call
        if (hands_free == std::exchange(hands_free_, hands_free)) return;
        if (hands_free)
            caller.hands_free(now);
        else
            caller.end_hands_free();
    });
}

VoiceBinding::Ended VoiceBinding::measure(Time now, Model& model) {
    auto& voice = model.voice;
    const bool in_call = model.call.state == CallState::kConnected || model.call.state == CallState::kReconnecting;
    auto* room = model.find_room(model.call.room);
    std::vector<int> shown;
    auto ended = desk_.with_caller([&](Caller& caller) {
        const auto meters = caller.meters(now);
        voice.microphone_dbfs = meters.microphone_dbfs;
        voice.microphone_peak_dbfs = meters.microphone_peak_dbfs;
        voice.gate_dbfs = meters.gate_dbfs;
        voice.gate_open = meters.gate_open;
        voice.sending = meters.on_air && in_call;
        shown = {whole(meters.microphone_dbfs), whole(meters.microphone_peak_dbfs), whole(meters.gate_dbfs), meters.gate_open, voice.sending};
        if (room != nullptr) {
            for (auto& [id, person] : room->people) person.level_dbfs = id == model.member ? meters.microphone_dbfs : kSilence;
            for (std::size_t i = 0; i < caller.playout().slots(); ++i) {
                const auto at = room->people.find(caller.playout().member_on(i).value);
                if (at == room->people.end()) continue;
                at->second.level_dbfs = caller.playout().level_dbfs(now, i);
                shown.push_back(whole(at->second.level_dbfs));
            }
        }
        return Ended{.hands_free = hands_free_ && !meters.hands_free, .pushed = pushed_ && !meters.pushed};
    });
    ended.changed = shown != shown_;
    shown_ = std::move(shown);
    return ended;
}

}  // namespace earshot::client

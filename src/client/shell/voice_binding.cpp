#include "client/shell/voice_binding.hpp"

#include <algorithm>
#include <utility>

namespace earshot::client {

void VoiceBinding::apply(Time now, const Model& model) {
    const auto& voice = model.voice;
    const bool in_call = model.call.state == CallState::kConnected || model.call.state == CallState::kReconnecting;
    desk_.deafen(voice.deafened);
    if (!voice.deafened) desk_.mute(voice.muted || !in_call);  // outside of a call the microphone rests
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
    return desk_.with_caller([&](Caller& caller) {
        const auto meters = caller.meters(now);
        voice.microphone_dbfs = meters.microphone_dbfs;
        voice.microphone_peak_dbfs = meters.microphone_peak_dbfs;
        voice.gate_dbfs = meters.gate_dbfs;
        voice.gate_open = meters.gate_open;
        voice.sending = meters.on_air && in_call;
        if (room != nullptr) {
            for (auto& [id, person] : room->people) person.level_dbfs = id == model.member ? meters.microphone_dbfs : kSilence;
            for (std::size_t i = 0; i < caller.playout().slots(); ++i) {
                const auto at = room->people.find(caller.playout().member_on(i).value);
                if (at != room->people.end()) at->second.level_dbfs = caller.playout().level_dbfs(now, i);
            }
        }
        return Ended{.hands_free = hands_free_ && !meters.hands_free, .pushed = pushed_ && !meters.pushed};
    });
}

}  // namespace earshot::client

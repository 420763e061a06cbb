#include "client/shell/check_desk.hpp"

#include <utility>

#include "base/overloaded.hpp"

namespace earshot::client {

CheckDesk::CheckDesk(const Stage& stage, SoundDesk& desk, UseDevice use, std::function<void(Now)> changed)
    : stage_(stage), desk_(desk), use_(std::move(use)), changed_(std::move(changed)) {}

void CheckDesk::begin(Now now, std::unique_ptr<SoundCheck> check, bool aloud, Outbox& out) {
    if (active()) end(now);
    check_ = std::move(check);
    aloud_ = aloud;
    settle(now, out);
}

void CheckDesk::answer(Now now, const std::string& text, Outbox& out) {
    if (!active()) return;
    check_->answer(now.at, text);
    settle(now, out);
}

void CheckDesk::move(Now now, int step, Outbox& out) {
    if (!active()) return;
    check_->move(now.at, step);
    settle(now, out);
}

void CheckDesk::look(Now now, Outbox& out) {
    if (!active()) return;
    loudness_.clear();
    const auto [recorded, playing] = desk_.with_caller([&](Caller& caller) {
        auto& own = caller.own_sound();
        own.take_loudness(loudness_);
        return std::pair(recording_ && own.recorded(), own.playing());
    });
    check_->heard(now.at, loudness_);
    if (recorded) {
        recording_ = false;
        recording_of_us_ = desk_.with_caller([](Caller& caller) { return caller.own_sound().take_recording(); });
        check_->recorded(now.at);
    }
    if (playing_ && !playing) {
        playing_ = false;
        check_->played(now.at);
    }
    settle(now, out);
}

void CheckDesk::settle(Now now, Outbox& out) {
    for (auto wishes = check_->take_wishes(); !wishes.empty() && active(); wishes = active() ? check_->take_wishes() : std::vector<Wish>{})
        for (const auto& each : wishes)
            if (active()) carry_out(now, each, out);
    if (active()) show(now, out);
}

void CheckDesk::carry_out(Now now, const Wish& wanted, Outbox& out) {
    std::visit(overloaded{[&](const wish::Begin&) { begun_ = true, desk_.begin_check(); }, [&](const wish::UseDevice& device) { use_device(now, device); },
                          [&](const wish::Chime&) { desk_.play_at_home(chime()); },
                          [&](const wish::Record& record) {
                              const auto samples = static_cast<std::size_t>(record.length / 1ms) * (audio::kRate / 1000);
                              recording_ = true;
                              desk_.with_caller([space = std::vector<float>(samples)](Caller& caller) mutable { caller.own_sound().record(std::move(space)); });
                          },
                          [&](const wish::PlayBack&) { playing_ = true, desk_.play_at_home(std::exchange(recording_of_us_, {})); },
                          [&](const wish::Act& act) { stage_.house.act(now, act.action, out); },
                          [&](const wish::Say& say) { stage_.house.notice(now, say.text, out); }, [&](const wish::End&) { end(now); }},
               wanted);
}

void CheckDesk::use_device(Now now, const wish::UseDevice& wanted) { check_->used(now.at, wanted.input, use_(wanted.input, wanted.name)); }

void CheckDesk::show(Now now, Outbox& out) {
    auto& model = stage_.house.model();
    const auto& panel = check_->panel();
    if (model.sound == panel) return;
    const bool first = !model.sound || model.sound->offer != panel.offer;
    model.sound = panel;
    ++model.version;
    if (first) changed_(now);
    if (!aloud_ || (said_ && said_->page == panel.page)) return;
    for (auto& line : spoken(panel, said_ ? &*said_ : nullptr)) stage_.house.notice(now, std::move(line), out);
    said_ = panel;
}

// First what the member wants of the call is brought back, then the microphone is let go of: nothing slips out in between.
void CheckDesk::end(Now now) {
    auto& model = stage_.house.model();
    model.sound.reset();
    ++model.version;
    changed_(now);
    if (std::exchange(begun_, false)) desk_.end_check();
    check_.reset();
    said_.reset();
    recording_ = playing_ = false;
    recording_of_us_.clear();
}

}  // namespace earshot::client

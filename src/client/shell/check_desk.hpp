// A look at one's own sound at the sound desk: hands the machine what the microphone brings, carries out what it wishes, and keeps its panel
// in the model.
#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/shell/sound_desk.hpp"
#include "client/shell/stage.hpp"
#include "client/sound_check.hpp"

namespace earshot::client {

class CheckDesk {
public:
    // Another device, by name or "" for the system's; answered with the name as the settings keep it.
    using UseDevice = std::function<std::expected<std::string, std::string>(bool input, const std::string& name)>;
    // `changed`: the model says something else about sound.
    CheckDesk(const Stage& stage, SoundDesk& desk, UseDevice use, std::function<void(Now)> changed);

    // In place of one that goes on. `aloud`: what is asked is said in lines.
    void begin(Now now, std::unique_ptr<SoundCheck> check, bool aloud, Outbox& out);
    bool active() const { return check_ != nullptr; }
    // Only whether to begin is being asked.
    bool offers() const { return active() && check_->panel().offer; }
    void answer(Now now, const std::string& text, Outbox& out);
    void move(Now now, int step, Outbox& out);
    // Twenty times a second while active.
    void look(Now now, Outbox& out);

private:
    void settle(Now now, Outbox& out);
    void carry_out(Now now, const Wish& wish, Outbox& out);
    void use_device(Now now, const wish::UseDevice& wanted);
    void show(Now now, Outbox& out);
    void end(Now now);

    const Stage& stage_;
    SoundDesk& desk_;
    UseDevice use_;
    std::function<void(Now)> changed_;
    std::unique_ptr<SoundCheck> check_;
    std::vector<Loudness> loudness_;
    std::optional<SoundPanel> said_;
    bool aloud_ = false, begun_ = false, recording_ = false, playing_ = false;
    std::vector<float> recording_of_us_;
};

}  // namespace earshot::client

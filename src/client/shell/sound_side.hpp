// The sound of the running client: the desk with its devices, brought to what the model wants, its meters brought into the model, and
// what is asked of devices by name.
#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/arguments.hpp"
#include "client/shell/check_desk.hpp"
#include "client/shell/settings_store.hpp"
#include "client/shell/sound_desk.hpp"
#include "client/shell/stage.hpp"
#include "client/shell/voice_binding.hpp"
#include "client/sound_wizard.hpp"
#include "io/net/event_waker.hpp"
#include "rtc/client_session.hpp"

namespace earshot::client {

class SoundSide {
public:
    using Speak = std::function<void(Now, std::span<const Outgoing>)>;
    // `speak` is given what the microphone has to say.
    SoundSide(const Stage& stage, const Arguments& arguments, SettingsStore& store, Speak speak);

    // False: it was asked for by name and cannot be had.
    bool open();
    void close();

    // --- the call
    void receive(const rtc::Received& packet);
    void reported(Time now, double lost);
    // Brings the voice to what the model wants. `settle`: only when the model is another than last time.
    void apply(Now now);
    void settle(Now now);

    // --- the meters, and what the voice ended by itself. Often only while there is something to see.
    void look(Now now, bool seen);
    Time deadline() const { return look_at_; }

    // --- what one asks for
    void list_devices(Now now, Outbox& out);
    void choose_device(Now now, const action::ChooseDevice& choice, Outbox& out);
    void tell_meters(Now now, Outbox& out);
    void set_gate();
    // What of the sound a setting changed, at once; a sentence about it.
    std::string settle_setting(const std::string& key);

    // --- a look at one's own sound. `aloud`: it is asked and answered in lines.
    void begin_wizard(Now now, bool aloud, Outbox& out);
    void test_microphone(Now now, bool aloud, Outbox& out);
    // Asks whether to begin, where somebody sits before real devices.
    void offer_wizard(Now now, Outbox& out);
    void answer_check(Now now, const std::string& text, Outbox& out);
    void move_check(Now now, int step, Outbox& out);

private:
    std::expected<void, std::string> open_desk();
    SoundDesk::Echo echo() const;
    SoundDesk::Noise noise() const;
    std::string settle_noise();
    std::expected<SoundFacts, std::string> facts(bool aloud);
    std::expected<std::string, std::string> use_device(bool input, const std::string& name);
    io::SoundOptions options() const;
    SoundNews news();
    void name_devices();
    void hear_bell();
    void take_word();

    const Stage& stage_;
    const Arguments& arguments_;
    SettingsStore& store_;
    Speak speak_;
    io::EventWaker bell_;  // before the desk, whose threads ring it
    io::asio::posix::stream_descriptor bell_wait_;
    bool listening_ = false;
    std::unique_ptr<SoundDesk> desk_;
    std::optional<VoiceBinding> binding_;
    std::optional<CheckDesk> check_;
    std::vector<Outgoing> outgoing_;
    Time look_at_ = kNever;
    std::uint64_t applied_version_ = 0;
};

}  // namespace earshot::client

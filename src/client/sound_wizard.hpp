// The audio wizard: which microphone, which loudspeakers, how loud the room is and how loud the voice, and so where the gate stands; then
// by voice or by push-to-talk. What was settled stays, at whatever page one leaves.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/sound_check.hpp"

namespace earshot::client {

// What stands before the wizard begins.
struct SoundFacts {
    struct Device {
        std::string name;
        bool is_default = false;
    };
    std::vector<Device> inputs{}, outputs{};
    std::string input{}, output{};  // as the settings keep them; empty: the system's
    bool push_to_talk = false;
    // How one pushes here; asked when it is shown, for a terminal says late that it knows of keys let go.
    std::function<std::string()> talk_key = [] { return std::string("F9 switches it on and off"); };
    bool by_lines = false;  // a number goes on at once: nobody watches a meter
};

// Where the gate goes between a room and a voice, in whole dBFS.
struct GateFound {
    float dbfs = -40;
    bool close = false;  // the voice stands out so little that a key is the better choice
};
GateFound gate_between(float room_dbfs, float voice_dbfs);

class SoundWizard final : public SoundCheck {
public:
    static constexpr Duration kSettle = 500ms;  // the noise suppressor finds its way first
    static constexpr Duration kQuiet = 2s;
    static constexpr Duration kVoice = 2s;     // of voice, pauses not counted
    static constexpr Duration kPatience = 6s;  // then it is said that nothing is heard
    static constexpr float kVoiceAbove = 8;    // dB above the room: a voice
    static constexpr float kDead = -88;        // raw: a muted microphone
    static constexpr float kFaint = -45;
    static constexpr int kQuietTries = 2;

    // `offered`: the first page only asks whether one wants to.
    SoundWizard(Time now, SoundFacts facts, bool offered);

    void answer(Time now, std::string_view text) override;
    void move(Time now, int step) override;
    void used(Time now, bool input, const std::expected<std::string, std::string>& name) override;
    void heard(Time now, std::span<const Loudness> blocks) override;

private:
    enum class Page { kOffer, kInput, kOutput, kQuiet, kSpeak, kMode };

    void show(Time now, Page page);
    void show_devices(bool input);
    void show_quiet();
    void show_speak();
    void show_mode();
    void go_on(Time now);
    void go_back(Time now);
    void again(Time now);
    void choose(Time now, std::size_t index);
    void leave(bool finished);
    void finish_quiet(Time now);
    void finish_speaking(Time now);
    std::string silence_words() const;

    SoundFacts facts_;
    Page page_ = Page::kOffer;
    Time since_{};  // when this page began to listen
    std::size_t chosen_ = 0;
    Duration listened_{}, voiced_{};
    std::vector<float> room_levels_, voice_levels_;
    float loudest_raw_ = kSilence;
    int clipped_ = 0, quiet_tries_ = 0;
    std::optional<float> room_dbfs_, voice_dbfs_, gate_dbfs_;
    bool push_to_talk_ = false;
};

}  // namespace earshot::client

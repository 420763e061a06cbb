// A look at one's own sound, as a machine: answers and what the microphone brings go in, a panel to show and wishes come out. The shell
// carries the wishes out with the sound desk. While a check lasts, nothing of the microphone leaves.
#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "audio/level.hpp"
#include "client/action.hpp"
#include "client/model.hpp"
#include "client/voice/own_sound.hpp"

namespace earshot::client {

namespace wish {
struct Begin {};  // the microphone is ours alone from now on
struct UseDevice {
    bool input = true;
    std::string name;
};  // empty: the system's; answered by used()
struct Chime {};
struct Record {
    Duration length{};
};
struct PlayBack {};  // what was recorded; answered by played()
struct Act {
    Action action;
};
struct Say {
    std::string text;
};
struct End {};  // all is as it was, and the panel goes
}  // namespace wish
using Wish = std::variant<wish::Begin, wish::UseDevice, wish::Chime, wish::Record, wish::PlayBack, wish::Act, wish::Say, wish::End>;

class SoundCheck {
public:
    static constexpr Duration kNobodyThere = 2min;  // without an answer: the microphone is given back to the call

    virtual ~SoundCheck() = default;
    virtual void answer(Time now, std::string_view text) = 0;
    virtual void move(Time, int) {}
    virtual void used(Time, bool /*input*/, const std::expected<std::string, std::string>&) {}
    virtual void recorded(Time) {}
    virtual void played(Time) {}
    // Also the passing of time: to be called some twenty times a second.
    virtual void heard(Time now, std::span<const Loudness> blocks) = 0;

    const SoundPanel& panel() const { return panel_; }
    std::vector<Wish> take_wishes() { return std::exchange(wishes_, {}); }

protected:
    void wish(Wish wish) { wishes_.push_back(std::move(wish)); }
    void show_level(Time now, std::span<const Loudness> blocks);
    // True when the last answer is too long ago.
    bool forsaken(Time now) const { return now - answered_at_ >= kNobodyThere; }
    void say_anew() { ++panel_.page; }
    void set_trouble(std::string sentence);

    SoundPanel panel_;
    Time answered_at_{};

private:
    std::vector<Wish> wishes_;
    audio::LevelMeter meter_;
};

// What an answer means, the same for lines and keys.
struct CheckWord {
    enum class Kind { kOn, kBack, kAgain, kSkip, kNumber, kUnknown };
    Kind kind = Kind::kUnknown;
    std::size_t number = 0;  // from 1
};
CheckWord read_check_word(std::string_view text);

// The level below which `share` of them lie; kSilence when there are none.
float percentile(std::vector<float> levels, double share);

}  // namespace earshot::client

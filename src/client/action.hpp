// What a key, a command or a line asks for. The screen and the command parser make them, the house and the shell carry them out.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace earshot::client {

enum class Switch : std::uint8_t { kOff, kOn, kToggle };

namespace action {

// --- what was typed
struct Enter {
    std::string line;
};                 // a whole line of the composer: a message, a command or an alias
struct Typing {};  // a key that writes was pressed in the composer
// --- text
struct Say {
    std::string text;
    bool me = false;
};  // into the room that is shown; `me`: as /me
struct Direct {
    std::string to, text;
};  // to somebody by name
struct Nick {
    std::string name;
};
struct Topic {
    std::string topic;
};
// --- order in the room that is shown
struct Kick {
    std::string who;
};  // a name, then perhaps a reason
struct MutePerson {
    std::string who;
};
// --- rooms
struct Join {
    std::string room;
};  // joins if needed, and shows it
struct Leave {
    std::string room;
};  // empty: the one that is shown
struct Show {
    std::string room;
};  // a room that is joined
struct ShowNumber {
    int number = 1;
};  // the n-th joined room, from 1
struct ShowNext {
    int step = 1;
};  // the next (1) or previous (-1) joined room
struct NextUnread {};
struct FetchHistory {};  // the page before the oldest line of the room that is shown
struct MarkRead {};      // all of the room that is shown
struct Clear {};         // forgets the lines of the room that is shown
// --- voice
struct Call {
    std::string room;
};  // empty: the room that is shown
struct HangUp {};
struct Mute {
    Switch to = Switch::kToggle;
};
struct Deafen {
    Switch to = Switch::kToggle;
};
struct Talk {
    Switch to = Switch::kToggle;
};                    // push-to-talk pressed, released or toggled
struct HandsFree {};  // [audio]: talk until silence ends it
struct Mode {
    bool push_to_talk = false;
};
struct Volume {
    std::string name;
    std::optional<int> percent;
};  // empty name: of everything; nothing: say how loud it is
struct VolumeStep {
    std::uint64_t member = 0;
    int by = 0;
};  // of one person, 0: of everything
struct Gate {
    float dbfs = -40;
};
struct Devices {};
struct ChooseDevice {
    bool input = true;
    std::string which;
};  // a number of the list, or a name
struct TestMicrophone {};
struct AudioWizard {};
struct CheckAnswer {
    std::string text;
};  // to the sound panel: a number, nothing (go on), "back", "again", "skip"
struct CheckMove {
    int step = 1;
};  // to the next choice of the sound panel, or the one before
// --- to look at
struct Help {
    std::string about;
};
struct Who {};
struct Meters {};  // /vu
struct Status {};
struct Set {
    std::string key, value;
};  // both empty: list
// --- the program
struct Later {
    std::string what;
};  // known, but this server or client cannot do it yet
struct Answer {
    bool yes = false;
};  // to the model's question
struct Reconnect {};
struct Redraw {};
struct Suspend {};  // Ctrl+Z
struct Quit {};

}  // namespace action

using Action = std::variant<action::Enter, action::Typing, action::Say, action::Direct, action::Nick, action::Topic, action::Kick, action::MutePerson,
                            action::Join, action::Leave, action::Show, action::ShowNumber, action::ShowNext, action::NextUnread, action::FetchHistory,
                            action::MarkRead, action::Clear, action::Call, action::HangUp, action::Mute, action::Deafen, action::Talk, action::HandsFree,
                            action::Mode, action::Volume, action::VolumeStep, action::Gate, action::Devices, action::ChooseDevice, action::TestMicrophone,
                            action::AudioWizard, action::CheckAnswer, action::CheckMove, action::Help, action::Who, action::Meters, action::Status, action::Set,
                            action::Later, action::Answer, action::Reconnect, action::Redraw, action::Suspend, action::Quit>;

}  // namespace earshot::client

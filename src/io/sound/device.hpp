// Where the sound comes from and where it goes: real devices by cubeb, WAV files in real time, or nothing. Everything is float at
// 48 kHz on this side; what a device or file runs at is converted.
#pragma once
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audio/frame.hpp"

namespace earshot::io {

enum class SoundDirection { kInput, kOutput };

struct SoundDevice {
    SoundDirection direction{};
    std::string id;    // what the sound system calls it; may change when it is plugged in again
    std::string name;  // what people call it, and what a configuration keeps
    bool is_default = false;
    bool monitor = false;  // hears what an output plays
};

enum class SoundEvent {
    kDevicesChanged,  // something was plugged in or out, or another device is the default: call Sound::refresh()
    kInputLost,       // the device failed; call Sound::refresh()
    kOutputLost,
    kInputEnded,       // the file was played to its end; silence follows
    kRecordingFailed,  // the file cannot be written any more
};

// What a device is run for. Most of what a quiet call costs are the wakings of its devices.
enum class Attention {
    kOff,      // a muted microphone: it costs nothing, and its light goes out
    kRelaxed,  // nobody has spoken for a while: larger pieces, some tens of ms later
    kEager,    // as soon as it can be had
};

// Who hears and plays. captured() and wanted() run on the devices' own threads, each on one of its own: they must neither block nor
// allocate. noticed() runs on any thread and may only leave word for another.
class SoundUser {
public:
    virtual ~SoundUser() = default;
    // Interleaved; one channel or two, as was asked for.
    virtual void captured(Time now, audio::ConstSamples sound, std::size_t channels) = 0;
    virtual void wanted(Time now, audio::Samples stereo) = 0;
    virtual void noticed(SoundEvent event) = 0;
};

struct SoundOptions {
    // "default" (or nothing): what the system uses, followed when it changes. "none". "FILE.wav": played once in real time, then silence;
    // "loop:FILE.wav" for ever; as output it is written. Else the name or id of a device, or enough of its name.
    std::string input = "default", output = "default";
    Duration period = 10ms;          // how much sound is handed over at a time
    std::size_t input_channels = 1;  // 2 for music
};

// Called from one thread, which must hold nothing that captured() and wanted() wait for: stopping a device waits for them.
class Sound {
public:
    virtual ~Sound() = default;

    // All that there are, inputs first. The error says that there is no sound system.
    virtual std::expected<std::vector<SoundDevice>, std::string> devices() = 0;
    // Another device in the middle of it all. On an error the one before goes on.
    virtual std::expected<void, std::string> set_input(std::string which) = 0;
    virtual std::expected<void, std::string> set_output(std::string which) = 0;
    // One or two, for what a device brings from now on; what is read from a file stays as it was opened. On an error all goes on as before.
    virtual std::expected<void, std::string> set_input_channels(std::size_t channels) = 0;
    // How much the microphone is worth. A change between the two that listen loses some milliseconds of it: not while somebody speaks.
    virtual void listen(Attention attention) = 0;
    // kOff while nobody speaks stops a real device, which is back within milliseconds; a recording goes on with silence.
    virtual void play(Attention attention) = 0;
    // After kDevicesChanged and the losses, and every few seconds, because not every sound system tells of another default: looks whether what was asked for is
    // still there, takes the default instead when it is not, and goes back when it is. Sentences for people, none when nothing changed.
    virtual std::vector<std::string> refresh() = 0;
    virtual std::string input_name() const = 0;
    virtual std::string output_name() const = 0;
    // True when somebody sits before a real device: a file has neither noise nor a distance to the mouth.
    virtual bool microphone() const = 0;
    // True for what cannot come back as an echo: files, nothing, and what calls itself something for the ears.
    virtual bool echo_free() const = 0;
};

// The error says which device or file cannot be used, and why. `user` outlives what is returned; nothing is called after its end.
std::expected<std::unique_ptr<Sound>, std::string> open_sound(const SoundOptions& options, SoundUser& user);

// The one device of that direction that `which` means: by id, by name, or by a part of the name that no other has.
std::expected<const SoundDevice*, std::string> find_device(const std::vector<SoundDevice>& devices, SoundDirection direction, std::string_view which);

}  // namespace earshot::io

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "io/sound/cubeb_system.hpp"

namespace earshot::io {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool is_file(std::string_view which) { return lower(which).ends_with(".wav"); }
bool is_default(std::string_view which) { return which.empty() || which == "default"; }
constexpr std::string_view kLoop = "loop:";

// What people call things that one hears alone.
bool for_the_ears(const std::string& name) {
    const auto small = lower(name);
    return std::ranges::any_of(std::initializer_list<const char*>{"headset", "headphone", "earphone", "earbud", "airpods", "hands-free"},
                               [&](const char* word) { return small.find(word) != std::string::npos; });
}

// One direction: what was asked for, and what is used now.
struct Side {
    std::string wanted;   // as in SoundOptions
    std::string used_id;  // of a device; empty: the default, a file or nothing
    std::string name = "none";
    bool real = false;         // a device of the sound system
    bool fallen_back = false;  // wanted another device than the default, which is used
    std::unique_ptr<SoundStream> stream;
};

class OpenSound final : public Sound {
public:
    OpenSound(const SoundOptions& options, SoundUser& user) : options_(options), user_(user) {}
    // The streams end before the system that they belong to.
    ~OpenSound() override { input_.stream.reset(), output_.stream.reset(); }

    std::expected<void, std::string> open() {
        if (auto done = set_output(options_.output); !done) return done;
        return set_input(options_.input);
    }

    std::expected<std::vector<SoundDevice>, std::string> devices() override {
        if (auto ready = need_system(); !ready) return std::unexpected(ready.error());
        return system_->devices();
    }
    std::expected<void, std::string> set_input(std::string which) override { return change(input_, SoundDirection::kInput, std::move(which)); }
    std::expected<void, std::string> set_output(std::string which) override { return change(output_, SoundDirection::kOutput, std::move(which)); }

    std::expected<void, std::string> set_input_channels(std::size_t channels) override {
        const auto before = std::exchange(options_.input_channels, channels);
        if (before == channels || !input_.real) return {};
        auto next = open_device({.wanted = input_.wanted}, SoundDirection::kInput, {.id = input_.used_id, .name = input_.name}, system_->devices());
        if (!next) {
            options_.input_channels = before;
            return std::unexpected(next.error());
        }
        next->fallen_back = input_.fallen_back;
        input_ = std::move(*next);
        start(input_, SoundDirection::kInput);
        return {};
    }

    void listen(Attention attention) override {
        listening_ = attention;
        start(input_, SoundDirection::kInput);
    }
    void play(Attention attention) override {
        playing_ = attention;
        start(output_, SoundDirection::kOutput);
    }

    std::vector<std::string> refresh() override {
        std::vector<std::string> notices;
        if (!system_) return notices;
        const auto devices = system_->devices();
        refresh(output_, SoundDirection::kOutput, devices, notices);
        refresh(input_, SoundDirection::kInput, devices, notices);
        return notices;
    }

    std::string input_name() const override { return input_.name; }
    std::string output_name() const override { return output_.name; }
    bool microphone() const override { return input_.real; }
    bool echo_free() const override { return !input_.real || !output_.real || for_the_ears(output_.name); }

private:
    std::expected<void, std::string> need_system() {
        if (system_) return {};
        auto made = CubebSystem::make(user_);
        if (!made) return std::unexpected(made.error());
        system_ = std::move(*made);
        return {};
    }

    std::expected<void, std::string> change(Side& side, SoundDirection direction, std::string which) {
        auto next = open_side(direction, which);
        if (!next) return std::unexpected(next.error());
        side = std::move(*next);  // the stream before ends here
        start(side, direction);
        return {};
    }

    void start(Side& side, SoundDirection direction) {
        if (!side.stream) return;
        auto attention = direction == SoundDirection::kInput ? listening_ : playing_;
        // A file that is written has no holes.
        if (attention == Attention::kOff && is_file(side.wanted) && direction == SoundDirection::kOutput) attention = Attention::kRelaxed;
        side.stream->run(attention);
    }

    std::expected<Side, std::string> open_side(SoundDirection direction, const std::string& which) {
        const bool input = direction == SoundDirection::kInput;
        Side side{.wanted = which};
        if (which == "none" && input) return side;
        if (which == "none" || is_file(which)) {
            const bool loop = which.starts_with(kLoop);
            const auto path = loop ? which.substr(kLoop.size()) : which;
            auto stream = which == "none" ? open_no_output(options_, user_)
                          : input         ? open_wav_input(path, loop, options_, user_)
                                          : open_wav_output(path, options_, user_);
            if (!stream) return std::unexpected(stream.error());
            side.name = path;
            side.stream = std::move(*stream);
            return side;
        }
        if (auto ready = need_system(); !ready) return std::unexpected(ready.error());
        const auto devices = system_->devices();
        if (is_default(which)) return open_device(std::move(side), direction, {}, devices);
        const auto found = find_device(devices, direction, which);
        if (!found) return std::unexpected(found.error());
        return open_device(std::move(side), direction, **found, devices);
    }

    std::expected<Side, std::string> open_device(Side side, SoundDirection direction, const SoundDevice& device, const std::vector<SoundDevice>& devices) {
        auto stream = system_->open(direction, device.id, options_, user_);
        if (!stream) return std::unexpected(stream.error());
        side.real = true;
        side.used_id = device.id;
        side.name = device.id.empty() ? default_name(devices, direction) : device.name;
        side.stream = std::move(*stream);
        return side;
    }

    static std::string default_name(const std::vector<SoundDevice>& devices, SoundDirection direction) {
        const auto found = std::ranges::find_if(devices, [&](const auto& d) { return d.direction == direction && d.is_default; });
        return found == devices.end() ? "default" : found->name;
    }

    void refresh(Side& side, SoundDirection direction, const std::vector<SoundDevice>& devices, std::vector<std::string>& notices) {
        if (!side.real) return;
        const auto* what = direction == SoundDirection::kInput ? "microphone" : "output";
        const bool pinned = !is_default(side.wanted);
        const auto found = pinned ? find_device(devices, direction, side.wanted) : std::unexpected(std::string{});
        const bool broken = side.stream->failed();
        if (pinned && found && (side.fallen_back || broken || (*found)->id != side.used_id)) {
            reopen(side, direction, **found, devices, notices, fmt::format("The {} {} is back.", what, (*found)->name));
        } else if ((pinned && !found && !side.fallen_back) || (broken && !(pinned && found))) {
            const auto gone = side.name;
            reopen(side, direction, {}, devices, notices, {});
            side.fallen_back = pinned;
            notices.push_back(fmt::format("The {} {} is gone; using {}.", what, gone, side.name));
        } else if (side.used_id.empty()) {
            const auto name = default_name(devices, direction);
            if (name != side.name) notices.push_back(fmt::format("The {} is now {}.", what, name));
            side.name = name;
        }
    }

    void reopen(Side& side, SoundDirection direction, const SoundDevice& device, const std::vector<SoundDevice>& devices, std::vector<std::string>& notices,
                std::string notice) {
        auto next = open_device({.wanted = side.wanted}, direction, device, devices);
        if (!next) return notices.push_back(next.error());
        side = std::move(*next);
        start(side, direction);
        if (!notice.empty()) notices.push_back(std::move(notice));
    }

    SoundOptions options_;
    SoundUser& user_;
    std::unique_ptr<CubebSystem> system_;
    Side input_, output_;
    Attention listening_ = Attention::kEager, playing_ = Attention::kEager;
};

}  // namespace

std::expected<const SoundDevice*, std::string> find_device(const std::vector<SoundDevice>& devices, SoundDirection direction, std::string_view which) {
    const auto wanted = lower(which);
    const SoundDevice* part = nullptr;
    bool several = false;
    for (const auto& device : devices) {
        if (device.direction != direction) continue;
        if (device.id == which || device.name == which) return &device;
        if (wanted.empty() || lower(device.name).find(wanted) == std::string::npos) continue;
        several |= part != nullptr;
        part = &device;
    }
    const auto* what = direction == SoundDirection::kInput ? "microphone" : "output";
    if (several) return std::unexpected(fmt::format("more than one {} is called something like {}", what, which));
    if (!part) return std::unexpected(fmt::format("there is no {} called {}", what, which));
    return part;
}

std::expected<std::unique_ptr<Sound>, std::string> open_sound(const SoundOptions& options, SoundUser& user) {
    if (options.period < 2500us || options.period > 100ms) return std::unexpected("a device hands over between 2.5 and 100 ms at a time");
    if (options.input_channels != 1 && options.input_channels != 2) return std::unexpected("a microphone has one channel or two");
    auto sound = std::make_unique<OpenSound>(options, user);
    if (auto opened = sound->open(); !opened) return std::unexpected(opened.error());
    return sound;
}

}  // namespace earshot::io

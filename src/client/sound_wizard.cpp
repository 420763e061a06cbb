#include "client/sound_wizard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "client/safe_text.hpp"

namespace earshot::client {
namespace {

constexpr int kSteps = 5;
constexpr std::size_t kMostLevels = 3000;  // half a minute of blocks
constexpr float kLowestGate = -70, kHighestGate = -20;
constexpr float kCloseGap = 15;
constexpr float kSilent = -90;  // as good as nothing
constexpr float kUnquiet = 20, kUnquietAbove = -50;
constexpr float kLeastVoice = -60;
constexpr int kClippedBlocks = 5;

std::vector<SoundPanel::Choice> choices_of(const std::vector<SoundFacts::Device>& devices, const std::string& wanted) {
    const auto standard = std::ranges::find_if(devices, &SoundFacts::Device::is_default);
    std::vector<SoundPanel::Choice> out;
    out.push_back({"What the system uses", standard == devices.end() ? "" : safe_line(standard->name), wanted.empty()});
    for (const auto& device : devices) out.push_back({safe_line(device.name), "", device.name == wanted});
    if (std::ranges::none_of(out, &SoundPanel::Choice::chosen)) out.front().chosen = true;
    return out;
}

float share_of(Duration part, Duration whole) { return std::clamp(static_cast<float>(part.count()) / static_cast<float>(whole.count()), 0.f, 1.f); }

}  // namespace

// Half way up where there is much room, at least 12 dB below the voice for its quiet syllables, but never down in the room's own sound.
GateFound gate_between(float room_dbfs, float voice_dbfs) {
    const float half_way = (room_dbfs + voice_dbfs) / 2;
    const float gate = std::max(room_dbfs + 5, std::min(half_way, voice_dbfs - 12));
    return {.dbfs = std::round(std::clamp(gate, kLowestGate, kHighestGate)), .close = voice_dbfs - room_dbfs < kCloseGap};
}

SoundWizard::SoundWizard(Time now, SoundFacts facts, bool offered) : facts_(std::move(facts)), push_to_talk_(facts_.push_to_talk) {
    answered_at_ = now;
    if (!offered) wish(wish::Begin{});
    show(now, offered ? Page::kOffer : Page::kInput);
}

// --- the pages

void SoundWizard::show(Time now, Page page) {
    page_ = page;
    since_ = now;
    listened_ = voiced_ = {};
    loudest_raw_ = kSilence;
    panel_ = {.offer = page == Page::kOffer,
              .step = page == Page::kOffer ? 0 : static_cast<int>(page),
              .steps = page == Page::kOffer ? 0 : kSteps,
              .meter = page != Page::kOffer && page != Page::kOutput,
              .level_dbfs = panel_.level_dbfs,
              .peak_dbfs = panel_.peak_dbfs,
              .page = panel_.page + 1};
    switch (page) {
        case Page::kOffer:
            panel_.title = "First time here";
            panel_.text =
                "A minute now spares others the question whether you can be heard: shall we look at your microphone and your loudspeakers? The call goes on "
                "meanwhile.";
            panel_.keys = {{"Enter", "begins"}, {"Esc", "not now"}};
            break;
        case Page::kInput: show_devices(true); break;
        case Page::kOutput: show_devices(false); break;
        case Page::kQuiet: show_quiet(); break;
        case Page::kSpeak: show_speak(); break;
        case Page::kMode: show_mode(); break;
    }
}

void SoundWizard::show_devices(bool input) {
    panel_.title = input ? "Which microphone?" : "Which loudspeakers?";
    const std::string_view how = facts_.by_lines ? "The one that you speak into." : "Say something: the bar moves when it is the right one.";
    panel_.text = input ? fmt::format("{} Nobody else hears you until this is over.", how) : "A chime comes from the one that is marked. Do you hear it?";
    panel_.choices = choices_of(input ? facts_.inputs : facts_.outputs, input ? facts_.input : facts_.output);
    const auto marked = std::ranges::find_if(panel_.choices, &SoundPanel::Choice::chosen);
    chosen_ = static_cast<std::size_t>(marked - panel_.choices.begin());
    panel_.keys = {{"Enter", "goes on"}};
    if (!input) panel_.keys.insert(panel_.keys.end(), {{"r", "once more"}, {"b", "back"}});
    panel_.keys.emplace_back("Esc", "leaves");
    if (!input) wish(wish::Chime{});
}

void SoundWizard::show_quiet() {
    room_levels_.clear();
    panel_.title = "Say nothing for a moment";
    panel_.text = "This is what your room sounds like.";
    panel_.done = 0.f;
    panel_.keys = {{"b", "back"}, {"Esc", "leaves"}};
}

void SoundWizard::show_speak() {
    voice_levels_.clear();
    clipped_ = 0;
    panel_.title = "Now say something";
    panel_.text = "A sentence or two, as loud as you would speak to friends.";
    panel_.done = 0.f;
    panel_.keys = {{"b", "back"}, {"Esc", "leaves"}};
}

void SoundWizard::show_mode() {
    const auto found = gate_between(*room_dbfs_, *voice_dbfs_);
    gate_dbfs_ = panel_.gate_dbfs = found.dbfs;
    panel_.title = "How shall your voice be let through?";
    const auto room = *room_dbfs_ < kSilent ? std::string("silent") : fmt::format("at {:.0f} dB", *room_dbfs_);
    panel_.text = fmt::format("Your room is {}, your voice at {:.0f} dB: the gate stands at {:.0f} dB.{}", room, *voice_dbfs_, found.dbfs,
                              facts_.by_lines ? "" : " Try it.");
    const bool key = push_to_talk_ || found.close;
    chosen_ = key ? 1 : 0;
    panel_.choices = {{"By voice", "while you are louder than the gate", !key}, {"Push-to-talk", facts_.talk_key(), key}};
    panel_.keys = {{"Enter", "done"}, {"r", "measure anew"}, {"Esc", "leaves"}};
    if (clipped_ >= kClippedBlocks)
        panel_.trouble = "You were so loud that it clipped: move away from the microphone, or turn it down.";
    else if (*voice_dbfs_ < kFaint)
        panel_.trouble = "You are faint: come closer, or turn the microphone up.";
    else if (found.close)
        panel_.trouble = "Your voice hardly stands out from the room: with push-to-talk others hear the room less.";
}

// --- answers

void SoundWizard::answer(Time now, std::string_view text) {
    using Kind = CheckWord::Kind;
    answered_at_ = now;
    const auto word = read_check_word(text);
    switch (word.kind) {
        case Kind::kOn: return go_on(now);
        case Kind::kBack: return go_back(now);
        case Kind::kAgain: return again(now);
        case Kind::kSkip: return leave(false);
        case Kind::kNumber: break;
        case Kind::kUnknown: return say_anew();
    }
    if (word.number > panel_.choices.size()) return say_anew();
    choose(now, word.number - 1);
    if (facts_.by_lines && (page_ == Page::kMode || (page_ == Page::kInput && panel_.trouble.empty()))) go_on(now);
}

void SoundWizard::move(Time now, int step) {
    answered_at_ = now;
    if (panel_.choices.empty()) return;
    const auto last = static_cast<std::ptrdiff_t>(panel_.choices.size()) - 1;
    choose(now, static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(chosen_) + step, 0, last)));
}

void SoundWizard::choose(Time now, std::size_t index) {
    const bool changed = index != chosen_;
    chosen_ = index;
    for (std::size_t i = 0; i < panel_.choices.size(); ++i) panel_.choices[i].chosen = i == index;
    if (page_ == Page::kMode) {
        push_to_talk_ = index == 1;
        return;
    }
    panel_.trouble.clear();
    since_ = now;
    loudest_raw_ = kSilence;
    const auto& devices = page_ == Page::kInput ? facts_.inputs : facts_.outputs;
    if (changed) wish(wish::UseDevice{page_ == Page::kInput, index == 0 ? "" : devices[index - 1].name});
    if (page_ == Page::kOutput && !changed) wish(wish::Chime{});
    if (page_ == Page::kOutput && facts_.by_lines) say_anew();
}

void SoundWizard::used(Time now, bool input, const std::expected<std::string, std::string>& name) {
    since_ = now;
    if (name) {
        (input ? facts_.input : facts_.output) = *name;
        if (!input) wish(wish::Chime{});
        return;
    }
    // The one before goes on; it is the one that is marked.
    const auto sentence = fmt::format("It does not open: {}. Choose another, or plug it in again.", safe_line(name.error()));
    if (page_ != Page::kInput && page_ != Page::kOutput) return;
    show_devices(input);
    set_trouble(sentence);
}

void SoundWizard::go_on(Time now) {
    switch (page_) {
        case Page::kOffer: wish(wish::Begin{}); return show(now, Page::kInput);
        case Page::kInput: return show(now, Page::kOutput);
        case Page::kOutput: quiet_tries_ = 0; return show(now, Page::kQuiet);
        case Page::kQuiet:
        case Page::kSpeak: return;  // the microphone answers
        case Page::kMode: return leave(true);
    }
}

void SoundWizard::go_back(Time now) {
    switch (page_) {
        case Page::kOffer: return leave(false);
        case Page::kInput: return say_anew();
        case Page::kOutput:
        case Page::kQuiet:
        case Page::kSpeak: return show(now, Page::kInput);
        case Page::kMode: quiet_tries_ = 0; return show(now, Page::kQuiet);
    }
}

void SoundWizard::again(Time now) {
    switch (page_) {
        case Page::kOffer: return leave(false);
        case Page::kInput: return say_anew();
        case Page::kOutput: return wish(wish::Chime{});
        case Page::kQuiet:
        case Page::kSpeak:
        case Page::kMode: quiet_tries_ = 0; return show(now, Page::kQuiet);
    }
}

void SoundWizard::leave(bool finished) {
    if (gate_dbfs_) wish(wish::Act{action::Gate{*gate_dbfs_}});
    if (finished) wish(wish::Act{action::Mode{push_to_talk_}});
    wish(wish::Say{finished ? "Your sound is set. /audio-wizard goes through it again, /test-mic lets you hear yourself."
                            : "/audio-wizard looks at your sound whenever you like, /test-mic lets you hear yourself."});
    wish(wish::End{});
}

// --- what the microphone brings

void SoundWizard::heard(Time now, std::span<const Loudness> blocks) {
    if (page_ == Page::kOffer) return;
    if (forsaken(now)) return leave(false);
    show_level(now, blocks);
    for (const auto& block : blocks) {
        loudest_raw_ = std::max(loudest_raw_, block.raw_dbfs);
        listened_ += block.length;
        if (page_ == Page::kQuiet && listened_ > kSettle && room_levels_.size() < kMostLevels) room_levels_.push_back(block.heard_dbfs);
        if (page_ != Page::kSpeak) continue;
        if (block.clipped) ++clipped_;
        if (block.heard_dbfs < std::max(*room_dbfs_ + kVoiceAbove, kLeastVoice) || voice_levels_.size() >= kMostLevels) continue;
        voice_levels_.push_back(block.heard_dbfs);
        voiced_ += block.length;
    }
    if (page_ == Page::kQuiet) {
        panel_.done = share_of(listened_ - kSettle, kQuiet);
        if (listened_ >= kSettle + kQuiet) return finish_quiet(now);
    }
    if (page_ == Page::kSpeak) {
        panel_.done = share_of(voiced_, kVoice);
        if (voiced_ >= kVoice) return finish_speaking(now);
    }
    const bool waiting = page_ == Page::kInput || page_ == Page::kQuiet || (page_ == Page::kSpeak && voiced_ < kVoice / 8);
    if (waiting && now - since_ >= kPatience)
        set_trouble(silence_words());
    else if (page_ == Page::kSpeak && voiced_ > Duration{0})
        set_trouble("");
}

// What is wrong when no voice comes.
std::string SoundWizard::silence_words() const {
    if (listened_ == Duration{0}) return "Nothing comes from this microphone. Is it plugged in? Choose another, or plug it in again.";
    if (loudest_raw_ < kDead) return "I hear nothing at all: is the microphone muted, or turned down? Or is another one meant?";
    if (page_ == Page::kSpeak) return "I hear your room, but no voice: come closer, speak up, or turn the microphone up.";
    return "";
}

void SoundWizard::finish_quiet(Time now) {
    const float low = percentile(room_levels_, 0.1), high = percentile(room_levels_, 0.9);
    if (high - low > kUnquiet && high > kUnquietAbove && ++quiet_tries_ < kQuietTries) {
        show(now, Page::kQuiet);
        return set_trouble("That was not quiet. Once more.");
    }
    room_dbfs_ = std::max(high, kSilence);
    show(now, Page::kSpeak);
}

void SoundWizard::finish_speaking(Time now) {
    voice_dbfs_ = percentile(voice_levels_, 0.5);
    show(now, Page::kMode);
}

}  // namespace earshot::client

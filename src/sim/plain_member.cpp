#include "sim/plain_member.hpp"

#include <algorithm>

namespace earshot::sim {

PlainMember::PlainMember(World& world, House& house, Ledger& ledger, std::string name, std::uint32_t number, Framing manner, PhraseSet phrases)
    : world_(world),
      house_(house),
      ledger_(ledger),
      name_(name),
      key_(std::move(name)),
      manner_(manner),
      phrases_(phrases),
      address_{IpAddress::v4(10, 2, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)), 50000} {}

PlainMember::~PlainMember() {
    if (stream_) stream_->vanish();
}

std::string_view PlainMember::prompt() const { return phrases_ == PhraseSet::kA ? "Enter your name:" : "Type your name and press enter!"; }

std::string PlainMember::said_phrase(const std::string& name, const std::string& text) const { return name + (phrases_ == PhraseSet::kA ? ">>" : ": ") + text; }

void PlainMember::come() {
    if (!std::exchange(wanted_, true)) dial();
}

std::string PlainMember::say(const std::string& words) {
    auto text = fmt::format("[{}-{}] {}", key_, ++words_, words);
    world_.note(key_, "types {}", token_of(text));
    if (welcomed_) type(text);
    return text;
}

void PlainMember::type(const std::string& raw) {
    if (stream_) stream_->send(manner_ == Framing::kLines ? raw + "\n" : raw);
}

void PlainMember::quit() {
    world_.note(key_, "types {{quit}}");
    wanted_ = false;
    type("{quit}");
}

void PlainMember::lose_connection() {
    if (!stream_) return;
    world_.note(key_, "loses the connection (reset)");
    stream_->reset();
}

void PlainMember::vanish() {
    if (!stream_) return;
    world_.note(key_, "vanishes");
    stream_->vanish();
    drop_line();
    redial_later();
}

void PlainMember::read_slowly(bool on) {
    if (stream_) stream_->read_slowly(on);
}

void PlainMember::dial() {
    if (!wanted_ || stream_) return;
    if (away_) return redial_later();
    ++address_.port;
    raw_.clear();
    stream_ = house_.connect(port::Door::kPlain, manner_, address_, this);
    if (!stream_) return redial_later();
    ++line_;
}

void PlainMember::redial_later() {
    const auto wait = std::min<Duration>(5s, 300ms * (1 << std::min(failures_++, 5u)));
    world_.after(world_.between(wait / 2, wait), [this, line = line_] {
        if (line == line_ && !stream_) dial();
    });
}

void PlainMember::drop_line() {
    stream_.reset();
    ++line_;
    welcomed_ = false;
    text_.clear();
}

void PlainMember::ended(std::uint16_t code, std::string_view reason) {
    world_.note(key_, "is cut off: {} {}", code, reason);
    drop_line();
    if (wanted_) redial_later();
}

void PlainMember::arrived(std::string_view bytes) {
    raw_ += bytes;
    text_ += bytes;
    if (manner_ == Framing::kLines) return take_lines();
    auto phrase = std::exchange(text_, {});
    // Until he gave a name the house cannot know that he wants no line ends.
    while (!welcomed_ && !phrase.empty() && (phrase.back() == '\n' || phrase.back() == '\r')) phrase.pop_back();
    if (!take_prompt(phrase) || !phrase.empty()) take_phrase(phrase);
}

void PlainMember::take_lines() {
    for (;;) {
        if (take_prompt(text_)) continue;
        const auto end = text_.find('\n');
        if (end == text_.npos) return;
        auto line = text_.substr(0, end);
        text_.erase(0, end + 1);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        take_phrase(line);
    }
}

// The prompt carries no newline; whoever reads it answers with a name.
bool PlainMember::take_prompt(std::string& text) {
    const auto at = text.find(prompt());
    if (welcomed_ || at == text.npos || (manner_ == Framing::kLines && at != 0)) return false;
    ++prompts_;
    text.erase(0, at + prompt().size());
    if (names_tried_++ > 0 && prompts_ > 1) name_ = fmt::format("{}{}", key_, names_tried_);
    type(name_);
    return true;
}

void PlainMember::take_phrase(const std::string& phrase) {
    seen_.push_back(phrase);
    if (phrase.starts_with("You have been removed.")) wanted_ = false;  // he understands
    if (phrase.starts_with("Welcome " + name_ + "!")) {
        welcomed_ = true;
        failures_ = 0;
        names_tried_ = 0;
        prompts_ = 0;
        world_.note(key_, "is welcomed as {} by the bare socket", name_);
    }
    const auto mark = phrase.find(phrases_ == PhraseSet::kA ? ">>" : ": ");
    if (mark != phrase.npos) ledger_.shown_in_order(key_, line_, phrase.substr(mark));
}

std::size_t PlainMember::times_saw(std::string_view phrase) const { return static_cast<std::size_t>(std::ranges::count(seen_, phrase)); }

bool PlainMember::saw(std::string_view phrase) const { return times_saw(phrase) > 0; }

}  // namespace earshot::sim

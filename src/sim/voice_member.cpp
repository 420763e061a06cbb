#include "sim/voice_member.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace earshot::sim {
namespace {
constexpr std::size_t kPiece = 371;  // samples of one write: 23 ms, as 1024 are at 44,100 Hz
constexpr Duration kBeat = 23'187'500ns;
constexpr std::size_t kLately = VoiceMember::kRate * 4 / 10;
constexpr Duration kBetweenDials = 500ms;
}  // namespace

VoiceMember::VoiceMember(World& world, House& house, PlainMember& text, bool alone)
    : world_(world),
      house_(house),
      text_(text),
      key_(text.key() + "'s voice"),
      address_{text.ip(), 60000},
      hertz_(400 + 210 * (text.ip().bytes.back() % 9)),
      alone_(alone) {
    if (alone_) address_.ip.bytes[13] = 3;  // from elsewhere, so that it finds no partner
}

VoiceMember::~VoiceMember() {
    if (stream_) stream_->vanish();
}

void VoiceMember::come() {
    if (std::exchange(wanted_, true)) return;
    beat();
}

void VoiceMember::leave() {
    world_.note(key_, "leaves");
    if (stream_) stream_->close();
    stream_.reset();
    dialled_ = world_.now().at;
}

void VoiceMember::lose_connection() {
    if (stream_) stream_->reset();
}

void VoiceMember::read_slowly(bool on) {
    if (stream_) stream_->read_slowly(on);
}

void VoiceMember::beat() {
    world_.after(kBeat, [this] { beat(); });
    const bool partner = alone_ || text_.here();
    if (stream_ && !partner) leave();
    if (!stream_ && partner && wanted_ && world_.now().at - dialled_ > kBetweenDials) dial();
    if (stream_ && talking_) say_piece();
}

void VoiceMember::dial() {
    dialled_ = world_.now().at;
    ++address_.port;
    odd_.clear();
    lately_.clear();
    stream_ = house_.connect_voice(address_, 0, this);
}

void VoiceMember::say_piece() {
    std::string bytes;
    for (std::size_t i = 0; i < kPiece; ++i) {
        const auto sample = static_cast<std::int16_t>(32767 * kLoudness * std::sin(2 * std::numbers::pi * hertz_ * static_cast<double>(said_++) / kRate));
        bytes += static_cast<char>(sample & 0xff);
        bytes += static_cast<char>(sample >> 8 & 0xff);
    }
    stream_->send(std::move(bytes));
}

void VoiceMember::arrived(std::string_view bytes) {
    heard_at_ = world_.now().at;
    bytes_heard_ += bytes.size();
    odd_ += bytes;
    std::size_t at = 0;
    for (; at + 2 <= odd_.size(); at += 2)
        lately_.push_back(static_cast<std::int16_t>(static_cast<std::uint8_t>(odd_[at]) | static_cast<std::uint8_t>(odd_[at + 1]) << 8));
    odd_.erase(0, at);
    while (lately_.size() > kLately) lately_.pop_front();
}

void VoiceMember::ended(std::uint16_t code, std::string_view reason) {
    world_.note(key_, "is cut off: {} {}", code, reason);
    stream_.reset();
    dialled_ = world_.now().at;
}

bool VoiceMember::in_call() const { return stream_ && world_.now().at - heard_at_ < 200ms; }

// In softened windows of 100 ms: while a sender's clock is followed his pitch is off by up to 0.3 %, which a long window would not know.
double VoiceMember::hears(double hertz) const {
    constexpr std::size_t kWindow = kRate / 10;
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at + kWindow <= lately_.size(); at += kWindow, ++count) {
        double re = 0, im = 0;
        for (std::size_t i = 0; i < kWindow; ++i) {
            const double turn = 2 * std::numbers::pi * static_cast<double>(i);
            const double sample = lately_[at + i] / 32768.0 * (1 - std::cos(turn / kWindow));
            re += sample * std::cos(turn * hertz / kRate);
            im += sample * std::sin(turn * hertz / kRate);
        }
        sum += 2 * std::hypot(re, im) / kWindow;
    }
    return sum / static_cast<double>(std::max<std::size_t>(1, count));
}

double VoiceMember::loudest() const {
    int peak = 0;
    for (const int sample : lately_) peak = std::max(peak, std::abs(sample));
    return peak / 32768.0;
}

}  // namespace earshot::sim

// The voice socket of somebody with a bare socket: says a tone of his own as raw sound when he talks, and knows by their tones whom he
// hears. It comes when his text is in and goes when that goes, as the old clients did.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sim/house.hpp"
#include "sim/plain_member.hpp"

namespace earshot::sim {

class VoiceMember final : public StreamClient {
public:
    static constexpr int kRate = 16'000, kChannels = 1;  // what the made house is set to
    static constexpr double kLoudness = 0.2;

    // `alone`: without a text of his own; the house makes him a member by himself.
    VoiceMember(World& world, House& house, PlainMember& text, bool alone = false);
    ~VoiceMember() override;

    void come();
    void talk(bool on) { talking_ = on; }
    void leave();  // closes the voice socket alone
    void lose_connection();
    void read_slowly(bool on);

    PlainMember& text() { return text_; }
    const std::string& key() const { return key_; }
    double hertz() const { return hertz_; }
    bool online() const { return stream_ != nullptr; }
    // In the call: sound, if only silence, has come in the last moments.
    bool in_call() const;
    bool settled() const { return !wanted_ || !text_.wants_to_be_here() || in_call(); }
    // How loud a tone was in the last 400 ms that he was sent.
    double hears(double hertz) const;
    double loudest() const;
    std::uint64_t bytes_heard() const { return bytes_heard_; }

    void opened() override {}
    void arrived(std::string_view bytes) override;
    void ended(std::uint16_t code, std::string_view reason) override;

private:
    void beat();
    void dial();
    void say_piece();

    World& world_;
    House& house_;
    PlainMember& text_;
    std::string key_;
    SocketAddress address_;
    double hertz_;
    bool alone_, wanted_ = false, talking_ = false;
    std::shared_ptr<Stream> stream_;
    Time dialled_{}, heard_at_{}, next_piece_{};
    std::uint64_t said_ = 0;  // samples
    std::string odd_;         // half a sample
    std::deque<std::int16_t> lately_;
    std::uint64_t bytes_heard_ = 0;
};

}  // namespace earshot::sim

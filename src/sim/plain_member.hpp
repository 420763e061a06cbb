// Somebody with a bare socket, as the two-socket chats had it: by lines (nc, telnet) or by segments (a
// client that sends what was typed and prints what a read returns).
#pragma once
#include <set>
#include <string>
#include <vector>

#include "sim/house.hpp"
#include "sim/ledger.hpp"

namespace earshot::sim {

// What the house is set to say to bare sockets.
enum class PhraseSet : std::uint8_t { kA, kC };

class PlainMember final : public StreamClient {
public:
    PlainMember(World& world, House& house, Ledger& ledger, std::string name, std::uint32_t number, Framing manner, PhraseSet phrases = PhraseSet::kA);
    ~PlainMember() override;

    void come();
    // Nobody acknowledges anything here: it is said if he is in, and seen back or not.
    std::string say(const std::string& words);
    void type(const std::string& raw);  // bytes as they are, a line end only if he sends lines
    void quit();                        // {quit}
    void lose_connection();
    void vanish();
    void read_slowly(bool on);
    void stay_away(bool on) { away_ = on; }

    const std::string& name() const { return name_; }
    const std::string& key() const { return key_; }
    const IpAddress& ip() const { return address_.ip; }
    bool here() const { return welcomed_; }
    bool online() const { return stream_ != nullptr; }
    bool wants_to_be_here() const { return wanted_; }
    bool settled() const { return wanted_ ? welcomed_ : stream_ == nullptr; }
    // Everything he was shown since he came, by phrases, over all his connections.
    const std::vector<std::string>& seen() const { return seen_; }
    bool saw(std::string_view phrase) const;
    std::size_t times_saw(std::string_view phrase) const;
    // The bytes of the present connection, as they came.
    const std::string& raw() const { return raw_; }
    std::uint32_t prompts() const { return prompts_; }
    std::string said_phrase(const std::string& name, const std::string& text) const;

    void opened() override {}
    void arrived(std::string_view bytes) override;
    void ended(std::uint16_t code, std::string_view reason) override;

private:
    void dial();
    void redial_later();
    void drop_line();
    void take_lines();
    void take_phrase(const std::string& phrase);
    bool take_prompt(std::string& text);
    std::string_view prompt() const;

    World& world_;
    House& house_;
    Ledger& ledger_;
    std::string name_, key_;
    Framing manner_;
    PhraseSet phrases_;
    SocketAddress address_;
    bool wanted_ = false, away_ = false, welcomed_ = false;
    std::shared_ptr<Stream> stream_;
    std::uint64_t line_ = 0;
    std::uint32_t failures_ = 0, words_ = 0, prompts_ = 0, names_tried_ = 0;
    std::string text_, raw_;
    std::vector<std::string> seen_;
};

}  // namespace earshot::sim

// Somebody with a Voix client: lines over a made connection, and for each talk a made UDP port of his own. He keeps the lists of
// who is where as the lines tell him, and notices when they cannot be true.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/house.hpp"
#include "sim/ledger.hpp"
#include "sim/talk_book.hpp"
#include "wire/voix_line.hpp"

namespace earshot::sim {

class VoixMember final : public StreamClient, public TalkClient {
public:
    enum class Answer : std::uint8_t { kAccept, kDeny, kNone };
    struct Talk {
        std::string with;  // a nickname or a channel
        bool stands = false;
        bool gone = false;  // he was told that it is over, and sends on for a moment
        SocketAddress address;
        Time heard{};
        std::uint32_t counter = 0;
    };

    VoixMember(World& world, House& house, Ledger& ledger, TalkBook& book, std::string name, std::uint32_t number);
    ~VoixMember() override;

    void come();
    void join(const std::string& room);
    std::string say(const std::string& room, const std::string& words);  // what was said; said if he is in
    void tell(const std::string& nick, const std::string& words) { line(wire::write_voix_line("MSG", {nick}, words)); }
    void call(const std::string& target);  // a nickname or a channel
    void hang_up();                        // all his talks of two
    void move();                           // every talk goes on from another port
    void quit();
    void lose_connection();
    void vanish();
    void read_slowly(bool on);
    void stay_away(bool on) { away_ = on; }
    void line(const std::string& text);
    Answer answer = Answer::kAccept;
    bool answers_pings = true;

    const std::string& name() const { return name_; }
    const std::string& key() const { return key_; }
    std::uint32_t number() const { return number_; }
    IpAddress ip() const { return address_.ip; }
    bool here() const { return in_; }
    bool wants_to_be_here() const { return wanted_; }
    bool settled() const;
    bool in(const std::string& room) const { return people_.contains(room); }
    const std::set<std::string>& wanted_rooms() const { return rooms_; }
    const std::set<std::string>& people_of(const std::string& room) { return people_[room]; }
    // By key; what is over is gone from here.
    const std::map<std::string, Talk>& talks() const { return talks_; }
    // Every line that he was sent, over all his connections.
    const std::vector<std::string>& lines() const { return lines_; }
    bool saw(std::string_view line) const;
    bool saw_ending(std::string_view end) const;
    const std::vector<std::string>& ends() const { return ends_; }  // why his connections ended

    void opened() override;
    void arrived(std::string_view bytes) override;
    void ended(std::uint16_t code, std::string_view reason) override;
    void datagram(const SocketAddress& at, Bytes bytes) override;

private:
    void dial();
    void redial_later();
    void drop_line();
    void take(const wire::VoixLine& line, const std::string& text);
    void take_list(const std::string& room, const std::string& text);
    void take_presence(const wire::VoixLine& line);
    void put_out(const std::string& room);
    void take_message(const wire::VoixLine& line, const std::string& text);
    void take_talk(const wire::VoixLine& line);
    void stand(const std::string& key, Talk& talk);
    void end_talk(const std::string& key);
    void settle_address(Talk& talk);
    void beat(std::uint64_t life, const std::string& key);

    World& world_;
    House& house_;
    Ledger& ledger_;
    TalkBook& book_;
    SeededRandom chance_;
    std::string name_, key_;
    std::uint32_t number_;
    SocketAddress address_;
    bool wanted_ = false, away_ = false, in_ = false;
    std::set<std::string> rooms_{"#lobby"};
    std::shared_ptr<Stream> stream_;
    std::uint64_t line_ = 0;
    std::uint32_t failures_ = 0, words_ = 0, names_tried_ = 0;
    std::uint16_t next_port_ = 10'000;
    std::string text_;
    std::map<std::string, std::set<std::string>> people_;
    std::set<std::string> asked_;  // whom he called, until the house says the key
    std::map<std::string, Talk> talks_;
    std::vector<std::string> lines_, ends_;
};

}  // namespace earshot::sim

// Somebody with the web client, as far as its protocol is concerned: says hello, joins, says things until
// they are accepted, comes back after every loss and catches up. He believes nothing that cannot be true.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/house.hpp"
#include "sim/ledger.hpp"
#include "wire/web_messages.hpp"

namespace earshot::sim {

// One member's picture of one room.
struct RoomView {
    bool joined = false;
    std::map<std::uint64_t, wire::web::Person> people;
    std::map<std::uint64_t, wire::web::ChatMessage> messages;
    std::string topic;
    std::uint64_t floor = 0;      // live messages of this connection have larger ids
    std::uint64_t synced_to = 0;  // nothing up to here and above the oldest known is missing
    bool catching_up = false;
    bool read_to_beginning = false;
    std::size_t typing_seen = 0;
    std::map<std::int64_t, std::optional<std::uint64_t>> slots;
    std::set<std::uint64_t> speaking;
    std::optional<std::uint64_t> keeper;
    std::map<std::uint64_t, Time> removed;  // who was put out, and when he saw it
};

class WebMember : public StreamClient {
public:
    WebMember(World& world, House& house, Ledger& ledger, std::string name, std::uint32_t number);
    ~WebMember() override;

    // --- what he wants
    void come();  // connects, and comes back whenever the connection breaks
    void join(const std::string& room);
    void leave(const std::string& room);
    // Returns the whole text, token included. It is said again and again until accepted or refused for good.
    std::string say(const std::string& room, const std::string& words);
    void typing(const std::string& room);
    void topic(const std::string& room, const std::string& topic);
    void nick(const std::string& name);
    void direct(std::uint64_t to, const std::string& text);
    void remove(const std::string& room, std::uint64_t member, const std::string& reason = {});
    void mute_other(const std::string& room, std::uint64_t member);
    void operate(const std::string& key);     // from now on, on every connection
    void read_back(const std::string& room);  // all of its history
    void quit();                              // leaves the house and does not come back

    // --- what happens to him
    void lose_connection();  // a reset: both sides are told
    void vanish();           // nobody is told; he comes back when `returning`
    void read_slowly(bool on);
    void stay_away(bool on) { away_ = on; }  // while on he does not reconnect
    void send_raw(std::string text);
    // Asks for the same thing twice although it was answered: what a client with a lost answer does.
    void repeat_say(const std::string& room, const std::string& text, const std::string& client_message_id);

    // --- what he sees
    const std::string& name() const { return name_; }
    const std::string& key() const { return key_; }  // never changes, whatever he calls himself
    std::uint64_t member() const { return member_; }
    bool here() const { return welcomed_; }
    bool online() const { return stream_ != nullptr; }
    bool wants_to_be_here() const { return wanted_; }
    const std::set<std::string>& wanted_rooms() const { return rooms_wanted_; }
    const RoomView& room(const std::string& name) const;
    bool in(const std::string& room) const { return this->room(room).joined; }
    bool sees(const std::string& room, const std::string& text) const;
    std::size_t times_seen(const std::string& room, const std::string& text) const;
    bool sees_person(const std::string& room, const std::string& name) const;
    std::optional<wire::web::Presence> presence_of(const std::string& room, const std::string& name) const;
    // Connected, in every room he wants, nothing unanswered, nothing unsaid, caught up.
    bool settled() const;
    std::string why_unsettled() const;
    bool all_said() const { return unsaid_.empty(); }
    std::uint32_t resumes() const { return resumes_; }
    std::uint32_t welcomes() const { return welcomes_; }
    const std::vector<wire::web::server::Refused>& refusals() const { return refusals_; }
    bool was_refused(wire::web::Refusal code) const;
    const std::vector<wire::web::server::Closing>& closings() const { return closings_; }
    const std::vector<wire::web::server::Direct>& directs() const { return directs_; }
    const std::vector<wire::web::server::Removed>& removals() const { return removals_; }
    const std::vector<wire::web::server::MutedBy>& mutes() const { return mutes_; }
    std::optional<std::uint16_t> last_end() const { return last_end_; }
    const std::map<std::string, std::uint64_t>& accepted() const { return accepted_; }  // text to id

    void opened() override;
    void arrived(std::string_view bytes) override;
    void ended(std::uint16_t code, std::string_view reason) override;

    // For stories in which somebody lies about who he is.
    std::optional<std::string> session_override;
    const std::string& session() const { return session_; }

protected:
    enum class Kind : std::uint8_t {
        kHello,
        kJoin,
        kLeave,
        kSay,
        kDirect,
        kTopic,
        kNick,
        kCatchUp,
        kReadBack,
        kCallJoin,
        kCallAnswer,
        kCallRestart,
        kCallLeave,
        kOrder,
        kPing
    };
    struct Asked {
        Kind kind = Kind::kPing;
        std::string about;  // room or client_message_id
        Time at{};
    };
    struct Unsaid {
        std::string room;
        std::string text;
        std::string client_message_id;
        Time not_before{};
        bool asked = false;
    };
    template <typename Message>
    std::int64_t ask(Message message, Kind kind, std::string about);
    template <typename Message>
    void tell(const Message& message);
    // The voice half hears of these.
    virtual void voice_message(const wire::web::server::Message& message, Kind answered) { static_cast<void>(message), static_cast<void>(answered); }
    virtual void voice_lost_connection() {}
    virtual void voice_room_shown(const std::string& room) { static_cast<void>(room); }
    virtual std::string voice_unsettled() const { return {}; }
    virtual void voice_tick() {}

    World& world_;
    House& house_;
    Ledger& ledger_;

private:
    void dial();
    void redial_later();
    void drop_line();
    void watch(std::uint64_t line);
    void say_unsaid();
    void want_rooms();
    void catch_up(const std::string& room);
    void give_up(const std::string& room);  // he is not wanted there
    void impossible(std::string invariant, std::string story);
    RoomView* joined_view(const std::string& room, std::string_view what);
    std::optional<Asked> answered(std::optional<std::int64_t> request, std::string_view by);
    void check_barred(const std::string& room, const RoomView& view, std::uint64_t who);
    void check_people(const std::string& room, const RoomView& view);

    void on(const wire::web::server::Welcome& m);
    void on(const wire::web::server::Refused& m);
    void on(const wire::web::server::Done& m);
    void on(const wire::web::server::Joined& m);
    void on(const wire::web::server::Left& m);
    void on(const wire::web::server::PersonJoined& m);
    void on(const wire::web::server::PersonLeft& m);
    void on(const wire::web::server::PersonChanged& m);
    void on(const wire::web::server::Keeper& m);
    void on(const wire::web::server::Removed& m);
    void on(const wire::web::server::MutedBy& m);
    void on(const wire::web::server::RoomMessage& m);
    void on(const wire::web::server::Accepted& m);
    void on(const wire::web::server::Direct& m);
    void on(const wire::web::server::Typing& m);
    void on(const wire::web::server::Topic& m);
    void on(const wire::web::server::History& m);
    void on(const wire::web::server::RoomChanged&) {}
    void on(const wire::web::server::RoomGone&) {}
    void on(const wire::web::server::CallOffer& m);
    void on(const wire::web::server::CallSlots& m);
    void on(const wire::web::server::VideoSlots&) {}
    void on(const wire::web::server::Speaking& m);
    void on(const wire::web::server::CallEnded& m);
    void on(const wire::web::server::Closing& m);
    void on(const wire::web::server::Pong& m);

    std::string name_;
    std::string key_;
    SocketAddress address_;
    SeededRandom chance_;
    std::string session_;
    std::uint64_t member_ = 0;

    bool wanted_ = false;
    bool away_ = false;
    bool welcomed_ = false;
    std::set<std::string> rooms_wanted_;
    std::deque<Unsaid> unsaid_;
    std::optional<std::string> nick_wanted_;
    std::uint32_t words_ = 0;

    std::shared_ptr<Stream> stream_;
    std::uint64_t line_ = 0;  // which connection this is; timers of an older one do nothing
    std::uint32_t failures_ = 0;
    std::int64_t next_request_ = 1;
    std::map<std::int64_t, Asked> asked_;
    Time last_heard_{};
    Time last_sent_{};

    std::map<std::string, RoomView> views_;
    std::uint32_t resumes_ = 0, welcomes_ = 0;
    std::vector<wire::web::server::Refused> refusals_;
    std::vector<wire::web::server::Closing> closings_;
    std::vector<wire::web::server::Direct> directs_;
    std::vector<wire::web::server::Removed> removals_;
    std::vector<wire::web::server::MutedBy> mutes_;
    std::string operator_key_;
    std::map<std::string, std::uint64_t> accepted_;
    std::optional<std::uint16_t> last_end_;
};

template <typename Message>
void WebMember::tell(const Message& message) {
    if (!stream_) return;
    last_sent_ = world_.now().at;
    stream_->send(wire::web::encode(message));
}

template <typename Message>
std::int64_t WebMember::ask(Message message, Kind kind, std::string about) {
    message.request = next_request_++;
    asked_[message.request] = {kind, std::move(about), world_.now().at};
    tell(message);
    return message.request;
}

}  // namespace earshot::sim

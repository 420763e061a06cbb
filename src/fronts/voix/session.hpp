// The conversation with a Voix client (docs/PROTOCOLS.md): CONNECT comes first, then rooms, messages and talks by lines. The
// datagrams of a talk go their own way (engine/talk_relay.hpp).
#pragma once
#include <deque>
#include <map>
#include <string>

#include "base/token_bucket.hpp"
#include "fronts/front.hpp"
#include "wire/voix_line.hpp"

namespace earshot::fronts::voix {

struct Settings {
    std::string host = "earshot";  // what ACCEPT says
    std::string room = "#lobby";   // where everyone starts
    Duration patience = 150s;      // without the right PONG
    Duration connect_wait = 60s;   // for CONNECT
};

class VoixSession final : public Session {
public:
    static constexpr std::size_t kLongestLine = 16 * 1024;
    static constexpr std::size_t kMostWaiting = 64 * 1024;          // bytes of lines that came before one is in
    static constexpr int kMostMistakes = 10;                        // before CONNECT succeeds
    static constexpr double kCallsPerSecond = 0.2, kCallBurst = 5;  // a call rings at somebody's

    explicit VoixSession(const Settings& settings) : settings_(settings) {}

    void opened(Now now, SessionOutbox& out) override;
    void receive(Now now, Bytes bytes, SessionOutbox& out) override;
    void deliver(Now now, const EventDelivery& delivery, SessionOutbox& out) override;
    void notice(Now now, const Notice& notice, SessionOutbox& out) override;
    void goodbye(Now now, Goodbye why, std::string_view text, SessionOutbox& out) override;
    void tick(Now now, SessionOutbox& out) override;
    Deadline deadline() const override;
    bool resumable() const override { return false; }

private:
    enum class Stage { kGreeting, kEntering, kIn, kOver };
    enum Asked : Ticket { kJoinRoom = 1, kSay = 2, kTalk = 3 };

    void work(Now now, SessionOutbox& out);
    void take_line(Now now, std::string_view line, SessionOutbox& out);
    void greet(const wire::VoixLine& line, SessionOutbox& out);
    void command(Now now, const wire::VoixLine& line, SessionOutbox& out);
    void join(const std::string& room, SessionOutbox& out);
    void went_on(Now now, Ticket ticket, SessionOutbox& out);
    void message(const wire::VoixLine& line, SessionOutbox& out);
    void talk(Now now, const wire::VoixLine& line, SessionOutbox& out);
    void pong(Now now, const wire::VoixLine& line);
    void show_room(const core::Joined& joined, SessionOutbox& out);
    void follow(const core::Event& event);
    void refuse(std::string_view why, SessionOutbox& out) const;
    void end(std::string_view why, SessionOutbox& out);
    std::optional<MemberId> member_called(std::string_view name) const;

    const Settings& settings_;
    std::string buffer_;
    std::deque<std::string> lines_;
    std::size_t waiting_ = 0;
    Stage stage_ = Stage::kGreeting;
    bool joining_ = false;  // a JOIN is not answered yet
    MemberId member_;
    std::string name_;
    bool muted_ = false;  // by somebody who may
    int mistakes_ = 0;
    std::uint64_t ping_ = 0;  // the number of the last PING
    Time ping_at_ = kNever;
    Time drop_at_ = kNever;
    TokenBucket calls_{kCallsPerSecond, kCallBurst};
    std::map<std::string, std::map<MemberId, std::string>> people_;  // by room
};

class VoixFront final : public Front {
public:
    explicit VoixFront(Settings settings) : settings_(std::move(settings)) {}
    std::unique_ptr<Session> open() override { return std::make_unique<VoixSession>(settings_); }

private:
    Settings settings_;
};

}  // namespace earshot::fronts::voix

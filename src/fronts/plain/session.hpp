// The conversation with a bare socket: a prompt, a name, then every text is a message in one room.
#pragma once
#include <string>

#include "fronts/front.hpp"
#include "fronts/plain/framer.hpp"
#include "fronts/plain/phrases.hpp"

namespace earshot::fronts::plain {

struct Settings {
    Phrases phrases;
    std::string room = "#lobby";
    bool bare_quit = true;  // `quit` alone ends like `{quit}`
    int rate = 44'100;      // of the voice port beside it, for what people are told
    int channels = 2;
    Duration name_wait = std::chrono::minutes(2);
};

// Of several pairs of ports: the first, and more of them.
struct PairSettings : Settings {
    std::vector<Settings> more;
    const Settings& of(std::size_t pair) const { return pair == 0 || pair > more.size() ? *this : more[pair - 1]; }
};

class PlainSession final : public Session {
public:
    explicit PlainSession(const Settings& settings) : settings_(settings) {}

    void opened(Now now, SessionOutbox& out) override;
    void receive(Now now, Bytes bytes, SessionOutbox& out) override;
    void deliver(Now now, const EventDelivery& delivery, SessionOutbox& out) override;
    void notice(Now now, const Notice& notice, SessionOutbox& out) override;
    void goodbye(Now now, Goodbye why, std::string_view text, SessionOutbox& out) override;
    void tick(Now now, SessionOutbox& out) override;
    Deadline deadline() const override;
    bool resumable() const override { return false; }

    // The ticket of a request that the house makes in his name: that his voice be heard.
    static constexpr Ticket kJoinCall = 3;

private:
    enum class Stage { kNaming, kEntering, kJoining, kTalking, kOver };
    // Requests this front makes, as tickets: what their refusal must be answered with.
    enum Asked : Ticket { kJoinRoom = 1, kSay = 2 };
    void announce_talk(SessionOutbox& out) const;

    void work(SessionOutbox& out);
    void take_name(std::string_view text, SessionOutbox& out);
    void take_text(std::string_view text, SessionOutbox& out);
    void say(std::string line, SessionOutbox& out) const;
    std::string ended(std::string line) const;
    Form form() const { return framer_.manner() == Framer::Manner::kLines ? Form::kPlainLine : Form::kPlainSegment; }

    const Settings& settings_;
    Framer framer_;
    Stage stage_ = Stage::kNaming;
    MemberId member_;
    std::string name_;
    Time name_by_ = kNever;
    bool voice_ = false;  // a voice socket is his
};

class PlainFront final : public Front {
public:
    explicit PlainFront(PairSettings settings) : settings_(std::move(settings)) {}
    std::unique_ptr<Session> open() override { return open_at(0); }
    std::unique_ptr<Session> open_at(std::uint8_t pair) override { return std::make_unique<PlainSession>(settings_.of(pair)); }

private:
    PairSettings settings_;
};

}  // namespace earshot::fronts::plain

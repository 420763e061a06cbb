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
    Duration name_wait = std::chrono::minutes(2);
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

private:
    enum class Stage { kNaming, kEntering, kJoining, kTalking, kOver };
    // Requests this front makes, as tickets: what their refusal must be answered with.
    enum Asked : Ticket { kJoinRoom = 1, kSay = 2 };

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
};

class PlainFront final : public Front {
public:
    explicit PlainFront(Settings settings) : settings_(std::move(settings)) {}
    std::unique_ptr<Session> open() override { return std::make_unique<PlainSession>(settings_); }

private:
    Settings settings_;
};

}  // namespace earshot::fronts::plain

// One WebSocket connection of the web protocol (proto/PROTOCOL.md), as a machine.
#pragma once
#include <string>

#include "base/token_bucket.hpp"
#include "fronts/front.hpp"
#include "wire/web_messages.hpp"

namespace earshot::fronts::web {

struct Settings {
    std::string server_name = "Earshot";
    std::string version;
    wire::web::Limits limits;
    Duration hello_wait = 10s;
    Duration idle_wait = 45s;
    double requests_per_second = 60;
    double request_burst = 240;
    int malformed_allowed = 20;  // then the connection is closed
};

class WebSession final : public Session {
public:
    explicit WebSession(const Settings& settings) : settings_(settings), requests_(settings.requests_per_second, settings.request_burst) {}

    void opened(Now now, SessionOutbox& out) override;
    void receive(Now now, Bytes message, SessionOutbox& out) override;
    void deliver(Now now, const EventDelivery& delivery, SessionOutbox& out) override;
    void notice(Now now, const Notice& notice, SessionOutbox& out) override;
    void goodbye(Now now, Goodbye why, std::string_view text, SessionOutbox& out) override;
    void tick(Now now, SessionOutbox& out) override;
    Deadline deadline() const override;
    bool resumable() const override { return static_cast<bool>(member_) && stage_ != Stage::kOver; }

private:
    enum class Stage { kHello, kEntering, kInside, kOver };

    void malformed(Now now, const wire::web::DecodeError& error, SessionOutbox& out);
    void hello(const wire::web::client::Hello& hello, SessionOutbox& out);
    void inside(const wire::web::client::Message& message, SessionOutbox& out);
    void refuse(std::int64_t request, wire::web::Refusal code, std::string text, SessionOutbox& out) const;
    void act(std::int64_t request, core::Command command, SessionOutbox& out) const { out.ask(Act{static_cast<Ticket>(request), std::move(command)}); }
    void answer_of_entering(const Entered& entered, SessionOutbox& out);
    void end(std::uint16_t code, std::string reason, bool vanish, SessionOutbox& out);

    const Settings& settings_;
    TokenBucket requests_;
    Stage stage_ = Stage::kHello;
    MemberId member_;
    Time heard_at_{};
    int malformed_ = 0;
};

class WebFront final : public Front {
public:
    explicit WebFront(Settings settings) : settings_(std::move(settings)) {}
    std::unique_ptr<Session> open() override { return std::make_unique<WebSession>(settings_); }

private:
    Settings settings_;
};

}  // namespace earshot::fronts::web

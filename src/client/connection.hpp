// The line to the daemon, as PROTOCOL.md has it: hello, the session that outlives a connection, signs of life, and coming back after
// a loss, later and later. It knows nothing of rooms; what the server says passes through to the house.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/deadline.hpp"
#include "base/random.hpp"
#include "client/effect.hpp"
#include "wire/web_messages.hpp"

namespace earshot::client {

class Connection {
public:
    enum class State : std::uint8_t { kIdle, kOpening, kGreeting, kReady, kWaiting, kEnded };
    static constexpr Duration kOpenWithin = 30s;  // the shell's own limits are shorter
    static constexpr Duration kHelloWithin = 10s;
    static constexpr Duration kQuietBeforePing = 15s;
    static constexpr Duration kPongWithin = 15s;
    static constexpr Duration kShortestWait = 500ms;
    static constexpr Duration kLongestWait = 15s;
    static constexpr int kMostNames = 5;  // suggestions taken before we give up

    Connection(std::string name, std::string agent, Random& random);

    void start(Time now, Outbox& out);
    void opened(Time now, Outbox& out);
    // The connection is gone, or could not be made. `why` is a sentence. Whoever asks state() afterwards knows whether it is tried again.
    void closed(Time now, std::string why, Outbox& out);
    // It cannot be had, and trying again would not help.
    void refused(std::string why, int exit_code, Outbox& out);
    // What is the house's to know; nothing when it was ours.
    std::optional<wire::web::server::Message> received(Time now, std::string_view text, Outbox& out);
    // Silence is a loss too: see state().
    void tick(Time now, Outbox& out);
    Deadline deadline() const;

    void reconnect(Time now, Outbox& out);
    void quit(Outbox& out);

    std::int64_t next_request() { return next_request_++; }
    template <typename Message>
    void send(const Message& message, Outbox& out) {
        if (state_ == State::kReady) out.ask(effect::Send{wire::web::encode(message)});
    }

    State state() const { return state_; }
    bool ready() const { return state_ == State::kReady; }
    const std::string& name() const { return name_; }
    void rename(std::string name) { name_ = std::move(name); }
    Time retry_at() const { return due_; }
    const std::string& why() const { return why_; }
    int exit_code() const { return exit_code_; }

private:
    void open(Time now, Outbox& out);
    void hello(Time now, Outbox& out);
    void end(std::string why, int exit_code);
    void welcome(Time now, const wire::web::server::Welcome& welcome);
    void hello_refused(Time now, const wire::web::server::Refused& refused, Outbox& out);
    void note_closing(const wire::web::server::Closing& closing, Outbox& out);
    Duration next_wait();

    Random& random_;
    std::string name_, agent_;
    std::optional<std::string> session_;
    State state_ = State::kIdle;
    bool was_in_ = false;  // welcomed at least once
    int names_tried_ = 0;
    std::int64_t next_request_ = 1;
    std::int64_t hello_request_ = 0;
    int attempt_ = 0;
    Duration retry_after_{};
    Time due_ = kNever;  // opening, greeting, waiting: until then; ready: the next sign of life
    bool pinged_ = false;
    std::string why_;
    int exit_code_ = kExitError;
};

}  // namespace earshot::client

#include "client/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/safe_text.hpp"

namespace earshot::client {

namespace web = wire::web;

Connection::Connection(std::string name, std::string agent, Random& random) : random_(random), name_(std::move(name)), agent_(std::move(agent)) {}

void Connection::start(Time now, Outbox& out) { open(now, out); }

void Connection::open(Time now, Outbox& out) {
    state_ = State::kOpening;
    due_ = now + kOpenWithin;
    pinged_ = false;
    out.ask(effect::Open{});
}

void Connection::opened(Time now, Outbox& out) {
    if (state_ != State::kOpening) return;
    state_ = State::kGreeting;
    hello(now, out);
}

void Connection::hello(Time now, Outbox& out) {
    due_ = now + kHelloWithin;
    hello_request_ = next_request_++;
    out.ask(effect::Send{web::encode(web::client::Hello{
        .request = hello_request_, .protocol = web::kProtocol, .name = name_, .kind = web::ClientKind::terminal, .agent = agent_, .session = session_})});
}

void Connection::closed(Time now, std::string why, Outbox&) {
    if (state_ == State::kEnded || state_ == State::kIdle || state_ == State::kWaiting) return;
    if (!was_in_) return end(std::move(why), kExitNetwork);
    why_ = std::move(why);
    state_ = State::kWaiting;
    due_ = now + next_wait();
}

// Doubles from half a second, with chance so that a whole room does not come back at once.
Duration Connection::next_wait() {
    const Duration step = std::min(kShortestWait * (1 << std::min(attempt_, 6)), kLongestWait);
    ++attempt_;
    const Duration wait = std::max(step, std::exchange(retry_after_, Duration{}));
    return wait + Duration{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(wait.count()) * 3 / 10))};
}

void Connection::refused(std::string why, int exit_code, Outbox& out) {
    out.ask(effect::Drop{});
    end(std::move(why), exit_code);
}

void Connection::end(std::string why, int exit_code) {
    state_ = State::kEnded;
    due_ = kNever;
    why_ = std::move(why);
    exit_code_ = exit_code;
}

std::optional<web::server::Message> Connection::received(Time now, std::string_view text, Outbox& out) {
    if (state_ != State::kGreeting && state_ != State::kReady) return std::nullopt;
    if (state_ == State::kReady) due_ = now + kQuietBeforePing;
    pinged_ = false;
    auto message = web::decode_server(text);
    if (!message) {
        // A type that we do not know is a newer server's affair. Before the welcome, it is no Earshot server at all.
        if (state_ == State::kGreeting) refused("What answers there does not speak Earshot's protocol.", kExitNetwork, out);
        return std::nullopt;
    }
    if (const auto* welcomed = std::get_if<web::server::Welcome>(&*message)) {
        if (state_ != State::kGreeting) return std::nullopt;  // one is enough
        welcome(now, *welcomed);
    }
    if (const auto* no = std::get_if<web::server::Refused>(&*message); no && state_ == State::kGreeting) return hello_refused(now, *no, out), std::nullopt;
    if (const auto* closing = std::get_if<web::server::Closing>(&*message)) note_closing(*closing, out);
    if (std::holds_alternative<web::server::Pong>(*message) || state_ != State::kReady) return std::nullopt;
    return std::move(*message);
}

void Connection::welcome(Time now, const web::server::Welcome& welcome) {
    state_ = State::kReady;
    session_ = welcome.session;
    name_ = welcome.name;
    was_in_ = true;
    attempt_ = names_tried_ = 0;
    due_ = now + kQuietBeforePing;
}

void Connection::hello_refused(Time now, const web::server::Refused& no, Outbox& out) {
    if (no.code == web::Refusal::session_unknown && session_) {
        session_.reset();
        return hello(now, out);
    }
    const bool about_name = no.code == web::Refusal::name_taken || no.code == web::Refusal::name_invalid;
    if (about_name && no.suggestion && !no.suggestion->empty() && ++names_tried_ <= kMostNames) {
        name_ = *no.suggestion;
        out.tell(happening::Notice{fmt::format("{} You are {} now.", safe_line(no.text), safe_line(name_))});
        return hello(now, out);
    }
    refused(safe_line(no.text), no.code == web::Refusal::version ? kExitError : kExitRefused, out);
}

void Connection::note_closing(const web::server::Closing& closing, Outbox& out) {
    constexpr std::int64_t kLongestRetry = 5 * 60 * 1000;
    if (closing.retry_after_ms) retry_after_ = std::min(*closing.retry_after_ms, kLongestRetry) * 1ms;
    if (closing.reason == web::ClosingReason::replaced) refused(safe_line(closing.text), kExitError, out);
    if (closing.reason == web::ClosingReason::server_full) refused(safe_line(closing.text), kExitNetwork, out);
}

void Connection::tick(Time now, Outbox& out) {
    if (now < due_) return;
    switch (state_) {
        case State::kOpening:
        case State::kGreeting: out.ask(effect::Drop{}); return closed(now, "The server does not answer.", out);
        case State::kReady:
            if (pinged_) {
                out.ask(effect::Drop{});
                return closed(now, "The server has gone silent.", out);
            }
            pinged_ = true;
            due_ = now + kPongWithin;
            return send(web::client::Ping{next_request_++}, out);
        case State::kWaiting: return open(now, out);
        case State::kIdle:
        case State::kEnded: due_ = kNever;
    }
}

Deadline Connection::deadline() const { return {due_, "connection"}; }

void Connection::reconnect(Time now, Outbox& out) {
    if (state_ == State::kEnded || state_ == State::kIdle) return;
    if (state_ != State::kWaiting) out.ask(effect::Drop{});
    attempt_ = 0;
    open(now, out);
}

void Connection::quit(Outbox& out) {
    send(web::client::Quit{}, out);
    session_.reset();
    if (state_ != State::kIdle && state_ != State::kWaiting && state_ != State::kEnded) out.ask(effect::Drop{});
    end("", kExitFine);
}

}  // namespace earshot::client

#include "client/connection.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace earshot;
using namespace earshot::client;
namespace web = earshot::wire::web;
using State = Connection::State;

namespace {

// A line with its far end played by the test.
struct Line_ {
    SeededRandom random{1};
    Connection line{"Ada", "test", random};
    Outbox out;
    Time now{};

    template <typename M>
    std::optional<M> sent() {
        for (const auto& each : out.effects)
            if (const auto* send = std::get_if<effect::Send>(&each)) {
                const auto message = web::decode_client(send->text);
                REQUIRE(message);
                if (const auto* m = std::get_if<M>(&*message)) return *m;
            }
        return std::nullopt;
    }
    template <typename E>
    bool asked() {
        return std::ranges::any_of(out.effects, [](const Effect& e) { return std::holds_alternative<E>(e); });
    }
    void clear() { out = {}; }
    template <typename M>
    auto say(const M& message) {
        clear();
        return line.received(now, web::encode(message), out);
    }
    void come(std::string session = "secret-session") {
        line.start(now, out);
        greet(std::move(session));
    }
    void greet(std::string session = "secret-session") {
        clear();
        line.opened(now, out);
        const auto hello = sent<web::client::Hello>();
        REQUIRE(hello);
        say(web::server::Welcome{.request = hello->request, .protocol = 1, .session = std::move(session), .member = 12, .name = hello->name});
        REQUIRE(line.ready());
    }
};

}  // namespace

TEST_CASE("hello is said as a terminal, and the welcome is the house's to know") {
    Line_ l;
    l.line.start(l.now, l.out);
    CHECK(l.asked<effect::Open>());
    l.line.opened(l.now, l.out);
    const auto hello = l.sent<web::client::Hello>();
    REQUIRE(hello);
    CHECK(hello->kind == web::ClientKind::terminal);
    CHECK_FALSE(hello->session);
    const auto message = l.say(web::server::Welcome{.request = hello->request, .protocol = 1, .session = "s", .member = 12, .name = "Ada"});
    REQUIRE(message);
    CHECK(std::holds_alternative<web::server::Welcome>(*message));
}

TEST_CASE("a first connection that fails ends it, a later one is tried again with the session") {
    Line_ first;
    first.line.start(first.now, first.out);
    first.line.closed(first.now, "refused", first.out);
    CHECK(first.line.state() == State::kEnded);
    CHECK(first.line.exit_code() == kExitNetwork);

    Line_ l;
    l.come();
    l.line.closed(l.now, "gone", l.out);
    CHECK(l.line.state() == State::kWaiting);
    CHECK(l.line.retry_at() >= l.now + Connection::kShortestWait);
    CHECK(l.line.retry_at() <= l.now + Connection::kShortestWait * 13 / 10);
    l.clear();
    l.now = l.line.retry_at();
    l.line.tick(l.now, l.out);
    CHECK(l.asked<effect::Open>());
    l.line.opened(l.now, l.out);
    CHECK(l.sent<web::client::Hello>()->session == "secret-session");
}

TEST_CASE("the waits grow to fifteen seconds and no further, and a welcome resets them") {
    Line_ l;
    l.come();
    Duration longest{};
    for (int i = 0; i < 20; ++i) {
        l.line.closed(l.now, "gone", l.out);
        longest = std::max(longest, l.line.retry_at() - l.now);
        l.now = l.line.retry_at();
        l.line.tick(l.now, l.out);
    }
    CHECK(longest > 15s);
    CHECK(longest <= 19500ms);
    l.greet();
    l.line.closed(l.now, "gone", l.out);
    CHECK(l.line.retry_at() - l.now < 1s);
}

TEST_CASE("silence is asked, and then believed") {
    Line_ l;
    l.come();
    l.clear();
    l.now += Connection::kQuietBeforePing;
    l.line.tick(l.now, l.out);
    REQUIRE(l.sent<web::client::Ping>());
    SUBCASE("an answer keeps the line") {
        l.now += 14s;
        CHECK_FALSE(l.say(web::server::Pong{1}));
        l.now += 14s;
        l.line.tick(l.now, l.out);
        CHECK(l.line.ready());
    }
    SUBCASE("none is a loss") {
        l.now += Connection::kPongWithin;
        l.clear();
        l.line.tick(l.now, l.out);
        CHECK(l.asked<effect::Drop>());
        CHECK(l.line.state() == State::kWaiting);
    }
}

TEST_CASE("a taken name is exchanged for the one suggested, so many times") {
    Line_ l;
    l.line.start(l.now, l.out);
    l.line.opened(l.now, l.out);
    l.say(web::server::Refused{.request = 1, .code = web::Refusal::name_taken, .text = "Taken.", .suggestion = "Ada2"});
    CHECK(l.sent<web::client::Hello>()->name == "Ada2");
    CHECK(l.out.happenings.size() == 1);
    for (int i = 0; i < 10; ++i) l.say(web::server::Refused{.request = 1, .code = web::Refusal::name_taken, .text = "Taken.", .suggestion = "Ada3"});
    CHECK(l.line.state() == State::kEnded);
    CHECK(l.line.exit_code() == kExitRefused);
}

TEST_CASE("a session that is unknown is forgotten, and hello said anew") {
    Line_ l;
    l.come();
    l.line.closed(l.now, "gone", l.out);
    l.line.reconnect(l.now, l.out);
    l.line.opened(l.now, l.out);
    l.say(web::server::Refused{.request = 1, .code = web::Refusal::session_unknown, .text = "Unknown."});
    const auto hello = l.sent<web::client::Hello>();
    REQUIRE(hello);
    CHECK_FALSE(hello->session);
}

TEST_CASE("what is no Earshot server is told so") {
    Line_ l;
    l.line.start(l.now, l.out);
    l.line.opened(l.now, l.out);
    l.clear();
    CHECK_FALSE(l.line.received(l.now, "<html>", l.out));
    CHECK(l.line.state() == State::kEnded);
    CHECK(l.line.exit_code() == kExitNetwork);
    CHECK(l.asked<effect::Drop>());
}

TEST_CASE("a closing says when to come back, and when not to") {
    Line_ l;
    l.come();
    l.say(web::server::Closing{web::ClosingReason::shutdown, "Restart.", 2000});
    l.line.closed(l.now, "gone", l.out);
    CHECK(l.line.retry_at() >= l.now + 2s);
    CHECK(l.line.retry_at() < l.now + 3s);

    Line_ other;
    other.come();
    other.say(web::server::Closing{web::ClosingReason::replaced, "Another window.", {}});
    CHECK(other.line.state() == State::kEnded);
    CHECK(other.line.why() == "Another window.");

    Line_ mad;
    mad.come();
    mad.say(web::server::Closing{web::ClosingReason::shutdown, "", (std::int64_t{1} << 53) - 1});
    mad.line.closed(mad.now, "gone", mad.out);
    CHECK(mad.line.retry_at() <= mad.now + 7min);
}

TEST_CASE("quitting says so and ends it") {
    Line_ l;
    l.come();
    l.clear();
    l.line.quit(l.out);
    CHECK(l.sent<web::client::Quit>());
    CHECK(l.asked<effect::Drop>());
    CHECK(l.line.exit_code() == kExitFine);
    CHECK(l.line.deadline().at == kNever);
}

#include "client/phone.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::client;

namespace {

struct Desk {
    SeededRandom random{1};
    crypto::Identity identity = crypto::Identity::make();
    Phone phone{identity, random};
    port::SendArena arena{64};
    Time now{};

    static std::string offer(const std::vector<std::string>& udp, const std::vector<std::string>& tcp = {}) {
        rtc::LocalDescription local{.ufrag = "abcd", .pwd = "abcdefghijklmnopqrstuvwx", .session_id = 1, .slot_ssrcs = {1, 2}, .cname = "s"};
        for (const auto& each : udp) local.candidates.push_back(wire::host_candidate(*SocketAddress::parse(each), wire::CandidateTransport::kUdp));
        for (const auto& each : tcp) local.candidates.push_back(wire::host_candidate(*SocketAddress::parse(each), wire::CandidateTransport::kTcp));
        return rtc::make_offer(local);
    }
    auto take(const std::string& sdp, bool fresh = true, bool listen_only = false, std::optional<IpAddress> home = {}) {
        return phone.take_offer(now, sdp, fresh, listen_only, home, arena);
    }
    void wait(Duration time) {
        now += time;
        phone.tick({now, 0}, arena);
    }
};

std::vector<std::string> texts(const std::vector<SocketAddress>& addresses) {
    std::vector<std::string> out;
    for (const auto& each : addresses) out.push_back(each.text());
    return out;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("UDP is tried first, TCP when that does not get through, and silence is told once") {
    Desk d;
    REQUIRE(d.take(Desk::offer({"192.0.2.1:8444"}, {"192.0.2.1:8444"})));
    auto wants = d.phone.take_wants();
    CHECK(texts(wants.udp) == Texts{"192.0.2.1:8444"});
    CHECK(wants.tcp.empty());
    d.phone.add_path(d.now, {.transport = port::Transport::kUdp, .remote = wants.udp[0]}, d.arena);
    CHECK(d.arena.items().size() == 1);  // the first check is on its way
    d.wait(Phone::kTcpAfter);
    CHECK(texts(d.phone.take_wants().tcp) == Texts{"192.0.2.1:8444"});
    CHECK(d.phone.take_news() == PhoneNews::kNone);
    for (int i = 0; i < 100; ++i) d.wait(100ms);
    CHECK(d.phone.take_news() == PhoneNews::kLost);
    for (int i = 0; i < 100; ++i) d.wait(100ms);
    CHECK(d.phone.take_news() == PhoneNews::kNone);
    CHECK(d.phone.route() == Route::kNone);
}

TEST_CASE("the address that already answered comes first, and not everything offered is knocked at") {
    Desk d;
    REQUIRE(d.take(Desk::offer({"192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1", "192.0.2.4:1", "192.0.2.5:1", "224.0.0.1:1", "[ff02::1]:1", "0.0.0.0:1"}), true,
                   false, IpAddress::v4(192, 0, 2, 3)));
    CHECK(texts(d.phone.take_wants().udp) == Texts{"192.0.2.3:1", "192.0.2.1:1", "192.0.2.2:1", "192.0.2.4:1"});
}

TEST_CASE("one who only listens offers no voice of his own") {
    Desk d;
    const auto listens = d.take(Desk::offer({"192.0.2.1:1"}), true, true);
    REQUIRE(listens);
    CHECK_FALSE(listens->contains("a=sendonly"));
    const auto speaks = d.take(Desk::offer({"192.0.2.1:1"}));
    REQUIRE(speaks);
    CHECK(speaks->contains("a=sendonly"));
}

TEST_CASE("garbage is refused in a sentence, and leaves the call that stands alone") {
    Desk d;
    REQUIRE(d.take(Desk::offer({"192.0.2.1:1"})));
    CHECK_FALSE(d.take("v=0\r\nnonsense"));
    CHECK_FALSE(d.take(""));
    CHECK(d.phone.active());
    std::vector<std::uint8_t> bytes{0xff, 0x00, 0x80, 0x17, 0x16};
    d.phone.receive({d.now, 0}, {}, bytes, d.arena);
    d.phone.hang_up(d.now, d.arena);
    CHECK_FALSE(d.phone.active());
    CHECK(d.phone.deadline().at == kNever);
    d.phone.tick({d.now, 0}, d.arena);
}

#include "engine/control.hpp"

#include <doctest/doctest.h>

#include <map>

#include "engine/limits.hpp"
#include "wire/web_messages.hpp"

using namespace earshot;
using namespace earshot::engine;
namespace in = wire::web::client;
namespace out = wire::web::server;

namespace {

// The whole text side with a disk that answers when it is told to.
class TestHouse {
public:
    TestHouse() : control_(settings(), {random_, counters_, log_, &orders, &news}) { control_.restore({}); }
    // What the control side ordered of the media side since the last look.
    template <typename Order>
    std::vector<Order> ordered() {
        std::vector<Order> found;
        for (auto& order : orders.take())
            if (auto* o = std::get_if<Order>(&order)) found.push_back(std::move(*o));
        return found;
    }
    void hear(ShardNews item) {
        REQUIRE(news.push(std::move(item)));
        control_.drain(now(), box_);
        work();
    }

    ConnectionId web() { return open(port::Door::kWeb); }
    ConnectionId socket() { return open(port::Door::kPlain); }
    void text(ConnectionId id, std::string_view bytes) {
        control_.received(now(), id, as_bytes(bytes), box_);
        work();
    }
    template <typename M>
    void say(ConnectionId id, const M& message) {
        text(id, wire::web::encode(message));
    }
    void pass(Duration time) {
        for (const auto until = at_ + time; at_ < until;) {
            at_ = std::min(until, std::max(control_.deadline().at, at_));
            if (control_.deadline().at <= at_) control_.tick(now(), box_);
            work();
            if (control_.deadline().at > until) at_ = until;
        }
    }
    void hang_up(ConnectionId id) {
        control_.closed(now(), id, box_);
        work();
    }
    void flush_disk() {
        while (!disk_.empty()) {
            const auto request = std::exchange(disk_, {});
            for (const auto& r : request) answer(r);
            work();
        }
    }
    std::string read(ConnectionId id) { return std::exchange(sent_[id], {}); }
    // Messages of one type that came since the last look, others dropped.
    template <typename M>
    std::vector<M> get(ConnectionId id) {
        std::vector<M> found;
        for (const auto& frame : std::exchange(frames_[id], {})) {
            const auto message = wire::web::decode_server(frame);
            REQUIRE(message.has_value());
            if (const auto* m = std::get_if<M>(&*message)) found.push_back(*m);
        }
        return found;
    }
    bool closed(ConnectionId id) const { return closed_.contains(id); }
    ConnectionId person(const std::string& name) {
        const auto id = web();
        say(id, in::Hello{.request = 1, .protocol = 1, .name = name, .kind = wire::web::ClientKind::browser});
        say(id, in::Join{2, "#lobby"});
        flush_disk();
        return id;
    }
    Control& control() { return control_; }
    OrderBox orders{limits::kShardOrders};
    NewsBox news{limits::kShardNews};
    bool keep_disk_waiting = false;
    bool disk_fails = false;
    ConnectionId not_reading;

private:
    static Settings settings() { return {.media = {.udp = {SocketAddress::parse("192.0.2.1:8444").value()}, .tcp = {SocketAddress::parse("192.0.2.1:8444").value()}}}; }
    Now now() const { return {at_, 1'800'000'000'000 + whole_ms(at_ - Time{})}; }
    ConnectionId open(port::Door door) {
        const ConnectionId id{++last_};
        control_.opened(now(), id, {.door = door}, box_);
        work();
        return id;
    }
    void work() {
        for (auto& item : box_.take()) {
            if (auto* s = std::get_if<port::Send>(&item)) {
                sent_[s->to] += *s->bytes;
                frames_[s->to].push_back(*s->bytes);
                if (s->to != not_reading) control_.wrote(now(), s->to, s->bytes->size(), box_);
            } else if (auto* c = std::get_if<port::Close>(&item)) {
                closed_.insert(c->which);
            } else {
                disk_.push_back(std::get<port::StoreRequest>(item));
            }
        }
        if (!keep_disk_waiting && !disk_.empty()) flush_disk();
    }
    void answer(const port::StoreRequest& request) {
        port::StoreReply reply;
        if (const auto* append = std::get_if<port::Append>(&request)) {
            port::Appended done{append->batch, {}, disk_fails ? "disk full" : ""};
            if (!disk_fails)
                for (const auto& record : append->records) done.results.push_back(keep(record));
            reply = done;
        } else if (const auto* page = std::get_if<port::Page>(&request)) {
            port::Paged paged{.query = page->query, .messages = {}, .complete = true, .failure = {}};
            for (const auto& m : kept_)
                if (m.room == page->room && m.id > page->after) paged.messages.push_back(m);
            reply = paged;
        }
        control_.stored(now(), reply, box_);
    }
    port::AppendResult keep(const port::Record& record) {
        const auto* m = std::get_if<port::StoredMessage>(&record);
        if (!m) return port::Stored{};
        for (const auto& k : kept_)
            if (!m->client_message_id.empty() && k.client_message_id == m->client_message_id && k.sender_key == m->sender_key) return port::DuplicateOf{k.id, k.time_ms};
        kept_.push_back(*m);
        return port::Stored{};
    }

    SeededRandom random_{1};
    Counters counters_;
    SilentLog log_;
    Control control_;
    port::ControlOutbox box_;
    Time at_{1s};
    std::uint64_t last_ = 0;
    std::map<ConnectionId, std::string> sent_;
    std::map<ConnectionId, std::vector<std::string>> frames_;
    std::set<ConnectionId> closed_;
    std::vector<port::StoreRequest> disk_;
    std::vector<port::StoredMessage> kept_;
};

}  // namespace

TEST_CASE("a line client is prompted, welcomed, shown to others and heard") {
    TestHouse house;
    const auto ana = house.person("Ana");
    const auto bo = house.socket();
    CHECK(house.read(bo) == "Enter your name:");
    house.text(bo, "bo\r\n");
    CHECK(house.read(bo) == "Welcome bo! Type {quit} to exit the chat room.\n");
    CHECK(house.get<out::PersonJoined>(ana).at(0).person.name == "bo");
    house.text(bo, "hello\n\n  \n");
    CHECK(house.read(bo) == "bo>>hello\n");
    CHECK(house.get<out::RoomMessage>(ana).at(0).message.text == "hello");
    house.say(ana, in::Say{3, "#lobby", "one\ntwo", "12345678"});
    CHECK(house.read(bo) == "Ana>>one / two\n");
    house.text(bo, "{quit}\n");
    CHECK(house.read(bo) == "{quit}\n");
    CHECK(house.closed(bo));
    CHECK(house.get<out::PersonLeft>(ana).at(0).name == "bo");
}

TEST_CASE("a segment client is sent no newline") {
    TestHouse house;
    const auto a = house.socket(), b = house.socket();
    house.text(a, "ann");
    house.pass(250ms);
    CHECK(house.read(a) == "Enter your name:Welcome ann! Type {quit} to exit the chat room.");
    house.text(b, "bob");
    house.pass(250ms);
    CHECK(house.read(a) == "bob has entered the chat room!");
    house.text(b, "hi");
    CHECK(house.read(a) == "bob>>hi");
    house.text(b, "{quit}");
    CHECK(house.read(a) == "bob has left the chat room.");
    CHECK(house.read(b).ends_with("bob>>hi{quit}"));
}

TEST_CASE("a taken name is told in a sentence, then the prompt comes again") {
    TestHouse house;
    house.person("Ana");
    const auto other = house.socket();
    house.text(other, "аnа\nana\nbea\n");  // mixed alphabets, then taken, then free: all in one write
    const auto said = house.read(other);
    CHECK(said.find("alphabet") != std::string::npos);
    CHECK(said.find("choose another. Try ana2.\nEnter your name:") != std::string::npos);
    CHECK(said.ends_with("Welcome bea! Type {quit} to exit the chat room.\n"));
}

TEST_CASE("a message is shown and accepted only once it is on disk, and what follows waits behind it") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    house.get<out::Joined>(bo);
    house.keep_disk_waiting = true;
    house.say(ana, in::Say{3, "#lobby", "first", "11111111"});
    const auto cy = house.web();
    house.say(cy, in::Hello{.request = 1, .protocol = 1, .name = "Cy", .kind = wire::web::ClientKind::browser});
    house.say(cy, in::Join{2, "#lobby"});
    CHECK(house.get<out::RoomMessage>(bo).empty());
    CHECK(house.get<out::Joined>(cy).empty());
    house.flush_disk();
    const auto joined = house.get<out::Joined>(cy);
    REQUIRE(joined.size() == 1);
    CHECK(joined[0].last_message.has_value());
    CHECK(joined[0].people.size() == 3);
    CHECK(house.get<out::RoomMessage>(bo).size() == 1);
    CHECK(house.get<out::Accepted>(ana).at(0).client_message_id == "11111111");
}

TEST_CASE("a retry is answered with the first message and shown once") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    house.get<out::Joined>(bo);
    house.say(ana, in::Say{3, "#lobby", "once", "11111111"});
    const auto first = house.get<out::Accepted>(ana).at(0);
    house.say(ana, in::Say{4, "#lobby", "once", "11111111"});
    const auto again = house.get<out::Accepted>(ana).at(0);
    CHECK(again.id == first.id);
    CHECK(again.request == 4);
    CHECK(house.get<out::RoomMessage>(bo).size() == 1);
}

TEST_CASE("what cannot be saved is refused and shown to nobody") {
    TestHouse house;
    const auto ana = house.person("Ana");
    house.get<out::Joined>(ana);
    house.disk_fails = true;
    house.say(ana, in::Say{3, "#lobby", "lost", "11111111"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::not_saved);
    house.disk_fails = false;
    house.say(ana, in::Say{4, "#lobby", "lost", "11111111"});
    CHECK(house.get<out::Accepted>(ana).size() == 1);
}

TEST_CASE("one who vanishes is quiet, reconnecting, gone; and may come back as himself") {
    TestHouse house;
    const auto bo = house.person("Bo");
    const auto ana = house.web();
    house.say(ana, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser});
    const auto welcome = house.get<out::Welcome>(ana).at(0);
    house.say(ana, in::Join{2, "#lobby"});
    house.get<out::Joined>(bo);
    house.hang_up(ana);
    house.pass(4s);
    CHECK(house.get<out::PersonChanged>(bo).empty());
    house.pass(2s);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.presence == wire::web::Presence::quiet);
    house.pass(6s);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.presence == wire::web::Presence::reconnecting);

    SUBCASE("within 30 s nobody is told of a departure") {
        const auto back = house.web();
        house.say(back, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser, .session = welcome.session});
        house.say(bo, in::Ping{9});
        house.pass(30s);
        const auto again = house.get<out::Welcome>(back);
        REQUIRE(again.size() == 1);
        CHECK(again[0].resumed);
        CHECK(again[0].member == welcome.member);
        CHECK(again[0].joined == std::vector<std::string>{"#lobby"});
        CHECK(house.get<out::PersonLeft>(bo).empty());
    }
    SUBCASE("later he left, but gets his name and rooms back") {
        house.say(bo, in::Ping{9});
        house.pass(25s);
        CHECK(house.get<out::PersonLeft>(bo).at(0).reason == wire::web::LeaveReason::lost);
        const auto back = house.web();
        house.say(back, in::Hello{.request = 1, .protocol = 1, .name = "Ana", .kind = wire::web::ClientKind::browser, .session = welcome.session});
        CHECK(house.get<out::PersonJoined>(bo).at(0).person.member == welcome.member);
    }
}

TEST_CASE("floods, long texts, foreign rooms and nonsense are refused by name") {
    TestHouse house;
    const auto ana = house.person("Ana");
    house.get<out::Joined>(ana);
    house.say(ana, in::Say{3, "#lobby", std::string(4001, 'x'), "11111111"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::too_long);
    house.say(ana, in::Say{4, "#elsewhere", "x", "11111111"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::not_in_room);
    house.text(ana, "{\"type\":\"dance\",\"request\":5}");
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::unknown_type);
    house.text(ana, "not json");
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::bad_request);
    for (int i = 0; i < 30; ++i) house.say(ana, in::Say{10 + i, "#lobby", "x", "22222222" + std::to_string(i)});
    const auto refused = house.get<out::Refused>(ana);
    CHECK(refused.size() >= 10);
    CHECK(refused.at(0).code == wire::web::Refusal::flood);
}

TEST_CASE("one who does not read is told so and dropped; the others go on") {
    TestHouse house;
    const auto ana = house.person("Ana"), slow = house.person("Slow");
    house.not_reading = slow;
    for (int i = 0; i < 400 && !house.closed(slow); ++i) {
        house.pass(200ms);
        house.say(ana, in::Say{10 + i, "#lobby", std::string(3900, 'x'), "33333333" + std::to_string(i)});
        house.say(slow, in::Ping{1});
    }
    CHECK(house.closed(slow));
    CHECK(house.control().waiting_bytes(slow) <= limits::kWaitingBytes + 16 * 1024);
}

TEST_CASE("a call is offered, answered, spoken in, restarted and left") {
    TestHouse house;
    const auto ana = house.person("Ana"), bo = house.person("Bo");
    house.get<out::Joined>(bo);
    house.say(ana, in::CallJoin{.request = 3, .room = "#lobby"});
    const auto frames = house.get<out::CallOffer>(ana);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].request == 3);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.in_call);
    const auto added = house.ordered<AddPeer>();
    REQUIRE(added.size() == 1);
    CHECK(added[0].slot_ssrcs.size() == kHeardSlots);
    CHECK(frames[0].sdp.find(added[0].ufrag) != std::string::npos);

    const auto offer = rtc::read_offer(frames[0].sdp).value();
    const rtc::LocalAnswer answer{.ufrag = "abcd", .pwd = std::string(24, 'p'), .fingerprint = {1, 2, 3}, .mic_ssrc = 77, .cname = "x"};
    house.say(ana, in::CallAnswer{4, frames[0].call + 1, rtc::make_answer(offer, answer)});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::no_call);
    house.say(ana, in::CallAnswer{4, frames[0].call, "v=nonsense"});
    CHECK(house.get<out::Refused>(ana).at(0).code == wire::web::Refusal::bad_sdp);
    house.say(ana, in::CallAnswer{4, frames[0].call, rtc::make_answer(offer, answer)});
    CHECK(house.get<out::Done>(ana).at(0).request == 4);
    CHECK(house.ordered<SetRemote>().at(0).media.fingerprints.at(0) == answer.fingerprint);

    const auto* member = &house.control().hub().room_named("#lobby")->people().at(0);
    const auto room = house.control().hub().room_named("#lobby")->id();
    house.hear(SlotsChanged{room, {member->member}});
    CHECK(house.get<out::CallSlots>(bo).at(0).slots.at(0).member == member->member.value);
    CHECK_FALSE(house.get<out::CallSlots>(ana).at(0).slots.at(0).member.has_value());
    house.hear(Speaking{room, member->member, true});
    CHECK(house.get<out::Speaking>(bo).at(0).speaking);

    house.say(ana, in::Voice{.muted = true, .deafened = false});
    CHECK(house.ordered<SetVoice>().at(0).muted);
    CHECK(house.get<out::PersonChanged>(bo).at(0).person.muted);
    house.say(ana, in::CallRestart{5, frames[0].call});
    const auto again = house.get<out::CallOffer>(ana);
    REQUIRE(again.size() == 1);
    CHECK(again[0].call == frames[0].call);
    CHECK(house.ordered<RestartIce>().at(0).ufrag != added[0].ufrag);

    SUBCASE("by his own wish") {
        house.say(ana, in::CallLeave{6});
        CHECK(house.ordered<RemovePeer>().size() == 1);
        CHECK(house.get<out::PersonChanged>(bo).at(0).person.in_call == false);
        CHECK(house.get<out::CallEnded>(ana).empty());
    }
    SUBCASE("because the media side lost him") {
        house.hear(PeerLost{PeerId{frames[0].call}, LostReason::kConsent});
        CHECK(house.get<out::CallEnded>(ana).at(0).reason == wire::web::CallEndReason::lost);
    }
    SUBCASE("with the room") {
        house.say(ana, in::Leave{7, "#lobby"});
        CHECK(house.ordered<RemovePeer>().size() == 1);
        CHECK(house.get<out::CallEnded>(ana).at(0).reason == wire::web::CallEndReason::room_left);
    }
}

TEST_CASE("everyone is told when the house goes down") {
    TestHouse house;
    const auto ana = house.person("Ana");
    const auto bo = house.socket();
    house.text(bo, "bo\n");
    house.read(bo);
    port::ControlOutbox box;
    house.control().shutdown({Time{2s}, 0}, box);
    int closes = 0, sends = 0;
    for (const auto& item : box.take()) {
        closes += std::holds_alternative<port::Close>(item);
        sends += std::holds_alternative<port::Send>(item);
    }
    CHECK(closes == 2);
    CHECK(sends == 2);
    (void)ana;
}

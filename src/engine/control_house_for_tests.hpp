// The whole text side in a test's hands.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "engine/control.hpp"
#include "engine/limits.hpp"
#include "wire/web_messages.hpp"

namespace earshot::engine {

namespace in = wire::web::client;
namespace out = wire::web::server;

// The whole text side with a disk that answers when it is told to.
class TestHouse {
public:
    TestHouse() : control_(settings(), {random_, counters_, log_, &orders, &news, &talks, &bridge, &voices}) { control_.restore({}); }
    // What the control side ordered of the media side since the last look.
    template <typename Order>
    std::vector<Order> ordered() {
        std::vector<Order> found;
        for (auto& order : orders.take())
            if (auto* o = std::get_if<Order>(&order)) found.push_back(std::move(*o));
        return found;
    }
    template <typename Order>
    std::vector<Order> told_bridge() {
        std::vector<Order> found;
        for (auto& order : bridge.take())
            if (auto* o = std::get_if<Order>(&order)) found.push_back(std::move(*o));
        return found;
    }
    void hear(BridgeNews item) {
        REQUIRE(voices.push(std::move(item)));
        control_.drain(now(), box_);
        work();
    }
    // A voice socket connects to the voice port of a pair.
    VoiceId voice(std::uint8_t address = 1, std::uint8_t pair = 0) {
        const VoiceId id{1000 + ++last_};
        hear(VoiceOpened{id, IpAddress::v4(127, 0, 0, address), static_cast<std::uint16_t>(50'000 + last_), pair});
        return id;
    }
    void hear(ShardNews item) {
        REQUIRE(news.push(std::move(item)));
        control_.drain(now(), box_);
        work();
    }

    ConnectionId web() { return open(port::Door::kWeb); }
    ConnectionId socket(std::uint8_t address = 1, std::uint8_t pair = 0) { return open(port::Door::kPlain, IpAddress::v4(127, 0, 0, address), pair); }
    ConnectionId voix(std::uint8_t address = 1) { return open(port::Door::kVoix, IpAddress::v4(127, 0, 0, address)); }
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
    void shut_down() {
        control_.shutdown(now(), box_);
        work();
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
    TalkOrderBox talks{64};
    BridgeOrderBox bridge{64};
    BridgeNewsBox voices{64};
    bool keep_disk_waiting = false;
    bool disk_fails = false;
    ConnectionId not_reading;

private:
    static Settings settings() {
        return {.plain = {{}, {{.phrases = {fronts::plain::PhraseSet::kC}, .room = "#other"}}},
                .media = {.udp = {SocketAddress::parse("192.0.2.1:8444").value()}, .tcp = {SocketAddress::parse("192.0.2.1:8444").value()}},
                .operator_key = "00112233445566778899aabbccddeeff"};
    }
    Now now() const { return {at_, 1'800'000'000'000 + whole_ms(at_ - Time{})}; }
    ConnectionId open(port::Door door, IpAddress ip = IpAddress::v4(127, 0, 0, 1), std::uint8_t pair = 0) {
        const ConnectionId id{++last_};
        control_.opened(now(), id, {.door = door, .remote = {ip, 40'000}, .pair = pair}, box_);
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
            if (!m->client_message_id.empty() && k.client_message_id == m->client_message_id && k.sender_key == m->sender_key)
                return port::DuplicateOf{k.id, k.time_ms};
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

}  // namespace earshot::engine

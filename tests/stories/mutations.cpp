// Invariants that cannot fail prove nothing. Each house here is broken in one way, and is found out.
#include <doctest/doctest.h>

#include "sim/scene.hpp"
#include "sim/workload.hpp"

using namespace earshot;
using namespace earshot::sim;

namespace {

// Passes everything on; a mutation changes what goes out.
class Disguise : public port::ControlMachine {
public:
    explicit Disguise(std::unique_ptr<port::ControlMachine> inner) : inner_(std::move(inner)) {}
    void opened(Now now, ConnectionId id, const port::Opened& opened, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->opened(now, id, opened, o); }); }
    void received(Now now, ConnectionId id, Bytes bytes, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->received(now, id, bytes, o); }); }
    void wrote(Now now, ConnectionId id, std::size_t size, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->wrote(now, id, take_owed(id, size), o); }); }
    void closed(Now now, ConnectionId id, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->closed(now, id, o); }); }
    void stored(Now now, port::StoreReply reply, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->stored(now, std::move(reply), o); }); }
    void drain(Now now, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->drain(now, o); }); }
    void tick(Now now, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->tick(now, o); }); }
    Deadline deadline() const override { return inner_->deadline(); }
    void shutdown(Now now, port::ControlOutbox& out) override { through(out, [&](auto& o) { inner_->shutdown(now, o); }); }

protected:
    virtual void change(std::vector<port::ControlOutput>& items) { static_cast<void>(items); }
    // The text of a Send of this type, or nullptr.
    static const std::string* message_in(const port::ControlOutput& item, std::string_view type = "message") {
        const auto* send = std::get_if<port::Send>(&item);
        return send && send->bytes->find(fmt::format("\"type\":\"{}\"", type)) != std::string::npos ? send->bytes.get() : nullptr;
    }
    std::uint64_t count_ = 0;

private:
    template <typename Call>
    void through(port::ControlOutbox& out, Call&& call) {
        port::ControlOutbox mine;
        call(mine);
        auto items = mine.take();
        for (const auto& item : items)
            if (const auto* send = std::get_if<port::Send>(&item)) owed_[send->to] += send->bytes->size();
        change(items);
        for (auto& item : items) {
            if (auto* send = std::get_if<port::Send>(&item)) out.send(send->to, std::move(send->bytes));
            else if (auto* close = std::get_if<port::Close>(&item)) out.close(close->which, close->code, std::move(close->reason));
            else out.ask(std::move(std::get<port::StoreRequest>(item)));
        }
    }
    // What a mutation added was never sent by the house, and what it took away is never written.
    std::size_t take_owed(ConnectionId id, std::size_t size) {
        auto& owed = owed_[id];
        const auto taken = std::min(owed, size);
        owed -= taken;
        return taken;
    }
    std::unique_ptr<port::ControlMachine> inner_;
    std::map<ConnectionId, std::size_t> owed_;
};

template <typename Mutation>
SceneSettings broken_by() {
    SceneSettings settings;
    settings.disguise = [](std::unique_ptr<port::ControlMachine> inner) -> std::unique_ptr<port::ControlMachine> { return std::make_unique<Mutation>(std::move(inner)); };
    return settings;
}

// The invariant that a chat of two (one leaves now and then) breaks first.
std::string found_out(SceneSettings settings, void (*prepare)(Scene&) = nullptr) {
    Scene scene{1, std::move(settings)};
    if (prepare) prepare(scene);
    auto& ann = scene.web_in("Ann");
    auto& ben = scene.web_in("Ben");
    scene.plain_in("Pat", Framing::kLines);
    for (int i = 0; i < 30 && scene.world.sound(); ++i) {
        ann.say("#lobby", "one");
        if (ben.in("#lobby")) ben.say("#lobby", "two");
        if (i % 8 == 4) ben.leave("#lobby");
        if (i % 8 == 6) ben.join("#lobby");
        scene.run_for(300ms);
        if (i % 10 == 9 && prepare) {
            scene.house.crash();
            scene.run_for(100ms);
            scene.house.start();
        }
    }
    if (scene.world.sound()) scene.heal();
    if (scene.world.sound()) scene.settle(20s);
    scene.check_all();
    return scene.world.sound() ? "" : scene.world.failures().front().invariant;
}

struct Twice final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        for (std::size_t i = 0; i < items.size(); ++i)
            if (message_in(items[i]) && ++count_ % 7 == 0) {
                auto again = std::get<port::Send>(items[i]);
                items.insert(items.begin() + static_cast<std::ptrdiff_t>(i++), std::move(again));
            }
    }
};

struct Lost final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        std::erase_if(items, [this](const auto& item) { return message_in(item) && ++count_ % 7 == 0; });
    }
};

struct Overtaking final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!message_in(items[i])) continue;
            if (held_ && std::get<port::Send>(*held_).to == std::get<port::Send>(items[i]).to) {
                items.insert(items.begin() + static_cast<std::ptrdiff_t>(++i), *std::exchange(held_, std::nullopt));
            } else if (!held_ && ++count_ % 9 == 0) {
                held_ = items[i];
                items.erase(items.begin() + static_cast<std::ptrdiff_t>(i--));
            }
        }
    }
    std::optional<port::ControlOutput> held_;
};

// What one connection is shown of a room is shown to another one too, in the room or not.
struct Talkative final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        const auto size = items.size();
        for (std::size_t i = 0; i < size; ++i) {
            if (const auto* left = message_in(items[i], "left")) {
                static_cast<void>(left);
                leaver_ = std::get<port::Send>(items[i]).to;
            }
            if (leaver_ && message_in(items[i]) && std::get<port::Send>(items[i]).to != leaver_) items.push_back(port::Send{leaver_, std::get<port::Send>(items[i]).bytes});
        }
    }
    ConnectionId leaver_;
};

struct Sleepless final : Disguise {
    using Disguise::Disguise;
    Deadline deadline() const override { return {Time{}, "never satisfied"}; }
};

struct Silent final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        std::erase_if(items, [this](const auto& item) { return message_in(item, "person_left") && ++count_ % 2 == 0; });
    }
};

struct Forgetful final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        std::erase_if(items, [this](const auto& item) { return message_in(item, "accepted") && ++count_ % 5 == 0; });
    }
};

struct Babbling final : Disguise {
    using Disguise::Disguise;
    void change(std::vector<port::ControlOutput>& items) override {
        for (auto& item : items)
            if (message_in(item) && ++count_ % 9 == 0) std::get<port::Send>(item).bytes = share("{\"type\":\"message\"}");
    }
};

}  // namespace

TEST_CASE("a house without a fault is not found out") { CHECK(found_out(broken_by<Disguise>()) == ""); }

TEST_CASE("a house that shows a message twice is found out") { CHECK(found_out(broken_by<Twice>()) == "one order for all"); }

TEST_CASE("a house that loses a message on the way is found out") { CHECK(found_out(broken_by<Lost>()) != ""); }

TEST_CASE("a house whose messages overtake each other is found out") { CHECK(found_out(broken_by<Overtaking>()) == "one order for all"); }

TEST_CASE("a house that tells leavers is found out") { CHECK(found_out(broken_by<Talkative>()) == "nothing of a room reaches one who is not in it"); }

TEST_CASE("a house that is woken without end is found out") { CHECK(found_out(broken_by<Sleepless>()) == "a deadline passes"); }

TEST_CASE("a house that hides a departure is found out") { CHECK(found_out(broken_by<Silent>()) != ""); }

TEST_CASE("a house that owes an answer is found out") { CHECK(found_out(broken_by<Forgetful>()) == "after healing everybody comes back"); }

TEST_CASE("a house that does not speak its protocol is found out") { CHECK(found_out(broken_by<Babbling>()) == "the house speaks the protocol"); }

TEST_CASE("a disk that lies is found out") {
    CHECK(found_out({}, [](Scene& scene) { scene.disk.faults.sync_lies = true; }) != "");
}

TEST_CASE("a disk that forgets retries is found out") {
    std::string invariant;
    for (std::uint64_t seed = 0; seed < 20 && invariant.empty(); ++seed) {
        Scene scene{seed};
        scene.disk.faults.forgets_keys = true;
        auto& ann = scene.web_in("Ann");
        for (int i = 0; i < 10 && scene.world.sound(); ++i) {
            ann.say("#lobby", "one");
            scene.run_for(scene.world.between(1ms, 6ms));
            ann.vanish();
            scene.house.crash();
            scene.run_for(10ms);
            scene.house.start();
            scene.settle();
        }
        scene.check_all();
        if (!scene.world.sound()) invariant = scene.world.failures().front().invariant;
    }
    CHECK(invariant == "a retry is not a second message");
}

TEST_CASE("one seed is one day, to the letter") {
    const auto digest = [](std::uint64_t seed) {
        Scene scene{seed};
        Workload{scene}.run();
        return scene.world.trace().digest();
    };
    CHECK(digest(7) == digest(7));
    CHECK(digest(7) != digest(8));
}

namespace {

// A port of talks that forgets to look: every datagram goes on to whoever asks with a key.
class CarelessTalks final : public port::MediaMachine {
public:
    enum class Fault : std::uint8_t { kAnyAddress, kEcho, kLongErrors };
    CarelessTalks(std::unique_ptr<port::MediaMachine> inner, Fault fault) : inner_(std::move(inner)), fault_(fault) {}
    void drain(Now now, port::SendArena& out) override { inner_->drain(now, out); }
    void receive(Now now, std::span<port::Datagram> batch, port::SendArena& out) override {
        for (const auto& datagram : batch) {
            const bool session = as_text(datagram.bytes).starts_with("TALKSESSION:");
            if (fault_ == Fault::kAnyAddress && session) guests_.insert(datagram.path->remote);
            if (fault_ == Fault::kAnyAddress && !session)
                for (const auto& guest : guests_)
                    if (guest != datagram.path->remote) send(guest, datagram.bytes, out);
            if (fault_ == Fault::kEcho && !session) send(datagram.path->remote, datagram.bytes, out);
            if (fault_ == Fault::kLongErrors && session && datagram.bytes.size() < 30) send(datagram.path->remote, as_bytes(std::string_view("SESSIONERROR: There is no such talk.\n")), out);
        }
        if (fault_ != Fault::kLongErrors) inner_->receive(now, batch, out);
    }
    void tcp_receive(Now, const port::Path&, Bytes, port::SendArena&) override {}
    void tcp_closed(Now, const port::Path&) override {}
    std::vector<std::uint32_t> tcp_to_close() override { return {}; }
    void tick(Now now, port::SendArena& out) override { inner_->tick(now, out); }
    Deadline deadline() const override { return inner_->deadline(); }

private:
    static void send(const SocketAddress& to, Bytes bytes, port::SendArena& out) {
        auto room = out.reserve(bytes.size());
        if (room.empty()) return;
        std::ranges::copy(bytes, room.begin());
        out.commit({.remote = to}, bytes.size());
    }
    std::unique_ptr<port::MediaMachine> inner_;
    Fault fault_;
    std::set<SocketAddress> guests_;
};

// The invariant that two who talk, and a thief, break first.
std::string talks_found_out(CarelessTalks::Fault fault) {
    SceneSettings settings;
    settings.disguise_talks = [fault](std::unique_ptr<port::MediaMachine> inner) -> std::unique_ptr<port::MediaMachine> {
        return std::make_unique<CarelessTalks>(std::move(inner), fault);
    };
    Scene scene{1, std::move(settings)};
    auto& vera = scene.voix_in("Vera");
    scene.voix_in("Will");
    auto& thief = scene.thief();
    vera.call("Will");
    for (int i = 0; i < 50 && scene.world.sound(); ++i) {
        if (fault == CarelessTalks::Fault::kLongErrors) scene.house.talks().send(thief.address(), as_bytes(std::string_view("TALKSESSION: 0")));
        if (fault == CarelessTalks::Fault::kAnyAddress && !vera.talks().empty()) thief.try_key(vera.talks().begin()->first);
        scene.run_for(100ms);
    }
    return scene.world.sound() ? "nothing" : scene.world.failures().front().invariant;
}

}  // namespace

TEST_CASE("a careless port of talks is found out") {
    CHECK(talks_found_out(CarelessTalks::Fault::kAnyAddress) == "a stolen key never works");
    CHECK(talks_found_out(CarelessTalks::Fault::kEcho) == "nobody hears himself in a talk");
    CHECK(talks_found_out(CarelessTalks::Fault::kLongErrors) == "nobody is sent more than he sent");
}

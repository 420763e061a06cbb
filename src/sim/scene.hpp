// A stage: one world, one disk, one house and the people on it. Stories are told on it and workloads drawn.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/deterministic.hpp"
#include "engine/shard_orders.hpp"
#include "sim/caller.hpp"
#include "sim/hearing.hpp"
#include "sim/hostile_member.hpp"
#include "sim/house.hpp"
#include "sim/ledger.hpp"
#include "sim/plain_member.hpp"
#include "sim/talk_thief.hpp"
#include "sim/torn_log.hpp"
#include "sim/voice_member.hpp"
#include "sim/voix_member.hpp"
#include "sim/web_member.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

struct SceneSettings {
    PhraseSet phrases = PhraseSet::kA;
    bool print = false;
    std::string operator_key = "0123456789abcdef0123456789abcdef";
    // Puts something between the world and the house's control: how it is shown that invariants notice.
    std::function<std::unique_ptr<port::ControlMachine>(std::unique_ptr<port::ControlMachine>)> disguise;
    // Likewise for the media side; it may look into the orders that wait.
    std::function<std::unique_ptr<port::MediaMachine>(std::unique_ptr<port::MediaMachine>, engine::OrderBox&)> disguise_media;
    // Likewise for the port of talks.
    std::function<std::unique_ptr<port::MediaMachine>(std::unique_ptr<port::MediaMachine>)> disguise_talks;
};

// Where the house's media port is.
inline SocketAddress media_address() { return {IpAddress::v4(192, 0, 2, 1), 8444}; }

// How the real machines are made for the made world.
House::Make engine_machines(const SceneSettings& settings, TornLog& disk);

class Scene {
public:
    explicit Scene(std::uint64_t seed, SceneSettings wanted = {});
    ~Scene();

    SceneSettings settings;
    World world;
    TornLog disk;
    House house;
    Ledger ledger;
    Hearing hearing;
    LegWatch legs;
    TalkBook talk_book;
    static constexpr const char* kPlainRoom = "#lobby";

    Caller& web(const std::string& name);  // made, not yet come
    // Made, come and in the room; the story goes on when he is there.
    Caller& web_in(const std::string& name, const std::string& room = "#lobby");
    // As web_in, and with a voice in the room's call.
    Caller& caller_in(const std::string& name, const std::string& room = "#lobby", bool listen_only = false);
    PlainMember& plain(const std::string& name, Framing manner);
    PlainMember& plain_in(const std::string& name, Framing manner);
    VoixMember& voix(const std::string& name);
    VoixMember& voix_in(const std::string& name);
    // A voice socket for him; it comes when he is in.
    VoiceMember& voice(PlainMember& text, bool alone = false);
    // A bare socket with a voice, both in.
    VoiceMember& voice_in(const std::string& name, Framing manner = Framing::kLines);
    HostileMember& hostile(port::Door door);
    TalkThief& thief();

    const std::vector<std::unique_ptr<Caller>>& webs() const { return webs_; }
    const std::vector<std::unique_ptr<PlainMember>>& plains() const { return plains_; }
    const std::vector<std::unique_ptr<VoiceMember>>& voices() const { return voices_; }

    const std::vector<std::unique_ptr<VoixMember>>& voixes() const { return voixes_; }

    void run_for(Duration span) { world.run_for(span); }
    bool until(const std::function<bool()>& done, Duration patience = 30s) { return world.run_until(done, patience); }

    // Bad times end: fair weather, a good disk, the house stands, the hostile are gone, slow readers read.
    void heal();
    // Everyone who wants to be here is; breaks "after healing everybody comes back" when that takes too long.
    void settle(Duration patience = 90s);
    // Everyone says something in every room and everyone there reads it.
    void roll_call();
    // All views are alike, and like the disk. After heal() and settle().
    void check_all();

private:
    void read_everything_back();
    void check_views();
    std::string presence_fault() const;
    void check_presence();
    void check_voice();
    void check_talks();
    void check_bare_voice();
    std::string bare_voice_fault(bool talking) const;
    std::vector<std::string> expected_names(const std::string& room) const;

    SeededRandom openssl_chance_;
    crypto::DeterministicOpenssl openssl_{openssl_chance_};
    std::vector<std::unique_ptr<Caller>> webs_;
    std::vector<std::unique_ptr<PlainMember>> plains_;
    std::vector<std::unique_ptr<VoixMember>> voixes_;
    std::vector<std::unique_ptr<VoiceMember>> voices_;
    std::vector<std::unique_ptr<HostileMember>> hostiles_;
    std::vector<std::unique_ptr<TalkThief>> thieves_;
    std::uint32_t number_ = 0;
};

}  // namespace earshot::sim

// The real machines, made for the made world.
#include "base/counters.hpp"
#include "bridge/pcm_desk.hpp"
#include "base/log.hpp"
#include "engine/control.hpp"
#include "engine/limits.hpp"
#include "engine/shard.hpp"
#include "engine/talk_relay.hpp"
#include "sim/scene.hpp"
#include "sim/voice_member.hpp"

namespace earshot::sim {
namespace {

// What both machines share in one life of the house.
struct Shared {
    explicit Shared(Random& entropy) : control_random(entropy.u64()), media_random(entropy.u64()) {}
    SeededRandom control_random, media_random;
    crypto::Identity identity = crypto::Identity::make();
    Counters control_counters, media_counters, talk_counters, bare_counters;
    SilentLog log;
    engine::OrderBox orders{engine::limits::kShardOrders};
    engine::NewsBox news{engine::limits::kShardNews};
    engine::TalkOrderBox talks{engine::limits::kTalkOrders};
    engine::BridgeOrderBox bridge_orders{engine::limits::kBridgeOrders};
    engine::BridgeNewsBox bridge_news{engine::limits::kBridgeNews};
    engine::ShardLine line{engine::limits::kBarePackets, engine::limits::kTappedPackets};
};

engine::Settings engine_settings(const SceneSettings& scene, const Shared& shared) {
    engine::Settings settings;
    settings.plain.phrases.set = scene.phrases == PhraseSet::kA ? fronts::plain::PhraseSet::kA : fronts::plain::PhraseSet::kC;
    settings.plain.room = Scene::kPlainRoom;
    settings.plain.rate = VoiceMember::kRate;
    settings.plain.channels = VoiceMember::kChannels;
    settings.web.version = "sim";
    settings.operator_key = scene.operator_key;
    settings.web.limits = {.text_characters = static_cast<std::int64_t>(settings.hub.text_characters),
                           .name_characters = 32,
                           .history_page = 50,
                           .messages_per_second = 10,
                           .audio_slots = 8};
    settings.media = {.udp = {media_address()}, .tcp = {media_address()}};
    settings.fingerprint = shared.identity.fingerprint();
    return settings;
}

}  // namespace

House::Make engine_machines(const SceneSettings& settings, TornLog& disk) {
    return [settings, &disk](const House::Wakers& wakers, Random& entropy) {
        auto shared = std::make_shared<Shared>(entropy);
        shared->orders.set_waker(&wakers.media);
        shared->news.set_waker(&wakers.control);
        shared->talks.set_waker(&wakers.talks);
        shared->bridge_orders.set_waker(&wakers.bare);
        shared->bridge_news.set_waker(&wakers.control);
        shared->line.to_shard.set_waker(&wakers.media);
        engine::ControlParts parts{.random = shared->control_random,
                                   .counters = shared->control_counters,
                                   .log = shared->log,
                                   .orders = &shared->orders,
                                   .news = &shared->news,
                                   .talks = &shared->talks,
                                   .bridge = &shared->bridge_orders,
                                   .voices = &shared->bridge_news};
        auto control = std::make_unique<engine::Control>(engine_settings(settings, *shared), parts);
        control->restore(std::get<port::Loaded>(disk.execute(port::Load{})));
        House::Machines machines;
        machines.control = std::move(control);
        if (settings.disguise) machines.control = settings.disguise(std::move(machines.control));
        machines.media = std::make_unique<engine::Shard>(shared->identity, shared->orders, shared->news, shared->media_counters, shared->media_random, &shared->line);
        machines.bare = std::make_unique<bridge::PcmDesk>(std::vector<engine::PcmFormat>{{VoiceMember::kRate, VoiceMember::kChannels}},
                                                          bridge::DeskParts{shared->bridge_orders, shared->bridge_news, shared->line.to_shard, shared->line.from_shard, shared->bare_counters});
        if (settings.disguise_media) machines.media = settings.disguise_media(std::move(machines.media), shared->orders);
        machines.talks = std::make_unique<engine::TalkRelay>(shared->talks, shared->talk_counters);
        if (settings.disguise_talks) machines.talks = settings.disguise_talks(std::move(machines.talks));
        machines.shared = shared;
        return machines;
    };
}

}  // namespace earshot::sim

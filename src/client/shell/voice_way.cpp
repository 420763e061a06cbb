#include "client/shell/voice_way.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "client/quality.hpp"
#include "crypto/dtls.hpp"
#include "io/net/clock.hpp"

namespace earshot::client {

VoiceWay::VoiceWay(const Stage& stage, Random& random, SoundSide& sound)
    : stage_(stage), sound_(sound), identity_(crypto::Identity::make()), phone_(identity_, random), media_(stage.context, events()) {}

io::MediaClient::Events VoiceWay::events() {
    return {.datagram =
                [this](const port::Path& path, MutableBytes bytes) {
                    phone_.receive(io::now(), path, bytes, arena_);
                    settle();
                },
            .tcp_opened =
                [this](const port::Path& path) {
                    phone_.add_path(io::now().at, path, arena_);
                    settle();
                },
            .tcp_gone = [](std::uint32_t) {}};
}

void VoiceWay::take_offer(Now now, const effect::TakeOffer& offer, std::optional<IpAddress> home, Outbox& out) {
    if (offer.fresh) hang_up(now.at);
    auto answer = phone_.take_offer(now.at, offer.sdp, offer.fresh, offer.listen_only, home, arena_);
    if (!answer) return stage_.house.call().failed(now, offer.call, fmt::format("The call cannot be understood: {}", answer.error()), out);
    stage_.house.call().answered(now, offer.call, std::move(*answer), out);
    io::asio::post(stage_.context, [this] { settle(); });
}

void VoiceWay::hang_up(Time now) {
    phone_.hang_up(now, arena_);
    flush();
    media_.close();
}

void VoiceWay::speak(Now now, std::span<const Outgoing> packets) {
    for (const auto& packet : packets) phone_.speak(now, packet.payload(), packet.timestamp, packet.level, arena_);
    settle();
}

void VoiceWay::tick(Now now) {
    phone_.tick(now, arena_);
    settle();
}

void VoiceWay::open_what_is_wanted() {
    for (auto wants = phone_.take_wants(); !wants.udp.empty() || !wants.tcp.empty(); wants = phone_.take_wants()) {
        for (const auto& to : wants.udp)
            if (const auto path = media_.udp(to)) phone_.add_path(io::now().at, *path, arena_);
        for (const auto& to : wants.tcp) media_.open_tcp(to);
        flush();
    }
}

// After every step of the phone: what it sends, what it wants, what it heard, and what it has to tell.
void VoiceWay::settle() {
    flush();
    open_what_is_wanted();
    for (const auto& packet : phone_.take_received()) sound_.receive(packet);
    take_report();
    const auto news = phone_.take_news();
    if (news == PhoneNews::kNone) return stage_.arm();
    stage_.turn([&](Now now, Outbox& out) {
        if (news == PhoneNews::kConnected)
            stage_.house.call().media_connected(phone_.route(), out);
        else
            stage_.house.call().media_lost(now, out);
        sound_.apply(now);
    });
}

void VoiceWay::take_report() {
    const auto& facts = phone_.statistics();
    if (facts.report_blocks == std::exchange(reports_seen_, facts.report_blocks) || facts.report_blocks == 0) return;
    const auto now = io::now();
    const auto lost = static_cast<float>(facts.last_block.fraction_lost) / 256;
    auto& model = stage_.house.model();
    auto& call = model.call;
    call.round_trip_ms = round_trip_ms(facts.last_block, now.wall_ms);
    call.loss_percent = lost * 100;
    call.quality = quality_bars(call.round_trip_ms.value_or(0), call.loss_percent);
    ++model.version;
    sound_.reported(now.at, static_cast<double>(lost));
}

}  // namespace earshot::client

// The pictures of a Shard: orders, packets, and what a room's VideoForwarder decides between them.
#include <algorithm>

#include "engine/shard_peer.hpp"

namespace earshot::engine {

void Shard::obey(Now, OfferVideo&& order, rtc::Outbox&) {
    auto* peer = find(order.peer);
    const bool whole = order.slot_ssrcs.size() == kVideoSlots && order.repair_ssrcs.size() == kVideoSlots;
    if (!peer || !whole || peer->session.video_offered()) return;
    peer->session.offer_video(order.slot_ssrcs, order.repair_ssrcs);
    rooms_[peer->room]->video().open_slots(peer->seat, random_);
}

void Shard::obey(Now now, ShowVideo&& order, rtc::Outbox& out) {
    auto* peer = find(order.peer);
    if (!peer) return;
    auto& video = rooms_[peer->room]->video();
    video.set_showing(peer->seat, VideoKind::kCamera, order.camera);
    video.set_showing(peer->seat, VideoKind::kShare, order.share);
    serve_pictures(now, peer->room, out);
}

void Shard::obey(Now now, SeeVideo&& order, rtc::Outbox& out) {
    auto* peer = find(order.peer);
    if (!peer) return;
    rooms_[peer->room]->video().see(peer->seat, order.tiles);
    serve_pictures(now, peer->room, out);
}

bool Shard::receive_picture(Now now, Peer& peer, MutableBytes bytes, rtc::Outbox& out) {
    auto* in = peer.session.video();
    const auto incoming = in ? in->inspect(now.at, bytes) : std::unexpected(Counter::dropped_rtp_source);
    auto picture = incoming ? peer.session.open_picture(now.at, *incoming, bytes) : std::unexpected(incoming.error());
    if (!picture) {
        counters_.add(picture.error());
        return false;
    }
    auto& video = rooms_[peer.room]->video();
    const bool shown =
        video.forward(peer.seat, picture->kind, picture->packet, now.at, [&](Handle viewer, std::size_t slot, const media::RewrittenVideo& rewritten) {
            peers_[viewer]->session.send_picture(slot, rewritten, picture->packet, out);
        });
    if (!shown) counters_.add(Counter::dropped_rtp_muted);
    if (video.restless()) serve_pictures(now, peer.room, out);
    if (peer.quiet) settle(now, peer, out);  // last: it may find that he is lost
    return true;
}

void Shard::serve_pictures(Now now, std::uint32_t index, rtc::Outbox& out) {
    auto& video = rooms_[index]->video();
    if (video.deadline() > now.at) return timers_.schedule(pictures_key(index), video.deadline());
    video.service(now.at, [&](Handle sender, VideoKind kind, std::size_t layer) { peers_[sender]->session.ask_key_frame(kind, layer, out); });
    if (video.deadline() != kNever) timers_.schedule(pictures_key(index), std::max(video.deadline(), now.at + 1ms));
}

void Shard::report_pictures(Now now, Peer& peer, rtc::Outbox& out) {
    auto& video = rooms_[peer.room]->video();
    if (!video.slots_open(peer.seat)) return;
    std::array<rtc::SentStream, kVideoSlots> streams;
    for (std::size_t slot = 0; slot < streams.size(); ++slot) {
        const auto& leg = video.leg(peer.seat, slot);
        streams[slot] = {.packets = leg.packets(), .octets = leg.octets(), .last_timestamp = leg.last_timestamp(), .last_sent = leg.last_sent()};
    }
    peer.session.report_video(now, streams, out);
}

}  // namespace earshot::engine

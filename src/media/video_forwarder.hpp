// One room's pictures: packets of whoever shows himself in, renumbered ones for every viewer who sees him out. Each viewer says what
// he looks at and how large; he gets of each the encoding that his tile and his line can take, and nothing of what he does not see.
// Nothing is allocated per packet. What needs time or thought happens in service(), which the caller runs when restless() or due.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "media/layer_choice.hpp"
#include "media/packet.hpp"
#include "media/video_leg.hpp"
#include "media/video_track.hpp"

namespace earshot::media {

using VideoSlotMask = std::uint32_t;  // bit n: slot n
static_assert(kVideoSlots <= 32);
using VideoCodecMask = std::uint8_t;  // bit n: VideoCodec n

class VideoForwarder {
public:
    // How often encodings are chosen anew when nothing special happened.
    static constexpr Duration kReview = 250ms;

    // `seat` as the room's voice forwarder gave it; `handle` is the caller's name for him.
    void add(SeatId seat, MemberId member, std::uint32_t handle);
    void remove(SeatId seat);
    bool has(SeatId seat) const { return seat < people_.size() && people_[seat].taken; }

    // His slots to receive on exist from now on: their streams begin here, once.
    void open_slots(SeatId seat, Random& random);
    bool slots_open(SeatId seat) const { return !people_[seat].legs.empty(); }
    // Which of them he takes, and which codecs he can show.
    void set_accepted(SeatId seat, VideoSlotMask slots, VideoCodecMask codecs);
    // Whether he can be sent anything now.
    void set_ready(SeatId seat, bool ready);
    // Shown or not, by his own word; packets of what is off go to nobody.
    void set_showing(SeatId seat, VideoKind kind, bool on);
    bool showing(SeatId seat, VideoKind kind) const { return sources_[index(seat, kind)].on; }
    // What he looks at, by slot; a tile of nobody or without height is sent nothing.
    void see(SeatId seat, std::span<const VideoTile, kVideoSlots> tiles);
    // Bits a second for all his pictures together.
    void set_budget(SeatId seat, std::uint64_t bits_per_second);
    std::uint64_t budget(SeatId seat) const { return people_[seat].budget; }
    // Whose camera matters most after what is shared; none: nobody speaks.
    void set_speaker(MemberId member);

    // Calls emit(handle, slot, RewrittenVideo) for every viewer the packet goes to; false when its source is off.
    template <typename Emit>
    bool forward(SeatId seat, VideoKind kind, const VideoPacket& packet, Time now, Emit&& emit);

    // A viewer's decoder needs a key frame on this slot (PLI, FIR).
    void picture_lost(SeatId seat, std::size_t slot);
    bool restless() const { return restless_; }
    Time deadline() const { return restless_ ? Time::min() : deadline_; }
    // Chooses encodings; calls ask(handle, kind, layer) for every key frame to be asked of a sender now.
    template <typename Ask>
    void service(Time now, Ask&& ask);

    const VideoLeg& leg(SeatId seat, std::size_t slot) const { return people_[seat].legs[slot]; }
    const VideoTrack& track(SeatId seat, VideoKind kind) const { return sources_[index(seat, kind)].track; }

private:
    struct Viewing {
        VideoTile tile;
        std::int32_t source = -1;  // of sources_; -1: not in the call
    };
    struct Person {
        MemberId member;
        std::uint32_t handle = 0;
        bool taken = false;
        bool ready = false;
        bool dirty = false;
        VideoSlotMask accepted = 0;
        VideoCodecMask codecs = 0;
        std::uint64_t budget = kUnlimited;
        std::vector<VideoLeg> legs;  // by slot; empty until opened
        std::array<Viewing, kVideoSlots> viewing{};
    };
    struct Watcher {
        SeatId seat = 0;
        std::uint8_t slot = 0;
    };
    struct Source {
        VideoTrack track;
        std::vector<Watcher> watchers;
        bool on = false;
    };

    static std::size_t index(SeatId seat, VideoKind kind) { return std::size_t{seat} * 2 + (kind == VideoKind::kShare ? 1 : 0); }
    std::int32_t find_source(const VideoSource& source, SeatId viewer) const;
    void watch(SeatId seat, std::size_t slot);
    void unwatch(SeatId seat, std::size_t slot);
    void mark(Person& person);
    void mark_watchers(const Source& source);
    void review(Time now);
    void choose(Person& person, Time now);
    LayerDemand demand_of(const Person& person, std::size_t slot, Time now) const;
    void aim(Person& person, std::size_t slot, std::int8_t layer);

    std::vector<Person> people_;   // by seat
    std::vector<Source> sources_;  // two a seat
    MemberId speaker_;
    bool restless_ = false;
    Time next_review_ = kNever;
    Time deadline_ = kNever;
};

template <typename Emit>
bool VideoForwarder::forward(SeatId seat, VideoKind kind, const VideoPacket& packet, Time now, Emit&& emit) {
    Source& source = sources_[index(seat, kind)];
    if (!source.on) return false;
    const auto version = source.track.version();
    source.track.received(packet, now);
    if (source.track.version() != version) mark_watchers(source);
    for (const auto& watcher : source.watchers) {
        Person& viewer = people_[watcher.seat];
        if (!viewer.ready || !(viewer.codecs >> static_cast<unsigned>(packet.codec) & 1)) continue;
        if (const auto rewritten = viewer.legs[watcher.slot].rewrite(packet, now)) emit(viewer.handle, std::size_t{watcher.slot}, *rewritten);
    }
    return true;
}

template <typename Ask>
void VideoForwarder::service(Time now, Ask&& ask) {
    review(now);
    for (SeatId seat = 0; seat < people_.size(); ++seat) {
        for (const auto kind : {VideoKind::kCamera, VideoKind::kShare}) {
            Source& source = sources_[index(seat, kind)];
            for (std::size_t layer = 0; source.on && layer < kSimulcastLayers; ++layer) {
                auto& request = source.track.key_request(layer);
                if (source.watchers.empty() || !source.track.alive(layer)) request.settled();
                if (request.take(now)) ask(people_[seat].handle, kind, layer);
                deadline_ = std::min(deadline_, request.due());
            }
        }
    }
}

}  // namespace earshot::media

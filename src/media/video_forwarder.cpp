#include "media/video_forwarder.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace earshot::media {
namespace {

VideoLeg new_leg(Random& random) { return VideoLeg{static_cast<std::uint16_t>(1 + random.below(32767)), random.u32()}; }

}  // namespace

void VideoForwarder::add(SeatId seat, MemberId member, std::uint32_t handle) {
    if (seat >= people_.size()) {
        people_.resize(seat + 1);
        sources_.resize(people_.size() * 2);
    }
    ENSURE(!people_[seat].taken);
    people_[seat] = Person{.member = member, .handle = handle, .taken = true};
    sources_[index(seat, VideoKind::kCamera)] = Source{};
    sources_[index(seat, VideoKind::kShare)] = Source{};
    // Somebody may look at him already: he was told of before his peer stood.
    for (SeatId viewer = 0; viewer < people_.size(); ++viewer) {
        for (std::size_t slot = 0; slot < kVideoSlots && slots_open(viewer); ++slot) {
            if (people_[viewer].viewing[slot].tile.source.member == member) watch(viewer, slot);
        }
    }
}

void VideoForwarder::remove(SeatId seat) {
    ENSURE(has(seat));
    for (std::size_t slot = 0; slot < kVideoSlots && slots_open(seat); ++slot) unwatch(seat, slot);
    for (const auto kind : {VideoKind::kCamera, VideoKind::kShare}) {
        Source& source = sources_[index(seat, kind)];
        for (const auto& watcher : source.watchers) {
            Person& viewer = people_[watcher.seat];
            viewer.legs[watcher.slot].aim({});
            viewer.viewing[watcher.slot].source = -1;
            mark(viewer);
        }
        source = Source{};
    }
    people_[seat] = Person{};
}

void VideoForwarder::open_slots(SeatId seat, Random& random) {
    auto& legs = people_[seat].legs;
    ENSURE(legs.empty());  // their numbers go on for ever
    legs.reserve(kVideoSlots);
    for (std::size_t slot = 0; slot < kVideoSlots; ++slot) legs.push_back(new_leg(random));
    for (std::size_t slot = 0; slot < kVideoSlots; ++slot) watch(seat, slot);  // what he looked at before
}

void VideoForwarder::set_accepted(SeatId seat, VideoSlotMask slots, VideoCodecMask codecs) {
    people_[seat].accepted = slots;
    people_[seat].codecs = codecs;
    mark(people_[seat]);
}

void VideoForwarder::set_ready(SeatId seat, bool ready) {
    Person& person = people_[seat];
    if (person.ready == ready) return;
    person.ready = ready;
    for (auto& leg : person.legs) leg.restart();
    mark(person);
}

void VideoForwarder::set_showing(SeatId seat, VideoKind kind, bool on) {
    Source& source = sources_[index(seat, kind)];
    if (source.on == on) return;
    source.on = on;
    source.track = {};
    for (const auto& watcher : source.watchers) people_[watcher.seat].legs[watcher.slot].restart();
    mark_watchers(source);
}

void VideoForwarder::see(SeatId seat, std::span<const VideoTile, kVideoSlots> tiles) {
    Person& person = people_[seat];
    for (std::size_t slot = 0; slot < kVideoSlots; ++slot) {
        auto& viewing = person.viewing[slot];
        const bool another = viewing.tile.source != tiles[slot].source;
        if (another && slots_open(seat)) unwatch(seat, slot);
        viewing.tile = tiles[slot];
        if (slots_open(seat) && viewing.source < 0) watch(seat, slot);
    }
    mark(person);
}

void VideoForwarder::set_budget(SeatId seat, std::uint64_t bits_per_second) {
    if (std::exchange(people_[seat].budget, bits_per_second) != bits_per_second) mark(people_[seat]);
}

void VideoForwarder::set_speaker(MemberId member) { speaker_ = member; }

void VideoForwarder::picture_lost(SeatId seat, std::size_t slot) {
    const Person& person = people_[seat];
    if (slot >= person.legs.size() || person.viewing[slot].source < 0) return;
    const auto layer = person.legs[slot].layer();
    auto& source = sources_[static_cast<std::size_t>(person.viewing[slot].source)];
    if (!layer || !source.on) return;
    source.track.key_request(*layer).ask();
    restless_ = true;
}

std::int32_t VideoForwarder::find_source(const VideoSource& source, SeatId viewer) const {
    if (!source.member) return -1;
    for (SeatId seat = 0; seat < people_.size(); ++seat) {
        if (people_[seat].taken && people_[seat].member == source.member && seat != viewer) return static_cast<std::int32_t>(index(seat, source.kind));
    }
    return -1;
}

void VideoForwarder::watch(SeatId seat, std::size_t slot) {
    auto& viewing = people_[seat].viewing[slot];
    viewing.source = find_source(viewing.tile.source, seat);
    if (viewing.source < 0) return;
    people_[seat].legs[slot].restart();
    sources_[static_cast<std::size_t>(viewing.source)].watchers.push_back({seat, static_cast<std::uint8_t>(slot)});
    mark(people_[seat]);
}

void VideoForwarder::unwatch(SeatId seat, std::size_t slot) {
    auto& viewing = people_[seat].viewing[slot];
    people_[seat].legs[slot].aim({});
    if (viewing.source < 0) return;
    std::erase_if(sources_[static_cast<std::size_t>(viewing.source)].watchers, [&](const Watcher& each) { return each.seat == seat && each.slot == slot; });
    viewing.source = -1;
}

void VideoForwarder::mark(Person& person) {
    person.dirty = true;
    restless_ = true;
}

void VideoForwarder::mark_watchers(const Source& source) {
    for (const auto& watcher : source.watchers) mark(people_[watcher.seat]);
}

void VideoForwarder::review(Time now) {
    const bool everybody = now >= next_review_;
    bool anything = false;
    for (auto& source : sources_) {
        if (!source.on) continue;
        anything = true;
        if (everybody) source.track.check();
    }
    for (auto& person : people_) {
        if (!person.legs.empty() && (everybody || std::exchange(person.dirty, false))) choose(person, now);
    }
    restless_ = false;
    if (everybody || next_review_ == kNever) next_review_ = anything ? now + kReview : kNever;
    deadline_ = next_review_;
}

void VideoForwarder::choose(Person& person, Time now) {
    std::array<LayerDemand, kVideoSlots> demands;
    std::array<std::uint8_t, kVideoSlots> slots{};
    std::size_t count = 0;
    for (std::size_t slot = 0; slot < kVideoSlots; ++slot) {
        const auto& viewing = person.viewing[slot];
        const bool shown =
            viewing.source >= 0 && viewing.tile.height != 0 && (person.accepted >> slot & 1) && sources_[static_cast<std::size_t>(viewing.source)].on;
        if (!shown) {
            person.legs[slot].aim({});
            continue;
        }
        demands[count] = demand_of(person, slot, now);
        slots[count++] = static_cast<std::uint8_t>(slot);
    }
    choose_layers(std::span{demands}.first(count), person.budget);
    for (std::size_t i = 0; i < count; ++i) aim(person, slots[i], demands[i].chosen);
}

LayerDemand VideoForwarder::demand_of(const Person& person, std::size_t slot, Time now) const {
    const auto& tile = person.viewing[slot].tile;
    const auto& track = sources_[static_cast<std::size_t>(person.viewing[slot].source)].track;
    LayerDemand demand;
    // Shares first, then who speaks, then the larger tile.
    const auto area = std::uint32_t{tile.width} * tile.height;
    demand.rank = tile.source.kind == VideoKind::kShare ? 0 : tile.source.member == speaker_ ? 1 : ~area;
    std::array<std::uint16_t, kSimulcastLayers> heights{};
    for (std::size_t layer = 0; layer < kSimulcastLayers; ++layer) {
        demand.alive[layer] = track.alive(layer) || !track.any();  // nothing came yet: whichever comes is right
        demand.bits_per_second[layer] = track.bits_per_second(layer, now);
        heights[layer] = track.height(layer);
    }
    demand.best = layer_for_height(heights, demand.alive, tile.height);
    if (const auto layer = person.legs[slot].layer()) demand.present = static_cast<std::int8_t>(*layer);
    return demand;
}

void VideoForwarder::aim(Person& person, std::size_t slot, std::int8_t layer) {
    auto& leg = person.legs[slot];
    auto& track = sources_[static_cast<std::size_t>(person.viewing[slot].source)].track;
    if (leg.aimed().layer != layer) leg.aim({.layer = layer});
    if (leg.wants_key() && track.alive(static_cast<std::size_t>(layer))) track.key_request(static_cast<std::size_t>(layer)).ask();
}

}  // namespace earshot::media

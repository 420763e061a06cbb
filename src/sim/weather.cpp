#include "sim/weather.hpp"

#include <fmt/format.h>

namespace earshot::sim {
namespace {

Duration upto(Random& chance, Duration most) { return Duration{static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(most.count()) + 1))}; }

// Often nothing, sometimes as much as `most`.
double sometimes(Random& chance, double most) { return chance.chance(0.5) ? 0.0 : most * static_cast<double>(chance.below(1001)) / 1000.0; }

void flip_bits(std::vector<std::uint8_t>& bytes, Random& chance) {
    for (auto left = 1 + chance.below(4); left > 0 && !bytes.empty(); --left) bytes[chance.below(bytes.size())] ^= static_cast<std::uint8_t>(1u << chance.below(8));
}

}  // namespace

std::string DatagramWeather::words() const {
    if (cut) return "cut";
    return fmt::format("loss {:.0f}% bursts {:.1f}% of {} ms delay {}+{} ms reorder {:.0f}% duplicate {:.0f}% corrupt {:.0f}%", loss * 100, burst * 100, whole_ms(burst_span),
                       whole_ms(delay), whole_ms(jitter), reorder * 100, duplicate * 100, corrupt * 100);
}

std::string StreamWeather::words() const { return fmt::format("delay {}+{} ms, odd chunks {:.0f}%", whole_ms(delay), whole_ms(jitter), odd_chunks * 100); }

Weather fair_weather() { return {}; }

Weather draw_weather(Random& chance, double harshness) {
    Weather w;
    auto& d = w.datagrams;
    d.loss = sometimes(chance, 0.2 * harshness);
    d.burst = sometimes(chance, 0.01 * harshness);
    d.burst_span = 20ms + upto(chance, 300ms);
    d.delay = 1ms + upto(chance, std::chrono::duration_cast<Duration>(80ms * harshness));
    d.jitter = upto(chance, std::chrono::duration_cast<Duration>(40ms * harshness));
    d.reorder = sometimes(chance, 0.1 * harshness);
    d.duplicate = sometimes(chance, 0.1 * harshness);
    d.corrupt = sometimes(chance, 0.05 * harshness);
    w.streams.delay = 1ms + upto(chance, std::chrono::duration_cast<Duration>(150ms * harshness));
    w.streams.jitter = upto(chance, std::chrono::duration_cast<Duration>(200ms * harshness));
    w.streams.odd_chunks = sometimes(chance, harshness);
    return w;
}

std::vector<DatagramLink::Arrival> DatagramLink::carry(Time now, Bytes datagram, const DatagramWeather& weather, Random& chance) {
    std::vector<Arrival> arrivals;
    if (weather.cut) return arrivals;
    if (weather.burst > 0 && chance.chance(weather.burst)) burst_until_ = now + weather.burst_span;
    if (now < burst_until_ || (weather.loss > 0 && chance.chance(weather.loss))) return arrivals;
    Arrival arrival{weather.delay + upto(chance, weather.jitter), {datagram.begin(), datagram.end()}};
    // Without a reorder drawn the path is a queue: nothing overtakes what was sent before.
    if (weather.reorder > 0 && chance.chance(weather.reorder)) {
        arrival.after += upto(chance, 30ms);
    } else {
        arrival.after = std::max(arrival.after, last_after_ - (now - last_sent_));
        last_after_ = arrival.after;
        last_sent_ = now;
    }
    if (weather.corrupt > 0 && chance.chance(weather.corrupt)) flip_bits(arrival.bytes, chance);
    if (weather.duplicate > 0 && chance.chance(weather.duplicate)) arrivals.push_back({arrival.after + upto(chance, 5ms), arrival.bytes});
    arrivals.push_back(std::move(arrival));
    return arrivals;
}

}  // namespace earshot::sim

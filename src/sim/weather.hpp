// What the network does to what is sent. Weather is drawn from the seed and may change at any moment.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace earshot::sim {

struct DatagramWeather {
    double loss = 0;          // of each datagram, 0..1
    double burst = 0;         // that a datagram begins a burst in which all are lost
    Duration burst_span{0};   // how long such a burst lasts
    Duration delay = 1ms;     // one way
    Duration jitter{0};       // added, uniform
    double reorder = 0;       // that a datagram is held back by as much as 30 ms
    double duplicate = 0;
    double corrupt = 0;       // that one to four bits are flipped
    bool cut = false;         // nothing passes
    std::string words() const;
};

struct StreamWeather {
    Duration delay = 1ms;  // one way
    Duration jitter{0};
    double odd_chunks = 0;  // that bytes of a stream are split or joined
    std::string words() const;
};

struct Weather {
    DatagramWeather datagrams;
    StreamWeather streams;
};

Weather fair_weather();
// `harshness` 0 (fair) to 1 (a train in the mountains).
Weather draw_weather(Random& chance, double harshness);

// One direction of one path for datagrams.
class DatagramLink {
public:
    struct Arrival {
        Duration after{0};
        std::vector<std::uint8_t> bytes;
    };
    // What becomes of one datagram sent at `now`: nothing, one arrival, or two.
    std::vector<Arrival> carry(Time now, Bytes datagram, const DatagramWeather& weather, Random& chance);

private:
    Time burst_until_{};
    Duration last_after_{0};
    Time last_sent_{};
};

}  // namespace earshot::sim

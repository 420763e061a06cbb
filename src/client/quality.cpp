#include "client/quality.hpp"

namespace earshot::client {

std::optional<int> round_trip_ms(const wire::ReportBlock& block, WallMs now) {
    constexpr std::uint64_t kFrom1900 = 2208988800;
    if (block.last_sender_report == 0) return std::nullopt;
    const auto ms = static_cast<std::uint64_t>(now);
    const auto middle = static_cast<std::uint32_t>(((ms / 1000 + kFrom1900) << 16) | (ms % 1000) * 65536 / 1000);
    const auto units = static_cast<std::int32_t>(middle - block.last_sender_report - block.delay_since);  // 1/65536 seconds, modulo 2^32
    // A clock that was set in between makes nonsense of it; a millisecond less than nothing is rounding.
    if (units < -66 || units > 60 * 65536) return std::nullopt;
    return units < 0 ? 0 : static_cast<int>(std::int64_t{units} * 1000 / 65536);
}

int quality_bars(int round_trip_ms, float loss_percent) {
    if (round_trip_ms > 500 || loss_percent > 10) return 1;
    if (round_trip_ms > 250 || loss_percent > 3) return 2;
    return round_trip_ms > 120 || loss_percent > 1 ? 3 : 4;
}

}  // namespace earshot::client

// How well a call goes, from the server's reports about our own packets.
#pragma once
#include <optional>

#include "base/time.hpp"
#include "wire/rtcp.hpp"

namespace earshot::client {

// Whole milliseconds to the server and back (RFC 3550 section 6.4.1); nothing before the first report of ours was answered.
std::optional<int> round_trip_ms(const wire::ReportBlock& block, WallMs now);
// 1 (bad) to 4 (good).
int quality_bars(int round_trip_ms, float loss_percent);

}  // namespace earshot::client

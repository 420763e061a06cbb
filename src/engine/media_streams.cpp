#include "engine/media_streams.hpp"

#include <algorithm>

namespace earshot::engine {

MediaStreams::Stream* MediaStreams::find_or_admit(Time now, std::uint32_t connection) {
    if (const auto found = streams_.find(connection); found != streams_.end()) return &found->second;
    if (closing(connection)) return nullptr;
    if (streams_.size() >= limits::kMediaConnections) {
        to_close_.push_back(connection);
        return nullptr;
    }
    // An honest one shows its check at once, so the one that has waited longest goes.
    if (strangers_.size() >= limits::kStrangerConnections) close(strangers_.front().first);
    strangers_.emplace_back(connection, now + limits::kStrangerPatience);
    return &streams_[connection];
}

// Closed by us, and the driver has not heard of it yet.
bool MediaStreams::closing(std::uint32_t connection) const { return std::find(to_close_.begin(), to_close_.end(), connection) != to_close_.end(); }

void MediaStreams::close(std::uint32_t connection) {
    if (!streams_.contains(connection)) return;
    forget(connection);
    to_close_.push_back(connection);
}

void MediaStreams::forget(std::uint32_t connection) {
    streams_.erase(connection);
    know(connection);
}

void MediaStreams::know(std::uint32_t connection) {
    std::erase_if(strangers_, [&](const auto& stranger) { return stranger.first == connection; });
}

void MediaStreams::tick(Time now) {
    while (!strangers_.empty() && strangers_.front().second <= now) close(strangers_.front().first);
}

}  // namespace earshot::engine

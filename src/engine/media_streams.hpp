// TCP connections of the media port (RFC 6544): frames out of bytes, and patience with strangers. A connection must begin with
// a valid check of a known peer, and soon; until then it is one of few.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "engine/limits.hpp"
#include "port/media.hpp"
#include "wire/framing.hpp"

namespace earshot::engine {

class MediaStreams {
public:
    // Takes bytes of one connection and calls accept(frame, stranger) for every datagram in them; it says whether the
    // connection may go on (a stranger: whether he is one no more). The frame is good until accept returns.
    template <typename Accept>
    void receive(Time now, const port::Path& path, Bytes bytes, Accept&& accept);
    void close(std::uint32_t connection);
    void closed(std::uint32_t connection) { forget(connection); }
    // Closes strangers whose time is up.
    void tick(Time now);
    // When a stranger's time is up.
    Time deadline() const { return strangers_.empty() ? kNever : strangers_.front().second; }
    std::vector<std::uint32_t> take_to_close() { return std::exchange(to_close_, {}); }
    std::size_t size() const { return streams_.size(); }

private:
    struct Stream {
        wire::FrameSplitter frames;
        bool stranger = true;
    };
    Stream* find_or_admit(Time now, std::uint32_t connection);
    void forget(std::uint32_t connection);
    void know(std::uint32_t connection);
    bool closing(std::uint32_t connection) const;

    std::unordered_map<std::uint32_t, Stream> streams_;
    std::vector<std::pair<std::uint32_t, Time>> strangers_;  // oldest first; at most limits::kStrangerConnections
    std::vector<std::uint32_t> to_close_;
};

template <typename Accept>
void MediaStreams::receive(Time now, const port::Path& path, Bytes bytes, Accept&& accept) {
    Stream* stream = find_or_admit(now, path.tcp);
    while (stream) {
        const auto frame = stream->frames.next(bytes);
        if (!frame) return close(path.tcp);
        if (frame->empty()) return;
        const bool welcome = accept(*frame, stream->stranger);
        // What was accepted may have closed this very connection.
        const auto still = streams_.find(path.tcp);
        stream = still == streams_.end() ? nullptr : &still->second;
        if (!welcome) return close(path.tcp);
        if (stream && std::exchange(stream->stranger, false)) know(path.tcp);
    }
}

}  // namespace earshot::engine

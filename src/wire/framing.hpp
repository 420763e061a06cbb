// Datagrams over a TCP stream: two bytes of length before each (RFC 4571). Feed chunks as they come, take frames out.
#pragma once
#include <array>
#include <cstdint>
#include <expected>

#include "base/bytes.hpp"

namespace earshot::wire {

enum class FramingError : std::uint8_t { kEmptyFrame, kTooLarge };

inline constexpr std::size_t kFrameHeadSize = 2;
// A datagram of 1500 bytes and some room for those who count otherwise.
inline constexpr std::size_t kMaxFrameSize = 1600;

class FrameSplitter {
public:
    // Takes bytes off the front of `chunk` until a frame is whole, and gives it (it may be decrypted in place; good
    // until the next call). An empty frame says that the chunk is used up. After an error every call gives it again:
    // the stream cannot be understood any more and is to be closed.
    std::expected<MutableBytes, FramingError> next(Bytes& chunk);
    // Bytes of an unfinished frame.
    std::size_t held() const { return size_; }

private:
    std::array<std::uint8_t, kFrameHeadSize + kMaxFrameSize> buffer_{};
    std::size_t size_ = 0;
};

// Returns the size on the wire; 0 when the datagram is empty, too large, or `out` too small.
std::size_t write_frame(MutableBytes out, Bytes datagram);

}  // namespace earshot::wire

#include "wire/framing.hpp"

namespace earshot::wire {

std::expected<MutableBytes, FramingError> FrameSplitter::next(Bytes& chunk) {
    const auto fill = [&](std::size_t until) {
        const std::size_t take = std::min(until - std::min(until, size_), chunk.size());
        std::copy_n(chunk.begin(), take, buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += take;
        chunk = chunk.subspan(take);
        return size_ >= until;
    };
    if (!fill(kFrameHeadSize)) return MutableBytes{};
    const std::size_t length = load_u16(buffer_.data());
    if (length == 0) return std::unexpected(FramingError::kEmptyFrame);
    if (length > kMaxFrameSize) return std::unexpected(FramingError::kTooLarge);
    if (!fill(kFrameHeadSize + length)) return MutableBytes{};
    size_ = 0;
    return MutableBytes{buffer_}.subspan(kFrameHeadSize, length);
}

std::size_t write_frame(MutableBytes out, Bytes datagram) {
    if (datagram.empty() || datagram.size() > kMaxFrameSize) return 0;
    ByteWriter writer(out);
    writer.u16(static_cast<std::uint16_t>(datagram.size()));
    writer.put(datagram);
    return writer.ok() ? writer.size() : 0;
}

}  // namespace earshot::wire

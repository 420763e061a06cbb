// Reading and writing network byte order over memory that somebody else owns.
// A reader that runs out sets a flag and yields zeros: check ok() once at the end.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace earshot {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

constexpr std::uint16_t load_u16(const std::uint8_t* p) { return static_cast<std::uint16_t>(p[0] << 8 | p[1]); }
constexpr std::uint32_t load_u24(const std::uint8_t* p) { return std::uint32_t{p[0]} << 16 | std::uint32_t{p[1]} << 8 | p[2]; }
constexpr std::uint32_t load_u32(const std::uint8_t* p) { return std::uint32_t{load_u16(p)} << 16 | load_u16(p + 2); }
constexpr std::uint64_t load_u64(const std::uint8_t* p) { return std::uint64_t{load_u32(p)} << 32 | load_u32(p + 4); }
constexpr void store_u16(std::uint8_t* p, std::uint16_t v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}
constexpr void store_u24(std::uint8_t* p, std::uint32_t v) {
    p[0] = static_cast<std::uint8_t>(v >> 16);
    store_u16(p + 1, static_cast<std::uint16_t>(v));
}
constexpr void store_u32(std::uint8_t* p, std::uint32_t v) {
    store_u16(p, static_cast<std::uint16_t>(v >> 16));
    store_u16(p + 2, static_cast<std::uint16_t>(v));
}
constexpr void store_u64(std::uint8_t* p, std::uint64_t v) {
    store_u32(p, static_cast<std::uint32_t>(v >> 32));
    store_u32(p + 4, static_cast<std::uint32_t>(v));
}

class ByteReader {
public:
    explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

    bool ok() const { return ok_; }
    std::size_t position() const { return position_; }
    std::size_t remaining() const { return bytes_.size() - position_; }

    std::uint8_t u8() { return has(1) ? bytes_[position_++] : std::uint8_t{0}; }
    std::uint16_t u16() { return has(2) ? load_u16(advance(2)) : std::uint16_t{0}; }
    std::uint32_t u24() { return has(3) ? load_u24(advance(3)) : 0; }
    std::uint32_t u32() { return has(4) ? load_u32(advance(4)) : 0; }
    std::uint64_t u64() { return has(8) ? load_u64(advance(8)) : 0; }
    // Empty when fewer than `size` bytes are left.
    Bytes take(std::size_t size) { return has(size) ? Bytes{advance(size), size} : Bytes{}; }
    void skip(std::size_t size) {
        if (has(size)) position_ += size;
    }
    Bytes rest() { return take(remaining()); }

private:
    bool has(std::size_t size) {
        if (remaining() >= size) return true;
        ok_ = false;
        position_ = bytes_.size();
        return false;
    }
    const std::uint8_t* advance(std::size_t size) {
        const auto* p = bytes_.data() + position_;
        position_ += size;
        return p;
    }
    Bytes bytes_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

class ByteWriter {
public:
    explicit ByteWriter(MutableBytes bytes) : bytes_(bytes) {}

    bool ok() const { return ok_; }
    std::size_t size() const { return position_; }
    Bytes written() const { return {bytes_.data(), position_}; }

    void u8(std::uint8_t v) {
        if (auto* p = room(1)) *p = v;
    }
    void u16(std::uint16_t v) {
        if (auto* p = room(2)) store_u16(p, v);
    }
    void u24(std::uint32_t v) {
        if (auto* p = room(3)) store_u24(p, v);
    }
    void u32(std::uint32_t v) {
        if (auto* p = room(4)) store_u32(p, v);
    }
    void u64(std::uint64_t v) {
        if (auto* p = room(8)) store_u64(p, v);
    }
    void put(Bytes bytes) {
        if (auto* p = room(bytes.size()); p && !bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
    }
    void zeros(std::size_t size) {
        if (auto* p = room(size)) std::fill_n(p, size, std::uint8_t{0});
    }

private:
    std::uint8_t* room(std::size_t size) {
        if (!ok_ || bytes_.size() - position_ < size) {
            ok_ = false;
            return nullptr;
        }
        auto* p = bytes_.data() + position_;
        position_ += size;
        return p;
    }
    MutableBytes bytes_;
    std::size_t position_ = 0;
    bool ok_ = true;
};

}  // namespace earshot

// UTF-8 byte by byte, as it trickles in; what is no UTF-8 becomes U+FFFD, one for each broken piece.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace earshot::client::screen {

inline constexpr char32_t kReplacement = 0xfffd;

// Appends a Unicode scalar value; anything else is appended as U+FFFD.
inline void append_utf8(std::string& out, char32_t c) {
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) c = kReplacement;
    const auto byte = [&out](char32_t value) { out.push_back(static_cast<char>(value)); };
    if (c < 0x80) return byte(c);
    if (c < 0x800) {
        byte(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        byte(0xe0 | c >> 12);
        byte(0x80 | (c >> 6 & 0x3f));
    } else {
        byte(0xf0 | c >> 18);
        byte(0x80 | (c >> 12 & 0x3f));
        byte(0x80 | (c >> 6 & 0x3f));
    }
    byte(0x80 | (c & 0x3f));
}

class Utf8 {
public:
    // True while a character has begun and not ended.
    bool pending() const { return left_ > 0; }

    // Takes one byte. Gives a character when one is complete, U+FFFD when one broke off; `again` tells that the byte
    // belongs to what follows and must be handed in once more.
    std::optional<char32_t> take(std::uint8_t byte, bool& again) {
        again = false;
        if (left_ == 0) return begin(byte);
        if (byte < low_ || byte > high_) {
            left_ = 0;
            again = true;
            return kReplacement;
        }
        low_ = 0x80;
        high_ = 0xbf;
        value_ = value_ << 6 | (byte & 0x3fu);
        if (--left_ > 0) return std::nullopt;
        return value_;
    }

    // Forgets what has begun.
    void reset() { left_ = 0; }

private:
    // The second byte's bounds keep out overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629 §4).
    std::optional<char32_t> begin(std::uint8_t byte) {
        low_ = 0x80;
        high_ = 0xbf;
        if (byte < 0x80) return byte;
        if (byte < 0xc2 || byte > 0xf4) return kReplacement;
        if (byte < 0xe0) {
            left_ = 1;
            value_ = byte & 0x1fu;
        } else if (byte < 0xf0) {
            left_ = 2;
            value_ = byte & 0x0fu;
            if (byte == 0xe0) low_ = 0xa0;
            if (byte == 0xed) high_ = 0x9f;
        } else {
            left_ = 3;
            value_ = byte & 0x07u;
            if (byte == 0xf0) low_ = 0x90;
            if (byte == 0xf4) high_ = 0x8f;
        }
        return std::nullopt;
    }

    char32_t value_ = 0;
    int left_ = 0;
    std::uint8_t low_ = 0x80, high_ = 0xbf;
};

}  // namespace earshot::client::screen

// The parameters of a control sequence (ECMA-48 §5.4): numbers split by ';', each with parts split by ':'.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace earshot::client::screen {

struct CsiParameters {
    static constexpr std::size_t kMaxNumbers = 8;
    static constexpr std::size_t kMaxParts = 6;
    static constexpr unsigned kMaxValue = 0x1fffff;

    char prefix = 0;        // one of < = > ? when the sequence is private
    char intermediate = 0;  // the last byte of 0x20 to 0x2f
    std::size_t count = 0;  // numbers, an empty one included

    // What was left out is `missing`; more numbers or parts than there is room for are dropped.
    unsigned at(std::size_t number, std::size_t part = 0, unsigned missing = 0) const {
        if (number >= kMaxNumbers || part >= kMaxParts || !given_[number][part]) return missing;
        return values_[number][part];
    }

    static CsiParameters read(std::string_view text) {
        CsiParameters out;
        if (!text.empty() && text.front() >= '<' && text.front() <= '?') {
            out.prefix = text.front();
            text.remove_prefix(1);
        }
        std::size_t part = 0;
        if (!text.empty()) out.count = 1;
        for (const char c : text) {
            if (c == ';') {
                ++out.count;
                part = 0;
            } else if (c == ':') {
                ++part;
            } else if (c >= '0' && c <= '9') {
                out.digit(out.count - 1, part, static_cast<unsigned>(c - '0'));
            } else if (c >= ' ' && c <= '/') {
                out.intermediate = c;
            }
        }
        return out;
    }

private:
    void digit(std::size_t number, std::size_t part, unsigned value) {
        if (number >= kMaxNumbers || part >= kMaxParts) return;
        given_[number][part] = true;
        auto& sum = values_[number][part];
        sum = sum > kMaxValue ? sum : sum * 10 + value;
    }

    std::array<std::array<unsigned, kMaxParts>, kMaxNumbers> values_{};
    std::array<std::array<bool, kMaxParts>, kMaxNumbers> given_{};
};

}  // namespace earshot::client::screen

#include "wire/sdp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace earshot::wire {
namespace {

using namespace std::string_view_literals;

constexpr std::array kDirections{"sendrecv"sv, "sendonly"sv, "recvonly"sv, "inactive"sv};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view name(Direction direction) { return kDirections[static_cast<std::size_t>(direction)]; }

std::string text(const SdpError& error) { return error.line == 0 ? error.sentence : fmt::format("Line {}: {}", error.line, error.sentence); }

const RtpMap* MediaDescription::rtpmap(std::uint8_t payload_type) const {
    const auto at = std::find_if(rtpmaps.begin(), rtpmaps.end(), [&](const RtpMap& m) { return m.payload_type == payload_type; });
    return at == rtpmaps.end() ? nullptr : &*at;
}

const RtpMap* MediaDescription::encoding(std::string_view wanted, std::uint32_t clock_rate) const {
    const auto at = std::find_if(rtpmaps.begin(), rtpmaps.end(), [&](const RtpMap& m) { return m.clock_rate == clock_rate && same_word(m.encoding, wanted); });
    return at == rtpmaps.end() ? nullptr : &*at;
}

std::string_view MediaDescription::fmtp(std::uint8_t payload_type) const {
    const auto at = std::find_if(fmtps.begin(), fmtps.end(), [&](const FormatParameters& f) { return f.payload_type == payload_type; });
    return at == fmtps.end() ? std::string_view{} : at->text;
}

std::uint8_t MediaDescription::extension(std::string_view uri) const {
    const auto at = std::find_if(extensions.begin(), extensions.end(), [&](const ExtensionMap& e) { return e.uri == uri; });
    return at == extensions.end() ? std::uint8_t{0} : at->id;
}

const SdpGroup* SessionDescription::bundle() const {
    const auto at = std::find_if(groups.begin(), groups.end(), [](const SdpGroup& g) { return g.semantics == "BUNDLE"; });
    return at == groups.end() ? nullptr : &*at;
}

}  // namespace earshot::wire

#include "fronts/plain/framer.hpp"

namespace earshot::fronts::plain {
namespace {
constexpr std::uint8_t kIac = 255, kSubBegin = 250, kSubEnd = 240, kFirstOption = 251;
}

bool Framer::receive(Time now, Bytes bytes) {
    for (const auto byte : bytes) take_byte(byte);
    if (manner_ == Manner::kUnknown && buffer_.find('\n') != std::string::npos) manner_ = Manner::kLines;
    if (manner_ == Manner::kLines)
        cut_lines();
    else if (manner_ == Manner::kSegments)
        cut_segment();
    else if (!buffer_.empty() && decide_at_ == kNever)
        decide_at_ = now + kSegmentWait;
    return buffer_.size() <= kLongestText;
}

// RFC 854: IAC IAC is a 255, IAC with 251..254 takes one option byte, IAC 250 runs until IAC 240.
void Framer::take_byte(std::uint8_t byte) {
    switch (telnet_) {
        case Telnet::kText:
            if (byte == kIac)
                telnet_ = Telnet::kCommand;
            else if (byte != 0)  // CR NUL is telnet's bare carriage return
                buffer_ += static_cast<char>(byte);
            return;
        case Telnet::kCommand:
            telnet_ = byte == kSubBegin ? Telnet::kSub : byte >= kFirstOption && byte != kIac ? Telnet::kOption : Telnet::kText;
            return;
        case Telnet::kOption:
            telnet_ = Telnet::kText;
            return;
        case Telnet::kSub:
            if (byte == kIac) telnet_ = Telnet::kSubCommand;
            return;
        case Telnet::kSubCommand:
            telnet_ = byte == kSubEnd ? Telnet::kText : Telnet::kSub;
            return;
    }
}

void Framer::keep(std::string text) {
    waiting_bytes_ += text.size();
    texts_.push_back(std::move(text));
}

void Framer::cut_lines() {
    std::size_t begin = 0;
    for (auto end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n', begin)) {
        auto line = buffer_.substr(begin, end - begin);
        while (!line.empty() && line.back() == '\r') line.pop_back();
        keep(std::move(line));
        begin = end + 1;
    }
    buffer_.erase(0, begin);
}

void Framer::cut_segment() {
    while (!buffer_.empty() && (buffer_.back() == '\n' || buffer_.back() == '\r')) buffer_.pop_back();
    if (!buffer_.empty()) keep(std::exchange(buffer_, {}));
}

void Framer::tick(Time now) {
    if (manner_ != Manner::kUnknown || now < decide_at_) return;
    manner_ = Manner::kSegments;
    decide_at_ = kNever;
    cut_segment();
}

Deadline Framer::deadline() const {
    if (manner_ != Manner::kUnknown) return {};
    return {decide_at_, "line or segment client?"};
}

std::optional<std::string> Framer::next() {
    if (texts_.empty()) return std::nullopt;
    auto text = std::move(texts_.front());
    texts_.pop_front();
    waiting_bytes_ -= text.size();
    return text;
}

}  // namespace earshot::fronts::plain

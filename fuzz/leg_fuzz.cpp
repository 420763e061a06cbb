// rooms: media
// A leg beside a plain model that remembers everything: the same packets go out under the same numbers, and whatever
// comes in, no number is used twice and time never runs back for a speaker who keeps his.
#include <cstdlib>
#include <optional>
#include <set>

#include "media/leg.hpp"

namespace {

using namespace earshot;
using namespace earshot::media;

class Model {
public:
    explicit Model(std::uint64_t first) : highest_(first - 1) {}

    std::optional<std::uint64_t> rewrite(std::uint64_t in, Tenure tenure) {
        const bool jumped = stay_ && in > stay_->highest_in + 3000;
        if (!stay_ || stay_->tenure != tenure || jumped) stay_ = Stay{tenure, in, highest_ + 1, in};
        if (in < stay_->first_in) return std::nullopt;
        const std::uint64_t out = stay_->first_out + (in - stay_->first_in);
        if (used_.contains(out) || out + 64 <= highest_) return std::nullopt;
        used_.insert(out);
        highest_ = std::max(highest_, out);
        stay_->highest_in = std::max(stay_->highest_in, in);
        return out;
    }
    void pause() { stay_.reset(); }

private:
    struct Stay {
        Tenure tenure;
        std::uint64_t first_in, first_out, highest_in;
    };
    std::uint64_t highest_;
    std::optional<Stay> stay_;
    std::set<std::uint64_t> used_;
};

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint16_t first = static_cast<std::uint16_t>(1 + (load_u16(data) & 0x7ffe));
    Leg leg{first, 0};
    Model model{first};
    ByteReader reader{{data + 2, size - 2}};
    std::set<std::uint64_t> sent;
    std::uint64_t in = 1 << 16, stamp = 1 << 20;
    Tenure tenure = 1;
    Time now{1000s};
    while (reader.remaining() >= 2) {
        const std::uint8_t verb = reader.u8();
        const std::uint8_t amount = reader.u8();
        now += std::chrono::milliseconds(verb >> 4);
        switch (verb % 8) {
            case 0: tenure += 1; break;
            case 1: leg.pause(), model.pause(); break;
            case 2: in += amount * 64u; break;
            case 3: in = std::max<std::uint64_t>(in, amount + 1u) - amount; break;
            case 4: in = reader.u32(); break;
            default: in += amount % 4; stamp += 960; break;
        }
        const auto got = leg.rewrite({.sequence = in, .timestamp = stamp}, tenure, now);
        const auto wanted = model.rewrite(in, tenure);
        demand(got.has_value() == wanted.has_value());
        if (!got) continue;
        demand((std::uint64_t{got->roc} << 16 | got->sequence) == *wanted);
        demand(sent.insert(*wanted).second);
    }
    return 0;
}

// rooms: rtc
// max_len: 16384
// Any text as an answer to our offer and as an offer to us: what is accepted is whole, and what we answer is understood.
#include <algorithm>

#include "base/check.hpp"
#include "rtc/negotiation.hpp"

using namespace earshot;

namespace {

rtc::LocalDescription local() {
    rtc::LocalDescription out{.ufrag = "1+serverAB", .pwd = "passwordOfTheServer1234/", .cname = "house"};
    out.candidates = {wire::host_candidate(SocketAddress{IpAddress::v4(192, 0, 2, 9), 8444}, wire::CandidateTransport::kUdp)};
    for (std::uint32_t i = 0; i < 8; ++i) out.slot_ssrcs.push_back(1000 + i);
    return out;
}

void check_answer(const rtc::RemoteOffer& offer, const std::string& text) {
    const auto answer = wire::parse_sdp(text);
    ENSURE(answer && answer->media.size() == offer.lines.size());
    for (std::size_t i = 0; i < offer.lines.size(); ++i) {
        const auto& m = answer->media[i];
        ENSURE(m.mid == offer.lines[i].mid && m.kind == offer.description.media[i].kind);
        ENSURE(m.rejected() != offer.lines[i].usable);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto ours = local();
    const auto text = as_text({data, size});
    if (const auto answer = rtc::read_answer(ours, text)) {
        ENSURE(!answer->fingerprints.empty() && answer->ufrag.size() >= 4 && answer->pwd.size() >= 22);
        ENSURE(answer->accepted_slots.size() == ours.slot_ssrcs.size());
        ENSURE(answer->listen_only() || std::find(answer->accepted_slots.begin(), answer->accepted_slots.end(), true) != answer->accepted_slots.end() || answer->mic_mid == "0");
        ENSURE(answer->mic_ssrcs.size() <= 8);
    } else {
        ENSURE(answer.error().ends_with('.'));
    }
    if (const auto offer = rtc::read_offer(text)) {
        check_answer(*offer, rtc::make_answer(*offer, {.ufrag = "abcd", .pwd = "passwordOfTheBrowser+++1", .mic_ssrc = 77, .cname = "me"}));
        check_answer(*offer, rtc::make_answer_to_browser_offer(*offer, ours));
    }
    return 0;
}

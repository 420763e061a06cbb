// rooms: engine
// Texts and voices come and go in any order from a few addresses: everybody has at most one partner, of his own place, and the
// two agree; whoever leaves names the one who is left; nothing stays when all have gone.
#include <cstdlib>

#include "engine/limits.hpp"
#include "engine/pairing_desk.hpp"

using namespace earshot;
using namespace earshot::engine;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

struct Model {
    PairingDesk desk;
    std::map<ConnectionId, PairingDesk::Place> texts;
    std::map<VoiceId, PairingDesk::Place> voices;
    Time now{1h};

    void check() const {
        for (const auto& [id, place] : texts)
            if (const auto voice = desk.voice_of(id)) demand(desk.text_of(voice) == id && voices.at(voice) == place);
        for (const auto& [id, place] : voices)
            if (const auto text = desk.text_of(id)) demand(desk.voice_of(text) == id && texts.at(text) == place);
        demand(desk.texts() == texts.size() && desk.voices() == voices.size());
        demand(desk.deadline().at == kNever || desk.deadline().at <= now + limits::kPairingGrace);
    }
};

PairingDesk::Place place(std::uint8_t byte) { return {IpAddress::v4(10, 0, 0, byte & 3), static_cast<std::uint8_t>(byte >> 2 & 1)}; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Model model;
    ByteReader reader{{data, size}};
    while (reader.remaining() >= 2) {
        const auto verb = reader.u8(), which = reader.u8();
        const ConnectionId text{1u + (which & 31u)};
        const VoiceId voice{1u + (which & 31u)};
        switch (verb % 5) {
            case 0:
                if (model.texts.contains(text)) break;
                model.texts[text] = place(verb >> 4);
                if (const auto partner = model.desk.text_opened(model.now, text, place(verb >> 4))) demand(model.desk.text_of(partner) == text);
                break;
            case 1:
                if (model.voices.contains(voice)) break;
                model.voices[voice] = place(verb >> 4);
                if (const auto partner = model.desk.voice_opened(model.now, voice, place(verb >> 4))) demand(model.desk.voice_of(partner) == voice);
                break;
            case 2: {
                const auto expected = model.desk.voice_of(text);
                demand(model.desk.text_closed(text) == expected);
                model.texts.erase(text);
                model.voices.erase(expected);
                break;
            }
            case 3: {
                const auto expected = model.desk.text_of(voice);
                demand(model.desk.voice_closed(voice) == expected);
                model.voices.erase(voice);
                model.texts.erase(expected);
                break;
            }
            case 4:
                model.now += std::chrono::milliseconds(which) * 8;
                for (const auto alone : model.desk.due(model.now)) demand(!model.desk.text_of(alone) && model.voices.contains(alone));
                demand(model.desk.due(model.now).empty());
                demand(model.desk.deadline().at > model.now);
        }
        model.check();
    }
    return 0;
}

// What the house asks of the world around it; the shell carries it out with sockets, sound and files.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "client/action.hpp"
#include "client/happening.hpp"

namespace earshot::client {

namespace effect {

struct Open {};  // the WebSocket; answered by opened() or closed()
struct Drop {};  // close it; closed() is not expected then
struct Send {
    std::string text;
};  // one frame
// A call's offer. `fresh`: a new transport; otherwise new ICE names for the one that stands. Answered by answered() or call_failed().
struct TakeOffer {
    std::uint64_t call = 0;
    std::string sdp;
    bool listen_only = false, fresh = true;
};
struct HangUp {};
struct VoiceChanged {};  // muted, deafened, mode, volumes: see the model
struct RememberVolume {
    std::string name;
    int percent = 100;
};
struct Remember {
    std::string key, value;
};  // of the settings file
struct Pass {
    Action action;
};  // an action that is the shell's to carry out
struct Finish {
    int exit_code = 0;
};

}  // namespace effect

using Effect = std::variant<effect::Open, effect::Drop, effect::Send, effect::TakeOffer, effect::HangUp, effect::VoiceChanged, effect::RememberVolume,
                            effect::Remember, effect::Pass, effect::Finish>;

// What one turn of the house brought about.
struct Outbox {
    std::vector<Effect> effects;
    std::vector<Happening> happenings;

    template <typename E>
    void ask(E effect) {
        effects.emplace_back(std::move(effect));
    }
    template <typename H>
    void tell(H happening) {
        happenings.emplace_back(std::move(happening));
    }
};

}  // namespace earshot::client

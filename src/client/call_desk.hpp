// The call as one takes part in it: joining, muting, and getting the voice back after a loss. It hands offers to the phone and the
// phone's answers to the server; what is heard and said is the phone's and the voice's.
#pragma once
#include <string>

#include "base/deadline.hpp"
#include "client/requests.hpp"

namespace earshot::client {

class CallDesk {
public:
    static constexpr Duration kConnectWithin = 8s;  // from the answer to the first packet of ICE and DTLS
    static constexpr Duration kLongestWait = 15s;
    static constexpr int kMostTries = 12;

    CallDesk(Model& model, Requests& requests) : model_(model), requests_(requests) {}

    // What one wants.
    void join(Now now, const std::string& room, bool listen_only, Outbox& out);
    void hang_up(Outbox& out);
    void mute(Switch to, Outbox& out);
    void deafen(Switch to, Outbox& out);
    void talk(Switch to, Outbox& out);
    void hands_free(Outbox& out);
    // The voice has noticed silence for long enough.
    void hands_free_ended(Outbox& out);

    // What the server says.
    void offered(Now now, const wire::web::server::CallOffer& offer, bool asked, Outbox& out);
    void refused(Now now, const std::string& sentence, bool for_good, Outbox& out);
    void ended(Now now, const wire::web::server::CallEnded& ended, Outbox& out);
    // One is (again) in the room; `still_in`: the house kept the call.
    void room_joined(Now now, const std::string& room, bool still_in, Outbox& out);
    void connection_lost(Outbox& out);
    void room_left(const std::string& room, Outbox& out);

    // What the phone says.
    void answered(Now now, std::uint64_t call, std::string sdp, Outbox& out);
    void failed(Now now, std::uint64_t call, const std::string& sentence, Outbox& out);
    void media_connected(Route route, Outbox& out);
    void media_lost(Now now, Outbox& out);

    void tick(Now now, Outbox& out);
    Deadline deadline() const { return {due_, "call"}; }
    bool active() const { return model_.call.state != CallState::kNone; }

private:
    void ask(Now now, Outbox& out);
    void trouble(Now now, Outbox& out);
    void set(CallState state, std::string text, Outbox& out);
    void over(std::string text, Outbox& out);
    void tell_voice(Outbox& out);

    Model& model_;
    Requests& requests_;
    std::uint64_t call_ = 0;
    bool listen_only_ = false;
    bool media_up_ = false;
    bool restart_tried_ = false;
    bool ask_again_ = false;  // when due
    int tries_ = 0;
    bool muted_before_deafen_ = false, muted_before_hands_free_ = false;
    Time due_ = kNever;
};

}  // namespace earshot::client

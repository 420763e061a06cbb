// The text side of the house, on one thread: connections and their sessions, the Hub, history, calls.
// Driven from outside by port::ControlMachine; see docs/ARCHITECTURE.md, "The two currents".
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "base/counters.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "core/hub.hpp"
#include "engine/call_desk.hpp"
#include "engine/history_desk.hpp"
#include "engine/operator_door.hpp"
#include "engine/pairing_desk.hpp"
#include "engine/session_book.hpp"
#include "engine/settings.hpp"
#include "engine/talk_desk.hpp"
#include "fronts/front.hpp"
#include "port/control.hpp"
#include "store/journal.hpp"

namespace earshot::engine {

// What Control needs of the world; all of it outlives Control. Without mailboxes there is no voice, and no talk.
struct ControlParts {
    Random& random;
    Counters& counters;
    Log& log;
    OrderBox* orders = nullptr;
    NewsBox* news = nullptr;
    TalkOrderBox* talks = nullptr;
    // Without both there are no bare members.
    BridgeOrderBox* bridge = nullptr;
    BridgeNewsBox* voices = nullptr;
};

class Control final : public port::ControlMachine {
public:
    Control(Settings settings, ControlParts parts);
    ~Control() override;

    // What the disk knew, before anybody connects.
    void restore(const port::Loaded& loaded);

    void opened(Now now, ConnectionId id, const port::Opened& opened, port::ControlOutbox& out) override;
    void received(Now now, ConnectionId id, Bytes bytes, port::ControlOutbox& out) override;
    void wrote(Now now, ConnectionId id, std::size_t size, port::ControlOutbox& out) override;
    void closed(Now now, ConnectionId id, port::ControlOutbox& out) override;
    void stored(Now now, port::StoreReply reply, port::ControlOutbox& out) override;
    void drain(Now now, port::ControlOutbox& out) override;
    void tick(Now now, port::ControlOutbox& out) override;
    Deadline deadline() const override;
    void shutdown(Now now, port::ControlOutbox& out) override;

    const core::Hub& hub() const { return hub_; }
    // Bytes that wait for one reader: for tests and the simulator.
    std::size_t waiting_bytes(ConnectionId id) const;

private:
    struct Connection {
        port::Door door = port::Door::kPlain;
        std::unique_ptr<fronts::Session> session;
        MemberId member;
        IpAddress ip;
        std::uint8_t pair = 0;
        std::size_t waiting = 0;  // bytes sent and not yet written
        bool slow = false;        // was told so; nothing more is sent
        bool closing = false;
        Time alarm = kNever;
    };
    struct Todo {
        ConnectionId connection;
        fronts::Request request;
    };
    template <typename Work>
    void with_session(Now now, ConnectionId id, port::ControlOutbox& out, Work&& work);
    void finish_turn(Now now, port::ControlOutbox& out);
    void gather(Now now, ConnectionId id, fronts::SessionOutbox& asked, port::ControlOutbox& out);
    void carry_out(Now now, Todo todo, port::ControlOutbox& out);
    void send(Now now, ConnectionId id, SharedText text, port::ControlOutbox& out);
    void close(Now now, ConnectionId id, const fronts::CloseSession& close, port::ControlOutbox& out);
    void say_goodbye(Now now, ConnectionId id, fronts::Goodbye why, std::string_view text, port::ControlOutbox& out);

    void enter(Now now, ConnectionId id, const fronts::Enter& enter, port::ControlOutbox& out);
    void make_way(Now now, Resident& ghost, port::ControlOutbox& out);
    void come_back(Now now, ConnectionId id, const fronts::Enter& enter, Resident& resident, port::ControlOutbox& out);
    void admit(Now now, ConnectionId id, const fronts::Enter& enter, Resident& resident, bool resumed, port::ControlOutbox& out);
    void act(Now now, MemberId member, fronts::Ticket ticket, const core::Command& command, port::ControlOutbox& out);
    void ask_history(Now now, ConnectionId id, const fronts::AskHistory& question, port::ControlOutbox& out);
    void answer_call(Now now, ConnectionId id, const fronts::AnswerCall& answer, port::ControlOutbox& out);
    void restart_call(Now now, ConnectionId id, const fronts::RestartCall& restart, port::ControlOutbox& out);
    void see_video(Now now, ConnectionId id, const fronts::SeeVideo& see, port::ControlOutbox& out);
    void tell_offer(Now now, const CallDesk::Offer& offer, port::ControlOutbox& out);
    void ask_talk(Now now, ConnectionId id, const fronts::AskTalk& ask, port::ControlOutbox& out);
    void answer_talk(Now now, ConnectionId id, const fronts::AnswerTalk& answer, port::ControlOutbox& out);
    void prove_operator(Now now, ConnectionId id, const fronts::ProveOperator& proof, port::ControlOutbox& out);
    void tell_of_talk(Now now, const TalkDesk::News& news, port::ControlOutbox& out);

    void route(Now now, core::Effects effects, port::ControlOutbox& out);
    void follow_moderation(const core::Delivery& delivery);
    bool serve_call(Now now, const core::Delivery& delivery, core::Effects& later, port::ControlOutbox& out);
    void deliver(Now now, const core::Delivery& delivery, port::ControlOutbox& out);
    void tell(Now now, ConnectionId id, const fronts::Notice& notice, port::ControlOutbox& out);
    void tell_everyone(Now now, const core::Event& event, port::ControlOutbox& out);
    void lose_connection(Now now, ConnectionId id, bool may_return, port::ControlOutbox& out);
    void forget(Now now, MemberId member, port::ControlOutbox& out);
    void next_step(Now now, const SessionBook::Due& due, port::ControlOutbox& out);
    void hear(Now now, const ShardNews& news, port::ControlOutbox& out);

    // Voice sockets (control_voice.cpp).
    void hear(Now now, const BridgeNews& news, port::ControlOutbox& out);
    void pair_up(Now now, ConnectionId text, VoiceId voice, port::ControlOutbox& out);
    void bring_into_call(MemberId member);
    void enter_alone(Now now, VoiceId voice, port::ControlOutbox& out);
    void part(MemberId member);
    void part(ConnectionId text);
    void lose_partner(Now now, ConnectionId text, VoiceEnd why, port::ControlOutbox& out);
    VoiceId voice_of(MemberId member) const;
    void close_voice(VoiceId voice);
    void give_up_voice(Now now, MemberId member, port::ControlOutbox& out);

    void refresh_room_list(Now now, port::ControlOutbox& out);
    void set_alarm(ConnectionId id);
    void count();

    Settings settings_;
    ControlParts parts_;
    core::Hub hub_;
    store::Journal journal_;
    HistoryDesk history_;
    CallDesk calls_;
    TalkDesk talks_;
    OperatorDoor operator_door_;
    SessionBook book_;
    PairingDesk pairing_;
    struct Alone {  // a voice socket without a partner, and the member it became
        VoiceOpened came;
        MemberId member;
    };
    std::map<VoiceId, Alone> voices_;                       // every voice socket
    std::map<MemberId, VoiceId> lone_;                      // members who are a voice socket and nothing else
    std::deque<std::pair<MemberId, std::string>> callers_;  // who is to join the call of which room, in this turn
    std::map<port::Door, std::unique_ptr<fronts::Front>> fronts_;
    std::unordered_map<ConnectionId, Connection> connections_;
    std::set<std::pair<Time, ConnectionId>> alarms_;
    std::deque<Todo> todo_;
    std::set<RoomId> touched_;
    Time room_list_due_ = kNever;
    Time room_list_told_{};
    bool shutting_down_ = false;
};

}  // namespace earshot::engine

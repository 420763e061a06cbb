// The house as one member lives in it: what he asks for goes to the server, what the server says goes into the model. Ties the line,
// the rooms, the messages on their way and the call together; none of these knows the others.
#pragma once
#include <map>
#include <string>

#include "client/call_desk.hpp"
#include "client/connection.hpp"
#include "client/requests.hpp"
#include "client/room_book.hpp"
#include "client/sayings.hpp"

namespace earshot::client {

struct HouseSettings {
    std::string name{};
    std::string agent{};
    std::string room = "#lobby";
    std::string host{};  // as shown
    bool secure = false;
    bool join_call = true;                 // take part in the room's call from the start
    bool listen_only = false;              // there is no microphone
    bool tell_history = false;             // ask for what was said before one came
    std::string operator_key{};            // shown to the house on each connection; empty: none
    std::map<std::string, int> volumes{};  // percent, by name as the settings file keeps it
};

class House {
public:
    static constexpr Duration kTypingEvery = 3s;

    House(HouseSettings settings, Random& random);

    // --- what happens outside
    void start(Now now, Outbox& out);
    void opened(Now now, Outbox& out);
    void closed(Now now, std::string why, Outbox& out);
    void refused(Now now, std::string why, int exit_code, Outbox& out);  // no use in trying again
    void received(Now now, std::string_view frame, Outbox& out);
    void tick(Now now, Outbox& out);
    Deadline deadline() const;

    // --- what one asks for
    void act(Now now, const Action& action, Outbox& out);
    // Nothing more will be typed: leave once all is said.
    void finish_when_said(Now now, Outbox& out);
    bool can_say() const { return !sayings_.full(); }

    // A sentence for this member alone, from the shell.
    void notice(Now now, std::string text, Outbox& out) { told(now, std::move(text), out); }
    void complain(Now now, std::string text, std::string code, Outbox& out) { wrong(now, std::move(text), std::move(code), out); }

    // --- the phone and the voice
    CallDesk& call() { return call_; }
    void set_listen_only(bool on) { settings_.listen_only = on; }
    // There is nothing to hear with: no call by itself.
    void stay_out() { call_wanted_ = false; }

    Model& model() { return model_; }
    const Model& model() const { return model_; }

private:
    // One overload an action; see house_actions.cpp.
    void on(Now now, const action::Enter& a, Outbox& out);
    void on(Now now, const action::Typing& a, Outbox& out);
    void on(Now now, const action::Say& a, Outbox& out);
    void on(Now now, const action::Direct& a, Outbox& out);
    void on(Now now, const action::Nick& a, Outbox& out);
    void on(Now now, const action::Topic& a, Outbox& out);
    void on(Now now, const action::Kick& a, Outbox& out);
    void on(Now now, const action::MutePerson& a, Outbox& out);
    void on(Now now, const action::Join& a, Outbox& out);
    void on(Now now, const action::Leave& a, Outbox& out);
    void on(Now now, const action::Show& a, Outbox& out);
    void on(Now now, const action::ShowNumber& a, Outbox& out);
    void on(Now now, const action::ShowNext& a, Outbox& out);
    void on(Now now, const action::NextUnread& a, Outbox& out);
    void on(Now now, const action::FetchHistory& a, Outbox& out);
    void on(Now now, const action::MarkRead& a, Outbox& out);
    void on(Now now, const action::Clear& a, Outbox& out);
    void on(Now now, const action::Call& a, Outbox& out);
    void on(Now now, const action::HangUp& a, Outbox& out);
    void on(Now now, const action::Mute& a, Outbox& out);
    void on(Now now, const action::Deafen& a, Outbox& out);
    void on(Now now, const action::Talk& a, Outbox& out);
    void on(Now now, const action::HandsFree& a, Outbox& out);
    void on(Now now, const action::Mode& a, Outbox& out);
    void on(Now now, const action::Volume& a, Outbox& out);
    void on(Now now, const action::VolumeStep& a, Outbox& out);
    void on(Now now, const action::Gate& a, Outbox& out);
    void on(Now now, const action::Help& a, Outbox& out);
    void on(Now now, const action::Who& a, Outbox& out);
    void on(Now now, const action::Status& a, Outbox& out);
    void on(Now now, const action::Later& a, Outbox& out);
    void on(Now now, const action::Reconnect& a, Outbox& out);
    void on(Now now, const action::Quit& a, Outbox& out);
    template <typename A>
    void on(Now, const A& a, Outbox& out) {
        out.ask(effect::Pass{a});
    }  // the shell's

    void message(Now now, const wire::web::server::Message& message, Outbox& out);
    void welcomed(Now now, const wire::web::server::Welcome& welcome, Outbox& out);
    void joined(Now now, const wire::web::server::Joined& joined, Outbox& out);
    void accepted(const wire::web::server::Accepted& accepted, Outbox& out);
    void answered(Now now, const wire::web::server::Refused& refused, Outbox& out);
    void saying_done(std::int64_t request, Outbox& out);
    void say_refused(Now now, const wire::web::server::Refused& refused, Outbox& out);
    void left(const std::string& room, Outbox& out);
    void removed(Now now, const wire::web::server::Removed& removed, Outbox& out);
    void muted_by(Now now, const wire::web::server::MutedBy& muted, Outbox& out);
    // Who of the room that is shown is named first, and what stands behind the name; told when there is nobody.
    struct Named {
        std::uint64_t member = 0;
        std::string rest;
    };
    std::optional<Named> named_first(Now now, const std::string& words, Outbox& out);
    void told(Now now, std::string text, Outbox& out);
    void wrong(Now now, std::string text, std::string code, Outbox& out);
    void set_volume(Person person, int percent, Outbox& out);
    void apply_volumes(Room& room);
    std::string needed_room(Now now, Outbox& out);
    void after_connection(Now now, Connection::State before, Outbox& out);
    void flush(Now now, Outbox& out);

    HouseSettings settings_;
    Model model_;
    Connection connection_;
    Requests requests_;
    RoomBook book_;
    Sayings sayings_;
    CallDesk call_;
    std::map<std::string, bool> rooms_wanted_;  // joined anew when the house has forgotten us
    bool call_wanted_;
    bool finishing_ = false, finished_ = false;
    Time typed_at_{};
    std::string typed_in_;
};

}  // namespace earshot::client

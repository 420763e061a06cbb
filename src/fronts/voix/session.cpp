#include "fronts/voix/session.hpp"

#include <algorithm>

#include "base/overloaded.hpp"
#include "core/text.hpp"

namespace earshot::fronts::voix {
namespace {

using wire::write_voix_line;

constexpr int kPingsInPatience = 3;

// What every Voix client in the room is told of an event; empty: nothing.
std::string line_for(const core::Event& event) {
    return std::visit(overloaded{
                          [](const core::PersonJoined& e) { return write_voix_line("USERJOIN", {e.room_name}, wire::voix_word(e.person.name)); },
                          [](const core::PersonLeft& e) { return write_voix_line("USERLEAVE", {e.room_name}, wire::voix_word(e.name)); },
                          [](const core::MessageShown& e) {
                              return write_voix_line("MSG", {e.message.sender_name, e.room_name}, e.message.text);
                          },
                          [](const core::DirectShown& e) {
                              return write_voix_line("MSG", {e.from_name, e.to_name}, e.text);
                          },
                          [](const core::PersonChanged& e) {
                              if (e.old_name.empty()) return std::string{};
                              return write_voix_line("USERLEAVE", {e.room_name}, wire::voix_word(e.old_name)) +
                                     write_voix_line("USERJOIN", {e.room_name}, wire::voix_word(e.person.name));
                          },
                          [](const auto&) { return std::string{}; },
                      },
                      event);
}

// He knows what he said himself.
bool is_own(const core::Event& event, MemberId member) {
    if (const auto* shown = std::get_if<core::MessageShown>(&event)) return shown->message.sender == member;
    if (const auto* direct = std::get_if<core::DirectShown>(&event)) return direct->from == member;
    return false;
}

// The word of a text that has only one, quoted or bare; empty otherwise.
std::string only_word(std::string_view text) {
    auto words = wire::voix_words(text);
    return words && words->size() == 1 ? std::move(words->front()) : std::string{};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

void VoixSession::refuse(std::string_view why, SessionOutbox& out) const { out.send(write_voix_line("NOTACCEPTED", {}, why)); }

void VoixSession::end(std::string_view why, SessionOutbox& out) {
    stage_ = Stage::kOver;
    out.close(1000, std::string(why));
}

void VoixSession::opened(Now now, SessionOutbox&) { drop_at_ = now.at + settings_.connect_wait; }

void VoixSession::receive(Now now, Bytes bytes, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    buffer_ += as_text(bytes);
    std::size_t begin = 0;
    for (auto line_end = buffer_.find('\n'); line_end != std::string::npos; line_end = buffer_.find('\n', begin)) {
        lines_.push_back(buffer_.substr(begin, line_end - begin));
        waiting_ += lines_.back().size() + 1;
        begin = line_end + 1;
    }
    buffer_.erase(0, begin);
    work(now, out);
    if (stage_ == Stage::kOver || (buffer_.size() <= kLongestLine && waiting_ <= kMostWaiting)) return;
    out.ask(CountMalformed{});
    goodbye(now, Goodbye::kProtocolError, "That was too long for one line.", out);
}

// Lines wait while one is being let in, here or into a channel: nothing is lost, nothing overtakes, and a message may name somebody
// of the channel that the line before it joined.
void VoixSession::work(Now now, SessionOutbox& out) {
    while (!lines_.empty() && !joining_ && (stage_ == Stage::kGreeting || stage_ == Stage::kIn)) {
        const auto line = core::repair_utf8(std::exchange(lines_.front(), {}));
        lines_.pop_front();
        waiting_ -= std::min(waiting_, line.size() + 1);
        take_line(now, line, out);
    }
    if (lines_.empty()) waiting_ = 0;
}

void VoixSession::take_line(Now now, std::string_view text, SessionOutbox& out) {
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) return;
    const auto line = wire::read_voix_line(text);
    if (!line) {
        out.ask(CountMalformed{});
        refuse(line.error(), out);
    } else if (line->command == "DISCONNECT") {
        if (member_) out.ask(Act{0, core::Quit{}});
        return end("quit", out);
    } else if (stage_ == Stage::kIn) {
        return command(now, *line, out);
    } else if (line->command == "CONNECT") {
        greet(*line, out);
    } else {
        refuse("CONNECT comes first: CONNECT: \"nickname\" \"real name\" 1.0.0", out);
    }
    if (stage_ == Stage::kGreeting && ++mistakes_ >= kMostMistakes) end("too many mistakes", out);
}

void VoixSession::greet(const wire::VoixLine& line, SessionOutbox& out) {
    const auto words = wire::voix_words(line.text);
    if (!words || words->size() != 3 || !line.target.empty()) return refuse("That should be CONNECT: \"nickname\" \"real name\" 1.0.0", out);
    stage_ = Stage::kEntering;
    out.ask(Enter{0, words->front(), core::ClientKind::kVoix, {}});
}

void VoixSession::command(Now now, const wire::VoixLine& line, SessionOutbox& out) {
    if (line.command == "JOIN") {
        const auto words = wire::voix_words(line.text);
        if (!words || words->size() != 1) return refuse("That should be JOIN: #channel", out);
        return join(words->front(), out);
    }
    if (line.command == "MSG") return message(line, out);
    if (line.command == "TALK") return talk(now, line, out);
    if (line.command == "PONG") return pong(now, line);
    if (line.command == "CONNECT") return refuse("You are connected already.", out);
    refuse("There is no such command; known are JOIN, MSG, TALK, PONG and DISCONNECT.", out);
}

void VoixSession::join(const std::string& room, SessionOutbox& out) {
    joining_ = true;
    out.ask(Act{kJoinRoom, core::Join{room}});
}

void VoixSession::message(const wire::VoixLine& line, SessionOutbox& out) {
    if (line.target.size() != 1) return refuse("That should be MSG target: text", out);
    const auto& target = line.target.front();
    const auto text = wire::voix_message(line.text);
    if (text.empty()) return;  // a blank line says nothing
    if (target.starts_with('#')) return out.ask(Act{kSay, core::Say{target, text, {}}});
    const auto to = member_called(target);
    if (!to) return refuse("Nobody called " + target + " is in your channels.", out);
    out.ask(Act{kSay, core::Direct{*to, text, {}}});
}

void VoixSession::talk(Now now, const wire::VoixLine& line, SessionOutbox& out) {
    if (line.target.size() != 1) return refuse("That should be TALK nickname: REQUEST, or TALK key: ACCEPT or DENY", out);
    const auto& target = line.target.front();
    const auto what = only_word(line.text);
    if (what == "ACCEPT" || what == "DENY") return out.ask(AnswerTalk{kTalk, target, what == "ACCEPT"});
    if (what != "REQUEST") return refuse("A TALK is a REQUEST, or an ACCEPT or DENY of one.", out);
    if (!calls_.take(now.at)) return refuse("That is calling too often; wait a few seconds.", out);
    if (target.starts_with('#')) {
        // To ask for the talk again is to unmute: the protocol has no other word for it.
        if (std::exchange(muted_, false)) out.ask(Act{0, core::SetVoice{.muted = false, .deafened = false, .knowing = true}});
        return out.ask(AskTalk{kTalk, {}, target});
    }
    const auto to = member_called(target);
    if (!to) return refuse("Nobody called " + target + " is in your channels.", out);
    out.ask(AskTalk{kTalk, *to, {}});
}

void VoixSession::pong(Now now, const wire::VoixLine& line) {
    if (ping_ > 0 && only_word(line.text) == std::to_string(ping_)) drop_at_ = now.at + settings_.patience;
}

std::optional<MemberId> VoixSession::member_called(std::string_view name) const {
    for (const auto& [room, people] : people_)
        for (const auto& [member, called] : people)
            if (same_name(called, name)) return member;
    return std::nullopt;
}

void VoixSession::tick(Now now, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    if (now.at >= drop_at_) return goodbye(now, Goodbye::kIdle, stage_ == Stage::kIn ? "No PONG came." : "No CONNECT came.", out);
    if (now.at < ping_at_) return;
    ping_at_ = now.at + settings_.patience / kPingsInPatience;
    out.send(write_voix_line("PING", {}, std::to_string(++ping_)));
}

Deadline VoixSession::deadline() const {
    Deadline due{drop_at_, stage_ == Stage::kIn ? "a PONG" : "a CONNECT"};
    due.sooner({ping_at_, "to PING"});
    return stage_ == Stage::kOver ? Deadline{} : due;
}

void VoixSession::show_room(const core::Joined& joined, SessionOutbox& out) {
    auto& people = people_[joined.room_name];
    people.clear();
    std::string names;
    for (const auto& person : joined.people) {
        people[person.member] = person.name;
        names += (names.empty() ? "" : ", ") + wire::voix_word(person.name);
    }
    out.send(write_voix_line("JOINED", {}, joined.room_name));
    out.send(write_voix_line("USERLIST", {joined.room_name}, names));
}

void VoixSession::follow(const core::Event& event) {
    std::visit(overloaded{
                   [&](const core::PersonJoined& e) { people_[e.room_name][e.person.member] = e.person.name; },
                   [&](const core::PersonLeft& e) { people_[e.room_name].erase(e.member); },
                   [&](const core::PersonChanged& e) { people_[e.room_name][e.person.member] = e.person.name; },
                   [&](const core::Left& e) { people_.erase(e.room_name); },
                   [&](const core::Removed& e) { people_.erase(e.room_name); },
                   [](const auto&) {},
               },
               event);
}

// A request was answered; when it was a JOIN, the lines behind it go on.
void VoixSession::went_on(Now now, Ticket ticket, SessionOutbox& out) {
    if (ticket != kJoinRoom) return;
    joining_ = false;
    work(now, out);
}

void VoixSession::deliver(Now now, const EventDelivery& delivery, SessionOutbox& out) {
    if (stage_ != Stage::kIn) return;
    if (const auto* refused = std::get_if<core::Refused>(&delivery.event)) {
        if (delivery.ticket != 0) refuse(refused->refusal.text, out);
        return went_on(now, delivery.ticket, out);
    }
    if (const auto* joined = std::get_if<core::Joined>(&delivery.event)) {
        show_room(*joined, out);
        return went_on(now, delivery.ticket, out);
    }
    follow(delivery.event);
    if (const auto* removed = std::get_if<core::Removed>(&delivery.event)) {
        refuse("You have been removed.", out);
        out.send(write_voix_line("USERLEAVE", {removed->room_name}, wire::voix_word(name_)));
        return;
    }
    if (const auto* muted = std::get_if<core::MutedBy>(&delivery.event)) {
        muted_ = true;
        return refuse("Muted by " + muted->by_name + ". Send TALK " + muted->room_name + ": REQUEST when you are ready.", out);
    }
    if (is_own(delivery.event, member_)) return;
    const auto& line = delivery.fanout.once(Form::kVoixLine, [&] { return line_for(delivery.event); });
    if (!line->empty()) out.send(line);
}

void VoixSession::notice(Now now, const Notice& notice, SessionOutbox& out) {
    std::visit(overloaded{
                   [&](const Entered& n) {
                       member_ = n.member;
                       name_ = n.name;
                       stage_ = Stage::kIn;
                       drop_at_ = now.at + settings_.patience;
                       ping_at_ = now.at + settings_.patience / kPingsInPatience;
                       out.send(write_voix_line("ACCEPT", {}, settings_.host));
                       join(settings_.room, out);
                   },
                   [&](const EnterRefused& n) {
                       stage_ = Stage::kGreeting;
                       const auto hint = n.refusal.suggestion.empty() ? std::string{} : " " + n.refusal.suggestion + " is free.";
                       const bool taken = n.refusal.code == core::RefusalCode::kNameTaken;
                       out.send(write_voix_line(taken ? "NICKNAMEINUSE" : "NOTACCEPTED", {}, n.refusal.text + hint));
                       if (++mistakes_ >= kMostMistakes) return end("too many mistakes", out);
                       work(now, out);
                   },
                   [&](const TalkAsked& n) {
                       out.send(write_voix_line("TALK", {n.peer, n.key}, "REQUEST"));
                   },
                   [&](const TalkSettled& n) { out.send(write_voix_line("TALK", {n.key}, n.accepted ? "ACCEPTED" : "DENIED")); },
                   [&](const TalkRefused& n) { out.send(write_voix_line("SESSIONERROR", {}, n.text)); },
                   [](const auto&) {},
               },
               notice);
}

void VoixSession::goodbye(Now, Goodbye why, std::string_view text, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    if (why != Goodbye::kSlowReader) refuse(text, out);
    end("closing", out);
}

}  // namespace earshot::fronts::voix

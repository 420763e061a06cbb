#include "fronts/plain/session.hpp"

#include "base/overloaded.hpp"
#include "core/text.hpp"

namespace earshot::fronts::plain {
namespace {

constexpr std::string_view kUnmute = "[unmute]", kMute = "[mute]";

// One message stays one line, so that nobody can write a line that seems to come from somebody else.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (c == '\n')
            line += " / ";
        else
            line += c == '\t' ? ' ' : c;
    }
    return line;
}

std::string removed(const core::PersonLeft& e) { return e.name + " was removed by " + e.removed_by + (e.because.empty() ? "." : ": " + e.because); }

// What a bare socket is told of an event; empty: nothing.
std::string words_for(const core::Event& event, const Phrases& phrases) {
    return std::visit(
        overloaded{
            [&](const core::PersonJoined& e) { return phrases.entered(e.person.name); },
            [&](const core::PersonLeft& e) { return e.removed_by.empty() ? phrases.left(e.name) : removed(e); },
            [&](const core::MessageShown& e) { return phrases.said(e.message.sender_name, on_one_line(e.message.text)); },
            [](const core::PersonChanged& e) { return e.old_name.empty() ? std::string{} : e.old_name + " is now known as " + e.person.name + "."; },
            [](const core::TopicChanged& e) { return e.name + (e.topic.empty() ? " cleared the topic." : " set the topic: " + e.topic); },
            [](const core::KeeperChanged& e) { return e.name.empty() ? std::string{} : e.name + " keeps this room now."; },
            [](const core::MutedBy& e) { return "Muted by " + e.by_name + ". Type " + std::string(kUnmute) + " when you are ready."; },
            [](const core::DirectShown& e) { return "(to " + e.to_name + " alone) " + e.from_name + ": " + on_one_line(e.text); },
            [](const auto&) { return std::string{}; },
        },
        event);
}

std::string_view without_spaces(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

std::string PlainSession::ended(std::string line) const {
    if (framer_.manner() == Framer::Manner::kLines) line += '\n';
    return line;
}

void PlainSession::say(std::string line, SessionOutbox& out) const { out.send(ended(std::move(line))); }

void PlainSession::opened(Now now, SessionOutbox& out) {
    name_by_ = now.at + settings_.name_wait;
    out.send(std::string(settings_.phrases.prompt()));
}

void PlainSession::receive(Now now, Bytes bytes, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    const bool sane = framer_.receive(now.at, bytes);
    work(out);
    if (stage_ == Stage::kOver) return;
    if (sane && !framer_.crowded()) return;
    out.ask(CountMalformed{});
    goodbye(now, Goodbye::kProtocolError, sane ? "That was too much before you were in." : "That was too long for one line.", out);
}

void PlainSession::tick(Now now, SessionOutbox& out) {
    framer_.tick(now.at);
    work(out);
    if (stage_ == Stage::kNaming && now.at >= name_by_) goodbye(now, Goodbye::kIdle, "No name came; please connect again.", out);
}

Deadline PlainSession::deadline() const {
    auto due = framer_.deadline();
    if (stage_ == Stage::kNaming) due.sooner({name_by_, "a name"});
    return due;
}

// Texts wait while a name or a room is being asked for, so nothing is lost and nothing overtakes.
void PlainSession::work(SessionOutbox& out) {
    while (stage_ == Stage::kNaming || stage_ == Stage::kTalking) {
        const auto text = framer_.next();
        if (!text) return;
        const auto clean = core::repair_utf8(*text);
        if (stage_ == Stage::kNaming)
            take_name(without_spaces(clean), out);
        else
            take_text(clean, out);
    }
}

void PlainSession::take_name(std::string_view text, SessionOutbox& out) {
    if (text == "{quit}" || (settings_.bare_quit && text == "quit")) {
        say("{quit}", out);
        out.close(1000, "quit");
        stage_ = Stage::kOver;
        return;
    }
    if (text.empty()) {
        out.send(std::string(settings_.phrases.prompt()));
        return;
    }
    stage_ = Stage::kEntering;
    out.ask(Enter{0, std::string(text), core::ClientKind::kSocket, {}});
}

void PlainSession::take_text(std::string_view text, SessionOutbox& out) {
    const auto bare = without_spaces(text);
    if (bare.empty()) return;
    if (bare == "{quit}" || (settings_.bare_quit && bare == "quit")) {
        say("{quit}", out);
        out.ask(Act{0, core::Quit{}});
        out.close(1000, "quit");
        stage_ = Stage::kOver;
        return;
    }
    if (bare == kUnmute || bare == kMute) return out.ask(Act{0, core::SetVoice{.muted = bare == kMute, .deafened = false, .knowing = true}});
    if (bare == "[audio]") return announce_talk(out);
    out.ask(Act{kSay, core::Say{settings_.room, std::string(text), {}}});
}

// "I am about to talk": who was muted is heard again; a voice socket is heard whenever it speaks.
void PlainSession::announce_talk(SessionOutbox& out) const {
    if (!voice_) return say("No voice connection belongs to you: connect one to the voice port, and you are heard.", out);
    out.ask(Act{0, core::SetVoice{.muted = false, .deafened = false, .knowing = true}});
    say("You are heard when you speak.", out);
}

void PlainSession::deliver(Now, const EventDelivery& delivery, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    if (const auto* refused = std::get_if<core::Refused>(&delivery.event)) {
        if (delivery.ticket == kSay) say("Not sent: " + refused->refusal.text, out);
        if (delivery.ticket == kJoinCall) say("You are not heard: " + refused->refusal.text, out);
        if (delivery.ticket == kJoinRoom) {
            say(refused->refusal.text, out);
            out.close(1000, "no room");
            stage_ = Stage::kOver;
        }
        return;
    }
    if (std::holds_alternative<core::Joined>(delivery.event) && stage_ == Stage::kJoining) {
        say(settings_.phrases.welcome(name_), out);
        stage_ = Stage::kTalking;
        work(out);
        return;
    }
    if (std::holds_alternative<core::Removed>(delivery.event)) {  // the room is all he has
        say("You have been removed.", out);
        out.ask(Act{0, core::Quit{}});
        out.close(1000, "removed");
        stage_ = Stage::kOver;
        return;
    }
    const auto& text = delivery.fanout.once(form(), [&] {
        auto words = words_for(delivery.event, settings_.phrases);
        return words.empty() ? words : ended(std::move(words));
    });
    if (!text->empty()) out.send(text);
}

void PlainSession::notice(Now, const Notice& notice, SessionOutbox& out) {
    if (const auto* voice = std::get_if<VoiceHere>(&notice)) {
        voice_ = voice->here;
    } else if (const auto* entered = std::get_if<Entered>(&notice)) {
        member_ = entered->member;
        name_ = entered->name;
        stage_ = Stage::kJoining;
        out.ask(Act{kJoinRoom, core::Join{settings_.room}});
    } else if (const auto* refused = std::get_if<EnterRefused>(&notice)) {
        // One sentence, then the prompt again; the prompt itself carries no newline.
        say(refused->refusal.text + (refused->refusal.suggestion.empty() ? "" : " Try " + refused->refusal.suggestion + "."), out);
        out.send(std::string(settings_.phrases.prompt()));
        stage_ = Stage::kNaming;
        work(out);
    }
}

void PlainSession::goodbye(Now, Goodbye why, std::string_view text, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    stage_ = Stage::kOver;
    if (why != Goodbye::kSlowReader) say(std::string(text), out);
    out.close(1000, "closing");
}

}  // namespace earshot::fronts::plain

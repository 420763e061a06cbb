// What one asks for, an overload each.
#include <fmt/format.h>

#include <algorithm>

#include "client/commands.hpp"
#include "client/house.hpp"
#include "client/safe_text.hpp"
#include "client/words.hpp"

namespace earshot::client {

namespace web = wire::web;
namespace a = action;

namespace {

constexpr std::string_view kNowhere = "You are in no room. Go to one with /join ROOM.";

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The link of the room that is shown, as a browser takes it.
std::string room_link(const Model& model) {
    std::string path;
    for (const char c : model.current.substr(1)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
        path += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return fmt::format("http{}://{}/r/{}", model.secure ? "s" : "", model.host, path);
}

bool answers_panel(std::string_view line) { return !line.starts_with('/') && line != "{quit}" && line != "[audio]"; }

std::string_view word_of(CallState state) {
    switch (state) {
        case CallState::kNone: return "not in a call";
        case CallState::kJoining: return "joining the call";
        case CallState::kConnecting: return "connecting";
        case CallState::kConnected: return "in the call";
        case CallState::kReconnecting: return "getting the voice back";
    }
    return "";
}

}  // namespace

void House::act(Now now, const Action& action, Outbox& out) {
    std::visit([&](const auto& each) { on(now, each, out); }, action);
    ++model_.version;
    if (!std::holds_alternative<a::Quit>(action)) flush(now, out);
}

void House::finish_when_said(Now now, Outbox& out) {
    finishing_ = true;
    if (connection_.ready()) flush(now, out);
}

// --- text

void House::on(Now now, const a::Enter& enter, Outbox& out) {
    // What is no command answers the sound panel, where lines are how one answers it.
    if (model_.sound && answers_panel(enter.line)) return out.ask(effect::Pass{a::CheckAnswer{enter.line}});
    const auto read = read_typed(enter.line);
    if (!read) return wrong(now, read.error(), "bad_command", out);
    if (*read) act(now, **read, out);
}

void House::on(Now now, const a::Typing&, Outbox& out) {
    if (model_.current.empty() || (typed_in_ == model_.current && now.at - typed_at_ < kTypingEvery)) return;
    typed_in_ = model_.current;
    typed_at_ = now.at;
    requests_.tell(web::client::Typing{model_.current}, out);
}

void House::on(Now now, const a::Say& say, Outbox& out) {
    // Before the first room stands, what is typed waits for the room that was asked for.
    const auto room = !model_.current.empty() ? model_.current : rooms_wanted_.empty() ? std::string() : rooms_wanted_.begin()->first;
    if (room.empty()) return wrong(now, std::string(kNowhere), "not_in_room", out);
    auto text = say.me ? fmt::format("_{} {}_", model_.name, say.text) : say.text;
    const auto most = model_.limits.text_characters;
    if (most > 0 && code_points(text) > static_cast<std::size_t>(most))
        return wrong(now, fmt::format("That is longer than {} characters; nothing was sent.", most), "too_long", out);
    const auto token = sayings_.add(room, 0, text);
    if (!token) return wrong(now, "Too many messages wait to be sent; wait a moment.", "flood", out);
    typed_in_.clear();  // the next word is worth telling at once
    book_.add_pending(room, {.kind = say.me ? Line::Kind::kAction : Line::Kind::kMessage,
                             .time = now.wall_ms,
                             .member = model_.member,
                             .name = model_.name,
                             .text = safe_text(say.text),
                             .own = true,
                             .pending = true,
                             .token = *token});
}

void House::on(Now now, const a::Direct& direct, Outbox& out) {
    for (const auto& room : model_.rooms)
        for (const auto& [id, person] : room.people)
            if (same_name(person.name, direct.to)) {
                if (!sayings_.add("", id, direct.text)) wrong(now, "Too many messages wait to be sent; wait a moment.", "flood", out);
                return;
            }
    wrong(now, fmt::format("Nobody here is called {}.", safe_line(direct.to)), "no_such_member", out);
}

void House::on(Now now, const a::Nick& nick, Outbox& out) {
    if (!requests_.ask(web::client::Nick{.name = nick.name}, {}, out)) wrong(now, "There is no connection just now.", "not_connected", out);
}

void House::on(Now now, const a::Topic& topic, Outbox& out) {
    const auto room = needed_room(now, out);
    if (!room.empty() && !requests_.ask(web::client::Topic{.room = room, .topic = topic.topic}, {}, out))
        wrong(now, "There is no connection just now.", "not_connected", out);
}

void House::on(Now now, const a::Kick& kick, Outbox& out) {
    const auto who = named_first(now, kick.who, out);
    if (!who) return;
    web::client::Remove remove{.room = model_.current, .member = who->member};
    if (!who->rest.empty()) remove.reason = who->rest;
    if (!requests_.ask(remove, {}, out)) wrong(now, "There is no connection just now.", "not_connected", out);
}

void House::on(Now now, const a::MutePerson& mute, Outbox& out) {
    const auto who = named_first(now, mute.who, out);
    if (who && !requests_.ask(web::client::MuteMember{.room = model_.current, .member = who->member}, {}, out))
        wrong(now, "There is no connection just now.", "not_connected", out);
}

// Names may hold spaces: of those who are here, the longest that the words begin with.
std::optional<House::Named> House::named_first(Now now, const std::string& words, Outbox& out) {
    if (needed_room(now, out).empty()) return std::nullopt;
    std::optional<Named> found;
    std::size_t longest = 0;
    for (const auto& [id, person] : model_.find_room(model_.current)->people) {
        const auto size = person.name.size();
        const bool ends = words.size() == size || (words.size() > size && words[size] == ' ');
        if (size <= longest || !ends || !same_name(std::string_view(words).substr(0, size), person.name)) continue;
        longest = size;
        found = Named{id, std::string(trimmed(std::string_view(words).substr(size)))};
    }
    if (!found) wrong(now, fmt::format("Nobody in {} is called {}.", model_.current, safe_line(first_word(words).word)), "no_such_member", out);
    return found;
}

std::string House::needed_room(Now now, Outbox& out) {
    if (model_.current.empty()) wrong(now, std::string(kNowhere), "not_in_room", out);
    return model_.current;
}

// --- rooms

void House::on(Now now, const a::Join& join, Outbox& out) {
    const auto known = std::ranges::find_if(model_.rooms, [&](const Room& room) { return room.joined && same_name(room.name, join.room); });
    if (known != model_.rooms.end()) return book_.show(known->name);
    rooms_wanted_[join.room] = true;
    if (!requests_.ask(web::client::Join{.room = join.room}, {.kind = Asked::Kind::kJoin, .room = join.room}, out))
        told(now, "It is joined once the connection is back.", out);
}

void House::on(Now now, const a::Leave& leave, Outbox& out) {
    const auto room = leave.room.empty() ? needed_room(now, out) : leave.room;
    if (room.empty()) return;
    if (!requests_.ask(web::client::Leave{.room = room}, {.kind = Asked::Kind::kLeave, .room = room}, out))
        wrong(now, "There is no connection just now.", "not_connected", out);
}

void House::on(Now, const a::Show& show, Outbox&) { book_.show(show.room); }

void House::on(Now, const a::ShowNumber& show, Outbox&) {
    int number = 0;
    for (const auto& room : model_.rooms)
        if (room.joined && ++number == show.number) return book_.show(room.name);
}

void House::on(Now, const a::ShowNext& show, Outbox&) {
    std::vector<std::string> joined;
    for (const auto& room : model_.rooms)
        if (room.joined) joined.push_back(room.name);
    const auto at = std::ranges::find(joined, model_.current);
    if (at == joined.end()) return;
    const auto size = static_cast<int>(joined.size());
    const auto next = (static_cast<int>(at - joined.begin()) + show.step % size + size) % size;
    book_.show(joined[static_cast<std::size_t>(next)]);
}

void House::on(Now, const a::NextUnread&, Outbox&) {
    const auto wanted = std::ranges::max_element(model_.rooms, {}, [](const Room& room) { return std::pair{room.mentions, room.unread}; });
    if (wanted != model_.rooms.end() && wanted->unread > 0) book_.show(wanted->name);
}

void House::on(Now, const a::FetchHistory&, Outbox&) { book_.want_older(model_.current); }

void House::on(Now, const a::MarkRead&, Outbox&) {
    if (auto* room = model_.find_room(model_.current)) book_.mark_read(*room);
}

void House::on(Now, const a::Clear&, Outbox&) {
    if (auto* room = model_.find_room(model_.current)) std::erase_if(room->lines, [](const Line& line) { return !line.pending; });
    model_.notices.clear();
}

// --- voice

void House::on(Now now, const a::Call& call, Outbox& out) {
    const auto room = call.room.empty() ? needed_room(now, out) : call.room;
    if (room.empty()) return;
    const auto* known = model_.find_room(room);
    if (known == nullptr || !known->joined) return wrong(now, fmt::format("You are not in {}; /join it first.", safe_line(room)), "not_in_room", out);
    call_.join(now, room, settings_.listen_only, out);
}

void House::on(Now now, const a::HangUp&, Outbox& out) {
    if (!call_.active()) return told(now, "You are in no call.", out);
    call_.hang_up(out);
}

void House::on(Now, const a::Mute& mute, Outbox& out) { call_.mute(mute.to, out); }
void House::on(Now, const a::Deafen& deafen, Outbox& out) { call_.deafen(deafen.to, out); }
void House::on(Now, const a::Talk& talk, Outbox& out) { call_.talk(talk.to, out); }

void House::on(Now now, const a::HandsFree&, Outbox& out) {
    if (settings_.listen_only) return wrong(now, "There is no microphone to talk with.", "no_microphone", out);
    if (!call_.active()) on(now, a::Call{}, out);
    if (call_.active()) call_.hands_free(out);
}

void House::on(Now now, const a::Mode& mode, Outbox& out) {
    model_.voice.mode = mode.push_to_talk ? TalkMode::kPushToTalk : TalkMode::kVoice;
    model_.voice.pushed = false;
    out.ask(effect::VoiceChanged{});
    out.ask(effect::Remember{"mode", mode.push_to_talk ? "ptt" : "voice"});
    told(now, mode.push_to_talk ? "Your voice is sent while you press to talk." : "Your voice is sent while you speak.", out);
}

void House::on(Now now, const a::Gate& gate, Outbox& out) {
    model_.voice.gate_dbfs = gate.dbfs;
    out.ask(effect::VoiceChanged{});
    out.ask(effect::Remember{"gate", fmt::format("{:.0f}", gate.dbfs)});
    told(now, fmt::format("A voice above {:.0f} dB is sent.", gate.dbfs), out);
}

void House::on(Now now, const a::Volume& volume, Outbox& out) {
    if (volume.name.empty()) {
        if (volume.percent)
            model_.voice.master_percent = *volume.percent, out.ask(effect::VoiceChanged{}),
            out.ask(effect::Remember{"volume", fmt::format("{}", *volume.percent)});
        return told(now, fmt::format("Everything is heard at {} %.", model_.voice.master_percent), out);
    }
    for (const auto& room : model_.rooms)
        for (const auto& [id, person] : room.people)
            if (same_name(person.name, volume.name)) {
                const auto percent = volume.percent.value_or(person.volume_percent);
                const auto sentence = fmt::format("{} is heard at {} %.", person.name, percent);
                if (volume.percent) set_volume(person, percent, out);
                return told(now, sentence, out);
            }
    wrong(now, fmt::format("Nobody here is called {}.", safe_line(volume.name)), "no_such_member", out);
}

void House::on(Now, const a::VolumeStep& step, Outbox& out) {
    if (step.member == 0) {
        model_.voice.master_percent = std::clamp(model_.voice.master_percent + step.by, 0, 200);
        out.ask(effect::VoiceChanged{});
        return out.ask(effect::Remember{"volume", fmt::format("{}", model_.voice.master_percent)});
    }
    if (const auto* person = model_.find_person(step.member)) set_volume(*person, std::clamp(person->volume_percent + step.by, 0, 200), out);
}

// `person` by value: the rooms' own copies change.
void House::set_volume(Person person, int percent, Outbox& out) {
    settings_.volumes[lowered(person.name)] = percent;
    for (auto& room : model_.rooms) apply_volumes(room);
    out.ask(effect::VoiceChanged{});
    out.ask(effect::RememberVolume{lowered(person.name), percent});
}

// --- to look at

void House::on(Now now, const a::Help& help, Outbox& out) {
    for (auto& line : help_lines(help.about)) told(now, std::move(line), out);
}

void House::on(Now now, const a::Who&, Outbox& out) {
    const auto* room = model_.current_room();
    if (room == nullptr) return wrong(now, std::string(kNowhere), "not_in_room", out);
    happening::People people{room->name, {}};
    book_.notice(now.wall_ms, fmt::format("{} people in {}:", room->people.size(), room->name));
    for (const auto& [id, person] : model_.find_room(room->name)->people) {
        people.people.push_back(person);
        book_.notice(now.wall_ms, fmt::format("  {}{}{}", person.name, person.in_call ? person.muted ? ", in the call, muted" : ", in the call" : "",
                                              person.presence == web::Presence::here ? "" : fmt::format(", {}", to_text(person.presence))));
    }
    out.tell(std::move(people));
}

void House::on(Now now, const a::Status&, Outbox& out) {
    told(now, fmt::format("{} at {} as {}: {}.", model_.server_name, model_.host, model_.name, model_.link == Link::kConnected ? "connected" : "not connected"),
         out);
    const auto& call = model_.call;
    told(now,
         fmt::format("Voice: {}{}{}.", word_of(call.state),
                     call.route == Route::kTcp   ? ", over TCP"
                     : call.route == Route::kUdp ? ", over UDP"
                                                 : "",
                     call.round_trip_ms ? fmt::format(", {} ms", *call.round_trip_ms) : ""),
         out);
}

void House::on(Now now, const a::Later& later, Outbox& out) {
    // What no terminal can do, a browser in the same room can.
    if (later.what == "share" && !model_.current.empty())
        return told(now, fmt::format("A screen is shared from a browser, in the same room: {}", room_link(model_)), out);
    wrong(now, fmt::format("/{} comes with a later version.", later.what), "later", out);
}

void House::on(Now now, const a::Reconnect&, Outbox& out) {
    const auto before = connection_.state();
    connection_.reconnect(now.at, out);
    if (before == Connection::State::kReady) {
        requests_.lost();
        sayings_.lost();
        book_.lost();
        call_.connection_lost(out);
    }
    model_.link = Link::kReconnecting;
}

void House::on(Now now, const a::Quit&, Outbox& out) {
    if (finished_) return;
    const auto before = connection_.state();
    call_.hang_up(out);
    connection_.quit(out);
    after_connection(now, before, out);
}

}  // namespace earshot::client

#include "sim/voix_member.hpp"

#include <algorithm>

namespace earshot::sim {
namespace {
constexpr Duration kBeat = 100ms;      // between two datagrams of a talk
constexpr Duration kHereIAm = 500ms;   // without hearing anything he says again where he is
constexpr Duration kAfterTheEnd = 1s;  // that he sends on in vain
}  // namespace

VoixMember::VoixMember(World& world, House& house, Ledger& ledger, TalkBook& book, std::string name, std::uint32_t number)
    : world_(world),
      house_(house),
      ledger_(ledger),
      book_(book),
      chance_(world.fork(name + "'s voix")),
      name_(name),
      key_(std::move(name)),
      number_(number),
      address_{IpAddress::v4(10, 4, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)), 1024} {}

VoixMember::~VoixMember() {
    if (stream_) stream_->vanish();
    house_.talks().forget(this);
}

// --- his connection

void VoixMember::come() {
    if (!std::exchange(wanted_, true)) dial();
}

void VoixMember::dial() {
    if (!wanted_ || stream_) return;
    if (away_) return redial_later();
    ++address_.port;
    stream_ = house_.connect(port::Door::kVoix, Framing::kLines, address_, this);
    if (!stream_) return redial_later();
    ++line_;
}

void VoixMember::redial_later() {
    const auto wait = std::min<Duration>(5s, 300ms * (1 << std::min(failures_++, 5u)));
    world_.after(world_.between(wait / 2, wait), [this, line = line_] {
        if (line == line_ && !stream_) dial();
    });
}

void VoixMember::drop_line() {
    stream_.reset();
    ++line_;
    in_ = false;
    text_.clear();
    people_.clear();
    talks_.clear();
    asked_.clear();
    house_.talks().forget(this);
}

void VoixMember::opened() { line(fmt::format("CONNECT: \"{}\" \"Voix of {}\" 1.0.0\r\n", name_, key_)); }

void VoixMember::ended(std::uint16_t code, std::string_view reason) {
    world_.note(key_, "is cut off: {} {}", code, reason);
    ends_.emplace_back(reason);
    drop_line();
    if (wanted_) redial_later();
}

void VoixMember::line(const std::string& text) {
    if (stream_) stream_->send(text);
}

void VoixMember::quit() {
    world_.note(key_, "disconnects");
    wanted_ = false;
    line("DISCONNECT\n");
}

void VoixMember::lose_connection() {
    if (stream_) stream_->reset();
}

void VoixMember::vanish() {
    if (!stream_) return;
    world_.note(key_, "vanishes");
    stream_->vanish();
    drop_line();
    redial_later();
}

void VoixMember::read_slowly(bool on) {
    if (stream_) stream_->read_slowly(on);
}

bool VoixMember::settled() const {
    if (!wanted_) return stream_ == nullptr;
    return in_ && std::ranges::all_of(rooms_, [&](const auto& room) { return people_.contains(room); });
}

// --- what he does

void VoixMember::join(const std::string& room) {
    rooms_.insert(room);
    if (in_) line(wire::write_voix_line("JOIN", {}, room));
}

std::string VoixMember::say(const std::string& room, const std::string& words) {
    auto text = fmt::format("[{}-{}] {}", key_, ++words_, words);
    world_.note(key_, "types {}", token_of(text));
    if (in_) line(wire::write_voix_line("MSG", {room}, text));
    return text;
}

void VoixMember::call(const std::string& target) {
    if (!in_) return;
    world_.note(key_, "calls {}", target);
    asked_.insert(target);
    line(wire::write_voix_line("TALK", {target}, "REQUEST"));
}

void VoixMember::hang_up() {
    asked_.clear();
    std::vector<std::string> keys;
    for (const auto& [key, talk] : talks_)
        if (!talk.with.starts_with('#')) keys.push_back(key);
    for (const auto& key : keys) {
        line(wire::write_voix_line("TALK", {key}, "DENY"));
        talks_.erase(key);
    }
}

void VoixMember::move() {
    for (auto& [key, talk] : talks_) settle_address(talk);
}

void VoixMember::settle_address(Talk& talk) {
    talk.address = {address_.ip, ++next_port_};
    talk.heard = {};
    house_.talks().listen(talk.address, this);
}

// --- what he is told

void VoixMember::arrived(std::string_view bytes) {
    text_ += bytes;
    for (auto end = text_.find('\n'); end != text_.npos; end = text_.find('\n')) {
        const auto one = text_.substr(0, end);
        text_.erase(0, end + 1);
        lines_.push_back(one);
        const auto read = wire::read_voix_line(one);
        if (!read) return world_.broken("the house speaks the protocol", fmt::format("to {}: {}", key_, one));
        take(*read, one);
    }
}

void VoixMember::take(const wire::VoixLine& read, const std::string& text) {
    if (read.command == "ACCEPT") {
        in_ = true;
        failures_ = 0;
        world_.note(key_, "is accepted as {}", name_);
        for (const auto& room : rooms_)
            if (room != "#lobby") line(wire::write_voix_line("JOIN", {}, room));
    } else if (read.command == "NICKNAMEINUSE") {
        name_ = fmt::format("{}{}", key_, ++names_tried_);
        opened();
    } else if (read.command == "PING") {
        if (answers_pings) line("PONG: " + read.text + "\r\n");
    } else if (read.command == "USERLIST" && read.target.size() == 1) {
        take_list(read.target.front(), read.text);
    } else if ((read.command == "USERJOIN" || read.command == "USERLEAVE") && read.target.size() == 1) {
        take_presence(read);
    } else if (read.command == "MSG" && read.target.size() == 2) {
        take_message(read, text);
    } else if (read.command == "TALK") {
        take_talk(read);
    } else if (read.command != "JOINED" && read.command != "NOTACCEPTED" && read.command != "SESSIONERROR") {
        world_.broken("the house speaks the protocol", fmt::format("to {}: {}", key_, text));
    }
}

void VoixMember::take_list(const std::string& room, const std::string& text) {
    rooms_.insert(room);
    auto& people = people_[room];
    people.clear();
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find(", ", begin), text.size());
        people.insert(wire::voix_message(text.substr(begin, end - begin)));
        begin = end + 2;
    }
    if (!people.contains(name_)) world_.broken("who joined is listed", fmt::format("{} is not in the list of {}: {}", name_, room, text));
}

void VoixMember::take_presence(const wire::VoixLine& read) {
    const auto& room = read.target.front();
    const auto who = wire::voix_message(read.text);
    const auto found = people_.find(room);
    if (found == people_.end()) return world_.broken("a channel tells its people alone", fmt::format("{} is told of {} in {}", key_, who, room));
    if (read.command == "USERLEAVE" && who == name_) return put_out(room);
    const bool fits = read.command == "USERJOIN" ? found->second.insert(who).second : found->second.erase(who) == 1;
    if (!fits) world_.broken("who comes was gone, who goes was here", fmt::format("{} is told {} of {} in {}", key_, read.command, who, room));
}

// Only the word of somebody who may tells him that he himself has left.
void VoixMember::put_out(const std::string& room) {
    world_.note(key_, "is removed from {}", room);
    rooms_.erase(room);
    people_.erase(room);
    std::vector<std::string> keys;
    for (const auto& [key, talk] : talks_)
        if (talk.with == room) keys.push_back(key);
    for (const auto& key : keys) end_talk(key);
}

void VoixMember::take_message(const wire::VoixLine& read, const std::string& text) {
    const auto& target = read.target.back();
    if (!target.starts_with('#')) return;
    if (!people_.contains(target)) return world_.broken("a channel tells its people alone", fmt::format("{} reads {}", key_, text));
    ledger_.shown_in_order(key_ + target, line_, read.text);
}

void VoixMember::take_talk(const wire::VoixLine& read) {
    if (read.target.size() == 2 && read.text == "REQUEST") {
        const auto& key = read.target.back();
        book_.told(key, number_);
        auto& talk = talks_[key];
        talk.with = read.target.front();
        if (talk.stands) return;
        // Two who call each other at once may take the one key for the other; the house refuses who answers himself.
        if (talk.with.starts_with('#') || asked_.erase(talk.with) > 0 || answer == Answer::kNone) return;
        world_.after(world_.between(50ms, 3s), [this, key, line = line_] {
            if (line != line_ || !talks_.contains(key) || talks_.at(key).stands) return;
            this->line(wire::write_voix_line("TALK", {key}, answer == Answer::kDeny ? "DENY" : "ACCEPT"));
            if (answer == Answer::kDeny)
                talks_.erase(key);
            else
                stand(key, talks_.at(key));  // the house lets nobody in before it has read that
        });
    } else if (read.target.size() == 1) {
        const auto& key = read.target.front();
        const auto talk = talks_.find(key);
        if (talk == talks_.end()) return;
        if (read.text == "ACCEPTED") return stand(key, talk->second);
        if (read.text == "DENIED") return end_talk(key);
        world_.broken("the house speaks the protocol", fmt::format("to {}: TALK {}: {}", key_, key, read.text));
    }
}

void VoixMember::stand(const std::string& key, Talk& talk) {
    if (std::exchange(talk.stands, true)) return;
    settle_address(talk);
    beat(line_, key);
}

// He sends on for a moment; nobody may hear that.
void VoixMember::end_talk(const std::string& key) {
    talks_.at(key).gone = true;
    world_.after(kAfterTheEnd, [this, key, line = line_] {
        if (line == line_) talks_.erase(key);
    });
}

// --- his talks' datagrams

void VoixMember::beat(std::uint64_t life, const std::string& key) {
    const auto found = talks_.find(key);
    if (life != line_ || found == talks_.end()) return;
    auto& talk = found->second;
    if (world_.now().at >= talk.heard + kHereIAm) house_.talks().send(talk.address, as_bytes(fmt::format("TALKSESSION: {}", key)));
    house_.talks().send(talk.address, write_talk({.talk = talk_mark(key), .speaker = number_, .counter = ++talk.counter, .gone = talk.gone}));
    world_.after(kBeat, [this, life, key] { beat(life, key); });
}

void VoixMember::datagram(const SocketAddress& at, Bytes bytes) {
    const auto mark = read_talk(bytes);
    if (!mark) return;
    for (auto& [key, talk] : talks_)
        if (talk.address == at) {
            talk.heard = world_.now().at;
            book_.heard(key, number_, *mark);
        }
}

bool VoixMember::saw(std::string_view line) const { return std::ranges::find(lines_, line) != lines_.end(); }

bool VoixMember::saw_ending(std::string_view end) const {
    return std::ranges::any_of(lines_, [&](const auto& line) { return line.ends_with(end); });
}

}  // namespace earshot::sim

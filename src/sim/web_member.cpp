#include "sim/web_member.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"

namespace earshot::sim {

namespace web = wire::web;

namespace {
constexpr Duration kPingAfter = 10s;  // of silence
constexpr Duration kPatience = 15s;   // then the line is given up
const RoomView kNowhere;

std::string folded(std::string text) {
    for (auto& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}
}  // namespace

WebMember::WebMember(World& world, House& house, Ledger& ledger, std::string name, std::uint32_t number)
    : world_(world),
      house_(house),
      ledger_(ledger),
      name_(name),
      key_(std::move(name)),
      address_{IpAddress::v4(10, 1, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)), 40000},
      chance_(world.fork(key_)) {}

WebMember::~WebMember() {
    if (stream_) stream_->vanish();
}

// --- what he wants

void WebMember::come() {
    if (std::exchange(wanted_, true)) return;
    dial();
}

void WebMember::join(const std::string& room) {
    rooms_wanted_.insert(room);
    if (welcomed_) ask(web::client::Join{.request = 0, .room = room}, Kind::kJoin, room);
}

void WebMember::leave(const std::string& room) {
    rooms_wanted_.erase(room);
    std::erase_if(unsaid_, [&](const Unsaid& u) { return u.room == room; });
    if (welcomed_) ask(web::client::Leave{.request = 0, .room = room}, Kind::kLeave, room);
}

std::string WebMember::say(const std::string& room, const std::string& words) {
    auto text = fmt::format("[{}-{}] {}", key_, ++words_, words);
    unsaid_.push_back({room, text, chance_.hex(8), {}, false});
    world_.note(key_, "says {} in {}", token_of(text), room);
    say_unsaid();
    return text;
}

void WebMember::repeat_say(const std::string& room, const std::string& text, const std::string& client_message_id) {
    unsaid_.push_back({room, text, client_message_id, {}, false});
    say_unsaid();
}

void WebMember::typing(const std::string& room) {
    if (welcomed_) tell(web::client::Typing{.room = room});
}

void WebMember::topic(const std::string& room, const std::string& topic) {
    if (welcomed_) ask(web::client::Topic{.request = 0, .room = room, .topic = topic}, Kind::kTopic, room);
}

// A retry is known again by its sender's name, so nobody renames himself with something unsaid.
void WebMember::nick(const std::string& name) {
    if (!welcomed_ || !unsaid_.empty()) return;
    nick_wanted_ = name;
    ask(web::client::Nick{.request = 0, .name = name}, Kind::kNick, name);
}

void WebMember::direct(std::uint64_t to, const std::string& text) {
    const auto client_message_id = chance_.hex(8);
    if (welcomed_) ask(web::client::Direct{.request = 0, .to = to, .text = text, .client_message_id = client_message_id}, Kind::kDirect, client_message_id);
}

void WebMember::remove(const std::string& room, std::uint64_t member, const std::string& reason) {
    if (!welcomed_) return;
    world_.note(key_, "wants {} out of {}", member, room);
    web::client::Remove message{.request = 0, .room = room, .member = member, .reason = {}};
    if (!reason.empty()) message.reason = reason;
    ask(message, Kind::kOrder, room);
}

void WebMember::mute_other(const std::string& room, std::uint64_t member) {
    if (welcomed_) ask(web::client::MuteMember{.request = 0, .room = room, .member = member}, Kind::kOrder, room);
}

void WebMember::operate(const std::string& key) {
    operator_key_ = key;
    if (welcomed_) ask(web::client::Operate{.request = 0, .key = key}, Kind::kOrder, {});
}

void WebMember::read_back(const std::string& room) {
    auto& view = views_[room];
    if (!welcomed_ || !view.joined) return;
    std::optional<std::uint64_t> before;
    if (!view.messages.empty()) before = view.messages.begin()->first;
    ask(web::client::History{.request = 0, .room = room, .before = before, .after = {}, .limit = static_cast<std::int64_t>(1 + chance_.below(50))},
        Kind::kReadBack, room);
}

void WebMember::quit() {
    world_.note(key_, "quits");
    wanted_ = false;
    unsaid_.clear();
    if (welcomed_) tell(web::client::Quit{});
    if (stream_) stream_->close();
    drop_line();
    session_.clear();
}

// --- what happens to him

void WebMember::lose_connection() {
    if (!stream_) return;
    world_.note(key_, "loses the connection (reset)");
    stream_->reset();
}

void WebMember::vanish() {
    if (!stream_) return;
    world_.note(key_, "vanishes");
    stream_->vanish();
    drop_line();
    redial_later();
}

void WebMember::read_slowly(bool on) {
    if (stream_) stream_->read_slowly(on);
}

void WebMember::send_raw(std::string text) {
    if (stream_) stream_->send(std::move(text));
}

// --- the line

void WebMember::dial() {
    if (!wanted_ || stream_) return;
    if (away_) return redial_later();
    ++address_.port;
    stream_ = house_.connect(port::Door::kWeb, Framing::kMessages, address_, this);
    if (!stream_) return redial_later();
    last_heard_ = last_sent_ = world_.now().at;
    watch(++line_);
}

void WebMember::redial_later() {
    const auto wait = std::min<Duration>(5s, 300ms * (1 << std::min(failures_++, 5u)));
    world_.after(world_.between(wait / 2, wait), [this, line = line_] {
        if (line == line_ && !stream_) dial();
    });
}

// Forgets the line and whatever was asked on it.
void WebMember::drop_line() {
    stream_.reset();
    ++line_;
    welcomed_ = false;
    asked_.clear();
    nick_wanted_.reset();
    for (auto& unsaid : unsaid_) unsaid.asked = false;
    for (auto& [name, view] : views_) {
        view.joined = false;
        view.catching_up = false;
        view.people.clear();
        view.slots.clear();
        view.speaking.clear();
        // What came by itself before the first page was there hangs in the air: nothing joins it to what follows.
        if (view.synced_to == 0) view.messages.clear();
    }
    voice_lost_connection();
}

// Looks after the line once a second: pings when it is silent, gives it up when it stays so.
void WebMember::watch(std::uint64_t line) {
    world_.after(1s, [this, line] {
        if (line != line_ || !stream_) return;
        const auto now = world_.now().at;
        if (now - last_heard_ > kPingAfter + kPatience) {
            world_.note(key_, "hears nothing and reconnects");
            stream_->close();
            drop_line();
            return redial_later();
        }
        const bool pinged = std::ranges::any_of(asked_, [](const auto& a) { return a.second.kind == Kind::kPing; });
        if (welcomed_ && !pinged && (now - last_heard_ > kPingAfter || now - last_sent_ > 20s)) ask(web::client::Ping{}, Kind::kPing, {});
        say_unsaid();
        voice_tick();
        watch(line);
    });
}

void WebMember::opened() {
    web::client::Hello hello{.request = 0, .protocol = web::kProtocol, .name = name_, .kind = web::ClientKind::browser, .agent = "sim", .session = {}};
    if (!session_.empty()) hello.session = session_;
    if (session_override) hello.session = session_override;
    ask(hello, Kind::kHello, {});
}

void WebMember::ended(std::uint16_t code, std::string_view reason) {
    world_.note(key_, "is cut off: {} {}", code, reason);
    last_end_ = code;
    drop_line();
    if (wanted_) redial_later();
}

void WebMember::arrived(std::string_view bytes) {
    last_heard_ = world_.now().at;
    const auto message = web::decode_server(bytes);
    if (!message) return impossible("the house speaks the protocol", fmt::format("{} in {}", message.error().text, bytes));
    std::visit([this](const auto& m) { on(m); }, *message);
}

// --- bookkeeping

void WebMember::impossible(std::string invariant, std::string story) { world_.broken(std::move(invariant), fmt::format("{}: {}", key_, story)); }

std::optional<WebMember::Asked> WebMember::answered(std::optional<std::int64_t> request, std::string_view by) {
    if (!request) return std::nullopt;
    const auto it = asked_.find(*request);
    if (it == asked_.end()) {
        impossible("every request gets exactly one answer", fmt::format("{} answers request {}, which is not open", by, *request));
        return std::nullopt;
    }
    auto asked = it->second;
    asked_.erase(it);
    return asked;
}

RoomView* WebMember::joined_view(const std::string& room, std::string_view what) {
    auto& view = views_[room];
    if (view.joined) return &view;
    impossible("nothing of a room reaches one who is not in it", fmt::format("{} of {}", what, room));
    return nullptr;
}

// The house counts its ten minutes from a moment before he saw it.
void WebMember::check_barred(const std::string& room, const RoomView& view, std::uint64_t who) {
    constexpr Duration kSurelyOut = 9min;
    const auto it = view.removed.find(who);
    if (it != view.removed.end() && world_.now().at - it->second < kSurelyOut)
        impossible("who was removed does not come back", fmt::format("{} is in {} again", who, room));
}

void WebMember::check_people(const std::string& room, const RoomView& view) {
    std::set<std::string> names;
    for (const auto& [id, person] : view.people)
        if (!names.insert(folded(person.name)).second) impossible("no name is there twice", fmt::format("{} in {}", person.name, room));
}

// --- what he hears

void WebMember::on(const web::server::Welcome& m) {
    if (!answered(m.request, "welcome")) return;
    welcomed_ = true;
    failures_ = 0;
    ++welcomes_;
    resumes_ += m.resumed ? 1 : 0;
    if (m.resumed && session_override == std::nullopt && member_ != m.member)
        impossible("a resumed member is the same member", fmt::format("was {}, is {}", member_, m.member));
    world_.note(key_, "is welcomed as {} ({}{})", m.name, m.member, m.resumed ? ", resumed" : "");
    session_ = m.session;
    member_ = m.member;
    name_ = m.name;
    if (!operator_key_.empty()) operate(operator_key_);
    if (!m.resumed) want_rooms();
    // Rooms he wanted meanwhile, and rooms he no longer wants, once the house has told where he still is.
    if (!m.resumed) return;
    const std::set<std::string> still{m.joined.begin(), m.joined.end()};
    for (const auto& room : rooms_wanted_)
        if (!still.contains(room)) ask(web::client::Join{.request = 0, .room = room}, Kind::kJoin, room);
    for (const auto& room : still)
        if (!rooms_wanted_.contains(room)) ask(web::client::Leave{.request = 0, .room = room}, Kind::kLeave, room);
}

void WebMember::want_rooms() {
    for (const auto& room : rooms_wanted_) ask(web::client::Join{.request = 0, .room = room}, Kind::kJoin, room);
}

void WebMember::on(const web::server::Refused& m) {
    refusals_.push_back(m);
    const auto asked = answered(m.request, "refused");
    world_.note(key_, "is refused: {} ({})", to_text(m.code), m.text);
    if (!asked) return;
    if (asked->kind == Kind::kHello) {
        if (m.code == web::Refusal::name_taken && m.suggestion) {
            name_ = *m.suggestion;
            session_.clear();
            return opened();
        }
        return;
    }
    if (asked->kind == Kind::kNick) nick_wanted_.reset();
    if (asked->kind == Kind::kJoin && m.code == web::Refusal::removed) give_up(asked->about);
    const bool passing = m.code == web::Refusal::flood || m.code == web::Refusal::busy || m.code == web::Refusal::not_saved;
    if (asked->kind == Kind::kSay) {
        const auto it = std::ranges::find(unsaid_, asked->about, &Unsaid::client_message_id);
        if (it == unsaid_.end()) return;
        it->asked = false;
        it->not_before = world_.now().at + world_.between(500ms, 2s);
        const bool not_there_yet = m.code == web::Refusal::not_in_room && rooms_wanted_.contains(it->room);
        if (!passing && !not_there_yet) unsaid_.erase(it);
        return;
    }
    // Not put off by a flood gate or a full disk: what he still wants he asks again.
    if (passing && asked->kind == Kind::kJoin && rooms_wanted_.contains(asked->about))
        world_.after(world_.between(500ms, 2s), [this, line = line_, room = asked->about] {
            if (line == line_ && welcomed_ && rooms_wanted_.contains(room)) join(room);
        });
    if (passing && asked->kind == Kind::kLeave && !rooms_wanted_.contains(asked->about))
        world_.after(world_.between(500ms, 2s), [this, line = line_, room = asked->about] {
            if (line == line_ && welcomed_ && !rooms_wanted_.contains(room)) leave(room);
        });
    if (asked->kind == Kind::kCatchUp) {
        auto& view = views_[asked->about];
        view.catching_up = false;
        if (passing)
            world_.after(world_.between(500ms, 2s), [this, line = line_, room = asked->about] {
                if (line == line_ && views_[room].joined) catch_up(room);
            });
    }
    voice_message(m, asked->kind);
}

void WebMember::on(const web::server::Done& m) {
    const auto asked = answered(m.request, "done");
    if (!asked) return;
    if (asked->kind == Kind::kNick && nick_wanted_) name_ = *std::exchange(nick_wanted_, std::nullopt);
    voice_message(m, asked->kind);
}

void WebMember::on(const web::server::Joined& m) {
    if (m.request) answered(m.request, "joined");
    auto& view = views_[m.room];
    view.joined = true;
    view.people.clear();
    for (const auto& person : m.people)
        if (!view.people.emplace(person.member, person).second) impossible("no member is there twice", fmt::format("{} in {}", person.name, m.room));
    if (!view.people.contains(member_)) impossible("one who joined is there", fmt::format("joined {} and is not among its people", m.room));
    check_people(m.room, view);
    view.topic = m.topic;
    view.keeper = m.keeper;
    check_barred(m.room, view, member_);
    view.slots.clear();
    for (const auto& slot : m.slots) view.slots[slot.slot] = slot.member;
    view.floor = m.last_message.value_or(0);
    world_.note(key_, "is in {} with {} people, last message {}", m.room, view.people.size(), view.floor);
    catch_up(m.room);
    say_unsaid();
    voice_room_shown(m.room);
}

// Asks for what came since the last message he surely has; a newcomer asks for the newest page.
void WebMember::catch_up(const std::string& room) {
    auto& view = views_[room];
    if (view.synced_to >= view.floor) return;
    view.catching_up = true;
    web::client::History history{.request = 0, .room = room, .before = {}, .after = {}, .limit = static_cast<std::int64_t>(1 + chance_.below(50))};
    if (view.synced_to) history.after = view.synced_to;
    ask(history, Kind::kCatchUp, room);
}

void WebMember::on(const web::server::History& m) {
    const auto asked = answered(m.request, "history");
    if (!asked) return;
    auto& view = views_[m.room];
    std::uint64_t last = 0;
    for (const auto& message : m.messages) {
        if (message.id <= last) impossible("one order for all", fmt::format("a page of {} has {} after {}", m.room, message.id, last));
        last = message.id;
        ledger_.shown(key_, {message.id, m.room, message.name, message.text});
        view.messages.insert_or_assign(message.id, message);
    }
    if (asked->kind == Kind::kReadBack) {
        view.read_to_beginning |= m.complete;
        return;
    }
    // The newest page of a newcomer needs nothing behind it.
    const bool newest_page = view.synced_to == 0;
    if (last) view.synced_to = std::max(view.synced_to, last);
    if (newest_page) view.read_to_beginning = m.complete;
    if (!m.complete && !newest_page) return catch_up(m.room);
    view.catching_up = false;
    if (!view.messages.empty()) view.synced_to = std::max(view.synced_to, view.messages.rbegin()->first);
    if (view.synced_to < view.floor)
        impossible("history has what was announced", fmt::format("{} ends at {}, {} was announced", m.room, view.synced_to, view.floor));
}

void WebMember::on(const web::server::Left& m) {
    if (m.request) answered(m.request, "left");
    world_.note(key_, "has left {}", m.room);
    auto& view = views_[m.room];
    view.joined = false;
    view.people.clear();
    view.slots.clear();
    view.speaking.clear();
}

void WebMember::give_up(const std::string& room) {
    rooms_wanted_.erase(room);
    std::erase_if(unsaid_, [&](const Unsaid& u) { return u.room == room; });
    auto& view = views_[room];
    view.joined = false;
    view.people.clear();
    view.slots.clear();
    view.speaking.clear();
}

void WebMember::on(const web::server::Keeper& m) {
    auto* view = joined_view(m.room, "keeper");
    if (!view) return;
    view->keeper = m.member;
    if (m.member && !view->people.contains(*m.member))
        impossible("who keeps a room is there when it becomes his", fmt::format("{} keeps {}", *m.member, m.room));
}

void WebMember::on(const web::server::Removed& m) {
    if (!joined_view(m.room, "removed")) return;
    world_.note(key_, "is removed from {} by {}", m.room, m.by_name);
    removals_.push_back(m);
    views_[m.room].removed[member_] = world_.now().at;
    give_up(m.room);
    voice_message(m, Kind::kPing);
}

void WebMember::on(const web::server::MutedBy& m) {
    mutes_.push_back(m);
    voice_message(m, Kind::kPing);
}

void WebMember::on(const web::server::PersonJoined& m) {
    auto* view = joined_view(m.room, "person_joined");
    if (!view) return;
    if (!view->people.emplace(m.person.member, m.person).second)
        impossible("no member is there twice", fmt::format("{} joins {} again", m.person.name, m.room));
    check_people(m.room, *view);
    check_barred(m.room, *view, m.person.member);
}

void WebMember::on(const web::server::PersonLeft& m) {
    auto* view = joined_view(m.room, "person_left");
    if (view && m.reason == web::LeaveReason::removed) view->removed[m.member] = world_.now().at;
    if (view && view->people.erase(m.member) == 0) impossible("who leaves was there", fmt::format("{} leaves {}", m.name, m.room));
}

void WebMember::on(const web::server::PersonChanged& m) {
    auto* view = joined_view(m.room, "person_changed");
    if (!view) return;
    const auto it = view->people.find(m.person.member);
    if (it == view->people.end()) return impossible("who changes is there", fmt::format("{} in {}", m.person.name, m.room));
    it->second = m.person;
    check_people(m.room, *view);
}

void WebMember::on(const web::server::RoomMessage& m) {
    auto* view = joined_view(m.room, "message");
    if (!view) return;
    if (m.message.id <= view->floor) impossible("one order for all", fmt::format("message {} of {} comes after {}", m.message.id, m.room, view->floor));
    view->floor = m.message.id;
    ledger_.shown(key_, {m.message.id, m.room, m.message.name, m.message.text});
    view->messages.insert_or_assign(m.message.id, m.message);
    if (!view->catching_up) view->synced_to = m.message.id;
}

void WebMember::on(const web::server::Accepted& m) {
    const auto asked = answered(m.request, "accepted");
    if (!asked) return;
    if (asked->about != m.client_message_id)
        impossible("an answer belongs to its question", fmt::format("accepted {} for {}", m.client_message_id, asked->about));
    const auto it = std::ranges::find(unsaid_, m.client_message_id, &Unsaid::client_message_id);
    if (it == unsaid_.end()) return;
    world_.note(key_, "is told that {} is message {}", token_of(it->text), m.id);
    ledger_.accepted(key_, it->text, m.id);
    accepted_[it->text] = m.id;
    unsaid_.erase(it);
}

void WebMember::say_unsaid() {
    if (!welcomed_ || nick_wanted_) return;
    for (auto& unsaid : unsaid_) {
        if (unsaid.asked || unsaid.not_before > world_.now().at || !views_[unsaid.room].joined) continue;
        unsaid.asked = true;
        ask(web::client::Say{.request = 0, .room = unsaid.room, .text = unsaid.text, .client_message_id = unsaid.client_message_id}, Kind::kSay,
            unsaid.client_message_id);
    }
}

void WebMember::on(const web::server::Direct& m) {
    if (m.to != member_ && m.from != member_) impossible("a private message is private", fmt::format("from {} to {}", m.from_name, m.to_name));
    directs_.push_back(m);
}

void WebMember::on(const web::server::Typing& m) {
    auto* view = joined_view(m.room, "typing");
    if (!view) return;
    ++view->typing_seen;
    if (m.member == member_) impossible("typing is told to the others", m.room);
}

void WebMember::on(const web::server::Topic& m) {
    if (auto* view = joined_view(m.room, "topic")) view->topic = m.topic;
}

void WebMember::on(const web::server::CallOffer& m) {
    const auto asked = answered(m.request, "call_offer");
    voice_message(m, asked ? asked->kind : Kind::kPing);
}

void WebMember::on(const web::server::CallSlots& m) {
    auto* view = joined_view(m.room, "call_slots");
    if (!view) return;
    for (const auto& slot : m.slots) {
        view->slots[slot.slot] = slot.member;
        if (slot.member == member_) impossible("nobody hears himself", fmt::format("slot {} of {}", slot.slot, m.room));
    }
    voice_message(m, Kind::kPing);
}

void WebMember::on(const web::server::Speaking& m) {
    auto* view = joined_view(m.room, "speaking");
    if (!view) return;
    if (m.speaking)
        view->speaking.insert(m.member);
    else
        view->speaking.erase(m.member);
}

void WebMember::on(const web::server::CallEnded& m) { voice_message(m, Kind::kPing); }

void WebMember::on(const web::server::Closing& m) {
    world_.note(key_, "is told: closing, {} ({})", to_text(m.reason), m.text);
    closings_.push_back(m);
}

void WebMember::on(const web::server::Pong& m) { answered(m.request, "pong"); }

// --- what others ask about him

const RoomView& WebMember::room(const std::string& name) const {
    const auto it = views_.find(name);
    return it == views_.end() ? kNowhere : it->second;
}

std::size_t WebMember::times_seen(const std::string& room, const std::string& text) const {
    return static_cast<std::size_t>(std::ranges::count_if(this->room(room).messages, [&](const auto& m) { return m.second.text == text; }));
}

bool WebMember::sees(const std::string& room, const std::string& text) const { return times_seen(room, text) > 0; }

std::optional<web::Presence> WebMember::presence_of(const std::string& room, const std::string& name) const {
    for (const auto& [id, person] : this->room(room).people)
        if (person.name == name) return person.presence;
    return std::nullopt;
}

bool WebMember::sees_person(const std::string& room, const std::string& name) const { return presence_of(room, name).has_value(); }

bool WebMember::was_refused(web::Refusal code) const {
    return std::ranges::any_of(refusals_, [&](const auto& r) { return r.code == code; });
}

std::string WebMember::why_unsettled() const {
    if (!wanted_) return stream_ ? "has not gone" : "";
    if (!welcomed_) return "is not welcomed";
    for (const auto& [request, asked] : asked_)
        if (asked.kind != Kind::kPing) return fmt::format("waits for the answer to request {} ({})", request, asked.about);
    if (!unsaid_.empty()) return fmt::format("has not said {}", token_of(unsaid_.front().text));
    for (const auto& room : rooms_wanted_) {
        if (!this->room(room).joined) return fmt::format("is not in {}", room);
        if (this->room(room).catching_up) return fmt::format("is catching up in {}", room);
    }
    for (const auto& [name, view] : views_)
        if (view.joined && !rooms_wanted_.contains(name)) return fmt::format("is still in {}", name);
    return voice_unsettled();
}

bool WebMember::settled() const { return why_unsettled().empty(); }

}  // namespace earshot::sim

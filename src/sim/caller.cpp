#include "sim/caller.hpp"

#include "base/overloaded.hpp"

namespace earshot::sim {

namespace web = wire::web;

namespace {
constexpr Duration kSilenceWhileOthersTalk = 1500ms;  // then he tries another way
constexpr Duration kSilence = 9s;
constexpr Duration kBetweenRestarts = 4s;
constexpr Duration kBetweenTries = 2s;
constexpr Duration kPacketsUnderWay = 300ms;
constexpr Duration kMuteTakesEffect = 2s;  // longer than any change of mind of his is on its way
}  // namespace

Caller::Caller(World& world, House& house, Ledger& ledger, Hearing& hearing, std::string name, std::uint32_t number)
    : WebMember(world, house, ledger, std::move(name), number), hearing_(hearing), number_(number) {}

Caller::~Caller() = default;

Phone& Caller::phone() {
    if (!phone_) phone_ = std::make_unique<Phone>(world_, house_, hearing_, key(), number_);
    return *phone_;
}

const web::Person* Caller::self() const {
    for (const auto& room : wanted_rooms()) {
        const auto& people = this->room(room).people;
        if (const auto it = people.find(member()); it != people.end()) return &it->second;
    }
    return nullptr;
}

bool Caller::in_call() const {
    if (!call_wanted_) return false;
    const auto& people = room(*call_wanted_).people;
    const auto it = people.find(member());
    return it != people.end() && it->second.in_call;
}

// --- what he wants

void Caller::call(const std::string& room, bool listen_only) {
    if (call_wanted_ == room) return ask_for_place();
    if (call_wanted_) end_phone();
    call_wanted_ = room;
    listen_only_ = listen_only;
    ask_for_place();
}

void Caller::leave_call() {
    if (!call_wanted_) return;
    world_.note(key(), "leaves the call");
    call_wanted_.reset();
    if (here() && call_)
        ask(web::client::CallLeave{}, Kind::kCallLeave, {});
    else
        end_phone();
}

void Caller::talk(bool on) {
    talking_ = on;
    if (phone_) phone_->talk(on);
}

void Caller::set_voice(bool muted, bool deafened) {
    muted_ = muted;
    deafened_ = deafened;
    // What he sees of himself may be older than what he just said.
    muted_since_ = kNever;
    if (phone_) phone_->believe_muted(false);
    if (muted) return tell_voice();
    // A packet sent while he was muted must not be overtaken by the word that he is not.
    world_.after(kPacketsUnderWay, [this] { tell_voice(); });
}

void Caller::tell_voice() {
    if (here()) tell(web::client::Voice{.muted = muted_, .deafened = deafened_});
}

void Caller::restart_call() {
    if (!here() || !call_) return;
    last_restart_ = world_.now().at;
    world_.note(key(), "asks for fresh names for the call");
    ask(web::client::CallRestart{.request = 0, .call = call_}, Kind::kCallRestart, {});
}

void Caller::ask_for_place() {
    if (!call_wanted_ || !here() || asked_for_place_ || call_ || !in(*call_wanted_)) return;
    asked_for_place_ = true;
    answered_ = false;
    ask(web::client::CallJoin{.request = 0, .room = *call_wanted_, .listen_only = listen_only_, .muted = muted_}, Kind::kCallJoin, *call_wanted_);
}

void Caller::end_phone() {
    call_ = 0;
    answered_ = false;
    ++life_;
    if (phone_) phone_->hang_up();
}

// --- what he hears from the house

void Caller::take_offer(const web::server::CallOffer& offer) {
    asked_for_place_ = false;
    if (call_wanted_ != offer.room) {  // he thought better of it meanwhile
        call_ = offer.call;
        ask(web::client::CallLeave{}, Kind::kCallLeave, {});
        return;
    }
    const bool same = call_ == offer.call && phone().active();
    call_ = offer.call;
    answered_ = false;
    const auto answer = same ? phone().restart(offer.sdp) : phone().take_call(offer.sdp, offer.call, offer.room, listen_only_);
    if (!answer) return world_.broken("an offer can be answered", answer.error());
    phone().talk(talking_);
    if (!same) {
        ++life_;
        look_after_voice(life_);
    }
    ask(web::client::CallAnswer{.request = 0, .call = offer.call, .sdp = answer_with.value_or(*answer)}, Kind::kCallAnswer, {});
}

void Caller::voice_message(const web::server::Message& message, Kind answered) {
    std::visit(overloaded{
                   [&](const web::server::CallOffer& m) { take_offer(m); },
                   [&](const web::server::Done&) {
                       if (answered == Kind::kCallAnswer) answered_ = true;
                       if (answered != Kind::kCallLeave) return;
                       call_ = 0;
                       if (phone_) phone_->is_out();
                       ask_for_place();
                   },
                   [&](const web::server::CallEnded& m) {
                       if (m.call != call_) return;
                       world_.note(key(), "is told that the call ended: {}", to_text(m.reason));
                       ++calls_ended_;
                       last_end_reason_ = m.reason;
                       end_phone();
                       world_.after(world_.between(200ms, 1s), [this] { ask_for_place(); });
                   },
                   [&](const web::server::Removed& m) {
                       if (call_wanted_ == m.room) call_wanted_.reset();
                   },
                   [&](const web::server::MutedBy&) {
                       muted_ = true;
                       tell_voice();
                   },
                   [&](const web::server::Refused& m) {
                       // Without the room there is no call of it.
                       if (call_wanted_ && !wanted_rooms().contains(*call_wanted_)) call_wanted_.reset();
                       if (answered == Kind::kCallRestart && m.code == web::Refusal::no_call) end_phone();
                       if (answered == Kind::kCallJoin) asked_for_place_ = false;
                       if (answered == Kind::kCallJoin || answered == Kind::kCallAnswer || answered == Kind::kCallRestart)
                           world_.after(world_.between(500ms, 2s), [this] { ask_for_place(); });
                       if (answered == Kind::kCallLeave) end_phone();
                   },
                   [](const auto&) {},
               },
               message);
}

// The voice may go on without the WebSocket; what was asked on it is open again.
void Caller::voice_lost_connection() {
    asked_for_place_ = false;
    if (!wants_to_be_here()) end_phone();
}

// The rooms as they stand tell whether the house still has him in the call.
void Caller::voice_room_shown(const std::string& shown) {
    const auto* person = self();
    if (person && (person->muted != muted_ || person->deafened != deafened_)) tell_voice();
    if (call_wanted_ == shown) {
        const bool lost = !in_call() || !answered_ || !phone_ || !phone_->active();
        if (call_ && lost) end_phone();
        return ask_for_place();
    }
    if (call_wanted_) return;
    const auto& people = room(shown).people;
    const auto it = people.find(member());
    const bool still_in_call = it != people.end() && it->second.in_call;
    if (call_ || still_in_call) ask(web::client::CallLeave{}, Kind::kCallLeave, {});
}

// Several times a second, as a page looks at its statistics: is anything coming?
void Caller::look_after_voice(std::uint64_t life) {
    if (life != life_ || !phone_) return;
    const auto now = world_.now().at;
    const auto* person = self();
    const bool told_muted = here() && person && person->muted && muted_;
    if (!told_muted)
        muted_since_ = kNever;
    else if (muted_since_ == kNever)
        muted_since_ = now;
    phone_->believe_muted(told_muted && muted_since_ != kNever && now - muted_since_ > kMuteTakesEffect);
    bool others_talk = false;
    if (call_wanted_)
        for (const auto who : room(*call_wanted_).speaking) others_talk |= who != member();
    const auto silent = now - phone_->last_sign();
    if (phone_->active() && silent > (others_talk && !deafened_ ? kSilenceWhileOthersTalk : kSilence)) {
        if (now - last_tcp_ > kBetweenTries) {
            last_tcp_ = now;
            phone_->try_tcp();
        }
        if (now - last_restart_ > kBetweenRestarts && answered_) restart_call();
    }
    world_.after(250ms, [this, life] { look_after_voice(life); });
}

void Caller::voice_tick() { ask_for_place(); }

std::string Caller::voice_unsettled() const {
    if (!call_wanted_) return call_ ? "is still in a call" : "";
    if (!call_) return "has no call";
    if (!answered_) return "has not answered the call";
    if (!phone_ || !phone_->connected()) return "has no voice";
    if (!in_call()) return "is in no call by the house's word";
    const auto* person = self();
    if (person && (person->muted != muted_ || person->deafened != deafened_)) return "is muted or deafened otherwise than he wants";
    return "";
}

}  // namespace earshot::sim

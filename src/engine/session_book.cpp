#include "engine/session_book.hpp"

#include "base/check.hpp"
#include "engine/limits.hpp"

namespace earshot::engine {
namespace {

// Reconnecting begins with the quiet: others are told "quiet" for the first moments of it, then "reconnecting".
constexpr Duration after(SessionBook::Step step) {
    switch (step) {
        case SessionBook::Step::kQuiet: return limits::kQuietAfter;
        case SessionBook::Step::kReconnecting: return limits::kQuietAfter * 2;
        case SessionBook::Step::kGone: return limits::kGoneAfter;
        case SessionBook::Step::kForgotten: return limits::kForgottenAfter;
    }
    return limits::kForgottenAfter;
}

}  // namespace

MemberId SessionBook::add(Resident resident) {
    const auto forgotten = make_room();
    tokens_.emplace(resident.token, resident.member);
    if (!resident.claim.empty()) claims_.insert_or_assign(resident.claim, resident.member);
    const auto member = resident.member;
    ENSURE(residents_.emplace(member, std::move(resident)).second);
    return forgotten;
}

MemberId SessionBook::make_room() {
    if (residents_.size() < limits::kSessions) return {};
    for (const auto& alarm : alarms_) {
        if (alarm.step != Step::kForgotten) continue;
        const auto member = alarm.member;
        forget(member);
        return member;
    }
    return {};
}

Resident* SessionBook::by_token(const std::string& token) {
    const auto found = tokens_.find(token);
    return found == tokens_.end() ? nullptr : by_member(found->second);
}

Resident* SessionBook::by_claim(const std::string& token) {
    const auto found = claims_.find(token);
    return found == claims_.end() ? nullptr : by_member(found->second);
}

Resident* SessionBook::by_member(MemberId member) {
    const auto found = residents_.find(member);
    return found == residents_.end() ? nullptr : &found->second;
}

ConnectionId SessionBook::connection_of(MemberId member) const {
    const auto found = residents_.find(member);
    return found == residents_.end() ? ConnectionId{} : found->second.connection;
}

void SessionBook::attach(Resident& resident, ConnectionId connection) {
    unschedule(resident.member);
    resident.connection = connection;
    resident.gone = false;
}

void SessionBook::lose(Time now, Resident& resident) {
    resident.connection = {};
    resident.lost_at = now;
    schedule(resident, Step::kQuiet);
}

void SessionBook::forget(MemberId member) {
    unschedule(member);
    const auto found = residents_.find(member);
    if (found == residents_.end()) return;
    tokens_.erase(found->second.token);
    if (const auto claim = claims_.find(found->second.claim); claim != claims_.end() && claim->second == member) claims_.erase(claim);
    residents_.erase(found);
}

void SessionBook::schedule(const Resident& resident, Step step) {
    unschedule(resident.member);
    const Alarm alarm{resident.lost_at + after(step), resident.member, step};
    alarms_.insert(alarm);
    alarm_of_.emplace(resident.member, alarm);
}

void SessionBook::unschedule(MemberId member) {
    const auto found = alarm_of_.find(member);
    if (found == alarm_of_.end()) return;
    alarms_.erase(found->second);
    alarm_of_.erase(found);
}

std::vector<SessionBook::Due> SessionBook::due(Time now) {
    std::vector<Due> steps;
    while (!alarms_.empty() && alarms_.begin()->at <= now) {
        const auto alarm = *alarms_.begin();
        steps.push_back({alarm.member, alarm.step});
        if (alarm.step == Step::kForgotten)
            forget(alarm.member);
        else
            schedule(residents_.at(alarm.member), static_cast<Step>(static_cast<int>(alarm.step) + 1));
    }
    return steps;
}

Deadline SessionBook::deadline() const {
    if (alarms_.empty()) return {};
    return {alarms_.begin()->at, "a lost session's next step"};
}

}  // namespace earshot::engine

#include "core/room.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace earshot::core {

bool Room::has(MemberId member) const { return std::ranges::find(members_, member) != members_.end(); }

void Room::dismiss(MemberId member) {
    std::erase(members_, member);
    std::erase(listeners_, member);
}

std::deque<Step>::iterator Room::joining(MemberId member) {
    return std::ranges::find_if(
        steps_, [&](const Step& step) { return step.kind == Step::Kind::kAddPerson && std::get<PersonJoined>(step.event).person.member == member; });
}

bool Room::withdraw(MemberId member, Effects& effects) {
    const auto step = joining(member);
    if (step == steps_.end()) return false;
    if (step->ticket) effects.refuse(member, step->ticket, {RefusalCode::kNotInRoom, "You left the room before you were in.", {}});
    steps_.erase(step);
    return true;
}

void Room::forget_ticket(MemberId member) {
    if (const auto step = joining(member); step != steps_.end()) step->ticket = 0;
}

void Room::push(Step step, Effects& effects) {
    steps_.push_back(std::move(step));
    flush(effects);
}

void Room::settle(EntryId entry, bool shown, Effects& effects) {
    const auto found = std::ranges::find(steps_, entry, &Step::waits_for);
    if (found == steps_.end()) return;
    if (std::holds_alternative<MessageShown>(found->event)) {
        ENSURE(history_pending_ > 0);
        --history_pending_;
    }
    if (shown)
        found->waits_for = {};
    else
        steps_.erase(found);
    flush(effects);
}

void Room::flush(Effects& effects) {
    while (!steps_.empty() && !steps_.front().waits_for) {
        Step step = std::move(steps_.front());
        steps_.pop_front();
        show(step, effects);
    }
}

void Room::show(Step& step, Effects& effects) {
    switch (step.kind) {
        case Step::Kind::kAddPerson: add_person(step, effects); return;
        case Step::Kind::kRemovePerson: {
            const auto gone = std::get<PersonLeft>(step.event).member;
            // Somebody who left and came back while the order waited is shown leaving, then coming.
            if (std::erase_if(people_, [&](const Person& p) { return p.member == gone; }) == 0) return;
            break;
        }
        case Step::Kind::kChangePerson: {
            const auto& changed = std::get<PersonChanged>(step.event).person;
            const auto found = std::ranges::find(people_, changed.member, &Person::member);
            if (found == people_.end()) return;
            *found = changed;
            break;
        }
        case Step::Kind::kShow:
            if (const auto* message = std::get_if<MessageShown>(&step.event)) last_message_ = message->message.id;
            if (const auto* topic = std::get_if<TopicChanged>(&step.event)) topic_ = topic->topic;
            break;
    }
    if (auto to = audience({}); !to.empty()) effects.deliveries.push_back({std::move(to), 0, std::move(step.event)});
    effects.touched.push_back(id_);
}

void Room::add_person(Step& step, Effects& effects) {
    auto& joined = std::get<PersonJoined>(step.event);
    const auto member = joined.person.member;
    ENSURE(has(member));  // or his joining would have been withdrawn
    ENSURE(std::ranges::find(people_, member, &Person::member) == people_.end());
    people_.push_back(joined.person);
    listeners_.push_back(member);
    effects.tell(member, step.ticket, Joined{id_, name_, topic_, people_, last_message_, slots, keeper_});
    if (auto to = audience(member); !to.empty()) effects.deliveries.push_back({std::move(to), 0, std::move(step.event)});
    effects.touched.push_back(id_);
}

void Room::tell_now(const Event& event, MemberId except, Effects& effects) const {
    if (auto to = audience(except); !to.empty()) effects.deliveries.push_back({std::move(to), 0, event});
}

void Room::bar(Barred who, std::size_t at_most) {
    if (barred_.size() >= at_most) barred_.pop_front();
    barred_.push_back(std::move(who));
}

std::optional<Duration> Room::barred_for(Time now, MemberId member, const std::string& key, const std::string& origin) {
    while (!barred_.empty() && barred_.front().until <= now) barred_.pop_front();
    const auto is_he = [&](const Barred& b) { return b.member == member || (!origin.empty() && b.origin == origin && b.key == key); };
    const auto found = std::ranges::find_if(barred_.rbegin(), barred_.rend(), is_he);
    return found == barred_.rend() ? std::nullopt : std::optional{found->until - now};
}

std::vector<MemberId> Room::audience(MemberId except) const {
    std::vector<MemberId> to;
    to.reserve(listeners_.size());
    for (const auto member : listeners_)
        if (member != except) to.push_back(member);
    return to;
}

}  // namespace earshot::core

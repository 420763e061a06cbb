#include "engine/talk_desk.hpp"

#include <algorithm>

namespace earshot::engine {
namespace {

constexpr const char* kNoRelay = "Talks are switched off on this server.";
constexpr const char* kTooMany = "There are too many talks at once; end one first.";

auto party_of(auto& talk, MemberId member) {
    return std::ranges::find_if(talk.parties, [&](const auto& party) { return party.member == member; });
}

}  // namespace

// What must not be lost has room kept for it: a talk that ended must not go on.
void TalkDesk::order(TalkOrder order) { static_cast<void>(orders_->push_reserved(std::move(order))); }

bool TalkDesk::seat(const std::string& key, const Party& party) { return orders_->push(SeatInTalk{key, party.member, party.ip}); }

bool TalkDesk::busy(MemberId member) const {
    return static_cast<std::size_t>(
               std::ranges::count_if(talks_, [&](const auto& talk) { return party_of(talk.second, member) != talk.second.parties.end(); })) >= kTalksPerMember;
}

std::expected<std::string, std::string> TalkDesk::ask(Time now, const Party& from, const Party& to) {
    if (!orders_) return std::unexpected(kNoRelay);
    if (from.member == to.member) return std::unexpected("You cannot call yourself.");
    if (busy(from.member) || busy(to.member)) return std::unexpected(kTooMany);
    auto key = random_.hex(kKeyBytes);
    talks_[key] = {.parties = {from, to}, .room = {}, .accepted = false, .answer_by = now + kAnswerWait};
    return key;
}

std::expected<std::string, std::string> TalkDesk::ask_room(RoomId room, const Party& from) {
    if (!orders_) return std::unexpected(kNoRelay);
    auto found = std::ranges::find_if(talks_, [&](const auto& talk) { return talk.second.room == room; });
    const bool inside = found != talks_.end() && party_of(found->second, from.member) != found->second.parties.end();
    if (inside) return found->first;
    if (busy(from.member)) return std::unexpected(kTooMany);
    if (found == talks_.end()) found = talks_.emplace(random_.hex(kKeyBytes), Talk{.parties = {}, .room = room, .accepted = true, .answer_by = kNever}).first;
    if (!seat(found->first, from)) {
        if (found->second.parties.empty()) talks_.erase(found);
        return std::unexpected("The server is busy; try again in a moment.");
    }
    found->second.parties.push_back(from);
    return found->first;
}

bool TalkDesk::talks_in(RoomId room, MemberId member) const {
    return std::ranges::any_of(talks_,
                               [&](const auto& talk) { return talk.second.room == room && party_of(talk.second, member) != talk.second.parties.end(); });
}

bool TalkDesk::bridge(RoomId room, MemberId member, PeerId peer) {
    for (auto& [key, talk] : talks_)
        if (talk.room == room && party_of(talk, member) != talk.parties.end()) {
            order(BridgeTalk{key, member, peer});
            return true;
        }
    return false;
}

void TalkDesk::leave(Talks::iterator talk, MemberId member) {
    if (talk->second.parties.size() == 1) {
        end(talk);
        return;
    }
    talk->second.parties.erase(party_of(talk->second, member));
    order(LeaveTalk{talk->first, member});
}

std::expected<std::optional<TalkDesk::News>, std::string> TalkDesk::answer(MemberId member, const std::string& key, bool accept) {
    const auto talk = talks_.find(key);
    if (talk == talks_.end() || party_of(talk->second, member) == talk->second.parties.end()) return std::unexpected("There is no such talk, or it is over.");
    auto& [parties, room, accepted, answer_by] = talk->second;
    if (room && accept) return std::unexpected("A channel's talk needs no answer; DENY leaves it.");
    if (room) {
        leave(talk, member);
        return std::nullopt;
    }
    const auto other = parties.front().member == member ? parties.back().member : parties.front().member;
    if (!accept) {
        end(talk);
        return News{other, key, false};
    }
    if (accepted || parties.front().member == member) return std::unexpected("That talk does not wait for your answer.");
    if (!seat(key, parties.front()) || !seat(key, parties.back())) {
        end(talk);
        return News{other, key, false};
    }
    accepted = true;
    answer_by = kNever;
    return News{other, key, true};
}

std::vector<TalkDesk::News> TalkDesk::due(Time now) {
    std::vector<News> news;
    for (auto talk = talks_.begin(); talk != talks_.end();) {
        if (talk->second.answer_by > now) {
            ++talk;
            continue;
        }
        for (const auto& party : talk->second.parties) news.push_back({party.member, talk->first, false});
        talk = end(talk);
    }
    return news;
}

Deadline TalkDesk::deadline() const {
    Deadline soonest;
    for (const auto& [key, talk] : talks_) soonest.sooner({talk.answer_by, "an answer to a talk"});
    return soonest;
}

void TalkDesk::leave(RoomId room, MemberId member) {
    const auto talk = std::ranges::find_if(talks_, [&](const auto& t) { return t.second.room == room; });
    if (talk == talks_.end()) return;
    auto& parties = talk->second.parties;
    const auto party = party_of(talk->second, member);
    if (party == parties.end()) return;
    if (parties.size() == 1) {
        end(talk);
        return;
    }
    parties.erase(party);
    order(LeaveTalk{talk->first, member});
}

std::vector<TalkDesk::News> TalkDesk::drop(MemberId member) {
    std::vector<News> news;
    for (auto talk = talks_.begin(); talk != talks_.end();) {
        auto& parties = talk->second.parties;
        const auto party = party_of(talk->second, member);
        if (party == parties.end()) {
            ++talk;
        } else if (talk->second.room && parties.size() > 1) {
            parties.erase(party);
            order(LeaveTalk{talk->first, member});
            ++talk;
        } else {
            for (const auto& other : parties)
                if (other.member != member) news.push_back({other.member, talk->first, false});
            talk = end(talk);
        }
    }
    return news;
}

TalkDesk::Talks::iterator TalkDesk::end(Talks::iterator talk) {
    if (talk->second.accepted || talk->second.room) order(EndTalk{talk->first});
    return talks_.erase(talk);
}

}  // namespace earshot::engine

// The control side of talks (Voix): who asked whom, who accepted, and which keys are good. The datagrams themselves go through
// the relay (talk_relay.hpp), which is told who may sit where.
#pragma once
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "base/random.hpp"
#include "engine/talk_orders.hpp"

namespace earshot::engine {

class TalkDesk {
public:
    static constexpr Duration kAnswerWait = 30s;
    static constexpr std::size_t kTalksPerMember = 16;
    static constexpr std::size_t kKeyBytes = 16;  // unguessable: who has the key has the talk

    struct Party {
        MemberId member;
        IpAddress ip;  // of his connection: datagrams of his talk come from there
    };
    // The relay's box; null: a house without the relay, which has no talks.
    TalkDesk(Random& random, TalkOrderBox* orders) : random_(random), orders_(orders) {}

    // `from` asks `to`, who has kAnswerWait to answer. The key for both; the error is a sentence for the asker.
    std::expected<std::string, std::string> ask(Time now, const Party& from, const Party& to);
    // Everybody of the room who asks has the same key, and is in at once.
    std::expected<std::string, std::string> ask_room(RoomId room, const Party& from);

    // Somebody who must hear how a talk stands.
    struct News {
        MemberId member;
        std::string key;
        bool accepted = false;
    };
    // The one who was asked accepts or denies; either denies what stands and so ends it. Who denies a channel's talk leaves it alone,
    // and nobody is told. Whom to tell, or a sentence.
    std::expected<std::optional<News>, std::string> answer(MemberId member, const std::string& key, bool accept);
    // The member of a room's talk is a bare member of the room's call from now on (0: no longer); false: he is in no talk there.
    bool bridge(RoomId room, MemberId member, PeerId peer);
    bool talks_in(RoomId room, MemberId member) const;
    // Requests that nobody answered in time: both sides are told.
    std::vector<News> due(Time now);
    Deadline deadline() const;
    // He is out of the room, and so of its talk.
    void leave(RoomId room, MemberId member);
    // The member is gone: those who talked with him are told.
    std::vector<News> drop(MemberId member);

private:
    struct Talk {
        std::vector<Party> parties;  // of two: the asker first
        RoomId room;                 // of a room's talk
        bool accepted = false;
        Time answer_by = kNever;
    };
    using Talks = std::map<std::string, Talk>;

    bool seat(const std::string& key, const Party& party);
    bool busy(MemberId member) const;
    void leave(Talks::iterator talk, MemberId member);
    Talks::iterator end(Talks::iterator talk);
    void order(TalkOrder order);

    Random& random_;
    TalkOrderBox* orders_;
    Talks talks_;
};

}  // namespace earshot::engine

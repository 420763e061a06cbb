// A room: who is in it, and the one order in which everything of it is told. What waits for the disk
// holds back everything behind it, so that all see the same sequence.
#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/effects.hpp"

namespace earshot::core {

// One step of a room's order.
struct Step {
    enum class Kind { kShow, kAddPerson, kRemovePerson, kChangePerson };
    Kind kind = Kind::kShow;
    EntryId waits_for;  // 0: ready
    Event event;        // what the room is told
    Ticket ticket = 0;  // kAddPerson: of the joiner, who is told Joined
};

class Room {
public:
    Room(RoomId id, std::string name, std::string key) : id_(id), name_(std::move(name)), key_(std::move(key)) {}

    RoomId id() const { return id_; }
    const std::string& name() const { return name_; }
    const std::string& key() const { return key_; }

    // As decided (commands are judged by this).
    const std::vector<MemberId>& members() const { return members_; }
    bool has(MemberId member) const;
    void admit(MemberId member) { members_.push_back(member); }
    // At once nothing more of the room reaches him.
    void dismiss(MemberId member);
    // His joining is not shown yet: it is taken back, and with it whatever would have told him. False: he was shown.
    bool withdraw(MemberId member, Effects& effects);
    // Nobody waits for the answer to his joining any more.
    void forget_ticket(MemberId member);

    // As shown (what the newest joiner is told).
    const std::string& topic() const { return topic_; }
    void restore_topic(std::string topic) { topic_ = std::move(topic); }
    const std::vector<Person>& people() const { return people_; }
    MessageId last_message() const { return last_message_; }
    void restore_last_message(MessageId id) { last_message_ = id; }
    bool has_history() const { return static_cast<bool>(last_message_) || history_pending_ > 0; }
    void expect_history() { ++history_pending_; }

    void push(Step step, Effects& effects);
    // The entry is settled: `shown` false takes its step out of the order.
    void settle(EntryId entry, bool shown, Effects& effects);
    // What passes at once, outside the order (typing, speaking, slots).
    void tell_now(const Event& event, MemberId except, Effects& effects) const;
    bool waiting() const { return !steps_.empty(); }

    // Who may remove and mute here; 0: only the operator. He may be out for a while.
    MemberId keeper() const { return keeper_; }
    void set_keeper(MemberId member) { keeper_ = member; }

    // Kept out for a while: by who he is, or by his name and where he comes from.
    struct Barred {
        MemberId member;
        std::string key, origin;
        Time until{};
    };
    void bar(Barred who, std::size_t at_most);
    // How long still; nothing: he may come in.
    std::optional<Duration> barred_for(Time now, MemberId member, const std::string& key, const std::string& origin);

    RoomSlots slots{};
    bool row_lost = false;  // its row could not be written; it goes before the next message

private:
    std::deque<Step>::iterator joining(MemberId member);
    void flush(Effects& effects);
    void show(Step& step, Effects& effects);
    void add_person(Step& step, Effects& effects);
    std::vector<MemberId> audience(MemberId except) const;

    RoomId id_;
    std::string name_;
    std::string key_;
    std::string topic_;
    std::vector<MemberId> members_;    // as decided
    std::vector<MemberId> listeners_;  // as shown
    std::vector<Person> people_;
    std::deque<Step> steps_;
    MessageId last_message_;
    MemberId keeper_;
    std::deque<Barred> barred_;  // the one barred longest first
    std::size_t history_pending_ = 0;
};

}  // namespace earshot::core

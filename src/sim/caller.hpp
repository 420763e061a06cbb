// Somebody with the web client who also talks: asks for his place in the call, answers the offer, mutes himself,
// restarts ICE when nothing is heard, and comes back into the call after every loss.
#pragma once
#include <optional>
#include <string>

#include "sim/phone.hpp"
#include "sim/web_member.hpp"

namespace earshot::sim {

class Caller final : public WebMember {
public:
    Caller(World& world, House& house, Ledger& ledger, Hearing& hearing, std::string name, std::uint32_t number);
    ~Caller() override;

    void call(const std::string& room, bool listen_only = false);
    void leave_call();
    void talk(bool on);
    void set_voice(bool muted, bool deafened);
    // What a client does that wants fresh names for its call.
    void restart_call();
    // Answers the next offer with this text instead of the phone's.
    std::optional<std::string> answer_with;

    const std::optional<std::string>& call_wanted() const { return call_wanted_; }
    bool muted() const { return muted_; }
    bool deafened() const { return deafened_; }
    bool listen_only() const { return listen_only_; }
    bool talks() const { return talking_; }
    bool in_call() const;  // by the house's word
    Phone& phone();
    bool has_phone() const { return phone_ != nullptr; }
    std::uint32_t number() const { return number_; }
    std::uint32_t calls_ended() const { return calls_ended_; }
    std::optional<wire::web::CallEndReason> last_end_reason() const { return last_end_reason_; }

private:
    void voice_message(const wire::web::server::Message& message, Kind answered) override;
    void voice_lost_connection() override;
    void voice_room_shown(const std::string& room) override;
    void voice_tick() override;
    std::string voice_unsettled() const override;

    void ask_for_place();
    void take_offer(const wire::web::server::CallOffer& offer);
    void end_phone();
    void tell_voice();
    void look_after_voice(std::uint64_t life);
    const wire::web::Person* self() const;

    Hearing& hearing_;
    std::uint32_t number_;
    std::unique_ptr<Phone> phone_;
    std::optional<std::string> call_wanted_;
    bool listen_only_ = false, muted_ = false, deafened_ = false, talking_ = false;
    std::uint64_t call_ = 0;       // the house's number of the call he is in, 0: none
    bool asked_for_place_ = false, answered_ = false;
    std::uint32_t calls_ended_ = 0;
    std::optional<wire::web::CallEndReason> last_end_reason_;
    Time muted_since_{};           // by the house's word
    Time last_restart_{}, last_tcp_{};
    std::uint64_t life_ = 0;
};

}  // namespace earshot::sim

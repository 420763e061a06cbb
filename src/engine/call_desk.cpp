#include "engine/call_desk.hpp"

namespace earshot::engine {

std::expected<fronts::CallOffered, std::string> CallDesk::grant(MemberId, fronts::Ticket, const core::CallGranted&) { return std::unexpected("Calls are not built in yet."); }
std::expected<void, std::string> CallDesk::answer(MemberId, PeerId, const std::string&) { return std::unexpected(std::string(kNoSuchCall)); }
std::expected<fronts::CallOffered, std::string> CallDesk::restart(MemberId, fronts::Ticket, PeerId) { return std::unexpected(std::string(kNoSuchCall)); }
void CallDesk::set_voice(MemberId, bool, bool) {}
std::optional<CallDesk::Ended> CallDesk::drop(MemberId) { return std::nullopt; }
std::optional<MemberId> CallDesk::member_of(PeerId) const { return std::nullopt; }
void CallDesk::shutdown() {}

}  // namespace earshot::engine

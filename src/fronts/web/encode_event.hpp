// Core events and notices as messages of the web protocol.
#pragma once
#include <optional>
#include <string>

#include "fronts/front.hpp"
#include "wire/web_messages.hpp"

namespace earshot::fronts::web {

// What every listener of a room is told alike; nullopt: nothing, or it differs from one to the next.
std::optional<std::string> encode_for_all(const core::Event& event);

std::string encode_joined(const core::Joined& joined, MemberId listener, Ticket ticket);
std::string encode_slots(const core::SlotsShown& slots, MemberId listener);
std::string encode_refusal(const core::Refusal& refusal, Ticket ticket);
std::string encode_history(const HistoryPage& page);
std::string encode_video_slots(const VideoSlotsShown& shown);
std::string encode_call_over(const CallOver& over);
wire::web::RoomSummary summary_message(const core::RoomSummary& room);
core::ClientKind client_kind(wire::web::ClientKind kind);

}  // namespace earshot::fronts::web

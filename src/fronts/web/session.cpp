#include "fronts/web/session.hpp"

#include <algorithm>

#include "base/overloaded.hpp"
#include "fronts/web/encode_event.hpp"

namespace earshot::fronts::web {
namespace {

namespace in = wire::web::client;
namespace out_ = wire::web::server;
using wire::web::encode;

// RFC 6455 section 7.4.1; 1012 and 1013 are IANA's "service restart" and "try again later".
struct Closing {
    wire::web::ClosingReason reason;
    std::uint16_t code;
    bool vanish;  // the client may come back for its member
};
Closing closing_of(Goodbye why) {
    using R = wire::web::ClosingReason;
    switch (why) {
        case Goodbye::kShutdown: return {R::shutdown, 1012, true};
        case Goodbye::kReplaced: return {R::replaced, 1000, true};
        case Goodbye::kSlowReader: return {R::slow_reader, 1008, true};
        case Goodbye::kProtocolError: return {R::protocol_error, 1008, true};
        case Goodbye::kFlood: return {R::flood, 1008, true};
        case Goodbye::kIdle: return {R::idle, 1001, true};
        case Goodbye::kServerFull: return {R::server_full, 1013, false};
    }
    return {R::shutdown, 1012, true};
}

// What is beyond the slots cannot be seen anyway.
std::vector<VideoTile> tiles_of(const in::View& view) {
    constexpr std::size_t kMaxTiles = 64;
    std::vector<VideoTile> tiles;
    const auto pixels = [](std::int64_t n) { return static_cast<std::uint16_t>(std::clamp<std::int64_t>(n, 0, 8192)); };
    for (const auto& tile : view.tiles) {
        if (tiles.size() == kMaxTiles) break;
        tiles.push_back({{MemberId{tile.member}, tile.share ? VideoKind::kShare : VideoKind::kCamera}, pixels(tile.width), pixels(tile.height)});
    }
    return tiles;
}

}  // namespace

void WebSession::opened(Now now, SessionOutbox&) { heard_at_ = now.at; }

void WebSession::receive(Now now, Bytes message, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    heard_at_ = now.at;
    if (!requests_.take(now.at)) return goodbye(now, Goodbye::kFlood, "Too many requests at once; come back in a moment.", out);
    const auto decoded = wire::web::decode_client(as_text(message));
    if (!decoded) return malformed(now, decoded.error(), out);
    if (const auto* ping = std::get_if<in::Ping>(&*decoded)) return out.send(encode(out_::Pong{ping->request}));
    if (stage_ == Stage::kInside) return inside(*decoded, out);
    if (const auto* first = std::get_if<in::Hello>(&*decoded); first && stage_ == Stage::kHello) return hello(*first, out);
    std::int64_t request = 0;
    std::visit(
        [&](const auto& m) {
            if constexpr (requires { m.request; }) request = m.request;
        },
        *decoded);
    refuse(request, wire::web::Refusal::hello_first, "Say hello first, once.", out);
}

void WebSession::malformed(Now now, const wire::web::DecodeError& error, SessionOutbox& out) {
    out.ask(CountMalformed{});
    const bool unknown = error.kind == wire::web::DecodeError::Kind::unknown_type;
    refuse(static_cast<std::int64_t>(error.request.value_or(0)), unknown ? wire::web::Refusal::unknown_type : wire::web::Refusal::bad_request, error.text, out);
    if (++malformed_ > settings_.malformed_allowed) goodbye(now, Goodbye::kProtocolError, "Too many messages that are not of this protocol.", out);
}

void WebSession::hello(const in::Hello& hello, SessionOutbox& out) {
    if (hello.protocol != wire::web::kProtocol)
        return refuse(hello.request, wire::web::Refusal::version,
                      "This server speaks protocol " + std::to_string(wire::web::kProtocol) + "; reload the page or update the client.", out);
    if (hello.kind != wire::web::ClientKind::browser && hello.kind != wire::web::ClientKind::terminal)
        return refuse(hello.request, wire::web::Refusal::bad_request, "By this door come browsers and terminal clients.", out);
    stage_ = Stage::kEntering;
    out.ask(Enter{static_cast<Ticket>(hello.request), hello.name, client_kind(hello.kind), hello.session.value_or("")});
}

void WebSession::inside(const in::Message& message, SessionOutbox& out) {
    std::visit(overloaded{
                   [&](const in::Hello& m) { refuse(m.request, wire::web::Refusal::bad_request, "You have said hello already.", out); },
                   [&](const in::Join& m) { act(m.request, core::Join{m.room}, out); },
                   [&](const in::Leave& m) { act(m.request, core::Leave{m.room}, out); },
                   [&](const in::Say& m) {
                       if (m.client_message_id.size() < 8 || m.client_message_id.size() > 64)
                           return refuse(m.request, wire::web::Refusal::bad_request, "client_message_id has 8 to 64 characters.", out);
                       act(m.request, core::Say{m.room, m.text, m.client_message_id}, out);
                   },
                   [&](const in::Direct& m) {
                       if (m.client_message_id.size() < 8 || m.client_message_id.size() > 64)
                           return refuse(m.request, wire::web::Refusal::bad_request, "client_message_id has 8 to 64 characters.", out);
                       act(m.request, core::Direct{MemberId{m.to}, m.text, m.client_message_id}, out);
                   },
                   [&](const in::Typing& m) { act(0, core::Typing{m.room}, out); },
                   [&](const in::Topic& m) {
                       act(m.request, core::SetTopic{m.room, m.topic}, out);
                   },
                   [&](const in::Nick& m) { act(m.request, core::SetNick{m.name}, out); },
                   [&](const in::History& m) {
                       const auto page = settings_.limits.history_page;
                       out.ask(AskHistory{static_cast<Ticket>(m.request), m.room, MessageId{m.before.value_or(0)}, MessageId{m.after.value_or(0)},
                                          static_cast<std::uint32_t>(std::clamp<std::int64_t>(m.limit.value_or(page), 1, page))});
                   },
                   [&](const in::CallJoin& m) {
                       act(m.request, core::JoinCall{m.room, m.listen_only, m.muted}, out);
                   },
                   [&](const in::CallAnswer& m) {
                       out.ask(AnswerCall{static_cast<Ticket>(m.request), PeerId{m.call}, m.sdp});
                   },
                   [&](const in::CallRestart& m) {
                       out.ask(RestartCall{static_cast<Ticket>(m.request), PeerId{m.call}});
                   },
                   [&](const in::CallLeave& m) { act(m.request, core::LeaveCall{}, out); },
                   [&](const in::Voice& m) {
                       act(0, core::SetVoice{m.muted, m.deafened}, out);
                   },
                   [&](const in::Video& m) { act(m.request, core::SetVideo{m.camera, m.share}, out); },
                   [&](const in::View& m) { out.ask(SeeVideo{tiles_of(m)}); },
                   [&](const in::Remove& m) {
                       act(m.request, core::Remove{m.room, MemberId{m.member}, m.reason.value_or("")}, out);
                   },
                   [&](const in::MuteMember& m) {
                       act(m.request, core::MuteMember{m.room, MemberId{m.member}}, out);
                   },
                   [&](const in::Operate& m) {
                       out.ask(ProveOperator{static_cast<Ticket>(m.request), m.key});
                   },
                   [&](const in::Ping&) {},
                   [&](const in::Quit&) {
                       act(0, core::Quit{}, out);
                       end(1000, "quit", false, out);
                   },
               },
               message);
}

void WebSession::refuse(std::int64_t request, wire::web::Refusal code, std::string text, SessionOutbox& out) const {
    out.send(encode(out_::Refused{request > 0 ? std::optional{request} : std::nullopt, code, std::move(text), std::nullopt}));
}

void WebSession::deliver(Now, const EventDelivery& delivery, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    const auto ticket = delivery.ticket;
    const auto request = static_cast<std::int64_t>(ticket);
    const bool own = std::visit(overloaded{
                                    [&](const core::Joined& e) {
                                        out.send(encode_joined(e, member_, ticket));
                                        return true;
                                    },
                                    [&](const core::Left& e) {
                                        out.send(encode(out_::Left{request > 0 ? std::optional{request} : std::nullopt, e.room_name}));
                                        return true;
                                    },
                                    [&](const core::Accepted& e) {
                                        out.send(encode(out_::Accepted{request, e.client_message_id, e.id.value, e.time_ms}));
                                        return true;
                                    },
                                    [&](const core::Refused& e) {
                                        out.send(encode_refusal(e.refusal, ticket));
                                        return true;
                                    },
                                    [&](const core::Done&) {
                                        if (ticket) out.send(encode(out_::Done{request}));
                                        return true;
                                    },
                                    [&](const core::NickChanged&) {
                                        if (ticket) out.send(encode(out_::Done{request}));
                                        return true;
                                    },
                                    [&](const core::SlotsShown& e) {
                                        out.send(encode_slots(e, member_));
                                        return true;
                                    },
                                    [](const core::CallGranted&) { return true; },
                                    [](const core::CallLeft&) { return true; },
                                    [](const core::VoiceSet&) { return true; },
                                    [](const core::VideoSet&) { return true; },
                                    [](const auto&) { return false; },
                                },
                                delivery.event);
    if (own) return;
    const auto& text = delivery.fanout.once(Form::kWebJson, [&] { return encode_for_all(delivery.event).value_or(""); });
    if (!text->empty()) out.send(text);
}

void WebSession::notice(Now, const Notice& notice, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    std::visit(
        overloaded{
            [&](const Entered& n) { answer_of_entering(n, out); },
            [&](const EnterRefused& n) {
                stage_ = Stage::kHello;
                out.send(encode_refusal(n.refusal, n.ticket));
            },
            [&](const HistoryPage& n) { out.send(encode_history(n)); },
            [&](const CallOffered& n) {
                out.send(encode(out_::CallOffer{n.ticket ? std::optional{static_cast<std::int64_t>(n.ticket)} : std::nullopt, n.call.value, n.room, n.sdp}));
            },
            [&](const CallOver& n) { out.send(encode_call_over(n)); },
            [&](const CallRefused& n) {
                refuse(static_cast<std::int64_t>(n.ticket), n.bad_sdp ? wire::web::Refusal::bad_sdp : wire::web::Refusal::no_call, n.text, out);
            },
            [&](const VideoSlotsShown& n) { out.send(encode_video_slots(n)); },
            [&](const CallAnswered& n) { out.send(encode(out_::Done{static_cast<std::int64_t>(n.ticket)})); }, [](const auto&) {},  // talks are another front's
        },
        notice);
}

void WebSession::answer_of_entering(const Entered& entered, SessionOutbox& out) {
    stage_ = Stage::kInside;
    member_ = entered.member;
    out_::Welcome welcome{static_cast<std::int64_t>(entered.ticket),
                          wire::web::kProtocol,
                          entered.session_token,
                          entered.resumed,
                          entered.member.value,
                          entered.name,
                          settings_.server_name,
                          settings_.version,
                          settings_.limits,
                          {},
                          entered.joined};
    for (const auto& room : entered.rooms) welcome.rooms.push_back(summary_message(room));
    out.send(encode(welcome));
}

void WebSession::goodbye(Now, Goodbye why, std::string_view text, SessionOutbox& out) {
    if (stage_ == Stage::kOver) return;
    const auto closing = closing_of(why);
    const bool come_back = why == Goodbye::kShutdown || why == Goodbye::kServerFull || why == Goodbye::kFlood || why == Goodbye::kSlowReader;
    out.send(encode(out_::Closing{closing.reason, std::string(text), come_back ? std::optional<std::int64_t>{1000} : std::nullopt}));
    end(closing.code, std::string(wire::web::to_text(closing.reason)), closing.vanish, out);
}

void WebSession::end(std::uint16_t code, std::string reason, bool vanish, SessionOutbox& out) {
    stage_ = Stage::kOver;
    out.ask(CloseSession{code, std::move(reason), vanish});
}

void WebSession::tick(Now now, SessionOutbox& out) {
    if (stage_ == Stage::kOver || now.at < deadline().at) return;
    goodbye(now, Goodbye::kIdle, stage_ == Stage::kHello ? "No hello came." : "Nothing was heard from you for a while.", out);
}

Deadline WebSession::deadline() const {
    if (stage_ == Stage::kOver) return {};
    return stage_ == Stage::kHello ? Deadline{heard_at_ + settings_.hello_wait, "hello"} : Deadline{heard_at_ + settings_.idle_wait, "idle connection"};
}

}  // namespace earshot::fronts::web

// rooms: fronts
// A Voix client's bytes, cut anywhere, with time passing: the session never crashes, keeps its buffers bounded, and everything it
// says is whole lines.
#include <cstdint>

#include "base/check.hpp"
#include "fronts/voix/session.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fronts::voix::Settings settings;
    fronts::voix::VoixSession session{settings};
    fronts::SessionOutbox out;
    Now now{Time{1s}, 1000};
    session.opened(now, out);
    ByteReader reader{{data, size}};
    while (reader.remaining() > 0) {
        const auto step = reader.u8();
        now.at += std::chrono::seconds(step & 0x0f);
        session.tick(now, out);
        session.receive(now, reader.take(std::min<std::size_t>(reader.remaining(), step & 0x80 ? 400u : 9u)), out);
        for (const auto& request : out.take()) {
            if (const auto* enter = std::get_if<fronts::Enter>(&request)) {
                if (enter->name.size() % 2)
                    session.notice(now, fronts::EnterRefused{0, {core::RefusalCode::kNameTaken, "taken", "x"}}, out);
                else
                    session.notice(now, fronts::Entered{.ticket = 0, .member = MemberId{1}, .name = enter->name}, out);
            } else if (const auto* ask = std::get_if<fronts::AskTalk>(&request)) {
                session.notice(now, fronts::TalkAsked{ask->room, "k"}, out);
            } else if (const auto* said = std::get_if<SharedText>(&request)) {
                ENSURE((*said)->ends_with('\n'));
            } else if (const auto* act = std::get_if<fronts::Act>(&request)) {
                fronts::Fanout fanout;
                const auto* join = std::get_if<core::Join>(&act->command);
                if (join)
                    session.deliver(
                        now,
                        {act->ticket, core::Event{core::Joined{.room = RoomId{1}, .room_name = join->room, .topic = {}, .people = {}, .last_message = {}}},
                         fanout},
                        out);
            }
        }
    }
    return 0;
}

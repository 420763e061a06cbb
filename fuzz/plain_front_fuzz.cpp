// rooms: fronts
// A bare socket's bytes, cut anywhere, with time passing: the session never crashes, keeps its buffers bounded,
// and every message it asks to say is one the framer really found.
#include <cstdint>

#include "base/check.hpp"
#include "fronts/plain/session.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fronts::plain::Settings settings;
    fronts::plain::PlainSession session{settings};
    fronts::SessionOutbox out;
    Now now{Time{1s}, 1000};
    session.opened(now, out);
    ByteReader reader{{data, size}};
    while (reader.remaining() > 0) {
        const auto step = reader.u8();
        now.at += std::chrono::milliseconds(step & 0x7f) * 4;
        session.tick(now, out);
        const auto chunk = reader.take(std::min<std::size_t>(reader.remaining(), step & 0x80 ? 400u : 9u));
        session.receive(now, chunk, out);
        for (const auto& request : out.take()) {
            if (const auto* enter = std::get_if<fronts::Enter>(&request)) {
                if (enter->name.size() % 2)
                    session.notice(now, fronts::EnterRefused{0, {core::RefusalCode::kNameTaken, "taken", "x"}}, out);
                else
                    session.notice(now, fronts::Entered{.ticket = 0, .member = MemberId{1}, .name = enter->name}, out);
            } else if (const auto* act = std::get_if<fronts::Act>(&request)) {
                fronts::Fanout fanout;
                if (std::holds_alternative<core::Join>(act->command)) session.deliver(now, {act->ticket, core::Event{core::Joined{}}, fanout}, out);
                if (const auto* say = std::get_if<core::Say>(&act->command)) ENSURE(say->text.size() <= 3 * fronts::plain::Framer::kLongestText);
            }
        }
    }
    return 0;
}

#include "fronts/plain/session.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::fronts;
using namespace earshot::fronts::plain;

namespace {

constexpr Now kNow{Time{} + 1s, 1000};

// Whether the session asked to be closed.
bool closes(SessionOutbox& out) {
    bool closed = false;
    for (const auto& request : out.take()) closed = closed || std::holds_alternative<CloseSession>(request);
    return closed;
}

}  // namespace

TEST_CASE("who sends more than anybody writes while the disk keeps his entry waiting is sent away") {
    const Settings settings;
    PlainSession session(settings);
    SessionOutbox out;
    session.opened(kNow, out);
    session.receive(kNow, as_bytes("Bo\n"), out);
    session.notice(kNow, Entered{.member = MemberId{7}, .name = "Bo"}, out);
    const std::string lines(1000, '\n');
    for (int i = 0; i < 4; ++i) session.receive(kNow, as_bytes(lines), out);
    CHECK_FALSE(closes(out));  // a page that was pasted is kept for him
    session.receive(kNow, as_bytes(lines), out);
    CHECK(closes(out));
}

TEST_CASE("a few long texts are as much as many short ones") {
    const Settings settings;
    PlainSession session(settings);
    SessionOutbox out;
    session.opened(kNow, out);
    session.receive(kNow, as_bytes("Bo\n"), out);
    session.notice(kNow, Entered{.member = MemberId{7}, .name = "Bo"}, out);
    const std::string line = std::string(30 * 1024, 'a') + "\n";
    for (int i = 0; i < 8; ++i) session.receive(kNow, as_bytes(line), out);
    CHECK_FALSE(closes(out));
    session.receive(kNow, as_bytes(line), out);
    CHECK(closes(out));
}

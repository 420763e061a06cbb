// The real terminal code on the other side of a pseudo-terminal: what it writes, and that it gives back what it took.
#include "client/screen/terminal.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

namespace earshot::client::screen {
namespace {

struct Outcome {
    std::string written;
    int status = 0;
    termios before{}, after{};
    bool modes_given_back() const { return before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag; }
};

constexpr std::string_view kEnd = "\x1f all of it \x1f";  // nobody else writes this

// Reads what the terminal is given until the child is gone and then until kEnd, which goes the same way as all that he wrote: a pseudo-terminal
// hands over what it is given a little later, and that may be after its writer's end.
std::string read_all(int ours, int theirs, pid_t child, int& status) {
    std::string written;
    std::array<char, 4096> bytes{};
    ::fcntl(ours, F_SETFL, O_NONBLOCK);
    for (bool over = false; !written.ends_with(kEnd); ::sched_yield()) {
        const auto size = ::read(ours, bytes.data(), bytes.size());
        if (size > 0) written.append(bytes.data(), static_cast<std::size_t>(size));
        if (size > 0 || over || ::waitpid(child, &status, WNOHANG) != child) continue;
        over = true;
        REQUIRE(::write(theirs, kEnd.data(), kEnd.size()) == static_cast<ssize_t>(kEnd.size()));
    }
    written.resize(written.size() - kEnd.size());
    return written;
}

// Runs `body` in a process of its own whose terminal is ours to read.
Outcome on_terminal(const char* term, const std::function<void()>& body) {
    Outcome out;
    int ours = -1, theirs = -1;
    winsize size{24, 80, 0, 0};
    REQUIRE(::openpty(&ours, &theirs, nullptr, nullptr, &size) == 0);
    ::tcgetattr(theirs, &out.before);
    std::fflush(nullptr);  // what this program has still to print would be printed by the child too, onto his terminal
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ours);
        ::login_tty(::dup(theirs));
        ::close(theirs);
        ::setenv("TERM", term, 1);
        ::setenv("LC_ALL", "C.UTF-8", 1);
        ::unsetenv("NO_COLOR");
        body();
        ::_exit(0);
    }
    // Our own hold on the other side keeps the terminal, and its modes, after the child is gone.
    out.written = read_all(ours, theirs, child, out.status);
    ::tcgetattr(theirs, &out.after);
    ::close(theirs);
    ::close(ours);
    return out;
}

void draw_word(std::string_view word) {
    auto terminal = Terminal::open();
    if (!terminal) ::_exit(9);
    Canvas canvas((*terminal)->size());
    canvas.put(2, 1, word);
    (*terminal)->draw(canvas);
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("a terminal is taken, drawn on, and given back") {
    const auto out = on_terminal("xterm-256color", [] { draw_word("hello 日本 e\u0301"); });
    REQUIRE(WIFEXITED(out.status));
    CHECK(WEXITSTATUS(out.status) == 0);
    CHECK(out.written.contains("hello 日本 e\u0301"));
    for (const std::string_view sequence : {"\x1b[?1049h", "\x1b[?2004h", "\x1b[?1004h", "\x1b[>31u", "\x1b[?u", "\x1b]11;?", "\x1b[c"})
        CHECK(count(out.written, sequence) == 1);
    for (const std::string_view sequence : {"\x1b[?1049l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[<u"}) CHECK(count(out.written, sequence) == 1);
    CHECK(out.written.rfind("\x1b[<u") < out.written.rfind("\x1b[?1049l"));
    CHECK(out.modes_given_back());
}

TEST_CASE("a crash gives the terminal back") {
    const auto out = on_terminal("xterm-256color", [] {
        auto terminal = Terminal::open();
        if (!terminal) ::_exit(9);
        ::signal(SIGABRT, ::signal(SIGABRT, SIG_DFL));  // still ours
        std::abort();
    });
    REQUIRE(WIFSIGNALED(out.status));
    CHECK(WTERMSIG(out.status) == SIGABRT);
    for (const std::string_view sequence : {"\x1b[?1049l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[<u"}) CHECK(count(out.written, sequence) == 1);
    CHECK(out.modes_given_back());
}

TEST_CASE("only what changed is written, and nothing when nothing did") {
    const auto out = on_terminal("xterm-256color", [] {
        auto terminal = Terminal::open();
        if (!terminal) ::_exit(9);
        Canvas canvas((*terminal)->size());
        canvas.put(0, 0, "first picture");
        (*terminal)->draw(canvas);
        for (int i = 0; i < 100; ++i) (*terminal)->draw(canvas);
        canvas.put(0, 5, "second");
        (*terminal)->draw(canvas);
    });
    CAPTURE(out.written);
    CHECK(count(out.written, "first picture") == 1);
    CHECK(count(out.written, "second") == 1);
    CHECK(out.written.size() < 1500);
}

TEST_CASE("a stop and going on take and give the terminal twice") {
    const auto out = on_terminal("xterm-256color", [] {
        auto terminal = Terminal::open();
        if (!terminal) ::_exit(9);
        Canvas canvas((*terminal)->size());
        canvas.put(0, 0, "still here");
        (*terminal)->draw(canvas);
        (*terminal)->suspend();
        (*terminal)->resume();
        (*terminal)->draw(canvas);
    });
    CHECK(count(out.written, "still here") >= 2);  // taking the terminal again paints too
    CHECK(count(out.written, "\x1b[>31u") == 2);
    CHECK(count(out.written, "\x1b[<u") == 2);
    CHECK(out.modes_given_back());
}

TEST_CASE("a terminal of old is not asked what it does not understand") {
    const auto out = on_terminal("vt100", [] { draw_word("plain"); });
    CHECK(out.written.contains("plain"));
    CHECK_FALSE(out.written.contains("\x1b[>31u"));
    CHECK_FALSE(out.written.contains("\x1b]11"));
    CHECK(out.modes_given_back());
}

TEST_CASE("where there is no terminal, a sentence says so") {
    const auto unknown = on_terminal("no-such-terminal", [] { ::_exit(Terminal::open() ? 1 : 0); });
    CHECK(WEXITSTATUS(unknown.status) == 0);
    const auto dumb = on_terminal("dumb", [] { ::_exit(Terminal::is_possible() ? 1 : 0); });
    CHECK(WEXITSTATUS(dumb.status) == 0);
}

}  // namespace earshot::client::screen

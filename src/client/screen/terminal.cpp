#include "client/screen/terminal.hpp"

#define NCURSES_NOMACROS 1  // move, erase and refresh stay functions
#include <curses.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/check.hpp"
#include "client/screen/utf8.hpp"

namespace earshot::client::screen {
namespace {

// Bracketed paste, reports of focus; the wheel sends no arrow keys, which would be taken for the history.
constexpr std::string_view kEnter = "\x1b[?2004h\x1b[?1004h\x1b[?1007s\x1b[?1007l";
constexpr std::string_view kLeave = "\x1b[?1007r\x1b[?1004l\x1b[?2004l";
// Kitty: disambiguate, event types, alternates, all keys, text (1, 2, 4, 8, 16); then what is on, the background, and last a
// question that every terminal answers.
constexpr std::string_view kAsk = "\x1b[>31u\x1b[?u\x1b]11;?\x1b\\\x1b[c";
constexpr std::string_view kTakeBack = "\x1b[<u";

// What a crash writes. Filled before the handlers are set; a handler may only call write and tcsetattr.
struct Rescue {
    std::array<char, 256> bytes{};
    std::size_t size = 0;
    termios modes{};
    volatile std::sig_atomic_t armed = 0;
};
Rescue rescue;
constexpr std::array kFatal{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

void give_terminal_back() {
    if (rescue.armed == 0) return;
    rescue.armed = 0;
    [[maybe_unused]] const auto wrote = ::write(STDOUT_FILENO, rescue.bytes.data(), rescue.size);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
}

void on_crash(int signal) {
    give_terminal_back();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void write_out(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (wrote < 0) return;  // the terminal is gone; the shell hears of it by its input
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : value;
}

// Terminals of old and the console print what they do not understand.
bool understands_questions(std::string_view term) {
    for (const std::string_view plain : {"linux", "vt", "ansi", "cons", "dumb", "cygwin", "sun", "wy"}) {
        if (term.starts_with(plain)) return false;
    }
    return true;
}

Alphabet alphabet_here() {
    if (std::string_view(::nl_langinfo(CODESET)) != "UTF-8") return Alphabet::ascii;
    const auto term = environment("TERM");
    if (term.starts_with("linux")) return Alphabet::console;
    return term.starts_with("vt") || term.starts_with("ansi") ? Alphabet::ascii : Alphabet::unicode;
}

Depth depth_here() {
    if (!environment("NO_COLOR").empty() || ::has_colors() == 0) return Depth::none;
    return COLORS >= 256 ? Depth::many : COLORS >= 8 ? Depth::eight : Depth::none;
}

// Letters beyond the terminal's own alphabet, as well as can be said without them.
wchar_t stand_in(char32_t c) {
    switch (c) {
        case 0x2018:
        case 0x2019: return L'\'';
        case 0x201c:
        case 0x201d: return L'"';
        case 0x2010:
        case 0x2011:
        case 0x2012:
        case 0x2013:
        case 0x2014: return L'-';
        case 0x2026: return L'.';
        case 0xa0: return L' ';
        case 0x2022: return L'*';
        default: return L'?';
    }
}

bool can_show(char32_t c) {
    if (c < 0x80) return c >= 0x20 && c != 0x7f;
    std::array<char, 16> bytes{};
    std::mbstate_t state{};
    return std::wcrtomb(bytes.data(), static_cast<wchar_t>(c), &state) != static_cast<std::size_t>(-1);
}

}  // namespace

struct Terminal::Hidden {
    SCREEN* screen = nullptr;
    termios modes{};
    TerminalTraits traits;
    Backdrop backdrop = Backdrop::unknown;
    std::optional<Canvas> drawn;
    bool active = false;

    void enter();
    void leave();
    void make_colours() const;
    void put(int column, int row, const Cell& cell) const;
};

void Terminal::Hidden::enter() {
    if (active) return;
    active = true;
    ::refresh();  // curses enters the alternate screen: kitty keeps the state of its keyboard for each screen apart
    write_out(kEnter);
    if (traits.answers) write_out(kAsk);
    rescue.armed = 1;
}

void Terminal::Hidden::leave() {
    if (!active) return;
    active = false;
    rescue.armed = 0;
    if (traits.answers) write_out(kTakeBack);
    write_out(kLeave);
    ::endwin();
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &modes);
}

void Terminal::Hidden::make_colours() const {
    if (traits.depth == Depth::none) return;
    for (short role = 0; role < static_cast<short>(Role::count); ++role) {
        const auto colour = looks({static_cast<Role>(role)}, traits.depth, backdrop).colour;
        ::init_pair(static_cast<short>(role + 1), static_cast<short>(colour), -1);
    }
}

void Terminal::Hidden::put(int column, int row, const Cell& cell) const {
    const auto look = looks(cell.style, traits.depth, backdrop);
    attr_t attributes = 0;
    if (look.bold) attributes |= A_BOLD;
    if (look.dim) attributes |= A_DIM;
    if (look.underline) attributes |= A_UNDERLINE;
    if (look.italic) attributes |= A_ITALIC;
    if (look.reverse) attributes |= A_REVERSE;
    const auto pair = static_cast<short>(look.colour < 0 ? 0 : static_cast<int>(cell.style.role) + 1);

    const auto& glyph = cell.glyph;
    const auto base = static_cast<wchar_t>(glyph.base);
    const bool agreed = can_show(glyph.base) && (glyph.base < 0x80 || ::wcwidth(base) == glyph.width);
    std::array<wchar_t, 4> text{agreed ? base : stand_in(glyph.base)};
    std::size_t size = 1;
    for (const auto mark : glyph.marks) {
        if (agreed && mark != 0 && can_show(mark) && ::wcwidth(static_cast<wchar_t>(mark)) == 0) text[size++] = static_cast<wchar_t>(mark);
    }
    cchar_t complex{};
    ::setcchar(&complex, text.data(), attributes, pair, nullptr);
    ::mvadd_wchnstr(row, column, &complex, 1);
    if (!agreed && glyph.width == 2) {
        const std::array<wchar_t, 2> blank{L' '};
        ::setcchar(&complex, blank.data(), attributes, pair, nullptr);
        ::mvadd_wchnstr(row, column + 1, &complex, 1);
    }
}

Terminal::Terminal() : hidden_(std::make_unique<Hidden>()) {}

bool Terminal::is_possible() {
    const auto term = environment("TERM");
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && !term.empty() && term != "dumb";
}

std::expected<std::unique_ptr<Terminal>, std::string> Terminal::open() {
    ENSURE(rescue.armed == 0);
    if (!is_possible()) return std::unexpected("standard input and output are no terminal that can show a screen");
    std::setlocale(LC_CTYPE, "");
    std::unique_ptr<Terminal> out(new Terminal);
    auto& hidden = *out->hidden_;
    if (::tcgetattr(STDIN_FILENO, &hidden.modes) != 0) return std::unexpected("the terminal does not tell its modes");
    const std::string term(environment("TERM"));
    hidden.screen = ::newterm(nullptr, stdout, stdin);
    if (hidden.screen == nullptr) return std::unexpected(fmt::format("nothing is known of a terminal of the kind '{}' that could show a screen", term));
    ::set_term(hidden.screen);
    ::raw();
    ::noecho();
    ::nonl();
    ::leaveok(stdscr, FALSE);
    if (::has_colors() != 0) {
        ::start_color();
        ::use_default_colors();
    }
    hidden.traits = {
        .alphabet = alphabet_here(), .depth = depth_here(), .answers = understands_questions(term), .remote = !environment("SSH_CONNECTION").empty()};
    hidden.backdrop = backdrop_of(environment("COLORFGBG"));
    hidden.make_colours();

    const char* normal = ::tigetstr("cnorm");
    const char* back = ::tigetstr("rmcup");
    std::string rescued = "\x1b[0m";
    if (hidden.traits.answers) rescued += kTakeBack;
    rescued += kLeave;
    for (const char* piece : {normal, back}) {
        if (piece != nullptr && piece != reinterpret_cast<const char*>(-1)) rescued += piece;
    }
    rescue.size = std::min(rescued.size(), rescue.bytes.size());
    std::memcpy(rescue.bytes.data(), rescued.data(), rescue.size);
    rescue.modes = hidden.modes;
    for (const int signal : kFatal) ::signal(signal, on_crash);
    hidden.enter();
    return out;
}

Terminal::~Terminal() {
    if (hidden_->screen == nullptr) return;
    hidden_->leave();
    ::delscreen(hidden_->screen);
    for (const int signal : kFatal) ::signal(signal, SIG_DFL);
}

const TerminalTraits& Terminal::traits() const { return hidden_->traits; }

Size Terminal::size() {
    winsize told{};
    Size out;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) == 0 && told.ws_col > 0 && told.ws_row > 0)
        out = {told.ws_col, told.ws_row};
    else
        out = {COLS, LINES};
    out.columns = std::clamp(out.columns, 1, Canvas::kMostColumns);
    out.rows = std::clamp(out.rows, 1, Canvas::kMostRows);
    if (out.columns != COLS || out.rows != LINES) {
        ::resizeterm(out.rows, out.columns);
        redraw();
    }
    return out;
}

void Terminal::draw(const Canvas& canvas) {
    auto& hidden = *hidden_;
    if (!hidden.active || (hidden.drawn && *hidden.drawn == canvas)) return;
    const auto size = canvas.size();
    const bool all = !hidden.drawn || !(hidden.drawn->size() == size);
    if (all) ::erase();
    for (int row = 0; row < size.rows && row < LINES; ++row) {
        for (int column = 0; column < size.columns && column < COLS; ++column) {
            const auto& cell = canvas.at(column, row);
            if (cell.glyph.width == 0) continue;
            // A wide letter is written when either half changed: its right half may have been another letter.
            const bool changed = all || !(hidden.drawn->at(column, row) == cell) ||
                                 (cell.glyph.width == 2 && column + 1 < size.columns && !(hidden.drawn->at(column + 1, row) == canvas.at(column + 1, row)));
            if (changed) hidden.put(column, row, cell);
        }
    }
    ::curs_set(canvas.cursor_shown ? 1 : 0);
    ::move(canvas.cursor.row, canvas.cursor.column);
    ::refresh();
    hidden.drawn = canvas;
}

void Terminal::redraw() {
    hidden_->drawn.reset();
    ::clearok(curscr, TRUE);
}

bool Terminal::set_backdrop(Backdrop backdrop) {
    if (backdrop == Backdrop::unknown || backdrop == hidden_->backdrop) return false;
    hidden_->backdrop = backdrop;
    hidden_->make_colours();
    redraw();
    return true;
}

void Terminal::bell() { ::beep(); }

void Terminal::suspend() { hidden_->leave(); }

void Terminal::resume() {
    ::reset_prog_mode();
    hidden_->enter();
    redraw();
}

}  // namespace earshot::client::screen

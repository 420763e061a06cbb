// The real terminal: its modes and its cells. Nothing else in the program knows curses.
// Reads nothing: the shell hands the bytes of standard input to Screen. One terminal at a time.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "client/screen/canvas.hpp"
#include "client/screen/signs.hpp"
#include "client/screen/theme.hpp"

namespace earshot::client::screen {

// What the environment says about the terminal, read once by open().
struct TerminalTraits {
    Alphabet alphabet = Alphabet::unicode;
    Depth depth = Depth::many;
    bool answers = false;  // it was asked for its keyboard protocol and its background
    bool remote = false;   // over SSH: fewer pictures a second
};

class Terminal {
public:
    // Takes the terminal: the alternate screen, raw keys, bracketed paste, reports of focus and, where it is spoken, the kitty keyboard
    // protocol. The error is a sentence for people. Nobody can be shown a screen where is_possible() is false.
    static std::expected<std::unique_ptr<Terminal>, std::string> open();
    // Standard input and output are a terminal that can move its cursor.
    static bool is_possible();

    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    // Gives the terminal back as it was. So does a crash, by a signal handler.
    ~Terminal();

    const TerminalTraits& traits() const;
    // Asks the terminal again: after SIGWINCH.
    Size size();
    // Writes what differs from what was drawn before.
    void draw(const Canvas& canvas);
    // Draws all of it next time, whatever another program wrote over it.
    void redraw();
    // What the terminal answered; unknown changes nothing. True when all is to be drawn anew.
    bool set_backdrop(Backdrop backdrop);
    void bell();

    // Around a stop by Ctrl+Z: gives the terminal back, and takes it again.
    void suspend();
    void resume();

private:
    Terminal();
    struct Hidden;
    std::unique_ptr<Hidden> hidden_;
};

}  // namespace earshot::client::screen

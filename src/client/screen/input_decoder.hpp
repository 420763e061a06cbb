// Bytes of a terminal become events. Understood are the keys of xterm, the Linux console, rxvt, screen and tmux, the kitty
// keyboard protocol (https://sw.kovidgoyal.net/kitty/keyboard-protocol/), bracketed paste, focus and SGR mouse reports.
//
// Whatever comes, nothing is held for longer than kSequenceWait after the last byte and nothing grows beyond its bound;
// a paste ends by its end mark, by its bound (the rest is dropped, and told) or kPasteWait after its last byte.
#pragma once
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "client/screen/input_event.hpp"
#include "client/screen/utf8.hpp"

namespace earshot::client::screen {

class InputDecoder {
public:
    static constexpr Duration kEscapeWait = 50ms;     // a lone ESC is the Escape key after this
    static constexpr Duration kSequenceWait = 500ms;  // what began otherwise is garbage after this
    static constexpr Duration kPasteWait = 2s;
    static constexpr std::size_t kMaxSequence = 256;
    static constexpr std::size_t kMaxPaste = 64 * 1024;

    // Appends the events that these bytes complete.
    void receive(Time now, Bytes bytes, std::vector<InputEvent>& out);

    // When to call tick; kNever when nothing is pending.
    Time deadline() const { return deadline_; }
    void tick(Time now, std::vector<InputEvent>& out);

private:
    enum class State : std::uint8_t { ground, escape, csi, linux_key, ss3, string, string_escape, x10_mouse, paste };

    void take(std::uint8_t byte, std::vector<InputEvent>& out);
    void take_ground(std::uint8_t byte, std::vector<InputEvent>& out);
    void take_escape(std::uint8_t byte, std::vector<InputEvent>& out);
    void take_csi(std::uint8_t byte, std::vector<InputEvent>& out);
    void take_ss3(std::uint8_t byte, std::vector<InputEvent>& out);
    void take_string(std::uint8_t byte, std::vector<InputEvent>& out);
    void take_paste(std::uint8_t byte, std::vector<InputEvent>& out);
    void finish_csi(char final_byte, std::vector<InputEvent>& out);
    void finish_string(std::vector<InputEvent>& out);
    void finish_paste(std::vector<InputEvent>& out);
    void give_up(std::vector<InputEvent>& out);
    void enter(State state);
    void emit(KeyInput key, std::vector<InputEvent>& out);
    void type(char32_t character, std::vector<InputEvent>& out);
    Duration patience() const;

    State state_ = State::ground;
    bool alt_ = false;  // an ESC came before this key
    std::string held_;  // the parameters of a sequence, or the text of a paste
    bool cut_ = false;  // held_ was full
    std::size_t end_matched_ = 0;
    int skip_ = 0;  // bytes of an X10 mouse report that are still to come
    char string_kind_ = 0;
    Utf8 utf8_;
    Time deadline_ = kNever;
    Time plain_paste_until_{};  // what follows a paste without brackets this closely belongs to it
};

}  // namespace earshot::client::screen

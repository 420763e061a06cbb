#include "client/screen/input_decoder.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "client/screen/describe_for_tests.hpp"

namespace earshot::client::screen {
namespace {

constexpr Time kStart{1h};

// What a whole input says, after all waits are over, as short words.
std::string decoded(std::string_view bytes, std::size_t step = 0) {
    InputDecoder decoder;
    std::vector<InputEvent> out;
    auto rest = as_bytes(bytes);
    while (!rest.empty()) {
        const auto chunk = rest.first(step == 0 ? rest.size() : std::min(step, rest.size()));
        decoder.receive(kStart, chunk, out);
        rest = rest.subspan(chunk.size());
    }
    while (decoder.deadline() != kNever) decoder.tick(decoder.deadline(), out);
    return describe(out);
}

struct Row {
    const char* says;
    std::string_view bytes;
    const char* means;
};

}  // namespace

TEST_CASE("keys of many terminals are told, however the bytes are cut") {
    using namespace std::string_view_literals;
    const Row rows[]{
        {"text", "hé日🎉", "'h' 'é' '日' '🎉'"},
        {"capital letters are letters with shift", "A", "shift+'A'"},
        {"controls", "\x01\x03\x1a"sv, "ctrl+a ctrl+c ctrl+z"},
        {"control and space, line feed, underscore", "\x00\x0a\x1f"sv, "ctrl+space ctrl+j ctrl+_"},
        {"enter, tab, both backspaces", "\r\t\x7f\x08", "enter tab backspace backspace"},
        {"xterm arrows", "\x1b[A\x1b[B\x1b[C\x1b[D", "up down right left"},
        {"xterm arrows in application mode", "\x1bOA\x1bOB\x1bOC\x1bOD", "up down right left"},
        {"with modifiers", "\x1b[1;5C\x1b[1;3D\x1b[1;2A\x1b[1;8B", "ctrl+right alt+left shift+up shift+alt+ctrl+down"},
        {"home and end in five dialects", "\x1b[H\x1bOH\x1b[1~\x1b[7~\x1b[F\x1bOF\x1b[4~\x1b[8~", "home home home home end end end end"},
        {"editing keys", "\x1b[2~\x1b[3~\x1b[5~\x1b[6~\x1b[3;5~", "insert delete page_up page_down ctrl+delete"},
        {"xterm function keys", "\x1bOP\x1bOQ\x1bOR\x1bOS\x1b[15~\x1b[17~\x1b[24~", "f1 f2 f3 f4 f5 f6 f12"},
        {"function keys of rxvt and the Linux console", "\x1b[11~\x1b[14~\x1b[[A\x1b[[E", "f1 f4 f1 f5"},
        {"function keys with modifiers", "\x1b[1;2P\x1b[20;5~", "shift+f1 ctrl+f9"},
        {"rxvt with modifiers", "\x1b[5^\x1b[5$\x1b[5@\x1b[a\x1bOd", "ctrl+page_up shift+page_up shift+ctrl+page_up shift+up ctrl+left"},
        {"alt",
         "\x1bx\x1b"
         "1\x1b\x7f\x1b\r\x1bé",
         "alt+x alt+1 alt+backspace alt+enter alt+é"},
        {"alt and arrows of rxvt", "\x1b\x1b[A", "alt+up"},
        {"backtab", "\x1b[Z", "shift+tab"},
        {"keypad", "\x1bOM\x1bOw\x1bOk", "enter '7' '+'"},
        {"modifyOtherKeys", "\x1b[27;5;9~\x1b[27;2;13~", "ctrl+tab shift+enter"},
        {"a lone escape", "\x1b", "escape"},
        {"escape twice", "\x1b\x1b", "alt+escape"},
        {"alt and the heads of sequences", "\x1b[", "alt+["},
        {"the same", "\x1bO", "shift+alt+o"},
        {"the same", "\x1b]", "alt+]"},
        {"focus", "\x1b[I\x1b[O", "focus blur"},
        {"mouse", "\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<64;1;1M\x1b[<65;2;3M", "press0@9,4 release0@9,4 wheel_up@0,0 wheel_down@1,2"},
        {"a mouse report of old", "\x1b[M !!a", "'a'"},
        {"answers", "\x1b[?27u\x1b[?62;4c\x1b]11;rgb:ffff/8080/0000\x1b\\\x1b]11;rgb:00/80/ff\x07",
         "kitty27 attributes background255,128,0 background0,128,255"},
        {"answers that nobody asked for", "\x1b]0;title\x07\x1bP1+r544e\x1b\\\x1b[>1;2c\x1b[?1;2$yok", "'o' 'k'"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.says);
        CHECK(decoded(row.bytes) == row.means);
        CHECK(decoded(row.bytes, 1) == row.means);
        CHECK(decoded(row.bytes, 3) == row.means);
    }
}

TEST_CASE("the kitty protocol tells press, repeat and release, and the text of a key") {
    const Row rows[]{
        {"space held", "\x1b[32;1:1u\x1b[32;1:2u\x1b[32;1:3u", "' ' repeat:' ' release:space"},
        {"a key with its text", "\x1b[97;2;65u", "shift+'A'"},
        {"a key of another layout", "\x1b[1092;;1092u", "'ф'"},
        {"the shifted form when no text is told", "\x1b[49:33;2u", "shift+'!'"},
        {"a capital when neither is told", "\x1b[97;2u", "shift+'A'"},
        {"control takes the text away", "\x1b[99;5u", "ctrl+c"},
        {"escape, enter, tab, backspace", "\x1b[27u\x1b[13u\x1b[9;2u\x1b[127;5u", "escape enter shift+tab ctrl+backspace"},
        {"text without a key", "\x1b[0;;233u", "'é'"},
        {"locks are no modifiers", "\x1b[97;65;97u", "'a'"},
        {"f9 held", "\x1b[20;1:1~\x1b[20;1:3~\x1b[1;1:3A", "f9 release:f9 release:up"},
        {"keypad", "\x1b[57400u\x1b[57414u\x1b[57417u", "'1' enter left"},
        {"a modifier alone is no key of ours", "\x1b[57441;2u", "shift+other"},
        {"numbers out of range", "\x1b[99999999999u\x1b[55296u", "other other"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.says);
        CHECK(decoded(row.bytes) == row.means);
        CHECK(decoded(row.bytes, 1) == row.means);
    }
}

TEST_CASE("a paste is one event, cleaned of controls") {
    CHECK(decoded("\x1b[200~one\r\ntwo\rthree\nfour\x1b[201~x") == "paste{one\\ntwo\\nthree\\nfour} 'x'");
    CHECK(decoded("\x1b[200~a\x1b[31mb\x07\x1b[201~", 1) == "paste{a[31mb}");
    CHECK(decoded("\x1b[200~\x1b\x1b[201~") == "paste{}");
    CHECK(decoded("\x1b[200~caf\xc3\x1b[201~") == "paste{caf\xef\xbf\xbd}");
}

TEST_CASE("a paste beyond the bound is cut, told, and leaves nothing behind") {
    const std::string page(InputDecoder::kMaxPaste + 10'000, 'x');
    InputDecoder decoder;
    std::vector<InputEvent> out;
    decoder.receive(kStart, as_bytes("\x1b[200~" + page + "\x1b[201~y"), out);
    REQUIRE(out.size() == 2);
    CHECK(std::get<Paste>(out[0]).cut);
    CHECK(std::get<Paste>(out[0]).text.size() == InputDecoder::kMaxPaste);
    CHECK(std::get<KeyInput>(out[1]).text == "y");
}

TEST_CASE("a paste that never ends is over after its wait") {
    InputDecoder decoder;
    std::vector<InputEvent> out;
    decoder.receive(kStart, as_bytes("\x1b[200~lost"), out);
    CHECK(decoder.deadline() == kStart + InputDecoder::kPasteWait);
    decoder.tick(decoder.deadline(), out);
    decoder.receive(kStart + 3s, as_bytes("k"), out);
    CHECK(describe(out) == "paste{lost} 'k'");
}

TEST_CASE("many lines in one read were pasted, even where the terminal does not say so") {
    InputDecoder decoder;
    std::vector<InputEvent> out;
    decoder.receive(kStart, as_bytes("the first line of a page\rthe second\r"), out);
    decoder.receive(kStart + 5ms, as_bytes("end\r"), out);
    CHECK(describe(out) == "paste{the first line of a page\\nthe second\\n} paste{end\\n}");
    out.clear();
    decoder.receive(kStart + 1s, as_bytes("end\r"), out);
    CHECK(describe(out) == "'e' 'n' 'd' enter");
}

TEST_CASE("escape is told after a short wait, and not when more follows in time") {
    InputDecoder decoder;
    std::vector<InputEvent> out;
    decoder.receive(kStart, as_bytes("\x1b"), out);
    CHECK(out.empty());
    CHECK(decoder.deadline() == kStart + InputDecoder::kEscapeWait);
    decoder.tick(kStart + 49ms, out);
    CHECK(out.empty());
    decoder.receive(kStart + 49ms, as_bytes("[A"), out);
    CHECK(describe(out) == "up");
    CHECK(decoder.deadline() == kNever);
}

TEST_CASE("garbage never sticks: the next key is heard") {
    for (const std::string_view garbage :
         {"\x1b[1;;;;;;;;;;;;;;;;2", "\x1b]52;c;", "\x1bP\x1b", "\x1b[<", "\xf0\x9f", "\x1b[M!", "\x1b\x1b\x1b[", "\x1b[[", "\x1bO5"}) {
        InputDecoder decoder;
        std::vector<InputEvent> out;
        decoder.receive(kStart, as_bytes(garbage), out);
        decoder.tick(decoder.deadline(), out);
        CHECK(decoder.deadline() == kNever);
        out.clear();
        decoder.receive(kStart + 5s, as_bytes("\x1b[Ax"), out);
        CHECK(describe(out) == "up 'x'");
    }
}

TEST_CASE("broken UTF-8 is replaced, piece by piece") {
    CHECK(decoded("a\xffz") == "'a' '\xef\xbf\xbd' 'z'");
    CHECK(decoded("\xe2\x82z", 1) == "'\xef\xbf\xbd' 'z'");
    CHECK(decoded("\xc0\xaf") == "'\xef\xbf\xbd' '\xef\xbf\xbd'");
    CHECK(decoded("\xed\xa0\x80") == "'\xef\xbf\xbd' '\xef\xbf\xbd' '\xef\xbf\xbd'");
    CHECK(decoded("\xe2\x82\x1b[A") == "'\xef\xbf\xbd' up");
}

}  // namespace earshot::client::screen

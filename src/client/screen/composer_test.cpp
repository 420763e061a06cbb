#include "client/screen/composer.hpp"

#include <doctest/doctest.h>

#include "client/screen/input_decoder.hpp"

namespace earshot::client::screen {
namespace {

using Result = Composer::Result;

// Types as a terminal would send it; lines that are submitted are gathered.
struct Writer {
    Composer composer;
    std::vector<std::string> sent;

    Result type(std::string_view bytes) {
        InputDecoder decoder;
        std::vector<InputEvent> events;
        for (const char byte : bytes) decoder.receive(Time{1h}, as_bytes(std::string_view(&byte, 1)), events);
        if (decoder.deadline() != kNever) decoder.tick(decoder.deadline(), events);
        auto result = Result::ignored;
        for (const auto& event : events) {
            if (const auto* key = std::get_if<KeyInput>(&event)) result = composer.key(*key);
            if (const auto* paste = std::get_if<Paste>(&event)) result = composer.paste(*paste);
            if (result == Result::submit) sent.push_back(composer.take());
        }
        return result;
    }

    // The text with | where the cursor stands.
    std::string shown() const {
        auto out = composer.text();
        return out.insert(composer.cursor(), "|");
    }
};

}  // namespace

TEST_CASE("typing, moving and deleting by letters") {
    Writer w;
    w.type("héllo\x1b[D\x1b[D\x7fX\x1b[3~");
    CHECK(w.shown() == "héX|o");
    w.type("\x01<\x05>");
    CHECK(w.shown() == "<héXo>|");
    w.type("\x1b[D\x1b[H\x1b[C");
    CHECK(w.shown() == "<|héXo>");
}

TEST_CASE("a letter of many parts is one letter") {
    Writer w;
    w.type("a👨\u200d👩\u200d👧e\u0301\x7f");
    CHECK(w.shown() == "a👨\u200d👩\u200d👧|");
    w.type("\x1b[D");
    CHECK(w.shown() == "a|👨\u200d👩\u200d👧");
    w.type("\x1b[3~");
    CHECK(w.shown() == "a|");
}

TEST_CASE("by words, cut and put back") {
    Writer w;
    w.type("one two three\x17\x17");
    CHECK(w.shown() == "one |");
    w.type("\x19");
    CHECK(w.shown() == "one two three|");
    w.type("\x01\x0b\x19\x19");
    CHECK(w.shown() == "one two threeone two three|");
    w.type("\x15");
    CHECK(w.shown() == "|");
    w.type(
        "ab cd\x1b"
        "b\x1b"
        "b\x1b"
        "d");
    CHECK(w.shown() == "| cd");
    w.type("\x1b[1;5C\x1b[1;5D");
    CHECK(w.shown() == " |cd");
}

TEST_CASE("enter sends, blanks are not sent, alt and enter begin a line") {
    Writer w;
    w.type("hello\r  \rtwo\x1b\rlines\r");
    CHECK(w.sent == std::vector<std::string>{"hello", "  two\nlines"});
    CHECK(w.composer.empty());
}

TEST_CASE("up and down move in a message, then through what was sent") {
    Writer w;
    w.type("first\rsecond\rdraft");
    w.type("\x1b[A");
    CHECK(w.shown() == "second|");
    w.type("\x1b[A\x1b[A");
    CHECK(w.shown() == "first|");
    w.type("\x1b[B\x1b[B");
    CHECK(w.shown() == "draft|");
    w.type("\x1b\rlong line\x1b[A");
    CHECK(w.shown() == "draft|\nlong line");
    w.type("\x1b[D\x1b[D\x1b[B");
    CHECK(w.shown() == "draft\nlon|g line");
}

TEST_CASE("a changed line of the history is the newest again") {
    Writer w;
    w.type("one\rtwo\r\x1b[A\x1b[A!\r");
    CHECK(w.sent.back() == "one!");
    w.type("\x1b[A");
    CHECK(w.shown() == "one!|");
}

TEST_CASE("a pasted page waits as one message") {
    Writer w;
    CHECK(w.type("see: \x1b[200~line 1\nline 2\nline 3\n\x1b[201~") == Result::changed);
    CHECK(w.sent.empty());
    CHECK(w.shown() == "see: line 1\nline 2\nline 3|");
    CHECK(w.composer.notice().contains("3 lines"));
    w.type("\r");
    CHECK(w.sent == std::vector<std::string>{"see: line 1\nline 2\nline 3"});
    CHECK(w.composer.notice().empty());
}

TEST_CASE("no text grows beyond the limit, and the paste says so") {
    Writer w;
    w.composer.set_limit(10);
    w.type("\x1b[200~ééééééééééééé\x1b[201~");
    CHECK(w.composer.text() == "éééééééééé");
    CHECK(w.composer.notice().contains("10"));
    w.type("x");
    CHECK(w.composer.text() == "éééééééééé");
    w.type("\x7fx");
    CHECK(w.composer.text() == "éééééééééx");
    CHECK(w.composer.notice().empty());
}

TEST_CASE("tab asks for candidates and walks them") {
    Writer w;
    CHECK(w.type("hi @a\t") == Result::complete);
    w.composer.complete({3, {"@Ana ", "@Abe "}});
    CHECK(w.shown() == "hi @Ana |");
    w.type("\t");
    CHECK(w.shown() == "hi @Abe |");
    w.type("\t");
    CHECK(w.shown() == "hi @Ana |");
    w.type("x");
    CHECK(w.composer.completions().candidates.empty());
    CHECK(w.type("\t") == Result::complete);
    w.composer.complete({0, {}});
    CHECK(w.shown() == "hi @Ana x|");
}

TEST_CASE("each room keeps its draft") {
    Writer w;
    w.type("early");
    w.composer.show_room("#a");
    CHECK(w.shown() == "early|");
    w.type(" bird");
    w.composer.show_room("#b");
    CHECK(w.shown() == "|");
    w.type("other");
    w.composer.show_room("#a");
    CHECK(w.shown() == "early bird|");
    w.type("\r");
    w.composer.show_room("#b");
    CHECK(w.shown() == "other|");
    w.composer.show_room("#a");
    CHECK(w.shown() == "|");
}

TEST_CASE("releases type nothing, and unknown chords are left to others") {
    Writer w;
    CHECK(w.type("\x1b[97;1:3u") == Result::ignored);
    CHECK(w.type("\x1b"
                 "1") == Result::ignored);
    CHECK(w.type("\x1b[15~") == Result::ignored);
    CHECK(w.type("\x04") == Result::ignored);
    CHECK(w.composer.empty());
}

}  // namespace earshot::client::screen

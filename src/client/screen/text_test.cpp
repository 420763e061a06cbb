#include "client/screen/text.hpp"

#include <doctest/doctest.h>

namespace earshot::client::screen {

TEST_CASE("letters take the cells that every terminal gives them") {
    CHECK(width("abc") == 3);
    CHECK(width("日本") == 4);
    CHECK(width("e\u0301") == 1);
    CHECK(width("🎉") == 2);
    CHECK(width("\t") == 1);
    CHECK(width("") == 0);
}

TEST_CASE("what terminals disagree about is drawn apart or left out") {
    CHECK(width("👨\u200d👩\u200d👧") == 6);
    CHECK(width("👍🏽") == 2);
    CHECK(width("❤\ufe0f") == width("❤"));
    const auto flag = pieces("🇩🇪");
    REQUIRE(flag.size() == 2);
    CHECK(flag[0].glyph.base == U'D');
    CHECK(flag[1].glyph.base == U'E');
}

TEST_CASE("nothing of a message reaches the terminal as a control or turns its direction") {
    std::string nasty =
        "a\x1b[31mb\x07\u202ecd\u2066\xc2\x9b"
        "e\x7f";
    std::string seen;
    for (const auto& piece : pieces(nasty)) {
        REQUIRE(piece.glyph.base < 0x80);
        seen.push_back(static_cast<char>(piece.glyph.base));
    }
    CHECK(seen == "a[31mbcde");
}

TEST_CASE("a tower of marks is two marks high") {
    std::string tower = "e";
    for (int i = 0; i < 50; ++i) tower += "\u0301";
    const auto all = pieces(tower);
    REQUIRE(all.size() == 1);
    CHECK(all[0].glyph.marks[1] == 0x301);
    CHECK(all[0].end == tower.size());
}

TEST_CASE("broken UTF-8 is shown as broken") {
    const auto all = pieces("a\xff\xe2\x82");
    REQUIRE(all.size() >= 2);
    CHECK(all[1].glyph.base == 0xfffd);
}

TEST_CASE("text is cut to its place with an ellipsis") {
    CHECK(fit("hello", 5, "…") == "hello");
    CHECK(fit("hello!", 5, "…") == "hell…");
    CHECK(fit("日本語", 5, "…") == "日本…");
    CHECK(fit("日本語", 4, "…") == "日…");
    CHECK(fit("hello", 2, "...") == "");
    CHECK(fit("hello", 0, "…") == "");
}

TEST_CASE("the cursor moves by whole letters") {
    const std::string family = "a👨\u200d👩\u200d👧é";
    const auto after = next_letter(family, 1);
    CHECK(after == family.size() - 2);
    CHECK(previous_letter(family, after) == 1);
    CHECK(previous_letter(family, 1) == 0);
    CHECK(previous_letter("a\nb", 2) == 1);
    CHECK(next_letter("a\nb", 1) == 2);
    CHECK(previous_letter("🇩🇪🇫🇷", 16) == 8);
    CHECK(next_letter("", 0) == 0);
}

TEST_CASE("words are letters and digits of any script") {
    CHECK(next_word("héllo wörld", 0) == 6);
    CHECK(next_word("  x1_2, y", 0) == 6);
    CHECK(previous_word("one two  ", 9) == 4);
    CHECK(previous_word("привет, мир", 0) == 0);
    CHECK(previous_word("привет, мир", 20) == 14);
}

}  // namespace earshot::client::screen

#include "client/safe_text.hpp"

#include <doctest/doctest.h>

#include "base/random.hpp"

using namespace earshot;
using namespace earshot::client;

TEST_CASE("writing of every kind passes as it is") {
    for (const char* text : {"plain words", "Grüße, 日本語, עברית, \U0001F469\u200D\U0001F680", "e\u0301", "a < b && c > d"}) CHECK(safe_line(text) == text);
}

TEST_CASE("a terminal is told nothing by others") {
    CHECK(safe_line("\x1b]0;owned\x07") == "\xef\xbf\xbd]0;owned\xef\xbf\xbd");
    CHECK(safe_line("\xc2\x9b"
                    "31m") ==
          "\xef\xbf\xbd"
          "31m");  // CSI as one C1 character
    CHECK(safe_line("\x9b"
                    "31m") ==
          "\xef\xbf\xbd"
          "31m");  // and as a bare byte
    CHECK(safe_line("a\x7f\x08"
                    "b") ==
          "a\xef\xbf\xbd\xef\xbf\xbd"
          "b");
    CHECK(safe_line(std::string_view("a\0b", 3)) ==
          "a\xef\xbf\xbd"
          "b");
}

TEST_CASE("letters that turn or hide others go") {
    CHECK(safe_line("user\u202egpj.exe") == "usergpj.exe");
    CHECK(safe_line("ad\u200bmin\ufeff\u2066") == "admin");
    CHECK(safe_line("x\U000E0041") == "x");
}

TEST_CASE("a pile of marks is cut") {
    std::string piled = "a";
    for (int i = 0; i < 100; ++i) piled += "\u0301";
    CHECK(safe_line(piled).size() == 1 + 4 * 2);
}

TEST_CASE("a line stays one line, a text keeps its lines") {
    CHECK(safe_line("a\nb\tc\r\nd\u2028e\xc2\x85"
                    "f") == "a b c d e f");
    CHECK(safe_text("a\nb\tc\r\nd\u2028e") == "a\nb c\nd\ne");
}

TEST_CASE("whatever comes, nothing below a space comes out") {
    SeededRandom random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(1 + random.below(40), ' ');
        for (char& c : bytes) c = static_cast<char>(random.below(256));
        const auto safe = safe_line(bytes);
        for (const char c : safe) REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
        REQUIRE(safe_line(safe) == safe);
    }
}

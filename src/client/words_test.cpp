#include "client/words.hpp"

#include <doctest/doctest.h>

using namespace earshot::client;

TEST_CASE("somebody is called by his whole name only") {
    CHECK(mentions("@mika ready?", "Mika"));
    CHECK(mentions("so, Mika.", "mika"));
    CHECK_FALSE(mentions("mikado", "Mika"));
    CHECK_FALSE(mentions("\u00e9mika", "Mika"));
    CHECK_FALSE(mentions("anything", ""));
    CHECK(mentions("mikado mika", "mika"));
}

TEST_CASE("times are written in UTC, and a mad one is no trouble") {
    CHECK(utc_text(1795292043000) == "2026-11-21T20:14:03Z");
    CHECK(utc_text(0) == "1970-01-01T00:00:00Z");
    CHECK(utc_text(-5) == "1970-01-01T00:00:00Z");
    CHECK(utc_text(9223372036854775807LL) == "9999-12-31T23:59:59Z");
}

TEST_CASE("numbers are whole and within their bounds") {
    CHECK(whole_number("200", 0, 200) == 200);
    CHECK_FALSE(whole_number("201", 0, 200));
    CHECK_FALSE(whole_number("-1", 0, 200));
    CHECK_FALSE(whole_number("10%", 0, 200));
    CHECK_FALSE(whole_number("", 0, 200));
    CHECK_FALSE(whole_number("99999999999999999999", 0, 200));
}

TEST_CASE("words and rooms") {
    CHECK(first_word("  msg  Ana   hello there ").word == "msg");
    CHECK(first_word("msg  Ana   hello there ").rest == "Ana   hello there");
    CHECK(room_name(" maps") == "#maps");
    CHECK(room_name("#maps") == "#maps");
}

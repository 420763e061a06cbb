#include <doctest/doctest.h>

#include "core/names.hpp"
#include "core/text.hpp"

using namespace earshot::core;

namespace {
std::string key(std::string_view name) { return read_nickname(name).value().key; }
bool refused(std::string_view name) { return !read_nickname(name).has_value(); }
}  // namespace

TEST_CASE("ordinary names of many alphabets are welcome") {
    for (const auto* name : {"Ana", "bo", "X", "mika_2", "Jean-Luc", "o.k", "Łukasz", "Ольга", "Ελένη", "明日香", "さくら", "カナ明", "김민준", "אילה", "ليلى", "नेहा", "Zoë", "12"}) {
        CAPTURE(name);
        CHECK(read_nickname(name).has_value());
    }
}

TEST_CASE("names that trick the eye or the terminal are refused") {
    for (const auto* name : {"", " ", "a b", "a\nb", "a\x1b[2J", "\xff\xfe", "Ana\u200b", "Ana\u202e", "\u0301Ana", "Anа" /* Cyrillic а */, "a\u0301\u0302\u0303\u0304", "😀", "#ana", "@ana", "-", "..",
                             "x\u3164y", "a١1"}) {
        CAPTURE(name);
        CHECK(refused(name));
    }
    CHECK(refused(std::string(33, 'a')));
    CHECK_FALSE(refused(std::string(32, 'a')));
}

TEST_CASE("names that look alike are one name") {
    CHECK(key("Ana") == key("aNA"));
    CHECK(key("Ａna") == key("ana"));  // full width
    CHECK(key("аса") == key("aca"));   // Cyrillic throughout
    CHECK(key("Ольга") == key("ольга"));
    CHECK(key("strasse") == key("straße"));
    CHECK(key("Bo1") == key("BoI"));
    CHECK(key("Bol") == key("BoI"));
    CHECK(key("modern") == key("modem"));
    CHECK(key("ΟΚ") == key("OK"));
    CHECK(key("Ana") != key("Anna"));
    CHECK(key("Ana") != key("Ane"));
}

TEST_CASE("a refused name comes with one that would do") {
    CHECK(read_nickname("Ana Maria").error().suggestion == "Ana-Maria");
    CHECK(read_nickname("  ").error().suggestion.empty());
    CHECK(read_nickname(std::string(50, 'a')).error().suggestion == std::string(32, 'a'));
    CHECK(read_nickname("<script>").error().suggestion == "script");
}

TEST_CASE("room names carry their # and compare without case") {
    CHECK(read_room_name("#lobby")->shown == "#lobby");
    CHECK(read_room_name("#Raid-Night/2_x")->key == read_room_name("#raid-night/2_X")->key);
    for (const auto* name : {"lobby", "#", "# a", "#a b", "#a.b", "#\n", "#-", "##a"}) {
        CAPTURE(name);
        CHECK_FALSE(read_room_name(name).has_value());
    }
    CHECK_FALSE(read_room_name("#" + std::string(51, 'a')).has_value());
    CHECK(read_room_name("#" + std::string(50, 'a')).has_value());
}

TEST_CASE("text loses what would move a cursor and keeps the rest") {
    CHECK(clean_text(" a\r\nb\x1b[31m\tc\x7f \xc2\x9b" "d\n") == "a\nb[31m\tc d");
    CHECK(clean_line("a\nb\tc") == "a b c");
    CHECK(clean_text("\n \t") == "");
    CHECK(clean_text("x\u2028y") == "x\ny");
    CHECK(clean_text("Zoë 😀 日本") == "Zoë 😀 日本");
    CHECK(count_characters("Zoë 😀").value() == 5);
    CHECK_FALSE(count_characters("\xc3").has_value());
    CHECK(repair_utf8("a\xff" "b\xc3") == "a\ufffd" "b\ufffd");
}

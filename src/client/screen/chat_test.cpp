#include "client/screen/chat.hpp"

#include <doctest/doctest.h>

#include "client/screen/scenes_for_tests.hpp"
#include "client/screen/utf8.hpp"

namespace earshot::client::screen {
namespace {

constexpr int kRows = 10;

struct Evening {
    Model model = scenes::evening();
    Look look{.size = {80, 24}, .wall_ms = kSceneTime};
    Scroll scroll;

    Room& room() { return *model.find_room("#raid-night"); }
    Chat chat() { return Chat(room(), model, look, 60); }
    void move(int by) { scroll = chat().moved(scroll, by, kRows); }
    // The last word of the first and of the last row that is seen.
    std::string seen() {
        auto laid = chat();
        const auto rows = laid.window(scroll, kRows);
        REQUIRE(rows.size() == kRows);
        return last_word(rows.front()) + ".." + last_word(rows.back());
    }
    static std::string last_word(const Letters& row) {
        std::string out;
        for (const auto& letter : row) append_utf8(out, letter.glyph.base);
        return out.substr(out.rfind(' ') + 1);
    }
};

}  // namespace

TEST_CASE("scrolling up and down, and following the newest again") {
    Evening e;
    CHECK(e.seen() == "191..200");
    e.move(10);
    CHECK(e.seen() == "181..190");
    CHECK(e.chat().lines_below(e.scroll) == 10);
    e.move(-4);
    CHECK(e.seen() == "185..194");
    e.move(-100);
    CHECK(e.seen() == "191..200");
    CHECK(e.scroll.following);
}

TEST_CASE("what is looked at stays while others write and the oldest go") {
    Evening e;
    e.move(20);
    CHECK(e.seen() == "171..180");
    e.room().lines.push_back(said(201, kSceneTime, 2, "Ana", "message number 201"));
    for (int i = 0; i < 50; ++i) e.room().lines.pop_front();
    CHECK(e.seen() == "171..180");
    CHECK(e.chat().lines_below(e.scroll) == 21);
}

TEST_CASE("the beginning is the end of scrolling up") {
    Evening e;
    e.move(100'000);
    CHECK(e.chat().at_top(e.scroll, kRows));
    CHECK(e.seen() == "1..10");
    e.move(1);
    CHECK(e.seen() == "1..10");
    e.move(-1);
    CHECK(e.seen() == "2..11");
}

TEST_CASE("a message that is higher than the window is passed row by row") {
    Evening e;
    std::string page;
    for (int i = 0; i < 40; ++i) page += "row " + std::to_string(i) + "\n";
    e.room().lines.push_back(said(201, kSceneTime, 2, "Ana", page + "end"));
    CHECK(e.seen() == "31..end");
    e.move(5);
    CHECK(e.seen() == "26..35");
    CHECK(e.chat().lines_below(e.scroll) == 1);
    e.move(-5);
    CHECK(e.scroll.following);
}

TEST_CASE("an empty room has nothing to scroll") {
    Evening e;
    e.room().lines.clear();
    e.move(5);
    CHECK(e.scroll.following);
    CHECK(e.chat().window(e.scroll, kRows).empty());
    CHECK(e.chat().at_top(e.scroll, kRows));
}

TEST_CASE("times are those of the member's place") {
    CHECK(clock_text(kSceneTime) == "20:15");
    CHECK(clock_text(-1) == "23:59");
    Look look;
    look.utc_offset_seconds = [](WallMs) { return 3600; };
    CHECK(clock_text(look.local(kSceneTime)) == "21:15");
}

TEST_CASE("the second column of an answer is wrapped in itself") {
    Evening e;
    e.room().lines = {told(Line::Kind::kNotice, kSceneTime, "/vol [NAME] [0-200]   how loud everything, or somebody, is"),
                      told(Line::Kind::kNotice, kSceneTime, "/who                  shows who is here")};
    auto laid = Chat(e.room(), e.model, e.look, 50);
    const auto rows = laid.window({}, 10);
    std::string text;
    for (const auto& row : rows) {
        for (const auto& letter : row) append_utf8(text, letter.glyph.base);
        text += '\n';
    }
    CHECK(text ==
          "20:15 ▎ /vol [NAME] [0-200]   how loud everything,\n"
          "                              or somebody, is\n"
          "      ▎ /who                  shows who is here\n");
}

TEST_CASE("a name has one colour") {
    CHECK(name_role("Ana") == name_role("Ana"));
    for (const std::string_view name : {"", "Ana", "Bo", "花子"}) {
        CHECK(name_role(name) >= Role::name_1);
        CHECK(name_role(name) <= Role::name_6);
    }
}

}  // namespace earshot::client::screen

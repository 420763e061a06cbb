#include "client/screen/canvas.hpp"

#include <doctest/doctest.h>

namespace earshot::client::screen {

TEST_CASE("text is cut at the edge and at its limit, a wide letter whole") {
    Canvas canvas({6, 2});
    CHECK(canvas.put(0, 0, "a日本語") == 5);
    CHECK(canvas.put(1, 1, "hello", {}, 3) == 3);
    CHECK(canvas.plain_text() == "a日本\n hel\n");
}

TEST_CASE("half of a wide letter never stays") {
    Canvas canvas({6, 1});
    canvas.put(0, 0, "日本");
    canvas.put(1, 0, "x");
    CHECK(canvas.plain_text() == " x本\n");
    canvas.put(2, 0, "y");
    CHECK(canvas.plain_text() == " xy\n");
    canvas.put(0, 0, "日");
    CHECK(canvas.plain_text() == "日y\n");
    canvas.put(1, 0, "語");
    CHECK(canvas.plain_text() == " 語\n");
}

TEST_CASE("nothing is drawn outside, and sizes are bounded") {
    Canvas canvas({3, 1});
    CHECK(canvas.put(0, 5, "x") == 0);
    CHECK(canvas.put(-2, 0, "x") == 0);
    CHECK(canvas.put(9, 0, "x") == 0);
    CHECK(Canvas({-5, 100'000}).size() == Size{1, Canvas::kMostRows});
}

TEST_CASE("canvases differ by letters, by style and by a cursor that is seen") {
    Canvas a({3, 1}), b({3, 1});
    a.cursor = {2, 0};
    CHECK(a == b);
    a.cursor_shown = b.cursor_shown = true;
    CHECK_FALSE(a == b);
    b.cursor = a.cursor;
    CHECK(a == b);
    a.put(0, 0, "x");
    CHECK_FALSE(a == b);
    b.put(0, 0, "x", {.bold = true});
    CHECK_FALSE(a == b);
    a.restyle({0, 0, 1, 1}, {.bold = true});
    CHECK(a == b);
}

}  // namespace earshot::client::screen

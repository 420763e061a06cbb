#include "client/screen/layout.hpp"

#include <doctest/doctest.h>

namespace earshot::client::screen {
namespace {

bool inside(const Rectangle& area, Size size) {
    return area.column >= 0 && area.row >= 0 && area.columns >= 0 && area.rows >= 0 && area.right() <= size.columns && area.bottom() <= size.rows;
}

}  // namespace

TEST_CASE("every size has its places, all inside, and none over another") {
    for (int columns = 1; columns <= 200; columns += 7) {
        for (int rows = 1; rows <= 60; ++rows) {
            for (const auto pane : {Pane::chat, Pane::rooms, Pane::people}) {
                const Size size{columns, rows};
                const auto places = layout(size, rows % 12, pane);
                for (const auto& area : {places.title, places.rooms, places.chat, places.people, places.call, places.composer, places.keys})
                    CHECK(inside(area, size));
                CHECK(places.composer.rows >= 1);
                CHECK(places.chat.bottom() <= places.composer.row);
                CHECK((places.call.rows == 0 || places.call.bottom() <= places.composer.row));
            }
        }
    }
}

TEST_CASE("three panes from 80 by 24, one below that") {
    CHECK(layout({80, 24}, 1, Pane::chat).panes);
    CHECK(layout({80, 24}, 1, Pane::chat).chat.rows == 18);
    CHECK(layout({80, 24}, 1, Pane::chat).chat.columns >= 40);
    CHECK_FALSE(layout({79, 24}, 1, Pane::chat).panes);
    CHECK_FALSE(layout({80, 23}, 1, Pane::chat).panes);
    CHECK(layout({60, 18}, 1, Pane::people).people.columns == 60);
    CHECK(layout({60, 18}, 1, Pane::people).chat.columns == 0);
    CHECK(layout({160, 45}, 1, Pane::chat).roomy);
}

}  // namespace earshot::client::screen

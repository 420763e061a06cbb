// rooms: client
// max_len: 2048
// What others write and what is typed, on a screen of any size: nothing of it reaches the cells as a control, and nothing breaks.
#include <string>
#include <vector>

#include "base/check.hpp"
#include "client/screen/scenes_for_tests.hpp"
#include "client/screen/screen.hpp"

using namespace earshot;
using namespace earshot::client;

namespace {

void look_at(const screen::Canvas& canvas) {
    const auto size = canvas.size();
    for (int row = 0; row < size.rows; ++row) {
        for (int column = 0; column < size.columns; ++column) {
            const auto& glyph = canvas.at(column, row).glyph;
            ENSURE(glyph.base >= 0x20 && (glyph.base < 0x7f || glyph.base > 0x9f));
            ENSURE(glyph.width <= 2);
            ENSURE(glyph.width != 2 || (column + 1 < size.columns && canvas.at(column + 1, row).glyph.width == 0));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const Bytes bytes{data + 4, size - 4};
    const auto half = std::min<std::size_t>(bytes.size(), data[3]);
    const std::string text(as_text(bytes.subspan(half)));
    auto model = screen::kScenes[data[2] % std::size(screen::kScenes)].make();
    if (auto* room = model.find_room("#raid-night")) {
        room->topic = text;
        room->people[77] = screen::somebody(77, text.substr(0, 60), wire::web::ClientKind::browser, true);
        for (int kind = 0; kind < 5; ++kind) {
            auto line = screen::said(900, screen::kSceneTime, 77, text.substr(0, 60), text);
            line.kind = static_cast<Line::Kind>(kind);
            line.mention = kind == 0;
            room->lines.push_back(line);
        }
    }
    screen::Screen seen({.alphabet = static_cast<screen::Alphabet>(data[0] % 3)});
    seen.resize({1 + data[0] % 200, 1 + data[1] % 60});
    Time at{1h};
    std::vector<Action> actions;
    for (std::size_t begin = 0; begin < half; begin += 16) {
        seen.receive(at, bytes.subspan(begin, std::min<std::size_t>(16, half - begin)), model, actions);
        at += 70ms;
        seen.tick(at, model, actions);
        if (const auto* canvas = seen.frame({at, screen::kSceneTime}, model)) look_at(*canvas);
    }
    ENSURE(seen.composer().cursor() <= seen.composer().text().size());
    at += 1s;
    seen.redraw();
    const auto* last = seen.frame({at, screen::kSceneTime}, model);
    ENSURE(last != nullptr);
    look_at(*last);
    return 0;
}

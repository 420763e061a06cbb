#include "client/screen/theme.hpp"

#include <array>

namespace earshot::client::screen {
namespace {

constexpr int kOwn = -1;

// Colours of the 256: of the cube and the greys, which every such terminal draws alike.
struct Colours {
    Role role;
    int dark, light, either;  // by the backdrop
    int eight, eight_light;   // of the first eight, whose yellow and cyan nobody can read on white
    bool dim = false;         // where there are no greys
};

constexpr std::array<Colours, static_cast<std::size_t>(Role::count)> kColours{{
    {Role::plain, kOwn, kOwn, kOwn, kOwn, kOwn},
    {Role::quiet, 246, 242, 243, kOwn, kOwn, true},
    {Role::frame, 239, 250, 244, kOwn, kOwn, true},
    {Role::title, 152, 24, 30, 6, 4},
    {Role::brand, 80, 23, 30, 6, 4},
    {Role::good, 114, 28, 28, 2, 2},
    {Role::warning, 215, 130, 130, 3, 1},
    {Role::bad, 203, 160, 160, 1, 1},
    {Role::mention, 218, 126, 133, 5, 5},
    {Role::code, 180, 94, 94, 3, 5},
    {Role::link, 111, 25, 32, 6, 4},
    {Role::meter_low, 114, 28, 28, 2, 2},
    {Role::meter_middle, 221, 136, 136, 3, 5},
    {Role::meter_high, 203, 160, 160, 1, 1},
    {Role::name_1, 117, 25, 32, 6, 4},
    {Role::name_2, 150, 22, 64, 2, 2},
    {Role::name_3, 222, 130, 130, 3, 1},
    {Role::name_4, 183, 91, 133, 5, 5},
    {Role::name_5, 216, 125, 161, 1, 1},
    {Role::name_6, 116, 23, 30, kOwn, kOwn},
}};

int colour_of(const Colours& row, Depth depth, Backdrop backdrop) {
    if (depth == Depth::none) return kOwn;
    if (depth == Depth::eight) return backdrop == Backdrop::light ? row.eight_light : row.eight;
    return backdrop == Backdrop::dark ? row.dark : backdrop == Backdrop::light ? row.light : row.either;
}

}  // namespace

Looks looks(const Style& style, Depth depth, Backdrop backdrop) {
    const auto& row = kColours[static_cast<std::size_t>(style.role)];
    Looks out;
    out.colour = colour_of(row, depth, backdrop);
    out.dim = row.dim && depth != Depth::many;
    out.bold = style.bold;
    out.underline = style.underline;
    out.italic = style.italic;
    out.reverse = style.reverse;
    if (out.reverse || out.bold) out.dim = false;
    return out;
}

Backdrop backdrop_of(int red, int green, int blue) { return red * 299 + green * 587 + blue * 114 < 127'500 ? Backdrop::dark : Backdrop::light; }

Backdrop backdrop_of(std::string_view colorfgbg) {
    const auto cut = colorfgbg.rfind(';');
    const auto back = cut == std::string_view::npos ? std::string_view{} : colorfgbg.substr(cut + 1);
    if (back == "7" || back == "15") return Backdrop::light;
    return back.size() == 1 && back[0] >= '0' && back[0] <= '8' ? Backdrop::dark : Backdrop::unknown;
}

}  // namespace earshot::client::screen

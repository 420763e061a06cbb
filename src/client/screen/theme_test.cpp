#include "client/screen/theme.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

namespace earshot::client::screen {
namespace {

// Relative luminance of a colour of the 256 (WCAG 2.2).
double luminance(int colour) {
    std::array<double, 3> parts{};
    if (colour >= 232) {
        parts.fill(8 + (colour - 232) * 10);
    } else {
        const int cube = colour - 16;
        const std::array levels{0, 95, 135, 175, 215, 255};
        parts = {static_cast<double>(levels[static_cast<std::size_t>(cube / 36)]), static_cast<double>(levels[static_cast<std::size_t>(cube / 6 % 6)]),
                 static_cast<double>(levels[static_cast<std::size_t>(cube % 6)])};
    }
    const auto linear = [](double part) { return part / 255 <= 0.04045 ? part / 255 / 12.92 : std::pow((part / 255 + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(parts[0]) + 0.7152 * linear(parts[1]) + 0.0722 * linear(parts[2]);
}

double contrast(double a, double b) { return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05); }

}  // namespace

TEST_CASE("what is to be read can be read on its backdrop") {
    for (int i = 0; i < static_cast<int>(Role::count); ++i) {
        const auto role = static_cast<Role>(i);
        if (role == Role::plain || role == Role::frame) continue;
        CAPTURE(i);
        const double dark = luminance(looks({role}, Depth::many, Backdrop::dark).colour);
        const double light = luminance(looks({role}, Depth::many, Backdrop::light).colour);
        const double either = luminance(looks({role}, Depth::many, Backdrop::unknown).colour);
        const bool is_meter = role >= Role::meter_low && role <= Role::meter_high;
        CHECK(contrast(dark, luminance(235)) >= 4.5);
        CHECK(contrast(light, 1.0) >= (is_meter ? 3.0 : 4.5));
        CHECK(contrast(either, 0.0) >= 3.0);
        CHECK(contrast(either, 1.0) >= 3.0);
    }
}

TEST_CASE("without colours the attributes remain") {
    const auto quiet = looks({Role::quiet}, Depth::none, Backdrop::unknown);
    CHECK(quiet.colour == -1);
    CHECK(quiet.dim);
    const auto warning = looks({Role::warning, true, false, false, true}, Depth::none, Backdrop::dark);
    CHECK(warning.colour == -1);
    CHECK(warning.bold);
    CHECK(warning.reverse);
}

TEST_CASE("eight colours stay among the eight") {
    for (int i = 0; i < static_cast<int>(Role::count); ++i) {
        for (const auto backdrop : {Backdrop::unknown, Backdrop::dark, Backdrop::light})
            CHECK(looks({static_cast<Role>(i)}, Depth::eight, backdrop).colour < 8);
    }
}

TEST_CASE("the backdrop is told by the terminal or by its environment") {
    CHECK(backdrop_of(0, 0, 0) == Backdrop::dark);
    CHECK(backdrop_of(253, 246, 227) == Backdrop::light);
    CHECK(backdrop_of("15;0") == Backdrop::dark);
    CHECK(backdrop_of("0;default;15") == Backdrop::light);
    CHECK(backdrop_of("") == Backdrop::unknown);
    CHECK(backdrop_of("nonsense") == Backdrop::unknown);
}

}  // namespace earshot::client::screen

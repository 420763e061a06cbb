#include "base/ascii_armour.hpp"

#include <doctest/doctest.h>

#include "base/random.hpp"

using namespace earshot;

TEST_CASE("armour is ASCII, says the same, and leaves ASCII alone") {
    CHECK(armoured("name = \"Café\"") == "name = \"Caf~c3~~a9~\"");
    CHECK(armoured("~/data") == "~7e~/data");
    CHECK(bared("~c3~ ~zz~ ~41~ ~7e") == "\xc3 ~zz~ ~41~ ~7e");
    SeededRandom random(3);
    for (int i = 0; i < 1000; ++i) {
        std::string text(random.below(20), '\0');
        for (char& c : text) c = "~0c7ea9\xc3\xa9\xff"[random.below(10)];
        CHECK(bared(armoured(text)) == text);
        for (const char c : armoured(text)) CHECK(static_cast<unsigned char>(c) < 0x80);
    }
}

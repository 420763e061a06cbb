// Drawn days, more than two hundred of them. A failure prints its seed: make sim SEED=...
#include <doctest/doctest.h>

#include "sim/scene.hpp"
#include "sim/workload.hpp"

using namespace earshot;
using namespace earshot::sim;

TEST_CASE("drawn days end well, two hundred and forty of them") {
    for (std::uint64_t seed = 1; seed <= 240; ++seed) {
        SceneSettings settings;
        settings.phrases = seed % 3 == 0 ? PhraseSet::kC : PhraseSet::kA;
        Scene scene{seed, settings};
        Workload{scene}.run();
        INFO(scene.world.report());
        REQUIRE(scene.world.sound());
    }
}

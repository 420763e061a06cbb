// earshot_sim: runs drawn days in the made world. The seed that broke something is all one needs to see it again.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "sim/scene.hpp"
#include "sim/workload.hpp"

namespace {

using namespace earshot;

struct Wanted {
    std::uint64_t seed = 0;  // 0: draw one
    std::uint64_t seeds = 1;
    bool trace = false;
    bool understood = true;
};

Wanted read_arguments(int count, char** arguments) {
    Wanted wanted;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = arguments[i];
        const std::string_view value = i + 1 < count ? arguments[i + 1] : "";
        const auto number = [&](std::uint64_t& into) {
            ++i;
            return std::from_chars(value.data(), value.data() + value.size(), into).ec == std::errc{};
        };
        if (word == "--trace") wanted.trace = true;
        else if (word == "--seed") wanted.understood &= number(wanted.seed);
        else if (word == "--seeds") wanted.understood &= number(wanted.seeds);
        else wanted.understood = false;
    }
    return wanted;
}

// The one thing this program takes from the real world, and it prints it.
std::uint64_t drawn_seed() {
    std::uint32_t seed = 1;
    std::ifstream{"/dev/urandom", std::ios::binary}.read(reinterpret_cast<char*>(&seed), sizeof seed);
    return 1 + seed % 1'000'000;
}

// One day; false when an invariant broke.
bool run(std::uint64_t seed, bool trace) {
    sim::SceneSettings settings;
    settings.phrases = seed % 3 == 0 ? sim::PhraseSet::kC : sim::PhraseSet::kA;
    settings.print = trace;
    sim::Scene scene{seed, settings};
    sim::Workload{scene}.run();
    fmt::print("{}", scene.world.report());
    if (scene.world.sound()) fmt::print("  {} messages shown, {} promised, {} starts\n", scene.ledger.messages_shown(), scene.ledger.promises(), scene.house.starts());
    std::fflush(stdout);
    return scene.world.sound();
}

}  // namespace

int main(int count, char** arguments) {
    auto wanted = read_arguments(count, arguments);
    if (wanted.seed == 0) wanted.seed = drawn_seed();
    if (!wanted.understood) {
        fmt::print(stderr, "usage: earshot_sim [--seed N] [--seeds COUNT] [--trace]\n");
        return 2;
    }
    std::uint64_t broken = 0;
    for (std::uint64_t i = 0; i < wanted.seeds; ++i) broken += run(wanted.seed + i, wanted.trace) ? 0 : 1;
    if (wanted.seeds > 1) fmt::print("{} of {} seeds sound\n", wanted.seeds - broken, wanted.seeds);
    return broken == 0 ? 0 : 1;
}

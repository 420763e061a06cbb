#include "base/counters.hpp"

#include <string_view>

namespace earshot {
namespace {

struct Row {
    Counter which;
    std::string_view kind, name, labels, help;
};

constexpr Row kRows[] = {
#define EARSHOT_COUNTER(id, kind, name, labels, help) {Counter::id, #kind, name, labels, help},
#include "base/counters.def"
#undef EARSHOT_COUNTER
};

}  // namespace

std::string render_prometheus(std::span<const Counters* const> sets) {
    std::string text;
    std::string_view last;
    for (const auto& row : kRows) {
        if (row.name != last) {
            text.append("# HELP ").append(row.name).append(" ").append(row.help).append("\n# TYPE ").append(row.name).append(" ").append(row.kind).append("\n");
            last = row.name;
        }
        std::uint64_t sum = 0;
        for (const auto* set : sets) sum += set->get(row.which);
        text.append(row.name);
        if (!row.labels.empty()) text.append("{").append(row.labels).append("}");
        text.append(" ").append(std::to_string(sum)).append("\n");
    }
    return text;
}

}  // namespace earshot

#include "client/sound_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/words.hpp"

namespace earshot::client {

void SoundCheck::show_level(Time now, std::span<const Loudness> blocks) {
    for (const auto& block : blocks) meter_.add(now, block.heard_dbfs - audio::kDbfsAboveDbov);
    panel_.level_dbfs = std::max(kSilence, meter_.dbfs(now));
    panel_.peak_dbfs = std::max(kSilence, meter_.peak_dbfs(now));
}

void SoundCheck::set_trouble(std::string sentence) {
    if (sentence == panel_.trouble) return;
    panel_.trouble = std::move(sentence);
    if (!panel_.trouble.empty()) say_anew();
}

CheckWord read_check_word(std::string_view text) {
    using Kind = CheckWord::Kind;
    const auto word = lowered(trimmed(text));
    if (word.empty() || word == "y" || word == "yes" || word == "ok" || word == "next") return {Kind::kOn};
    if (word == "b" || word == "back") return {Kind::kBack};
    if (word == "r" || word == "again" || word == "n" || word == "no") return {Kind::kAgain};
    if (word == "skip" || word == "esc" || word == "q") return {Kind::kSkip};
    if (const auto number = whole_number(word, 1, 999)) return {Kind::kNumber, static_cast<std::size_t>(*number)};
    return {};
}

float percentile(std::vector<float> levels, double share) {
    if (levels.empty()) return kSilence;
    const auto at = levels.begin() + static_cast<std::ptrdiff_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(levels.size() - 1));
    std::ranges::nth_element(levels, at);
    return *at;
}

std::vector<std::string> spoken(const SoundPanel& panel, const SoundPanel* before) {
    const bool same_page = before != nullptr && before->title == panel.title && before->text == panel.text && before->choices == panel.choices;
    if (same_page && !panel.trouble.empty() && before->trouble != panel.trouble) return {panel.trouble};
    std::vector<std::string> lines;
    lines.push_back(panel.steps > 0 ? fmt::format("{} of {}: {}", panel.step, panel.steps, panel.title) : panel.title);
    if (!panel.text.empty()) lines.push_back(panel.text);
    for (std::size_t i = 0; i < panel.choices.size(); ++i) {
        const auto& choice = panel.choices[i];
        lines.push_back(fmt::format("{} {} {}{}", choice.chosen ? '*' : ' ', i + 1, choice.name, choice.note.empty() ? "" : fmt::format(" ({})", choice.note)));
    }
    if (!panel.trouble.empty()) lines.push_back(panel.trouble);
    std::string answers;
    for (const auto& [key, does] : panel.keys)
        answers += fmt::format("{}{}: {}", answers.empty() ? "" : "; ", key == "Enter" ? "an empty line" : key == "Esc" ? "skip" : key, does);
    if (!panel.choices.empty()) answers = answers.empty() ? "a number chooses" : "a number chooses; " + answers;
    if (!answers.empty()) lines.push_back(fmt::format("Answer with a line: {}.", answers));
    return lines;
}

}  // namespace earshot::client

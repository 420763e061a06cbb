#include "wire/voix_line.hpp"

#include <optional>

namespace earshot::wire {
namespace {

constexpr std::size_t kMostWords = 16;

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && (is_space(text.back()) || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

// Takes what stands between two quotation marks off the front of `text`; nothing when the second is missing.
std::optional<std::string> take_quoted(std::string_view& text) {
    std::string word;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return word;
        }
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        word += text[i];
    }
    return std::nullopt;
}

std::string take_bare(std::string_view& text, std::string_view ends) {
    const auto end = std::min(text.find_first_of(ends), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(end);
    return word;
}

// Words until one of `ends` or the end of the line.
std::expected<std::vector<std::string>, std::string> take_words(std::string_view& text, std::string_view stop) {
    std::vector<std::string> words;
    const std::string ends = " \t" + std::string(stop);
    while (true) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        if (text.empty() || stop.find(text.front()) != std::string_view::npos) return words;
        if (words.size() == kMostWords) return std::unexpected("That line has too many words.");
        auto word = text.front() == '"' ? take_quoted(text) : std::optional(take_bare(text, ends));
        if (!word) return std::unexpected("A quotation mark is not closed.");
        words.push_back(std::move(*word));
    }
}

}  // namespace

std::expected<VoixLine, std::string> read_voix_line(std::string_view line) {
    auto rest = trimmed(line);
    VoixLine read;
    read.command = take_bare(rest, " \t:\"");
    if (read.command.empty()) return std::unexpected("A line begins with a command.");
    for (char& c : read.command)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    auto target = take_words(rest, ":");
    if (!target) return std::unexpected(target.error());
    read.target = std::move(*target);
    if (!rest.empty()) read.text = trimmed(rest.substr(1));
    return read;
}

std::expected<std::vector<std::string>, std::string> voix_words(std::string_view text) { return take_words(text, ""); }

std::string voix_message(std::string_view text) {
    auto rest = text;
    if (rest.size() >= 2 && rest.front() == '"')
        if (auto whole = take_quoted(rest); whole && rest.empty()) return *whole;
    return std::string(text);
}

std::string voix_word(std::string_view word) {
    if (!word.empty() && word.find_first_of(" \t:,\"\\") == std::string_view::npos) return std::string(word);
    std::string quoted = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string write_voix_line(std::string_view command, std::initializer_list<std::string_view> target, std::string_view text) {
    std::string line(command);
    for (const auto word : target) line += ' ' + voix_word(word);
    line += ": ";
    for (const char c : text) line += c == '\n' || c == '\r' ? ' ' : c;
    return line + '\n';
}

}  // namespace earshot::wire

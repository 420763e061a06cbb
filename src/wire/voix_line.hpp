// The lines of Voix (docs/PROTOCOLS.md): COMMAND target: arguments. Targets and arguments are bare words or stand in double
// quotes, where a backslash makes the next character plain. A line ends in LF or CRLF, which is not part of what is read here.
#pragma once
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace earshot::wire {

struct VoixLine {
    std::string command{};              // in capitals, whatever came
    std::vector<std::string> target{};  // the words before the colon
    std::string text{};                 // what follows the colon, as it came, without the spaces around it

    bool operator==(const VoixLine&) const = default;
};

// The error is a sentence for the one who sent it.
std::expected<VoixLine, std::string> read_voix_line(std::string_view line);
// The text as words; the error is a sentence.
std::expected<std::vector<std::string>, std::string> voix_words(std::string_view text);
// A message may be one quoted string: then what it holds, otherwise the text itself.
std::string voix_message(std::string_view text);

// "MSG ada #lobby: hello\n": words are quoted when they must be, and `text` is one line whatever it holds.
std::string write_voix_line(std::string_view command, std::initializer_list<std::string_view> target, std::string_view text);
// A name as it stands in a list or a target.
std::string voix_word(std::string_view word);

}  // namespace earshot::wire

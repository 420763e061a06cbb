#include "client/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/edit_distance.hpp"
#include "client/words.hpp"

namespace earshot::client {
namespace {

using Taken = std::expected<void, std::string>;

struct Flag {
    std::string_view name;
    std::string_view value;  // what it takes, as the help shows it; empty: nothing
    std::string_view help;
    Taken (*take)(Arguments& to, std::string_view value);
};

template <std::string Arguments::*field>
Taken keep(Arguments& to, std::string_view value) {
    to.*field = value;
    return {};
}
template <bool Arguments::*field, bool to_what>
Taken turn(Arguments& to, std::string_view) {
    to.*field = to_what;
    return {};
}
Taken keep_room(Arguments& to, std::string_view value) {
    to.room = room_name(value);
    return {};
}
Taken keep_echo(Arguments& to, std::string_view value) {
    if (value != "auto" && value != "on" && value != "off") return std::unexpected("--aec is one of: auto, on, off");
    to.aec = value;
    return {};
}
Taken keep_noise(Arguments& to, std::string_view value) {
    if (value != "off" && value != "light" && value != "strong") return std::unexpected("--noise is one of: off, light, strong");
    to.noise = value;
    return {};
}
Taken keep_fingerprint(Arguments& to, std::string_view value) {
    const auto fingerprint = read_fingerprint(value);
    if (!fingerprint) return std::unexpected("--accept-fingerprint takes the 64 hexadecimal digits of a SHA-256");
    to.accept_fingerprint = *fingerprint;
    return {};
}
template <std::string Arguments::*field>
Taken keep_file(Arguments& to, std::string_view value) {
    if (!lowered(value).ends_with(".wav")) return std::unexpected(fmt::format("'{}' is no .wav file", value));
    to.*field = value;
    return {};
}

constexpr std::array kFlags{
    Flag{"--name", "NAME", "who you are; your user name otherwise", keep<&Arguments::name>},
    Flag{"--room", "ROOM", "the room to enter; the link's, or #lobby otherwise", keep_room},
    Flag{"--passphrase-file", "FILE", "the passphrase of a sealed room", keep<&Arguments::passphrase_file>},
    Flag{"--operator-key-file", "FILE", "the key that shows you to be the house's operator", keep<&Arguments::operator_key_file>},
    Flag{"--audio-in", "DEVICE|FILE.wav|none", "the microphone", keep<&Arguments::audio_in>},
    Flag{"--audio-out", "DEVICE|FILE.wav|none", "the loudspeaker", keep<&Arguments::audio_out>},
    Flag{"--play", "FILE.wav", "say this file, as --audio-in FILE.wav", keep_file<&Arguments::audio_in>},
    Flag{"--record", "FILE.wav", "write what is heard, as --audio-out FILE.wav", keep_file<&Arguments::audio_out>},
    Flag{"--no-call", "", "stay out of the call until /call", turn<&Arguments::call, false>},
    Flag{"--no-audio", "", "open no sound device", turn<&Arguments::audio, false>},
    Flag{"--aec", "auto|on|off", "take the echo of the loudspeakers out of the microphone", keep_echo},
    Flag{"--noise", "off|light|strong", "make the noise of the room fainter; strong costs 6 ms", keep_noise},
    Flag{"--low-delay", "", "5 ms frames and no echo canceller: for headphones and good lines", turn<&Arguments::low_delay, true>},
    Flag{"--plain", "", "lines instead of a screen: for scripts and screen readers", turn<&Arguments::plain, true>},
    Flag{"--json", "", "one JSON object a line", turn<&Arguments::json, true>},
    Flag{"--no-input", "", "never ask anything", turn<&Arguments::input, false>},
    Flag{"--accept-fingerprint", "FP", "trust exactly the certificate with this SHA-256", keep_fingerprint},
    Flag{"--data", "DIR", "host: keep the history here instead of forgetting it", keep<&Arguments::data>},
};

struct VerbWord {
    std::string_view word;
    Verb verb;
};
constexpr std::array kVerbs{VerbWord{"host", Verb::kHost}, VerbWord{"devices", Verb::kDevices}, VerbWord{"ctl", Verb::kControl},
                            VerbWord{"completion", Verb::kCompletion}, VerbWord{"help", Verb::kHelp}};
constexpr std::array<std::string_view, 3> kShells{"bash", "zsh", "fish"};
constexpr std::array<std::string_view, 7> kControlWords{"ptt", "mute", "unmute", "deafen", "undeafen", "status", "quit"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

std::string unknown_flag(std::string_view name) {
    const auto nearest = std::ranges::min_element(kFlags, {}, [&](const Flag& flag) { return edit_distance(name, flag.name); });
    if (name.size() < 40 && edit_distance(name, nearest->name) <= 3) return fmt::format("there is no flag {}; did you mean {}?", name, nearest->name);
    return fmt::format("there is no flag {}; --help shows all", name);
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2 || value < 0x20) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

// Splits off "host" or "[v6]", then ":port".
std::expected<void, std::string> read_host(std::string_view text, Address& address) {
    const auto no = [&] { return std::unexpected(fmt::format("'{}' is no address; try https://HOST/ or http://localhost:8080", text)); };
    auto host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return no();
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!port.empty() && !port.starts_with(':')) return no();
    } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
        if (host.contains(':')) return no();  // IPv6 goes into brackets
    }
    if (host.empty() || host.size() > 253 || !std::ranges::all_of(host, is_host_character)) return no();
    address.host = host;
    if (port.empty()) return {};
    const auto number = whole_number(port.substr(1), 1, 65535);
    if (!number) return no();
    address.port = static_cast<std::uint16_t>(*number);
    return {};
}

bool is_this_machine(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

Taken check_words(const Arguments& a) {
    if (a.verb == Verb::kCompletion && (a.words.size() != 1 || !one_of(kShells, a.words[0]))) return std::unexpected("usage: earshot completion bash|zsh|fish");
    if (a.verb == Verb::kControl) {
        const bool ptt = a.words.size() == 2 && a.words[0] == "ptt" && (a.words[1] == "on" || a.words[1] == "off" || a.words[1] == "toggle");
        const bool single = a.words.size() == 1 && a.words[0] != "ptt" && one_of(kControlWords, a.words[0]);
        if (!ptt && !single) return std::unexpected("usage: earshot ctl ptt on|off|toggle, mute, unmute, deafen, undeafen, status [--json] or quit");
    }
    if (!a.operator_key_file.empty() && a.verb == Verb::kJoin && !a.address.secure && !is_this_machine(a.address.host))
        return std::unexpected("the operator's key does not go over plain http; use https://");
    if (a.verb != Verb::kHost && !a.data.empty()) return std::unexpected("--data belongs to `earshot host`");
    return {};
}

// A word that is no flag: the verb or the address first, then the verb's own words.
Taken take_word(Arguments& out, std::string_view word, bool first) {
    constexpr std::size_t kMostWords = 4;
    const auto verb = std::ranges::find(kVerbs, word, &VerbWord::word);
    if (first && verb != kVerbs.end()) {
        out.verb = verb->verb;
        return {};
    }
    if (first) {
        auto address = read_address(word);
        if (!address) return std::unexpected(address.error());
        out.verb = Verb::kJoin;
        out.address = std::move(*address);
        return {};
    }
    if ((out.verb != Verb::kControl && out.verb != Verb::kCompletion) || out.words.size() == kMostWords)
        return std::unexpected(fmt::format("'{}' is one word too many", word));
    out.words.emplace_back(word);
    return {};
}

}  // namespace

std::string Address::shown() const {
    const auto name = host.contains(':') ? fmt::format("[{}]", host) : host;
    return port == (secure ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::expected<Address, std::string> read_address(std::string_view text) {
    Address address;
    auto rest = trimmed(text);
    if (rest.size() > 2000) return std::unexpected("that address is too long");
    bool schemed = true;
    if (rest.starts_with("https://"))
        rest.remove_prefix(8);
    else if (rest.starts_with("http://"))
        rest.remove_prefix(7), address.secure = false;
    else if (rest.contains("://"))
        return std::unexpected(fmt::format("'{}' is no address of Earshot's: it begins with https:// or http://", rest));
    else
        schemed = false;
    rest = rest.substr(0, rest.find_first_of("?#"));
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto path = rest.substr(slash);
    if (rest.substr(0, slash).contains('@')) return std::unexpected("an address holds no user name; say who you are with --name");
    const auto host = rest.substr(0, slash);
    address.port = 0;
    if (auto done = read_host(host, address); !done) return std::unexpected(done.error());
    if (!schemed) address.secure = !is_this_machine(address.host) || address.port == 8443;
    if (address.port == 0) address.port = address.secure ? 443 : 80;
    if (path.empty() || path == "/") return address;
    if (!path.starts_with("/r/")) return std::unexpected(fmt::format("'{}' is no room's link; it would be https://HOST/r/ROOM", text));
    auto room = percent_decoded(path.substr(3));
    while (room && room->ends_with('/')) room->pop_back();
    if (!room || room->empty()) return std::unexpected(fmt::format("'{}' names no room", text));
    address.room = "#" + *room;
    return address;
}

std::expected<Arguments, std::string> read_arguments(std::span<const char* const> arguments) {
    Arguments out;
    bool first = true, flags_over = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (flags_over || !word.starts_with('-') || word == "-") {
            if (auto done = take_word(out, word, std::exchange(first, false)); !done) return std::unexpected(done.error());
            continue;
        }
        if (word == "--")
            flags_over = true;
        else if (word == "--help" || word == "-h")
            return Arguments{.verb = Verb::kHelp};
        else if (word == "--version")
            return Arguments{.verb = Verb::kVersion};
        else {
            const auto equals = std::min(word.find('='), word.size());
            const auto flag = std::ranges::find(kFlags, word.substr(0, equals), &Flag::name);
            if (flag == kFlags.end()) return std::unexpected(unknown_flag(word.substr(0, equals)));
            std::string_view value;
            if (flag->value.empty() && equals != word.size()) return std::unexpected(fmt::format("{} takes no value", flag->name));
            if (!flag->value.empty() && equals == word.size()) {
                if (++i == arguments.size()) return std::unexpected(fmt::format("{} needs {}", flag->name, flag->value));
                value = arguments[i];
            } else if (!flag->value.empty()) {
                value = word.substr(equals + 1);
            }
            if (auto done = flag->take(out, value); !done) return std::unexpected(done.error());
        }
    }
    if (first) return std::unexpected("where to? Try earshot https://HOST/, earshot host, or earshot --help");
    if (auto done = check_words(out); !done) return std::unexpected(done.error());
    return out;
}

std::optional<std::string> read_fingerprint(std::string_view text) {
    std::string digits;
    for (const char c : lowered(text)) {
        if (c == ':' || c == ' ') continue;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) || digits.size() == 64) return std::nullopt;
        digits += c;
    }
    if (digits.size() != 64) return std::nullopt;
    return digits;
}

std::string usage_text() {
    std::string out =
        "earshot: talk and type with a house of Earshot's from a terminal.\n\n"
        "Usage:\n"
        "  earshot URL [FLAG...]               join, as earshot https://talk.example/r/maps\n"
        "  earshot host [--data DIR] [FLAG...] open a house of your own for one call, and print its link\n"
        "  earshot devices [--json]            list microphones and loudspeakers\n"
        "  earshot ctl COMMAND                 tell a running earshot: ptt on|off|toggle, mute, unmute,\n"
        "                                      deafen, undeafen, status [--json], quit\n"
        "  earshot completion bash|zsh|fish    print a completion script\n\nFlags:\n";
    for (const auto& flag : kFlags)
        out += fmt::format("  {:<34} {}\n", flag.value.empty() ? std::string(flag.name) : fmt::format("{} {}", flag.name, flag.value), flag.help);
    out += fmt::format("  {:<34} {}\n  {:<34} {}\n", "-h, --help", "print this", "--version", "print the version");
    out +=
        "\nWithout a terminal it reads and writes lines, as --plain does. Inside, type /help.\n"
        "It ends with 0: fine, 1: error, 2: wrong usage, 3: refused or not trusted, 4: network, 5: sound, 130: interrupted.\n";
    return out;
}

namespace {

// "auto|on|off" as "auto on off"; empty for what is not a choice of plain words.
std::string choices_of(const Flag& flag) {
    std::string words(flag.value);
    const bool plain = words.contains('|') && std::ranges::all_of(words, [](char c) { return c == '|' || (c >= 'a' && c <= 'z'); });
    std::ranges::replace(words, '|', ' ');
    return plain ? words : std::string();
}

}  // namespace

std::string completion_script(std::string_view shell) {
    std::string names, choices;
    for (const auto& flag : kFlags) {
        names += fmt::format("{} ", flag.name);
        if (const auto words = choices_of(flag); !words.empty())
            choices += fmt::format("        {}) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")); return ;;\n", flag.name, words);
    }
    names += "--help --version";
    constexpr std::string_view kFirst = "host devices ctl completion";
    constexpr std::string_view kControl = "ptt mute unmute deafen undeafen status quit";
    if (shell == "bash")
        return fmt::format(
            "_earshot() {{\n"
            "    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
            "    case $prev in\n"
            "        --play|--record|--passphrase-file|--audio-in|--audio-out) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
            "        --data) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n"
            "        ctl) COMPREPLY=($(compgen -W \"{1}\" -- \"$cur\")); return ;;\n"
            "{3}"
            "        ptt) COMPREPLY=($(compgen -W \"on off toggle\" -- \"$cur\")); return ;;\n"
            "        completion) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$cur\")); return ;;\n"
            "    esac\n"
            "    if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"{2}\" -- \"$cur\"));\n"
            "    elif (( COMP_CWORD == 1 )); then COMPREPLY=($(compgen -W \"{0}\" -- \"$cur\")); fi\n"
            "}}\n"
            "complete -F _earshot earshot\n",
            kFirst, kControl, names, choices);
    if (shell == "zsh") {
        std::string specs;
        for (const auto& flag : kFlags) {
            std::string help(flag.help);
            std::erase_if(help, [](char c) { return c == '\'' || c == '[' || c == ']' || c == ':'; });
            const bool file = flag.value.contains("FILE");
            specs += fmt::format("    '{}[{}]{}' \\\n", flag.name, help,
                                 flag.value.empty()         ? std::string()
                                 : file                     ? std::string(":file:_files")
                                 : flag.value == "DIR"      ? std::string(":directory:_files -/")
                                 : choices_of(flag).empty() ? std::string(":value:")
                                                            : fmt::format(":value:({})", choices_of(flag)));
        }
        return fmt::format(
            "#compdef earshot\n"
            "_arguments -S \\\n{0}"
            "    '1:what:({1})' \\\n"
            "    '2:command:({2} bash zsh fish)' \\\n"
            "    '3:state:(on off toggle)'\n",
            specs, kFirst, kControl);
    }
    if (shell == "fish") {
        std::string out = fmt::format(
            "complete -c earshot -f\n"
            "complete -c earshot -n __fish_use_subcommand -a '{}'\n"
            "complete -c earshot -n '__fish_seen_subcommand_from ctl' -a '{} on off toggle'\n"
            "complete -c earshot -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n",
            kFirst, kControl);
        for (const auto& flag : kFlags)
            out += fmt::format("complete -c earshot -l {} {}-d '{}'\n", flag.name.substr(2),
                               flag.value.empty()                                   ? std::string()
                               : flag.value.contains("FILE") || flag.value == "DIR" ? std::string("-rF ")
                               : choices_of(flag).empty()                           ? std::string("-x ")
                                                                                    : fmt::format("-xa '{}' ", choices_of(flag)),
                               flag.help);
        return out;
    }
    return {};
}

}  // namespace earshot::client

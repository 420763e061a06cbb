#include "client/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/edit_distance.hpp"
#include "client/words.hpp"

namespace earshot::client {
namespace {

using Read = std::expected<std::optional<Action>, std::string>;
namespace a = action;

struct Entry {
    Command command;
    Read (*read)(std::string_view rest) = nullptr;  // none: comes later
};

std::unexpected<std::string> usage(std::string_view name) {
    const auto* command = find_command(name);
    return std::unexpected(fmt::format("Usage: /{} {}", name, command->arguments));
}

template <typename A>
Read plain(std::string_view) {
    return Action{A{}};
}
template <Switch to, typename A>
Read switched(std::string_view) {
    return Action{A{to}};
}

Read read_join(std::string_view rest) {
    if (rest.empty()) return usage("join");
    return Action{a::Join{room_name(rest)}};
}
Read read_leave(std::string_view rest) { return Action{a::Leave{rest.empty() ? "" : room_name(rest)}}; }
Read read_call(std::string_view rest) { return Action{a::Call{rest.empty() ? "" : room_name(rest)}}; }

Read read_msg(std::string_view rest) {
    const auto [to, text] = first_word(rest);
    if (text.empty()) return usage("msg");
    return Action{a::Direct{std::string(to), std::string(text)}};
}
Read read_me(std::string_view rest) {
    if (rest.empty()) return usage("me");
    return Action{a::Say{std::string(rest), true}};
}
Read read_kick(std::string_view rest) {
    if (rest.empty()) return usage("kick");
    return Action{a::Kick{std::string(rest)}};
}
Read read_mute(std::string_view rest) {
    if (rest.empty()) return Action{a::Mute{Switch::kOn}};
    return Action{a::MutePerson{std::string(rest)}};
}
Read read_nick(std::string_view rest) {
    if (rest.empty()) return usage("nick");
    return Action{a::Nick{std::string(rest)}};
}
Read read_topic(std::string_view rest) { return Action{a::Topic{std::string(rest)}}; }
Read read_help(std::string_view rest) { return Action{a::Help{std::string(rest)}}; }

Read read_ptt(std::string_view rest) {
    if (rest.empty() || rest == "toggle") return Action{a::Talk{Switch::kToggle}};
    if (rest == "on") return Action{a::Talk{Switch::kOn}};
    if (rest == "off") return Action{a::Talk{Switch::kOff}};
    return usage("ptt");
}

Read read_mode(std::string_view rest) {
    if (rest == "voice") return Action{a::Mode{false}};
    if (rest == "ptt") return Action{a::Mode{true}};
    return usage("mode");
}

Read read_gate(std::string_view rest) {
    const auto dbfs = whole_number(rest, -90, 0);
    if (!dbfs) return usage("gate");
    return Action{a::Gate{static_cast<float>(*dbfs)}};
}

// "/vol", "/vol 80", "/vol Ana", "/vol Ana 80", with or without a percent sign.
Read read_volume(std::string_view rest) {
    const auto percent = [](std::string_view text) { return whole_number(text.ends_with('%') ? text.substr(0, text.size() - 1) : text, 0, 200); };
    if (const auto all = percent(rest)) return Action{a::Volume{"", all}};
    const auto [name, number] = first_word(rest);
    if (number.empty()) return Action{a::Volume{std::string(name), std::nullopt}};
    const auto wanted = percent(number);
    if (!wanted) return usage("vol");
    return Action{a::Volume{std::string(name), wanted}};
}

template <bool input>
Read read_device(std::string_view rest) {
    if (rest.empty()) return usage(input ? "input" : "output");
    return Action{a::ChooseDevice{input, std::string(rest)}};
}

Read read_set(std::string_view rest) {
    const auto equals = rest.find('=');
    if (rest.empty()) return Action{a::Set{}};
    if (equals == std::string_view::npos) return usage("set");
    return Action{a::Set{std::string(trimmed(rest.substr(0, equals))), std::string(trimmed(rest.substr(equals + 1)))}};
}

constexpr auto kLater = true;

constexpr std::array kEntries{
    Entry{{"audio-wizard", "", "goes through microphone, loudspeakers and gate with you"}, plain<a::AudioWizard>},
    Entry{{"away", "[text]", "says that you are away", kLater}},
    Entry{{"ban", "NAME", "keeps somebody out", kLater}},
    Entry{{"call", "[ROOM]", "joins the room's call"}, read_call},
    Entry{{"cc", "TEXT", "captions what you say", kLater}},
    Entry{{"clear", "", "empties the screen's log of this room"}, plain<a::Clear>},
    Entry{{"deafen", "", "hears nothing and says nothing, or both again"}, switched<Switch::kToggle, a::Deafen>},
    Entry{{"delete", "", "takes a message back", kLater}},
    Entry{{"devices", "", "lists microphones and loudspeakers"}, plain<a::Devices>},
    Entry{{"edit", "TEXT", "changes your last message", kLater}},
    Entry{{"gate", "DBFS", "how loud a voice must be to be sent, -90 to 0"}, read_gate},
    Entry{{"hand", "", "raises your hand", kLater}},
    Entry{{"hangup", "", "leaves the call"}, plain<a::HangUp>},
    Entry{{"help", "[COMMAND]", "shows the commands"}, read_help},
    Entry{{"input", "N|NAME", "chooses the microphone"}, read_device<true>},
    Entry{{"invite", "[--uses N] [--expires 1d]", "makes an invite", kLater}},
    Entry{{"join", "ROOM", "goes to a room, and makes it when it is new"}, read_join},
    Entry{{"key", "", "the passphrase of a sealed room", kLater}},
    Entry{{"kick", "NAME [reason]", "removes somebody from this room"}, read_kick},
    Entry{{"leave", "[ROOM]", "leaves this room, or that one"}, read_leave},
    Entry{{"lock", "", "lets nobody else in", kLater}},
    Entry{{"mark-read", "", "marks all of this room as read"}, plain<a::MarkRead>},
    Entry{{"me", "TEXT", "says what you do"}, read_me},
    Entry{{"mode", "voice|ptt", "sends when you speak, or when you press to talk"}, read_mode},
    Entry{{"msg", "NAME TEXT", "tells somebody alone"}, read_msg},
    Entry{{"mute", "[NAME]", "closes your microphone, or somebody's"}, read_mute},
    Entry{{"nick", "NAME", "changes your name"}, read_nick},
    Entry{{"output", "N|NAME", "chooses the loudspeaker"}, read_device<false>},
    Entry{{"ptt", "[on|off|toggle]", "push-to-talk"}, read_ptt},
    Entry{{"quit", "", "leaves the house"}, plain<a::Quit>},
    Entry{{"react", ":EMOJI:", "reacts to a message", kLater}},
    Entry{{"reconnect", "", "drops the connection and comes back"}, plain<a::Reconnect>},
    Entry{{"search", "TEXT", "searches the history", kLater}},
    Entry{{"set", "[KEY=VALUE]", "shows or changes settings"}, read_set},
    Entry{{"share", "", "shares a screen, which only a browser can", kLater}},
    Entry{{"status", "", "shows how you are connected"}, plain<a::Status>},
    Entry{{"test-mic", "", "records you for three seconds and lets you hear it, nobody else"}, plain<a::TestMicrophone>},
    Entry{{"topic", "TEXT", "changes the room's topic"}, read_topic},
    Entry{{"undeafen", "", "hears again"}, switched<Switch::kOff, a::Deafen>},
    Entry{{"unlock", "", "lets others in again", kLater}},
    Entry{{"unmute", "", "opens your microphone"}, switched<Switch::kOff, a::Mute>},
    Entry{{"vol", "[NAME] [0-200]", "how loud everything, or somebody, is"}, read_volume},
    Entry{{"vu", "", "shows the levels now"}, plain<a::Meters>},
    Entry{{"who", "", "shows who is here"}, plain<a::Who>},
};

constexpr auto kCommands = [] {
    std::array<Command, kEntries.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kEntries[i].command;
    return out;
}();

std::string unknown(std::string_view name) {
    const auto nearest = std::ranges::min_element(kCommands, {}, [&](const Command& c) { return edit_distance(name, c.name); });
    const bool close = name.size() > 2 && name.size() < 20 && edit_distance(name, nearest->name) <= 2;
    return close ? fmt::format("Unknown command /{}, did you mean /{}?", name, nearest->name) : fmt::format("Unknown command /{}, type /help", name);
}

Read read_command(std::string_view line) {
    const auto [word, rest] = first_word(line);
    const auto name = lowered(word);
    const auto entry = std::ranges::find(kEntries, name, [](const Entry& e) { return e.command.name; });
    if (entry == kEntries.end()) return std::unexpected(unknown(name.substr(0, 40)));
    if (entry->read == nullptr) return Action{a::Later{name}};
    return entry->read(rest);
}

bool begins(std::string_view word, std::string_view start) { return word.size() >= start.size() && same_name(word.substr(0, start.size()), start); }

void add_sorted(std::vector<std::string>& words, std::string word) {
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
}

Completion names(std::string_view word, bool first, const Model& model) {
    Completion out{.replaced = word.size()};
    const std::string_view at = word.starts_with('@') ? "@" : "";
    const auto start = word.substr(at.size());
    const auto* room = model.current_room();
    if (start.empty() || room == nullptr) return out;
    for (const auto& [id, person] : room->people)
        if (id != model.member && begins(person.name, start)) add_sorted(out.words, fmt::format("{}{}{}", at, person.name, first && at.empty() ? ": " : " "));
    std::ranges::sort(out.words);
    return out;
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
    const auto at = std::ranges::find(kCommands, name, &Command::name);
    return at == kCommands.end() ? nullptr : &*at;
}

Read read_typed(std::string_view line) {
    if (line == "{quit}") return Action{a::Quit{}};
    if (line == "[audio]") return Action{a::HandsFree{}};
    if (line == "\\{quit}" || line == "\\[audio]") return Action{a::Say{std::string(line.substr(1))}};
    const auto text = trimmed(line);
    if (text.empty() || text.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::optional<Action>{};
    if (text.starts_with("//")) return Action{a::Say{std::string(text.substr(1))}};
    if (text.starts_with('/')) return read_command(text.substr(1));
    return Action{a::Say{std::string(text)}};
}

Completion complete(std::string_view before, const Model& model) {
    const auto space = before.find_last_of(" \t");
    const auto word = before.substr(space == std::string_view::npos ? 0 : space + 1);
    const bool first = word.size() == before.size();
    Completion out{.replaced = word.size()};
    if (first && word.starts_with('/') && !word.starts_with("//")) {
        for (const auto& command : kCommands)
            if (!command.later && begins(command.name, word.substr(1))) out.words.push_back(fmt::format("/{} ", command.name));
    } else if (word.starts_with('#') || before.starts_with("/join ") || before.starts_with("/leave ") || before.starts_with("/call ")) {
        for (const auto& room : model.rooms)
            if (begins(room.name, word.starts_with('#') ? std::string(word) : fmt::format("#{}", word))) out.words.push_back(room.name + " ");
    } else {
        return names(word, first, model);
    }
    return out;
}

std::vector<std::string> help_lines(std::string_view about) {
    const auto name = lowered(about.starts_with('/') ? about.substr(1) : about);
    if (!name.empty()) {
        const auto* command = find_command(name);
        if (command == nullptr) return {unknown(name.substr(0, 40))};
        return {fmt::format("/{} {}: {}{}", command->name, command->arguments, command->help, command->later ? " (comes later)" : "")};
    }
    std::vector<std::string> lines;
    for (const auto& command : kCommands)
        if (!command.later) lines.push_back(fmt::format("{:<24} {}", fmt::format("/{} {}", command.name, command.arguments), command.help));
    lines.push_back(fmt::format("{:<24} {}", "{quit}", "as /quit"));
    lines.push_back(fmt::format("{:<24} {}", "[audio]", "talks hands-free until you are silent"));
    lines.push_back("A line that begins with // says /, one that is \\{quit} or \\[audio] says these words.");
    return lines;
}

}  // namespace earshot::client

#include "client/commands.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace earshot::client;
namespace a = action;

namespace {

template <typename A>
A typed(std::string_view line) {
    const auto read = read_typed(line);
    REQUIRE_MESSAGE(read, (read ? "" : read.error()));
    REQUIRE(read->has_value());
    const auto* got = std::get_if<A>(&**read);
    REQUIRE(got != nullptr);
    return *got;
}
std::string wrong(std::string_view line) {
    const auto read = read_typed(line);
    return read ? "(no error)" : read.error();
}

Model a_room() {
    Model model;
    model.member = 1;
    model.rooms = {Room{.name = "#lobby"}, Room{.name = "#maps"}};
    model.current = "#lobby";
    for (const auto& [id, name] : {std::pair{1, "Me"}, {2, "Ana"}, {3, "anders"}, {4, "Bo"}})
        model.rooms[0].people[static_cast<std::uint64_t>(id)] = {.member = static_cast<std::uint64_t>(id), .name = name};
    return model;
}

}  // namespace

TEST_CASE("what is no command is said") {
    CHECK(typed<a::Say>("hello").text == "hello");
    CHECK(typed<a::Say>("  hello ").text == "hello");
    CHECK(typed<a::Say>("//x").text == "/x");
    CHECK(typed<a::Say>("a /x").text == "a /x");
    const auto blank = read_typed(" \t ");
    REQUIRE(blank);
    CHECK_FALSE(blank->has_value());
}

TEST_CASE("the classic words count only when the line is exactly they") {
    typed<a::Quit>("{quit}");
    typed<a::HandsFree>("[audio]");
    CHECK(typed<a::Say>(" {quit}").text == "{quit}");
    CHECK(typed<a::Say>("{quit} now").text == "{quit} now");
    CHECK(typed<a::Say>("\\{quit}").text == "{quit}");
    CHECK(typed<a::Say>("\\[audio]").text == "[audio]");
    CHECK(typed<a::Say>("\\other").text == "\\other");
}

TEST_CASE("commands with what they need") {
    CHECK(typed<a::Join>("/join maps").room == "#maps");
    CHECK(typed<a::Join>("/JOIN #maps").room == "#maps");
    CHECK(typed<a::Leave>("/leave").room.empty());
    CHECK(typed<a::Direct>("/msg Ana  are you there").to == "Ana");
    CHECK(typed<a::Direct>("/msg Ana  are you there").text == "are you there");
    CHECK(typed<a::Say>("/me waves").me);
    CHECK(typed<a::Mute>("/mute").to == Switch::kOn);
    CHECK(typed<a::Mute>("/unmute").to == Switch::kOff);
    CHECK(typed<a::Deafen>("/deafen").to == Switch::kToggle);
    CHECK(typed<a::Talk>("/ptt on").to == Switch::kOn);
    CHECK(typed<a::Gate>("/gate -35").dbfs == -35);
    CHECK(typed<a::Set>("/set ptt = hold").value == "hold");
    CHECK(typed<a::ChooseDevice>("/output 2").which == "2");
    CHECK_FALSE(typed<a::ChooseDevice>("/output 2").input);
}

TEST_CASE("volumes of one and of all") {
    CHECK(typed<a::Volume>("/vol 80").percent == 80);
    CHECK(typed<a::Volume>("/vol 80%").name.empty());
    CHECK(typed<a::Volume>("/vol Ana 150").percent == 150);
    CHECK(typed<a::Volume>("/vol Ana").percent == std::nullopt);
    CHECK(wrong("/vol Ana 201") == "Usage: /vol [NAME] [0-200]");
    CHECK(wrong("/vol Ana loud") == "Usage: /vol [NAME] [0-200]");
}

TEST_CASE("what is missing or unknown is told in a sentence") {
    CHECK(wrong("/join") == "Usage: /join ROOM");
    CHECK(wrong("/msg Ana") == "Usage: /msg NAME TEXT");
    CHECK(wrong("/xyzzy") == "Unknown command /xyzzy, type /help");
    CHECK(wrong("/joun") == "Unknown command /joun, did you mean /join?");
    CHECK(wrong("/") == "Unknown command /, type /help");
    CHECK(typed<a::Later>("/search tea").what == "search");
}

TEST_CASE("every command is known, sorted, and helped with") {
    CHECK(std::ranges::is_sorted(commands(), {}, &Command::name));
    for (const auto& command : commands()) CHECK(help_lines(command.name).front().starts_with("/" + std::string(command.name)));
    CHECK(help_lines("").size() > 20);
    CHECK(help_lines("xyzzy").front() == "Unknown command /xyzzy, type /help");
}

TEST_CASE("Tab completes commands, people and rooms") {
    const auto model = a_room();
    CHECK(complete("/jo", model).words == std::vector<std::string>{"/join "});
    CHECK(complete("/sea", model).words.empty());
    CHECK(complete("an", model).words == std::vector<std::string>{"Ana: ", "anders: "});
    CHECK(complete("hello @bo", model).words == std::vector<std::string>{"@Bo "});
    CHECK(complete("hello @bo", model).replaced == 3);
    CHECK(complete("/join ma", model).words == std::vector<std::string>{"#maps "});
    CHECK(complete("see #l", model).words == std::vector<std::string>{"#lobby "});
    CHECK(complete("me", model).words.empty());
    CHECK(complete("", model).words.empty());
}

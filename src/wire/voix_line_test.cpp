#include "wire/voix_line.hpp"

#include <doctest/doctest.h>

namespace earshot::wire {

TEST_CASE("the lines of Voix are read, bare and quoted") {
    CHECK(*read_voix_line("CONNECT: \"ada\" \"Ada Lovelace\" 1.0.0\r") == VoixLine{"CONNECT", {}, "\"ada\" \"Ada Lovelace\" 1.0.0"});
    CHECK(*voix_words("\"ada\" \"Ada Lovelace\" 1.0.0") == std::vector<std::string>{"ada", "Ada Lovelace", "1.0.0"});
    CHECK(*read_voix_line("JOIN: #maps") == VoixLine{"JOIN", {}, "#maps"});
    CHECK(*read_voix_line("MSG #lobby: see you: at ten") == VoixLine{"MSG", {"#lobby"}, "see you: at ten"});
    CHECK(*read_voix_line("msg \"Ada L\" : hi") == VoixLine{"MSG", {"Ada L"}, "hi"});
    CHECK(*read_voix_line("TALK k7: ACCEPT") == VoixLine{"TALK", {"k7"}, "ACCEPT"});
    CHECK(*read_voix_line("  DISCONNECT") == VoixLine{"DISCONNECT", {}, ""});
    CHECK(read_voix_line("TALKSESSION: a").value().command == "TALKSESSION");
}

TEST_CASE("a line that cannot be read is refused in a sentence") {
    CHECK(read_voix_line("").error() == "A line begins with a command.");
    CHECK(read_voix_line(": x").error() == "A line begins with a command.");
    CHECK(read_voix_line("MSG \"ada: hi").error() == "A quotation mark is not closed.");
    CHECK_FALSE(voix_words("\"a\" \"b"));
    CHECK_FALSE(voix_words(std::string(40, ' ') + "a a a a a a a a a a a a a a a a a a"));
}

TEST_CASE("a message in quotation marks is what they hold; others keep theirs") {
    CHECK(voix_message("\"hello there\"") == "hello there");
    CHECK(voix_message("\"a\" and \"b\"") == "\"a\" and \"b\"");
    CHECK(voix_message("say \"hi\"") == "say \"hi\"");
    CHECK(voix_message("\"") == "\"");
    CHECK(voix_message("\"a \\\"b\\\" c\"") == "a \"b\" c");
}

TEST_CASE("what is written is one line and reads back as itself") {
    CHECK(write_voix_line("MSG", {"ada", "#lobby"}, "hello") == "MSG ada #lobby: hello\n");
    CHECK(write_voix_line("MSG", {"Ada L", "#lobby"}, "a\nMSG eve #lobby: b") == "MSG \"Ada L\" #lobby: a MSG eve #lobby: b\n");
    for (const std::string name : {"ada", "Ada L", "a:b", "a\"b", "a\\b", "a,b", ""}) {
        const auto line = write_voix_line("USERJOIN", {"#x", name}, "t");
        CHECK(read_voix_line(std::string_view(line).substr(0, line.size() - 1))->target == std::vector<std::string>{"#x", name});
    }
}

}  // namespace earshot::wire

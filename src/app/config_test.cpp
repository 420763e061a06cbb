#include "app/config.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "app/settings_table.hpp"

namespace earshot::app {
namespace {

std::string file_error(std::string_view text) {
    Values values;
    const auto done = read_file(text, "e.toml", values);
    return done ? "" : done.error();
}

std::string flag_error(std::vector<const char*> arguments) {
    const auto line = read_command_line(arguments);
    return line ? "" : line.error();
}

}  // namespace

TEST_CASE("the default file says what the defaults are") {
    Values from_file;
    REQUIRE(read_file(default_file(), "e.toml", from_file));
    CHECK(from_file.size() == settings_table().size());
    for (const auto& setting : settings_table()) CHECK_MESSAGE(from_file.at(std::string(setting.key)) == setting.fallback, setting.key);
    const auto config = to_config(from_file);
    REQUIRE(config);
    CHECK(config->web->text() == "127.0.0.1:8080");
    CHECK(config->web_tls->text() == "0.0.0.0:8443");
    CHECK(config->media->text() == "0.0.0.0:8444");
    CHECK(config->streams[0]->text() == "127.0.0.1:2222");
    CHECK(config->metrics->text() == "127.0.0.1:9090");
    CHECK(config->plain_room == "#lobby");
    CHECK(config->text_characters == 4000);
}

TEST_CASE("more pairs of ports stand in an array, each with its own defaults, and errors name their line") {
    Values values;
    REQUIRE(
        read_file("[plain]\nrate = 48000\n\n[[plain.more]]\ntext = \"127.0.0.1:1025\"\nphrases = \"C\"\n[[plain.more]]\nvoice = \"127.0.0.1:7\"\nrate = "
                  "16000\nchannels = 1\n",
                  "e.toml", values));
    const auto config = to_config(values);
    REQUIRE(config);
    CHECK(config->rate == 48000);
    REQUIRE(config->more_plain.size() == 2);
    CHECK(config->more_plain[0].text->port == 1025);
    CHECK_FALSE(config->more_plain[0].voice);
    CHECK(config->more_plain[0].phrases == 'C');
    CHECK(config->more_plain[0].rate == 44100);
    CHECK(config->more_plain[1].voice->port == 7);
    CHECK(config->more_plain[1].channels == 1);
    CHECK(file_error("[[plain.more]]\nroom = \"#x\"\n") == "e.toml:1: this pair listens nowhere; give it text or voice, or both");
    CHECK(file_error("[[plain.more]]\ntext = \"off\"\nrate = 1\n") == "e.toml:3: '1' is not a number from 8000 to 96000 (plain.more.0.rate)");
    CHECK(file_error("[plain]\nmore = 3\n") == "e.toml:2: plain.more is an array of tables: write [[plain.more]] before each");
    CHECK(file_error("[[plain.more]]\ntext = \"off\"\nrom = 1\n").starts_with("e.toml:3: there is no setting 'plain.more.0.rom'"));
    std::string many;
    for (std::size_t i = 0; i <= kMostPairs; ++i) many += "[[plain.more]]\ntext = \"127.0.0.1:0\"\n";
    CHECK(file_error(many) == "e.toml:17: there are at most 8 pairs of ports beside the first");
    CHECK(flag_error({"--set", "plain.more.0.text=127.0.0.1:1", "--set", "plain.more.7.rate=8000"}).empty());
    CHECK(flag_error({"--set", "plain.more.8.text=127.0.0.1:1"}).starts_with("--set: there is no setting"));
    Values bad{{"plain.more.0.room", "x"}};
    CHECK(to_config(bad).error() == "plain.more.0.room must begin with # and have a name");
}

TEST_CASE("docs/configuration.md is made from the table") {
    std::ifstream file(EARSHOT_SOURCE_DIR "/docs/configuration.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    CHECK_MESSAGE(page == configuration_page(), "run build/release/earshotd --print-configuration-page > docs/configuration.md");
}

TEST_CASE("a wrong file is one sentence with its line") {
    struct Case {
        const char* text;
        const char* error;
    };
    for (const auto& c : std::vector<Case>{
             {"[listen]\n\nweb_tsl = \"off\"\n", "e.toml:3: there is no setting 'listen.web_tsl'; did you mean 'listen.web_tls'?"},
             {"[lisen]\nweb = \"off\"\n", "e.toml:2: there is no setting 'lisen.web'; did you mean 'listen.web'?"},
             {"web = \"off\"\n", "e.toml:1: there is no setting 'web'; did you mean 'listen.web'?"},
             {"[zzz]\nqqqqqqqqq = 1\n", "e.toml:2: there is no setting 'zzz.qqqqqqqqq'; --print-default-config shows all"},
             {"[listen]\nweb = 8080\n", "e.toml:2: listen.web has a value of the wrong kind; --print-default-config shows the right one"},
             {"[listen]\nweb = \"8080\"\n", "e.toml:2: '8080' is not ADDRESS:PORT (for example 127.0.0.1:8080 or [::1]:8080), nor off (listen.web)"},
             {"[listen]\nirc = \"127.0.0.1:6667\"\n", "e.toml:2: this listener is not built yet: it can only be off (listen.irc)"},
             {"[limits]\nrooms = 0\n", "e.toml:2: '0' is not a number from 1 to 100000 (limits.rooms)"},
             {"[limits]\nrooms = \"10\"\n", "e.toml:2: limits.rooms has a value of the wrong kind; --print-default-config shows the right one"},
             {"[log]\nlevel = \"loud\"\n", "e.toml:2: 'loud' is not one of error|warning|info|debug (log.level)"},
             {"[web]\nhosts = [1]\n", "e.toml:2: web.hosts has a value of the wrong kind; --print-default-config shows the right one"},
             {"[media]\npublic_address = \"example.org\"\n", "e.toml:2: 'example.org' is not an IP address (media.public_address)"},
         })
        CHECK(file_error(c.text) == c.error);
    CHECK(file_error("[listen]\nweb = \n").starts_with("e.toml:2: "));
    CHECK(file_error("[web]\nhosts = [\"a\", \"b\"]\n[log]\naddresses = true\n").empty());
}

TEST_CASE("a wrong flag is one sentence") {
    CHECK(flag_error({"--wbe", "off"}) == "--wbe: there is no such flag; --help shows all");
    CHECK(flag_error({"serve"}) == "serve: there is no such flag; --help shows all");
    CHECK(flag_error({"--web"}) == "--web wants a value; --help shows which");
    CHECK(flag_error({"--web", "nowhere"}) == "--web: 'nowhere' is not ADDRESS:PORT (for example 127.0.0.1:8080 or [::1]:8080), nor off (listen.web)");
    CHECK(flag_error({"--mumble", "0.0.0.0:64738"}) == "--mumble: this listener is not built yet: it can only be off (listen.mumble)");
    CHECK(flag_error({"--set", "plain.rom=#x"}) == "--set: there is no setting 'plain.rom'; did you mean 'plain.room'?");
    CHECK(flag_error({"--set", "plain.room"}) == "--set wants KEY=VALUE");
    CHECK(flag_error({"--mumble", "off", "--web=off", "--set", "plain.room=#tea", "--config=x"}).empty());
}

TEST_CASE("a flag wins over the environment, that over the file, that over the default") {
    Values values;
    REQUIRE(read_file("[plain]\nroom = \"#file\"\nphrases = \"C\"\n[web]\nname = \"File\"\n", "e.toml", values));
    const std::vector<const char*> environment{"EARSHOT_PLAIN__ROOM=#env", "EARSHOT_WEB__NAME=Env", "HOME=/x", "EARSHOT_OTHER=not ours"};
    REQUIRE(read_environment(environment, values));
    const std::vector<const char*> arguments{"--set", "web.name=Flag"};
    const auto line = read_command_line(arguments);
    REQUIRE(line);
    for (const auto& [key, value] : line->values) values[key] = value;
    const auto config = to_config(values);
    REQUIRE(config);
    CHECK(config->name == "Flag");
    CHECK(config->plain_room == "#env");
    CHECK(config->phrases == 'C');
    CHECK(config->rooms == 2000);
}

TEST_CASE("an unknown environment variable of ours is an error") {
    Values values;
    const std::vector<const char*> environment{"EARSHOT_LISTEN__WBE=off"};
    const auto done = read_environment(environment, values);
    REQUIRE_FALSE(done);
    CHECK(done.error().starts_with("environment variable EARSHOT_LISTEN__WBE: there is no such setting"));
}

TEST_CASE("settings that belong together are held together") {
    const Values lone{{"tls.certificate", "/x.pem"}};
    CHECK(to_config(lone).error() == "tls.certificate and tls.key go together: name both or neither");
    const Values bare{{"plain.room", "lobby"}};
    CHECK_FALSE(to_config(bare));
    const Values lists{{"web.hosts", "a.example,b.example"}, {"listen.web", "off"}};
    CHECK(to_config(lists)->hosts == std::vector<std::string>{"a.example", "b.example"});
    CHECK_FALSE(to_config(lists)->web);
}

TEST_CASE("a file that is no TOML is refused in a sentence, wherever it breaks") {
    Values values;
    CHECK(read_file("[web]\nname = \"Zo\xc3\xab\"  # \xc3\xab\n", "f", values).has_value());
    const auto stray = read_file("[web]\nn\xc3\xab = 1\n", "f", values);
    REQUIRE_FALSE(stray.has_value());
    CHECK(stray.error().starts_with("f:2: "));
    CHECK_FALSE(read_file("a.b.c = { d = [1, [2, }]{] }\n", "f", values).has_value());
}

TEST_CASE("letters of every script are read where they belong and refused with their line elsewhere") {
    Values values;
    REQUIRE(read_file("[web]\nname = \"Café ~ \\u00fcber ~c3~\"\n", "a.toml", values));
    CHECK(values.at("web.name") == "Café ~ über ~c3~");
    const auto stray = read_file("[web]\nnäme = 1\n", "a.toml", values);
    REQUIRE_FALSE(stray);
    CHECK(stray.error().starts_with("a.toml:2: "));
    const auto unknown = read_file("[web]\n\"näme\" = 1\n", "a.toml", values);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().find("web.n") != std::string::npos);
    const auto bytes = read_file("[web]\nname = \"\xc3\"\n", "a.toml", values);
    REQUIRE_FALSE(bytes);
    CHECK(bytes.error() == "a.toml: this is not UTF-8");
}

}  // namespace earshot::app

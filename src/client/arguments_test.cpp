#include "client/arguments.hpp"

#include <doctest/doctest.h>

using namespace earshot::client;

namespace {

std::expected<Arguments, std::string> read(std::vector<const char*> words) { return read_arguments(words); }
std::string wrong(std::vector<const char*> words) {
    const auto out = read(std::move(words));
    return out ? "(no error)" : out.error();
}
Address address(std::string_view text) {
    const auto out = read_address(text);
    REQUIRE_MESSAGE(out, text);
    return *out;
}

}  // namespace

TEST_CASE("addresses as people write them") {
    CHECK(address("https://talk.example").port == 443);
    CHECK(address("https://talk.example/r/maps").room == "#maps");
    CHECK(address("https://talk.example/r/b%C3%BCro/").room == "#b\u00fcro");
    CHECK(address("https://talk.example/r/a/b").room == "#a/b");
    CHECK(address("https://talk.example/?x=1#y").room.empty());
    CHECK_FALSE(address("http://localhost:8080").secure);
    CHECK(address("http://localhost:8080").port == 8080);
    CHECK_FALSE(address("localhost:8080").secure);
    CHECK(address("localhost:8443").secure);
    CHECK(address("talk.example").secure);
    CHECK(address("https://[2001:db8::1]:8443/").host == "2001:db8::1");
    CHECK(address("https://[2001:db8::1]:8443/").shown() == "[2001:db8::1]:8443");
    CHECK(address("https://talk.example").shown() == "talk.example");
}

TEST_CASE("what is no address is told so") {
    for (const char* text : {"", "https://", "ftp://x", "https://a b", "https://x:0", "https://x:99999", "https://[::1", "https://2001:db8::1/",
                             "https://user@host/", "https://x/other", "https://x/r/", "https://x/r/%zz", "https://x/r/%0a", "https://x/r/%", "https://x\n/"})
        CHECK_MESSAGE(!read_address(text), text);
}

TEST_CASE("flags, with a blank or an equals sign") {
    const auto out = read({"https://talk.example/r/maps", "--name", "Ada", "--json", "--no-call", "--play=a.wav", "--record", "b.WAV"});
    REQUIRE(out);
    CHECK(out->verb == Verb::kJoin);
    CHECK(out->name == "Ada");
    CHECK(out->json);
    CHECK_FALSE(out->call);
    CHECK(out->audio_in == "a.wav");
    CHECK(out->audio_out == "b.WAV");
    CHECK(read({"--room", "maps", "localhost:8080"})->room == "#maps");
    CHECK(read({"host", "--data", "d"})->verb == Verb::kHost);
    CHECK(read({"ctl", "ptt", "toggle"})->words.size() == 2);
    CHECK(read({"ctl", "status", "--json"})->json);
    CHECK(read({"completion", "fish"})->verb == Verb::kCompletion);
    CHECK(read({"x", "--aec=off"})->aec == "off");
    CHECK(read({"x", "--noise", "strong"})->noise == "strong");
    CHECK(read({"x", "--help"})->verb == Verb::kHelp);
    CHECK(read({"--version"})->verb == Verb::kVersion);
}

TEST_CASE("wrong usage is one sentence") {
    CHECK(wrong({}) == "where to? Try earshot https://HOST/, earshot host, or earshot --help");
    CHECK(wrong({"x", "--nam", "y"}) == "there is no flag --nam; did you mean --name?");
    CHECK(wrong({"x", "--frobnicate"}) == "there is no flag --frobnicate; --help shows all");
    CHECK(wrong({"x", "--name"}) == "--name needs NAME");
    CHECK(wrong({"x", "--json=1"}) == "--json takes no value");
    CHECK(wrong({"x", "--noise", "loud"}) == "--noise is one of: off, light, strong");
    CHECK(wrong({"x", "--aec", "maybe"}) == "--aec is one of: auto, on, off");
    CHECK(wrong({"x", "y"}) == "'y' is one word too many");
    CHECK(wrong({"x", "--play", "a.mp3"}) == "'a.mp3' is no .wav file");
    CHECK(wrong({"ctl", "ptt"}).starts_with("usage: earshot ctl"));
    CHECK(wrong({"ctl", "explode"}).starts_with("usage: earshot ctl"));
    CHECK(wrong({"completion", "tcsh"}).starts_with("usage: earshot completion"));
    CHECK(wrong({"x", "--data", "d"}) == "--data belongs to `earshot host`");
    CHECK(wrong({"x", "--accept-fingerprint", "12"}).starts_with("--accept-fingerprint takes"));
}

TEST_CASE("fingerprints in both ways of writing") {
    std::string colons;
    for (int i = 0; i < 32; ++i) colons += i ? ":AB" : "AB";
    CHECK(read_fingerprint(colons)->size() == 64);
    CHECK(read_fingerprint(std::string(64, 'f')));
    CHECK_FALSE(read_fingerprint(std::string(65, 'f')));
    CHECK_FALSE(read_fingerprint(std::string(63, 'f')));
    CHECK_FALSE(read_fingerprint(std::string(64, 'g')));
}

TEST_CASE("help and completions name every flag") {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto script = completion_script(shell);
        for (const char* flag : {"name", "accept-fingerprint", "low-delay", "no-input"}) CHECK_MESSAGE(script.contains(flag), shell);
    }
    for (const char* shell : {"bash", "zsh", "fish"}) CHECK_MESSAGE(completion_script(shell).contains("auto on off"), shell);
    CHECK(completion_script("tcsh").empty());
    CHECK(usage_text().contains("--passphrase-file FILE"));
}

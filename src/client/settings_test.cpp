#include "client/settings.hpp"

#include <doctest/doctest.h>

#include "client/shell/settings_store.hpp"

using namespace earshot::client;

TEST_CASE("what is written is what is read") {
    Settings settings{
        .name = "A \"quoted\" \\ name", .mode = "ptt", .gate = -35, .volume = 80, .aec = "off", .noise = "strong", .music = "on", .input = "Blue Yeti"};
    settings.servers["talk.example:8443"] = {.fingerprint = std::string(64, 'a'), .volumes = {{"grace", 50}, {"a.b \"c\"", 150}}};
    settings.servers["[::1]:8443"].fingerprint = std::string(64, 'b');
    const auto read = read_settings(settings_file(settings), "client.toml");
    REQUIRE_MESSAGE(read, (read ? "" : read.error()));
    CHECK(read->name == settings.name);
    CHECK(read->gate == -35);
    CHECK(read->aec == "off");
    CHECK(read->noise == "strong");
    CHECK(read->music == "on");
    CHECK(read->input == "Blue Yeti");
    CHECK(read->servers.at("talk.example:8443").volumes.at("a.b \"c\"") == 150);
    CHECK(read->servers.at("[::1]:8443").fingerprint == std::string(64, 'b'));
    CHECK(settings_file(*read) == settings_file(settings));
}

TEST_CASE("a wrong file is one sentence with its line") {
    const auto wrong = [](std::string_view text) {
        const auto read = read_settings(text, "c.toml");
        return read ? std::string("(no error)") : read.error();
    };
    CHECK(wrong("[client]\nnmae = \"x\"\n") ==
          "c.toml:2: there is no setting 'nmae'; there are name, mode, ptt, gate, volume, aec, noise, music, input and output");
    CHECK(wrong("[client]\n\nmode = \"loud\"\n") == "c.toml:3: mode is one of: voice, ptt");
    CHECK(wrong("[client]\nnoise = \"some\"\n") == "c.toml:2: noise is one of: off, light, strong");
    CHECK(wrong("[client]\naec = \"maybe\"\n") == "c.toml:2: aec is one of: auto, on, off");
    CHECK(wrong("[client]\ngate = 5\n") == "c.toml:2: gate is a number from -90 to 0");
    CHECK(wrong("[other]\n") == "c.toml:1: there is no section 'other'; there are client and servers");
    CHECK(wrong("[servers.\"x\"]\ncolour = 1\n") == "c.toml:2: there is no setting 'colour' of a server; there are fingerprint and volumes");
    CHECK(wrong("[servers.\"x\"]\nfingerprint = \"12\"\n") == "c.toml:2: a fingerprint is 64 hexadecimal digits");
    CHECK(wrong("[servers.\"x\".volumes]\nada = 900\n") == "c.toml:2: a volume is a number from 0 to 200");
    CHECK(wrong("[client\n").starts_with("c.toml:1: "));
    CHECK(wrong("") == "(no error)");
}

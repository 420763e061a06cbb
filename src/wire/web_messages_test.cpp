#include "wire/web_messages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

using namespace earshot::wire::web;
using Kind = DecodeError::Kind;

TEST_CASE("a message is written as one object without white space") {
    CHECK(encode(client::Join{.request = 3, .room = "#lobby"}) == R"({"type":"join","request":3,"room":"#lobby"})");
    CHECK(encode(client::Quit{}) == R"({"type":"quit"})");
    CHECK(encode(server::CallSlots{.room = "#a", .slots = {{.slot = 0, .member = 7}, {.slot = 1, .member = {}}}}) ==
          R"({"type":"call_slots","room":"#a","slots":[{"slot":0,"member":7},{"slot":1}]})");
}

TEST_CASE("an optional field may be absent but never null") {
    const auto message = decode_client(R"({"type":"history","request":1,"room":"#lobby"})");
    REQUIRE(message);
    CHECK(std::get<client::History>(*message).before == std::nullopt);
    const auto null = decode_client(R"({"type":"history","request":1,"room":"#lobby","before":null})");
    REQUIRE_FALSE(null);
    CHECK(null.error().kind == Kind::bad_field);
    CHECK(null.error().request == 1);
    CHECK(null.error().text == R"(The field "before" must be a whole number from 1 to 2^53 - 1.)");
}

TEST_CASE("unknown fields are ignored, unknown types are named as such") {
    CHECK(decode_client(R"({"type":"quit","colour":"green","deep":[[{}]]})"));
    const auto unknown = decode_client(R"({"request":9,"type":"sing"})");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == Kind::unknown_type);
    CHECK(unknown.error().request == 9);
}

TEST_CASE("an error says where it lies") {
    const auto bad = decode_server(R"({"type":"call_slots","room":"#a","slots":[{"slot":0},{"slot":-1}]})");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().text == R"(The field "slots[1].slot" must be a whole number from 0 to 2^53 - 1.)");
    const auto missing = decode_server(R"({"type":"room_changed","room":{"name":"#a","topic":"","people":1}})");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().text == R"(The field "room.in_call" is missing.)");
}

TEST_CASE("numbers beyond what JavaScript holds are refused") {
    CHECK(decode_client(R"({"type":"ping","request":9007199254740991})"));
    for (const char* request : {"9007199254740992", "18446744073709551616", "0", "-1", "1.5", "1e400", "\"1\"", "true"}) {
        const auto bad = decode_client(std::string{R"({"type":"ping","request":)"} + request + "}");
        REQUIRE_FALSE(bad);
        CHECK(bad.error().request == std::nullopt);
    }
}

TEST_CASE("what is no JSON object is malformed") {
    for (const char* text : {"", " ", "null", "[]", "\"hello\"", "{", "{\"type\":\"quit\"} x", "{\"type\":\"typing\",\"room\":\"\xff\"}",
                             R"({"type":"typing","room":"\ud800"})", "{\"type\":\"typing\",\"room\":\"a\nb\"}"}) {
        const auto bad = decode_client(text);
        REQUIRE_FALSE(bad);
        CHECK(bad.error().kind == Kind::malformed);
    }
}

TEST_CASE("depth and length are bounded before anything is parsed") {
    const auto nested = [](std::size_t depth) { return R"({"type":"quit","x":)" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
    CHECK(decode_client(nested(7)));
    CHECK(decode_client(nested(8)).error().text == "The message is nested too deeply.");
    CHECK(decode_client(R"({"type":"quit","x":"[[[[[[[[[[[[\"[[[["})"));
    const std::string long_room(kMaxClientBytes, 'a');
    CHECK(decode_client(encode(client::Typing{.room = long_room})).error().kind == Kind::malformed);
}

TEST_CASE("every text survives the round trip, and bad bytes become a mark") {
    std::string all;
    for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
    all += "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xa7";
    const auto back = decode_client(encode(client::Typing{.room = all}));
    REQUIRE(back);
    CHECK(std::get<client::Typing>(*back).room == all);
    CHECK(encode(client::Typing{.room = "a\xff\xc0\xaf\xed\xa0\x80z\xe2\x82"}) ==
          "{\"type\":\"typing\",\"room\":\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\"}");
}

TEST_CASE("enumerations have texts both ways") {
    CHECK(to_text(Refusal::name_taken) == "name_taken");
    CHECK(from_text<Refusal>("name_taken") == Refusal::name_taken);
    CHECK(from_text<Refusal>("Name_taken") == std::nullopt);
    const auto bad = decode_client(R"({"type":"hello","request":1,"protocol":1,"name":"Ada","kind":"toaster"})");
    CHECK(bad.error().text == R"(The field "kind" must be one of browser, terminal, mumble, irc, socket, voix.)");
}

struct Example {
    std::string direction;
    bool valid = true;
    std::string json;
};

static std::string read_file(const std::string& name) {
    std::ifstream file(std::string{EARSHOT_SOURCE_DIR} + "/" + name);
    return {std::istreambuf_iterator<char>{file}, {}};
}

// Every fenced block of PROTOCOL.md that is marked "json client" or "json server", perhaps "invalid".
static std::vector<Example> examples() {
    std::vector<Example> found;
    std::ifstream file(std::string{EARSHOT_SOURCE_DIR} + "/proto/PROTOCOL.md");
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "```") inside = false;
        if (inside) found.back().json += line + "\n";
        if (!line.starts_with("```json ")) continue;
        inside = true;
        found.push_back({line.substr(8, 6), !line.ends_with(" invalid"), {}});
    }
    return found;
}

template <typename Decode>
static void check_round_trip(const Example& example, Decode decode) {
    const auto message = decode(example.json);
    CHECK(message.has_value() == example.valid);
    if (!message) return;
    const std::string encoded = encode(*message);
    const auto again = decode(encoded);
    REQUIRE(again);
    CHECK(*again == *message);
    CHECK(encode(*again) == encoded);
    // Beyond fields that the schema does not know, nothing is lost or made up.
    auto written = nlohmann::json::parse(example.json);
    written.erase("mood");
    CHECK(nlohmann::json::parse(encoded) == written);
}

TEST_CASE("every example of PROTOCOL.md is what it says it is") {
    const auto all = examples();
    CHECK(all.size() > 60);
    for (const auto& example : all) {
        CAPTURE(example.json);
        if (example.direction == "client") check_round_trip(example, decode_client);
        else check_round_trip(example, decode_server);
    }
}

TEST_CASE("every message of the schema has an example") {
    std::set<std::string> shown;
    for (const auto& example : examples()) {
        if (example.valid) shown.insert(example.direction + " " + nlohmann::json::parse(example.json).at("type").get<std::string>());
    }
    const auto schema = nlohmann::json::parse(read_file("proto/messages.json"));
    for (const char* direction : {"client", "server"}) {
        for (const auto& [name, fields] : schema.at(direction).items()) {
            CAPTURE(name);
            CHECK(shown.contains(std::string{direction} + " " + name));
        }
    }
}

#include "sim/stream.hpp"

#include <doctest/doctest.h>

using namespace earshot;
using namespace earshot::sim;

namespace {

struct Client final : StreamClient {
    void opened() override { open = true; }
    void arrived(std::string_view bytes) override {
        got += bytes;
        ++pieces;
    }
    void ended(std::uint16_t code, std::string_view) override { ended_with = code; }
    std::string got;
    int pieces = 0;
    bool open = false;
    std::uint16_t ended_with = 0;
};

struct Server final : StreamServer {
    void stream_received(ConnectionId, std::string_view bytes) override {
        got += bytes;
        pieces.emplace_back(bytes);
    }
    void stream_wrote(ConnectionId, std::size_t size) override { wrote += size; }
    void stream_closed(ConnectionId) override { ++closed; }
    std::string got;
    std::vector<std::string> pieces;
    std::size_t wrote = 0;
    int closed = 0;
};

struct Line {
    explicit Line(Framing framing, std::uint64_t seed = 1) : world(seed), stream(std::make_shared<Stream>(world, weather, ConnectionId{1}, framing, &client, &server)) { stream->begin(); }
    World world;
    Weather weather = fair_weather();
    Client client;
    Server server;
    std::shared_ptr<Stream> stream;
};

}  // namespace

TEST_CASE("odd chunking loses, adds and swaps nothing of a byte stream") {
    std::size_t pieces = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Line line{Framing::kLines, seed};
        line.weather.streams = {5ms, 20ms, 0.7};
        std::string sent;
        for (int i = 0; i < 20; ++i) {
            const auto text = fmt::format("line {}\n", i);
            sent += text;
            line.stream->send(text);
            line.stream->push(share(text));
            line.world.run_for(3ms);
        }
        line.world.run_for(10s);
        CHECK(line.server.got == sent);
        CHECK(line.client.got == sent);
        CHECK(line.server.wrote == sent.size());
        pieces += line.server.pieces.size();
    }
    CHECK(pieces != 50 * 20);
}

TEST_CASE("the writes of a segment client arrive as they were made, whatever the weather") {
    Line line{Framing::kSegments};
    line.weather.streams = {5ms, 50ms, 1.0};
    for (int i = 0; i < 20; ++i) line.stream->send(fmt::format("segment {}", i));
    line.world.run_for(10s);
    REQUIRE(line.server.pieces.size() == 20);
    CHECK(line.server.pieces[7] == "segment 7");
}

TEST_CASE("a slow reader fills the kernel's buffer, then the house's queue, and gets all when it reads again") {
    Line line{Framing::kMessages};
    line.stream->read_slowly(true);
    for (int i = 0; i < 10; ++i) line.stream->push(share(std::string(20'000, 'x')));
    line.world.run_for(60s);
    CHECK(line.server.wrote == Stream::kKernelBuffer);
    CHECK(line.stream->waiting() == 200'000 - Stream::kKernelBuffer);
    CHECK(line.client.pieces == 0);
    line.stream->read_slowly(false);
    line.world.run_for(1s);
    CHECK(line.client.pieces == 10);
    CHECK(line.server.wrote == 200'000);
}

TEST_CASE("a close arrives behind what was sent") {
    Line line{Framing::kMessages};
    line.stream->push(share("bye"));
    line.stream->finish(4001, "so long");
    line.world.run_for(1s);
    CHECK(line.client.got == "bye");
    CHECK(line.client.ended_with == 4001);
    CHECK(line.server.closed == 1);
}

TEST_CASE("a house that closes waits a few seconds for a reader that does not read") {
    Line line{Framing::kMessages};
    line.stream->read_slowly(true);
    line.stream->push(share(std::string(200'000, 'x')));
    line.stream->finish(1000, "");
    line.world.run_for(4s);
    CHECK(line.server.closed == 0);
    line.world.run_for(2s);
    CHECK(line.server.closed == 1);
    CHECK(line.client.ended_with == 1006);
}

TEST_CASE("who vanishes tells nobody") {
    Line line{Framing::kMessages};
    line.world.run_for(1s);
    line.stream->send("lost");
    line.stream->vanish();
    line.stream->push(share("hello?"));
    line.world.run_for(30s);
    CHECK(line.server.got.empty());
    CHECK(line.client.got.empty());
    CHECK(line.server.closed == 0);
    line.world.run_for(15s);
    CHECK(line.server.closed == 1);
}

TEST_CASE("a reset is told to both and what was on its way is lost") {
    Line line{Framing::kMessages};
    line.world.run_for(1s);
    line.stream->send("lost");
    line.stream->reset();
    line.world.run_for(1s);
    CHECK(line.server.got.empty());
    CHECK(line.server.closed == 1);
    CHECK(line.client.ended_with == 1006);
}

// rooms: sim_stage
// The whole house under a fuzzer's fingers: bytes become connections, chunks, steps of the clock, faults of the
// disk and falls of the house. Whatever comes, it answers in its protocol or closes, and no invariant breaks.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "sim/scene.hpp"
#include "wire/web_messages.hpp"

namespace {

using namespace earshot;

struct Stranger final : sim::StreamClient {
    void opened() override {}
    void arrived(std::string_view bytes) override {
        if (web && !wire::web::decode_server(bytes)) std::abort();
    }
    void ended(std::uint16_t, std::string_view) override { stream.reset(); }
    std::shared_ptr<sim::Stream> stream;
    bool web = false;
};

// Sentences to start from, so that the fuzzer need not find the grammar by itself.
constexpr std::array kPhrases{
    R"({"type":"hello","request":1,"protocol":1,"name":"Ann","kind":"browser"})",
    R"({"type":"hello","request":2,"protocol":1,"name":"Ben","kind":"terminal"})",
    R"({"type":"join","request":3,"room":"#lobby"})",
    R"({"type":"join","request":4,"room":"#tea"})",
    R"({"type":"leave","request":5,"room":"#lobby"})",
    R"({"type":"say","request":6,"room":"#lobby","text":"hello","client_message_id":"aaaaaaaa"})",
    R"({"type":"say","request":7,"room":"#tea","text":"tea","client_message_id":"bbbbbbbb"})",
    R"({"type":"history","request":8,"room":"#lobby","limit":5})",
    R"({"type":"topic","request":9,"room":"#tea","topic":"leaves"})",
    R"({"type":"nick","request":10,"name":"Cora"})",
    R"({"type":"call_join","request":11,"room":"#lobby","listen_only":false,"muted":false})",
    R"({"type":"call_answer","request":12,"call":1,"sdp":"v=0\r\n"})",
    R"({"type":"call_leave","request":13})",
    R"({"type":"voice","muted":true,"deafened":false})",
    R"({"type":"remove","request":14,"room":"#tea","member":2,"reason":"enough"})",
    R"({"type":"remove","request":15,"room":"#tea","member":1})",
    R"({"type":"mute_member","request":16,"room":"#tea","member":2})",
    R"({"type":"operate","request":17,"key":"0123456789abcdef0123456789abcdef"})",
    R"({"type":"remove","request":18,"room":"#lobby","member":3})",
    R"({"type":"call_join","request":19,"room":"#tea","listen_only":false,"muted":false})",
    R"({"type":"quit"})",
    "Pat\n",
    "{quit}\n",
    "good day",
};

struct Play {
    sim::Scene scene{1};
    std::array<Stranger, 6> strangers;

    void step(ByteReader& in) {
        const auto op = in.u8();
        auto& who = strangers.at(in.u8() % strangers.size());
        switch (op % 12) {
            case 0:
            case 1: return open(who, op % 12 == 0);
            case 2:
            case 3:
            case 4:
                if (who.stream) who.stream->send(kPhrases.at(in.u8() % kPhrases.size()));
                return;
            case 5: {
                const auto bytes = in.take(std::min<std::size_t>(in.u8() * 4u, in.remaining()));
                if (who.stream) who.stream->send(std::string{as_text(bytes)});
                return;
            }
            case 6:
                if (who.stream) who.stream->close();
                who.stream.reset();
                return;
            case 7:
                if (who.stream) who.stream->reset();
                return;
            case 8: return scene.run_for(std::chrono::milliseconds{in.u8() * 5});
            case 9: return scene.run_for(std::chrono::milliseconds{in.u8() * 200});
            case 10:
                scene.disk.faults.failing_syncs = op & 0x80 ? 2u : 0u;
                if (who.stream) who.stream->read_slowly(op & 0x40);
                return;
            default:
                if (in.u8() > 40) return;
                if (scene.house.standing()) scene.house.crash();
                scene.run_for(5ms);
                scene.house.start();
        }
    }
    void open(Stranger& who, bool web) {
        if (who.stream) return;
        who.web = web;
        who.stream = scene.house.connect(web ? port::Door::kWeb : port::Door::kPlain, web ? sim::Framing::kMessages : sim::Framing::kLines,
                                         {IpAddress::v4(10, 0, 0, 1), 1}, &who);
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Play play;
    ByteReader in{{data, std::min<std::size_t>(size, 4096)}};
    for (int steps = 0; steps < 300 && in.remaining() > 1 && play.scene.world.sound(); ++steps) play.step(in);
    play.scene.run_for(2s);
    if (play.scene.world.sound()) return 0;
    std::fputs(play.scene.world.report().c_str(), stderr);
    std::abort();
}

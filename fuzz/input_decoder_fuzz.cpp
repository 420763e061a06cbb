// rooms: client
// max_len: 4096
// What a terminal sends, cut at will and with pauses: the events of keys must not depend on cuts without pauses, nothing grows,
// and after a pause the decoder listens again.
#include <string>
#include <vector>

#include "base/check.hpp"
#include "client/screen/input_decoder.hpp"

using namespace earshot;
using namespace earshot::client::screen;

namespace {

constexpr Time kStart{1h};

// Fed byte by byte there is no guess at a paste, so that whole inputs compare only when they hold no end of line.
std::vector<InputEvent> decode(Bytes stream, std::size_t step) {
    InputDecoder decoder;
    std::vector<InputEvent> out;
    for (std::size_t at = 0; at < stream.size(); at += step) decoder.receive(kStart, stream.subspan(at, std::min(step, stream.size() - at)), out);
    while (decoder.deadline() != kNever) decoder.tick(decoder.deadline(), out);
    return out;
}

void look_at(const std::vector<InputEvent>& events, std::size_t size) {
    ENSURE(events.size() <= 2 * size + 2);
    for (const auto& event : events) {
        if (const auto* paste = std::get_if<Paste>(&event)) ENSURE(paste->text.size() <= 3 * size);
        if (const auto* key = std::get_if<KeyInput>(&event)) ENSURE(key->text.size() <= 64);
    }
}

// Each byte above the first of a pair may pause: the decoder must never be stuck afterwards.
void with_pauses(Bytes stream, std::uint8_t seed) {
    InputDecoder decoder;
    std::vector<InputEvent> out;
    Time now = kStart;
    for (std::size_t i = 0; i < stream.size(); ++i) {
        if ((stream[i] ^ seed) % 11 == 0) now += 60ms;
        if (now >= decoder.deadline()) decoder.tick(now, out);
        decoder.receive(now, stream.subspan(i, 1), out);
        ENSURE(decoder.deadline() == kNever || decoder.deadline() > now);
    }
    if (decoder.deadline() != kNever) decoder.tick(decoder.deadline(), out);
    ENSURE(decoder.deadline() == kNever);
    out.clear();
    decoder.receive(now + 1min, as_bytes("\x1b[Ax"), out);
    ENSURE(out.size() == 2);
    ENSURE(std::get<KeyInput>(out[0]).key == Key::up && std::get<KeyInput>(out[1]).text == "x");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const Bytes stream{data + 1, size - 1};
    const auto single = decode(stream, 1);
    look_at(single, size);
    look_at(decode(stream, size), size);
    if (as_text(stream).find_first_of("\r\n") == std::string_view::npos) ENSURE(decode(stream, 1 + data[0] % 64u) == single);
    with_pauses(stream, data[0]);
    return 0;
}

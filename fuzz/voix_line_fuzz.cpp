// rooms: wire
// Lines of Voix: whatever is read is written so that it reads back the same.
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "wire/voix_line.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    const auto line = wire::read_voix_line(text);
    static_cast<void>(wire::voix_words(text));
    static_cast<void>(wire::voix_message(text));
    if (!line) return 0;
    std::string written = line->command;
    for (const auto& word : line->target) written += ' ' + wire::voix_word(word);
    written += ": " + line->text;
    const auto again = wire::read_voix_line(written);
    ENSURE(again && again->target == line->target && again->text == line->text);
    return 0;
}

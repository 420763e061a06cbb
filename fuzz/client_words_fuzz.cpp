// rooms: client
// What a person types, a script passes on, and others write: the composer's line, an address, the command line, a line of ctl, names
// for the terminal.
#include <string>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "client/arguments.hpp"
#include "client/commands.hpp"
#include "client/control_line.hpp"
#include "client/safe_text.hpp"

using namespace earshot;
using namespace earshot::client;

namespace {

void harmless(std::string_view text) {
    for (const char c : text) ENSURE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : text.substr(0, 2000)) {
        if (c == '\0' || c == '\n') words.emplace_back();
        else words.back() += c;
    }
    return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    const auto safe = safe_line(text);
    harmless(safe);
    ENSURE(safe_line(safe) == safe);

    const auto typed = read_typed(text);
    ENSURE(typed || !typed.error().empty());
    Model model{.member = 1, .current = "#a"};
    model.rooms = {Room{.name = "#a", .people = {{2, {.member = 2, .name = "Ada"}}}}};
    for (const auto& word : complete(text, model).words) ENSURE(!word.empty());
    ENSURE(!help_lines(text).empty());

    const auto address = read_address(text);
    if (address) {
        harmless(address->host);
        harmless(address->room);
        const auto again = read_address((address->secure ? "https://" : "http://") + address->shown());
        ENSURE(again && again->host == address->host && again->port == address->port);
    }
    const auto control = read_control(text);
    ENSURE(control || !control.error().empty());

    const auto words = words_of(text);
    std::vector<const char*> pointers;
    for (const auto& word : words) pointers.push_back(word.c_str());
    const auto arguments = read_arguments(pointers);
    ENSURE(arguments || !arguments.error().empty());
    return 0;
}

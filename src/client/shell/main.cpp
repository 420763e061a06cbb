// earshot: reads its command line and does what it says.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "client/arguments.hpp"
#include "client/happening.hpp"
#include "client/shell/control_socket.hpp"
#include "client/shell/device_list.hpp"
#include "client/shell/hosted.hpp"
#include "client/shell/program.hpp"
#include "client/shell/settings_store.hpp"
#include "client/words.hpp"
#include "io/net/system_random.hpp"
#include "io/net/tls_context.hpp"

namespace {

using namespace earshot;
using namespace earshot::client;

int fail(const std::string& sentence, int code) {
    fmt::print(stderr, "earshot: {}\n", sentence);
    return code;
}

int print(const std::string& text) {
    fmt::print("{}", text);
    return std::fflush(stdout) == 0 ? kExitFine : kExitError;
}

std::expected<std::string, std::string> read_operator_key(const std::string& path) {
    constexpr std::size_t kLongest = 1024;
    std::ifstream file(path, std::ios::binary);
    std::string key(kLongest, '\0');
    file.read(key.data(), static_cast<std::streamsize>(key.size()));
    key.resize(static_cast<std::size_t>(file.gcount()));
    const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    const std::string found(trimmed(key.substr(0, key.find('\n'))));
    if (found.size() < 32 || !std::ranges::all_of(found, is_digit)) return std::unexpected(fmt::format("{} holds no operator's key", path));
    return found;
}

int join(Arguments arguments, Hosted* hosted) {
    if (!arguments.operator_key_file.empty()) {
        auto key = read_operator_key(arguments.operator_key_file);
        if (!key) return fail(key.error(), kExitUsage);
        arguments.operator_key = std::move(*key);
    }
    if (!arguments.passphrase_file.empty())
        return fail("sealed rooms come with a later version; nothing was joined, so nothing was said in the clear", kExitError);
    auto settings = SettingsStore::open();
    if (!settings) return fail(settings.error(), kExitUsage);
    return run_program(arguments, std::move(*settings), hosted);
}

int host(Arguments arguments) {
    io::SystemRandom random;
    const auto hosted = Hosted::start(arguments.data, random);
    if (!hosted) return fail(hosted.error(), kExitError);
    arguments.address = {.secure = false, .host = "127.0.0.1", .port = (*hosted)->web_port(), .room = (*hosted)->room()};
    if (arguments.operator_key_file.empty()) arguments.operator_key_file = (*hosted)->operator_key_file();
    return join(std::move(arguments), hosted->get());
}

// Nobody hears and nobody speaks while devices are listed.
struct Nobody final : io::SoundUser {
    void captured(Time, audio::ConstSamples, std::size_t) override {}
    void wanted(Time, audio::Samples) override {}
    void noticed(io::SoundEvent) override {}
};

int list_devices(bool json) {
    Nobody nobody;
    const auto sound = io::open_sound({.input = "none", .output = "none"}, nobody);
    if (!sound) return fail(sound.error(), kExitSound);
    const auto devices = (*sound)->devices();
    if (!devices) return fail(devices.error(), kExitSound);
    if (json) return print(devices_json(*devices) + "\n");
    std::string text;
    for (const auto& line : device_lines(devices)) text += line + "\n";
    return print(text);
}

int control(const Arguments& arguments) {
    std::string line;
    for (const auto& word : arguments.words) line += (line.empty() ? "" : " ") + word;
    if (arguments.json) line += " --json";
    const auto answer = ask_running_client(line);
    if (!answer) return fail(answer.error(), kExitError);
    if (answer->starts_with("error: ")) return fail(answer->substr(7), kExitError);
    return *answer == "ok" ? kExitFine : print(*answer + "\n");
}

void prepare_process() {
    ::umask(077);
    std::signal(SIGPIPE, SIG_IGN);
    io::begin_tls();
}

}  // namespace

int main(int count, char** words) {
    const auto arguments = read_arguments(std::span<const char* const>(words + 1, static_cast<std::size_t>(count > 0 ? count - 1 : 0)));
    if (!arguments) return fail(arguments.error(), kExitUsage);
    prepare_process();
    switch (arguments->verb) {
        case Verb::kHelp: return print(usage_text());
        case Verb::kVersion: return print("earshot " EARSHOT_VERSION "\n");
        case Verb::kCompletion: return print(completion_script(arguments->words[0]));
        case Verb::kDevices: return list_devices(arguments->json);
        case Verb::kControl: return control(*arguments);
        case Verb::kHost: return host(*arguments);
        case Verb::kJoin: return join(*arguments, nullptr);
    }
    return kExitError;
}

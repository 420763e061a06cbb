// earshotd: reads its settings, opens the house, and serves until it is told to stop.
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/app.hpp"
#include "app/operator_key.hpp"
#include "app/settings_table.hpp"
#include "io/net/tls_context.hpp"

namespace {

using namespace earshot;

constexpr int kUsage = 2;
constexpr rlim_t kDescriptors = 65536;

std::atomic<app::App*> running = nullptr;
std::atomic<int> signals = 0;

// The first asks politely; the second does not wait.
void on_signal(int) {
    if (signals.fetch_add(1) > 0) ::_exit(1);
    if (auto* app = running.load()) app->stop();
}

int fail(const std::string& sentence, int code) {
    fmt::print(stderr, "earshotd: {}\n", sentence);
    return code;
}

std::expected<app::Config, std::string> read_config(const app::CommandLine& line) {
    app::Values values;
    if (!line.config_file.empty()) {
        std::ifstream file(line.config_file, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        if (!file) return std::unexpected(fmt::format("cannot read {}: check --config", line.config_file));
        if (auto done = app::read_file(text, line.config_file, values); !done) return std::unexpected(done.error());
    }
    std::size_t count = 0;
    while (environ[count]) ++count;
    if (auto done = app::read_environment(std::span<const char* const>(environ, count), values); !done) return std::unexpected(done.error());
    for (const auto& [key, value] : line.values) values[key] = value;
    return app::to_config(values);
}

// Before anything else: small, private, and with room for many sockets.
void prepare_process() {
    ::umask(077);
    ::mallopt(M_ARENA_MAX, 2);
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kDescriptors) {
        limit.rlim_cur = std::min(limit.rlim_max, kDescriptors);
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    io::begin_tls();
    std::signal(SIGPIPE, SIG_IGN);
    struct sigaction action {};
    action.sa_handler = &on_signal;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

int serve(const app::Config& config) {
    prepare_process();
    io::StderrLog log({.level = config.log_level, .addresses = config.log_addresses, .journal = io::stderr_is_journal()});
    auto app = app::App::open(config, log);
    if (!app) return fail(app.error(), 1);
    running = app->get();
    if (signals > 0) (*app)->stop();  // it came while we opened
    (*app)->run();
    running = nullptr;
    return 0;
}

int print(const std::string& text) {
    fmt::print("{}", text);
    return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    const auto line = app::read_command_line(std::span<const char* const>(arguments + 1, static_cast<std::size_t>(count - 1)));
    if (!line) return fail(line.error(), kUsage);
    if (line->action == app::Action::kHelp) return print(app::help_text());
    if (line->action == app::Action::kVersion) return print("earshotd " EARSHOT_VERSION "\n");
    if (line->action == app::Action::kPrintDefaults) return print(app::default_file());
    if (line->action == app::Action::kPrintPage) return print(app::configuration_page());
    const auto config = read_config(*line);
    if (!config) return fail(config.error(), kUsage);
    if (line->action == app::Action::kCheck) return print("the configuration is right\n");
    if (line->action == app::Action::kOperatorLink) {
        const auto link = app::operator_link(*config);
        return link ? print(*link + "\n") : fail(link.error(), 1);
    }
    return serve(*config);
}

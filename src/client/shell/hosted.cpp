#include "client/shell/hosted.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "client/safe_text.hpp"
#include "client/trust.hpp"
#include "client/words.hpp"
#include "crypto/certificate.hpp"
#include "io/net/clock.hpp"
#include "io/net/local_addresses.hpp"

namespace earshot::client {
namespace {

namespace fs = std::filesystem;
constexpr auto kGoodbyeWithin = 3s;

std::expected<std::string, std::string> daemon_beside_us() {
    std::error_code ec;
    const auto self = fs::read_symlink("/proc/self/exe", ec);
    const auto daemon = self.parent_path() / "earshotd";
    if (ec || ::access(daemon.c_str(), X_OK) != 0) return std::unexpected(fmt::format("there is no earshotd at {}; install the server too", daemon.string()));
    return daemon.string();
}

// The child's own few steps between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* const* words, int log, int lock, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);  // the parent died before it was said
    ::setpgid(0, 0);                        // Ctrl+C of the terminal is for the client, which then ends us
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    if (lock >= 0) ::fcntl(lock, F_SETFD, 0);  // held for as long as it lives
    ::execv(words[0], const_cast<char* const*>(words));
    ::_exit(127);
}

}  // namespace

std::expected<std::unique_ptr<Hosted>, std::string> Hosted::start(const std::string& data, Random& random) {
    const auto daemon = daemon_beside_us();
    if (!daemon) return std::unexpected(daemon.error());
    std::unique_ptr<Hosted> hosted(new Hosted);
    auto directory = data;
    if (directory.empty()) {
        HostedFolder::sweep(fs::temp_directory_path());
        auto folder = HostedFolder::make(fs::temp_directory_path());
        if (!folder) return std::unexpected(folder.error());
        hosted->folder_ = std::move(*folder);
        directory = hosted->folder_.path().string();
    }
    hosted->room_ = fmt::format("#call-{}", random.hex(8));
    if (auto done = hosted->launch(*daemon, directory); !done) return std::unexpected(done.error());
    if (auto done = hosted->wait_until_ready(); !done) return std::unexpected(done.error());
    hosted->read_fingerprint_of(directory);
    hosted->operator_key_file_ = directory + "/operator.key";
    for (const auto& ip : io::local_addresses(IpAddress::v4(0, 0, 0, 0))) {
        const auto host = ip.is_v4() ? ip.text() : fmt::format("[{}]", ip.text());
        hosted->links_.push_back(fmt::format("https://{}:{}/r/{}", host, hosted->tls_port_, hosted->room_.substr(1)));
    }
    return hosted;
}

std::expected<void, std::string> Hosted::launch(const std::string& daemon, const std::string& data) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::unexpected(fmt::format("cannot start the server: {}", std::strerror(errno)));
    log_.reset(pipe[0]);
    io::Descriptor theirs(pipe[1]);
    const std::array<const char*, 17> words{daemon.c_str(), "--data",       data.c_str(), "--web",     "127.0.0.1:0", "--web-tls", "0.0.0.0:0", "--media",
                                            "0.0.0.0:0",    "--plain-text", "off",        "--plain-voice", "off", "--metrics", "off",         nullptr,     nullptr};
    const auto parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) return std::unexpected(fmt::format("cannot start the server: {}", std::strerror(errno)));
    if (child_ == 0) become(words.data(), theirs.get(), folder_.lock(), parent);
    return {};
}

std::expected<void, std::string> Hosted::wait_until_ready() {
    const auto until = io::read_clock() + kReadyWithin;
    std::string text;
    std::array<char, 4096> piece;
    while (!ready_) {
        pollfd waiting{log_.get(), POLLIN, 0};
        const auto left = whole_ms(until - io::read_clock());
        if (left <= 0 || (::poll(&waiting, 1, static_cast<int>(left)) <= 0 && errno != EINTR)) return std::unexpected("the server does not become ready");
        const auto size = ::read(log_.get(), piece.data(), piece.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return std::unexpected(fmt::format("the server does not start: {}", safe_line(last_line_)));
        text.append(piece.data(), static_cast<std::size_t>(size));
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            hear(std::string_view(text).substr(0, end));
            text.erase(0, end + 1);
        }
    }
    if (web_port_ == 0 || tls_port_ == 0) return std::unexpected("the server does not say where it listens");
    ::fcntl(log_.get(), F_SETFL, ::fcntl(log_.get(), F_GETFL) | O_NONBLOCK);
    return {};
}

void Hosted::drain() {
    std::array<char, 4096> piece;
    while (::read(log_.get(), piece.data(), piece.size()) > 0) {
    }
}

// "listening web 127.0.0.1:40123"
void Hosted::hear(std::string_view line) {
    last_line_ = line;
    if (line == "ready") ready_ = true;
    if (!line.starts_with("listening ")) return;
    const auto port = whole_number(line.substr(line.rfind(':') + 1), 1, 65535).value_or(0);
    const auto name = first_word(line.substr(10)).word;
    if (name == "web") web_port_ = static_cast<std::uint16_t>(port);
    if (name == "web-tls") tls_port_ = static_cast<std::uint16_t>(port);
}

void Hosted::read_fingerprint_of(const std::string& data) {
    for (const auto& entry : fs::directory_iterator(data)) {
        if (entry.path().extension() != ".pem") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string pem{std::istreambuf_iterator<char>(file), {}};
        const auto facts = crypto::read_certificate(pem);
        if (!facts) continue;
        std::string digits;
        for (const auto byte : facts->fingerprint) digits += fmt::format("{:02x}", byte);
        fingerprint_ = shown_fingerprint(digits);
        return;
    }
}

Hosted::~Hosted() {
    if (child_ > 0) {
        ::kill(child_, SIGTERM);
        const auto until = io::read_clock() + kGoodbyeWithin;
        int status = 0;
        std::array<char, 4096> piece;
        // Reads its last words, so that it never waits for us; their end is its end.
        while (io::read_clock() < until) {
            pollfd waiting{log_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, 100) > 0 && ::read(log_.get(), piece.data(), piece.size()) <= 0) break;
        }
        if (::waitpid(child_, &status, WNOHANG) == 0 && io::read_clock() >= until) ::kill(child_, SIGKILL);
        ::waitpid(child_, &status, 0);
    }
}

}  // namespace earshot::client

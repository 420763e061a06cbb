#include "client/shell/control_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "client/control_line.hpp"
#include "io/net/socket.hpp"

namespace earshot::client {
namespace {

using io::error_code;
namespace asio = io::asio;
using Local = asio::local::stream_protocol;
using LocalSocket = asio::basic_stream_socket<Local, io::Executor>;
using LocalAcceptor = asio::basic_socket_acceptor<Local, io::Executor>;
namespace fs = std::filesystem;

// The directory of the sockets: ours alone, or none. Without a runtime directory, one below /tmp that nobody else may own.
std::expected<std::string, std::string> own_directory() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const auto directory = runtime != nullptr && *runtime == '/' ? fmt::format("{}/earshot", runtime) : fmt::format("/tmp/earshot-{}", ::getuid());
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(fmt::format("cannot make {}: {}", directory, std::strerror(errno)));
    struct stat facts {};
    if (::lstat(directory.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != ::getuid() || (facts.st_mode & 077) != 0)
        return std::unexpected(fmt::format("{} is not ours alone", directory));
    return directory;
}

bool same_user(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

// Points `ctl.sock` at `target`, in one step.
void point_at(const std::string& directory, const std::string& target) {
    const auto fresh = fmt::format("{}/.ctl.{}", directory, ::getpid());
    ::unlink(fresh.c_str());
    if (::symlink(target.c_str(), fresh.c_str()) != 0 || ::rename(fresh.c_str(), fmt::format("{}/ctl.sock", directory).c_str()) != 0) ::unlink(fresh.c_str());
}

// Sockets of running clients, newest first.
std::vector<std::string> sockets_in(const std::string& directory) {
    std::vector<std::pair<fs::file_time_type, std::string>> found;
    error_code ignored;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(directory, ec)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("ctl-") && name.ends_with(".sock")) found.emplace_back(fs::last_write_time(entry.path(), ec), entry.path().string());
    }
    std::ranges::sort(found, std::greater{});
    std::vector<std::string> paths;
    for (auto& [time, path] : found) paths.push_back(std::move(path));
    return paths;
}

io::Descriptor connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return {};
    std::ranges::copy(path, address.sun_path);
    io::Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || !same_user(fd.get())) return {};
    return fd;
}

std::string read_answer(int fd) {
    constexpr int kPatienceMs = 3000;
    constexpr std::size_t kMost = 64 * 1024;
    std::string answer;
    std::array<char, 1024> piece;
    pollfd waiting{fd, POLLIN, 0};
    while (answer.size() < kMost && ::poll(&waiting, 1, kPatienceMs) > 0) {
        const auto size = ::read(fd, piece.data(), piece.size());
        if (size <= 0) break;
        answer.append(piece.data(), static_cast<std::size_t>(size));
    }
    while (answer.ends_with('\n')) answer.pop_back();
    return answer;
}

}  // namespace

// --- the running client's side

struct ControlSocket::Impl {
    Impl(asio::io_context& context, Answer what)
        : acceptor(context.get_executor()), executor(context.get_executor()), answer(std::make_shared<Answer>(std::move(what))) {}

    struct Guest : std::enable_shared_from_this<Guest> {
        Guest(LocalSocket s, std::shared_ptr<Answer> a, std::shared_ptr<int> c)
            : socket(std::move(s)), clock(socket.get_executor()), answer(std::move(a)), count(std::move(c)) {
            ++*count;
        }
        ~Guest() { --*count; }
        void serve() {
            clock.expires_after(kGuestStays);
            clock.async_wait([weak = weak_from_this()](error_code ec) {
                if (const auto self = weak.lock(); self && !ec) self->close();
            });
            asio::async_read_until(socket, asio::dynamic_buffer(line, kMostControlBytes), '\n', [self = shared_from_this()](error_code ec, std::size_t size) {
                if (ec) return self->close();
                self->line.resize(size - 1);
                self->said = (*self->answer)(self->line) + "\n";
                asio::async_write(self->socket, asio::buffer(self->said), [self](error_code, std::size_t) { self->close(); });
            });
        }
        void close() {
            error_code ignored;
            socket.close(ignored);
            clock.cancel();
        }
        LocalSocket socket;
        io::Timer clock;
        std::shared_ptr<Answer> answer;
        std::shared_ptr<int> count;
        std::string line, said;
    };

    void accept() {
        acceptor.async_accept([this](error_code ec, LocalSocket socket) {
            if (ec == asio::error::operation_aborted) return;
            if (!ec && *guests < static_cast<int>(kMostGuests) && same_user(socket.native_handle()))
                std::make_shared<Guest>(std::move(socket), answer, guests)->serve();
            accept();
        });
    }

    LocalAcceptor acceptor;
    io::Executor executor;
    std::shared_ptr<Answer> answer;
    std::shared_ptr<int> guests = std::make_shared<int>(0);
    std::string directory, path;
};

std::expected<std::unique_ptr<ControlSocket>, std::string> ControlSocket::open(asio::io_context& context, Answer answer) {
    const auto directory = own_directory();
    if (!directory) return std::unexpected(directory.error());
    auto impl = std::make_unique<Impl>(context, std::move(answer));
    impl->directory = *directory;
    const auto name = fmt::format("ctl-{}.sock", ::getpid());
    impl->path = fmt::format("{}/{}", *directory, name);
    if (impl->path.size() >= sizeof(sockaddr_un::sun_path)) return std::unexpected(fmt::format("{} is too long for a socket", impl->path));
    ::unlink(impl->path.c_str());  // of a process that had our number before
    error_code ec;
    impl->acceptor.open(Local(), ec);
    if (!ec) impl->acceptor.bind(Local::endpoint(impl->path), ec);
    if (!ec) ::chmod(impl->path.c_str(), 0600);  // the directory let nobody in meanwhile
    if (!ec) impl->acceptor.listen(8, ec);
    if (ec) return std::unexpected(fmt::format("cannot listen at {}: {}", impl->path, ec.message()));
    point_at(*directory, name);
    impl->accept();
    return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(impl)));
}

ControlSocket::ControlSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ControlSocket::~ControlSocket() {
    error_code ignored;
    impl_->acceptor.close(ignored);
    ::unlink(impl_->path.c_str());
    const auto others = sockets_in(impl_->directory);
    if (others.empty())
        ::unlink(fmt::format("{}/ctl.sock", impl_->directory).c_str());
    else
        point_at(impl_->directory, fs::path(others.front()).filename().string());
}

// --- the other side

std::expected<std::string, std::string> ask_running_client(std::string_view line) {
    const auto directory = own_directory();
    if (!directory) return std::unexpected(directory.error());
    auto fd = connect_to(fmt::format("{}/ctl.sock", *directory));
    for (const auto& path : fd ? std::vector<std::string>{} : sockets_in(*directory)) {
        if ((fd = connect_to(path))) break;
        ::unlink(path.c_str());  // of one that died
    }
    if (!fd) return std::unexpected("no earshot is running");
    const auto text = fmt::format("{}\n", line);
    if (::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
        return std::unexpected("the running earshot does not listen");
    auto answer = read_answer(fd.get());
    if (answer.empty()) return std::unexpected("the running earshot does not answer");
    return answer;
}

}  // namespace earshot::client

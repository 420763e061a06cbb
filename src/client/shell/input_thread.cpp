#include "client/shell/input_thread.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

namespace earshot::client {
namespace {

// Waits for either; false when it is time to stop.
bool wait_for(int fd, int stop) {
    std::array<pollfd, 2> both{pollfd{fd, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
    while (::poll(both.data(), both.size(), -1) < 0 && errno == EINTR) {
    }
    return both[1].revents == 0;
}

}  // namespace

InputThread::InputThread(io::asio::io_context& context, Take take) : context_(context), take_(std::move(take)), thread_([this] { run(); }) {}

InputThread::~InputThread() {
    stop_.wake();
    thread_.join();
}

void InputThread::run() {
    bool over = false;
    while (!over && wait_for(go_.descriptor(), stop_.descriptor())) {
        go_.clear();
        if (!wait_for(STDIN_FILENO, stop_.descriptor())) return;
        std::string piece(kPiece, '\0');
        ssize_t size = 0;
        while ((size = ::read(STDIN_FILENO, piece.data(), piece.size())) < 0 && errno == EINTR) {
        }
        piece.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        over = piece.empty();
        io::asio::post(context_, [this, piece = std::move(piece)]() mutable { take_(std::move(piece)); });
    }
}

}  // namespace earshot::client

// Reads standard input on a thread of its own: a terminal, a pipe or a file, none of which has to be made non-blocking (that would
// change it for whoever shares it). One piece at a time: the next is read when it is asked for.
#pragma once
#include <functional>
#include <string>
#include <thread>

#include "io/net/asio.hpp"
#include "io/net/event_waker.hpp"

namespace earshot::client {

class InputThread {
public:
    static constexpr std::size_t kPiece = 16 * 1024;
    // An empty piece is the end of it.
    using Take = std::function<void(std::string piece)>;

    InputThread(io::asio::io_context& context, Take take);
    ~InputThread();
    // Asks for the next piece; `take` is called on the context's thread.
    void more() { go_.wake(); }

private:
    void run();
    io::asio::io_context& context_;
    Take take_;
    io::EventWaker go_, stop_;
    std::thread thread_;
};

}  // namespace earshot::client

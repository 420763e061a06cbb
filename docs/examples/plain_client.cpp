// A client of the plain protocol with nothing but sockets: lines from the standard input are said, what the room says goes to the
// standard output, the sound in SAY (s16le, 44.1 kHz, stereo) is played into the room and the room is recorded to HEAR.
//     g++ -std=c++17 -o plain_client plain_client.cpp
//     ./plain_client talk.example 2222 55555 NAME SAY.raw HEAR.raw
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

static int dial(const char* host, const char* port) {
    addrinfo wanted{}, *found = nullptr;
    wanted.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &wanted, &found) != 0) std::exit((std::fprintf(stderr, "no such host: %s\n", host), 1));
    const int fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) std::exit((std::perror("connect"), 1));
    return fd;
}

// What one side has ready goes to the other; false at its end.
static bool pass(int from, int to) {
    char bytes[16384];
    const auto size = read(from, bytes, sizeof bytes);
    return size > 0 && write(to, bytes, static_cast<std::size_t>(size)) == size;
}

int main(int count, char** words) {
    if (count != 7) return std::fprintf(stderr, "usage: plain_client HOST TEXT_PORT VOICE_PORT NAME SAY.raw HEAR.raw\n"), 2;
    const int text = dial(words[1], words[2]);
    const std::string name = std::string(words[4]) + "\n";
    if (write(text, name.data(), name.size()) < 0) return 1;
    const int voice = dial(words[1], words[3]);  // the next from this address: the house sees one person in the two
    std::FILE* say = std::fopen(words[5], "rb");
    std::FILE* hear = std::fopen(words[6], "wb");
    if (!say || !hear) return std::perror("open"), 1;
    const itimerspec every_20_ms{{0, 20'000'000}, {0, 20'000'000}};  // who sends faster than time is slowed, then dropped
    const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(timer, 0, &every_20_ms, nullptr);

    pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {text, POLLIN, 0}, {voice, POLLIN, 0}, {timer, POLLIN, 0}};
    while (poll(ready, 4, -1) > 0) {
        if (ready[0].revents && !pass(STDIN_FILENO, text)) ready[0].fd = -1;  // nothing more to say; goes on listening
        if (ready[1].revents && !pass(text, STDOUT_FILENO)) break;            // {quit}, or the house has ended
        if (ready[2].revents && !pass(voice, fileno(hear))) ready[2].fd = -1;
        std::uint64_t due = 0;
        char piece[882 * 4];  // 20 ms
        if (ready[3].revents && read(timer, &due, sizeof due) > 0)
            while (due-- > 0 && std::fread(piece, sizeof piece, 1, say) == 1) send(voice, piece, sizeof piece, MSG_NOSIGNAL);
    }
}

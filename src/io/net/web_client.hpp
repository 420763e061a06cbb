// The client's WebSocket: finds the host, connects to whichever of its addresses answers first, speaks TLS when asked to, lets its
// owner decide whether the certificate is trusted, and then carries text frames. Every step ends within its time; what goes wrong is
// one sentence for people. Single-threaded: everything happens on the io_context's thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "io/net/asio.hpp"
#include "io/net/tls_client.hpp"

namespace earshot::io {

struct WebTarget {
    bool secure = true;
    std::string host{};  // a name or an IP address, without brackets
    std::uint16_t port = 443;
    std::string authority{};  // for people and the Host header: "host", "[v6]:8443"
    std::string agent{};
};

struct WebFailure {
    enum class Kind : std::uint8_t {
        kUnreachable,  // no host, no answer, or the connection broke: trying again may help
        kNotEarshot,   // something else answers there
        kUntrusted,    // the certificate was not accepted
    };
    Kind kind = Kind::kUnreachable;
    std::string sentence{};
};

class WebClient {
public:
    static constexpr Duration kConnectWithin = 10s;  // resolving and connecting
    static constexpr Duration kGreetWithin = 10s;    // TLS and the upgrade
    static constexpr Duration kNextAddress = 250ms;  // RFC 8305 section 5: before the next address is tried too
    static constexpr std::size_t kMostAddresses = 8;
    static constexpr std::size_t kMostQueued = 2 << 20;    // bytes that wait to be sent; beyond it the line is cut
    static constexpr std::size_t kLargestFrame = 8 << 20;  // as the protocol says

    struct Events {
        // Called before anything is said. The sentence says why the server is not trusted; nothing: it is.
        std::function<std::optional<std::string>(const ServerProof&)> trust;
        std::function<void()> opened;
        std::function<void(std::string_view)> received;
        std::function<void(WebFailure)> closed;  // once; not after drop()
    };

    WebClient(asio::io_context& context, Events events);
    ~WebClient();

    void open(const WebTarget& target);
    void send(std::string text);
    // What was sent before still goes out, for a moment; nothing is told any more.
    void drop();
    // The address of the server's end.
    std::optional<SocketAddress> remote() const;

    class Attempt;

private:
    asio::io_context& context_;
    std::shared_ptr<Events> events_;
    TlsClient tls_;
    std::shared_ptr<Attempt> attempt_;
};

}  // namespace earshot::io

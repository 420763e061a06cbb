// Which answer a request gets, and who may open a WebSocket. Pure: no socket, no Boost; the fuzzer drives it.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/asset.hpp"

namespace earshot::io {

// What of a request's head matters to us. Views of the parser's memory.
struct HttpRequest {
    std::string_view method, target, host, origin;
    std::string_view accept_encoding, if_none_match, content_encoding, subprotocols;
    unsigned host_count = 0;
    bool http_1_0 = false;
    bool has_body = false;
    bool wants_websocket = false;
};

// How the request came.
struct Approach {
    bool secure = false;    // by our own TLS
    bool loopback = false;  // at a listener of 127.0.0.0/8 or ::1: names of other machines are not ours (DNS rebinding)
};

enum class Refusal { kNone, kMalformed, kOrigin, kLimit };  // for the counters

struct HttpAnswer {
    unsigned status = 200;
    std::string_view type = "text/plain; charset=utf-8";
    std::string_view body;   // of an asset or a literal
    std::string own_body;    // used when body is empty
    std::string_view encoding, etag, cache = "no-store", allow;
    bool varies = false;     // by Accept-Encoding
    bool close = false;
    Refusal refusal = Refusal::kNone;
};

// The security headers of every answer, in order. CSP as the web client was built for.
struct HttpHeader {
    std::string_view name, value;
};
std::span<const HttpHeader> security_headers();

inline constexpr std::string_view kSubprotocol = "earshot.v1";
inline constexpr std::string_view kSocketPath = "/api/v1/socket";

class Site {
public:
    struct Settings {
        std::span<const Asset> assets;
        std::vector<std::string> hosts;            // further names of ours at a loopback listener, without port
        std::vector<std::string> allowed_origins;  // "https://talk.example.org", besides our own
        std::function<std::string()> metrics;
    };
    explicit Site(Settings settings) : settings_(std::move(settings)) {}

    // GET and HEAD of the web client, /healthz. A WebSocket request gets nothing here.
    HttpAnswer answer(const HttpRequest& request, const Approach& approach) const;
    // The metrics listener knows /metrics and /healthz alone.
    HttpAnswer answer_metrics(const HttpRequest& request, const Approach& approach) const;
    // Why this WebSocket is not opened; nothing when it may be.
    std::optional<HttpAnswer> refuse_socket(const HttpRequest& request, const Approach& approach) const;
    // For a head that the parser could not take.
    static HttpAnswer failed(unsigned status, std::string_view sentence, Refusal refusal);

private:
    std::optional<HttpAnswer> refuse(const HttpRequest& request, const Approach& approach) const;
    bool knows_host(std::string_view host) const;
    bool allows_origin(const HttpRequest& request, const Approach& approach) const;
    HttpAnswer file(std::string_view path, const HttpRequest& request) const;
    Settings settings_;
};

}  // namespace earshot::io

#include "io/net/site.hpp"

#include <algorithm>
#include <array>

namespace earshot::io {
namespace {

constexpr std::array kSecurityHeaders{
    HttpHeader{"Content-Security-Policy",
               "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; "
               "worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
               "trusted-types svelte-trusted-html"},
    HttpHeader{"X-Content-Type-Options", "nosniff"},
    HttpHeader{"Referrer-Policy", "no-referrer"},
    HttpHeader{"Cross-Origin-Opener-Policy", "same-origin"},
    HttpHeader{"Cross-Origin-Resource-Policy", "same-origin"},
    HttpHeader{"Permissions-Policy",
               "microphone=(self), camera=(self), display-capture=(self), speaker-selection=(self), screen-wake-lock=(self), autoplay=(self), fullscreen=(self), "
               "picture-in-picture=(self), geolocation=(), payment=(), usb=(), serial=(), hid=(), bluetooth=(), midi=(), accelerometer=(), gyroscope=(), magnetometer=()"},
    HttpHeader{"X-Frame-Options", "DENY"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `each` with the trimmed members of a comma list until it returns true.
template <typename Each>
bool any_member(std::string_view list, Each each) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (each(trimmed(list.substr(0, comma)))) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

// RFC 9110 section 12.5.3; weights other than 0 make no difference to us.
bool accepts(std::string_view list, std::string_view coding) {
    return any_member(list, [&](std::string_view member) {
        const auto semicolon = std::min(member.find(';'), member.size());
        if (!same(trimmed(member.substr(0, semicolon)), coding)) return false;
        const auto weight = trimmed(member.substr(std::min(semicolon + 1, member.size())));
        return !(weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos);
    });
}

// "host:port" of a default port is "host".
std::string_view without_port(std::string_view host, std::string_view port) {
    return host.size() > port.size() && host.ends_with(port) ? host.substr(0, host.size() - port.size()) : host;
}

std::string_view name_of(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
    return host.substr(0, std::min(host.find(':'), host.size()));
}

std::string_view path_of(std::string_view target) { return target.substr(0, std::min(target.find_first_of("?#"), target.size())); }

// Paths that the web client itself reads.
bool is_view(std::string_view path) { return path == "/" || path == "/index.html" || path.starts_with("/r/") || path.starts_with("/j/"); }

HttpAnswer literal(unsigned status, std::string_view body) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = body;
    return answer;
}

}  // namespace

std::span<const HttpHeader> security_headers() { return kSecurityHeaders; }

HttpAnswer Site::failed(unsigned status, std::string_view sentence, Refusal refusal) {
    auto answer = literal(status, sentence);
    answer.refusal = refusal;
    answer.close = true;
    return answer;
}

bool Site::knows_host(std::string_view host) const {
    const auto name = name_of(host);
    return same(name, "localhost") || name == "127.0.0.1" || name == "[::1]" || std::ranges::any_of(settings_.hosts, [&](const auto& known) { return same(name, known); });
}

// What no request of ours may be, wherever it points.
std::optional<HttpAnswer> Site::refuse(const HttpRequest& request, const Approach& approach) const {
    if (request.host_count > 1 || (request.host_count == 0 && !request.http_1_0)) return failed(400, "One Host header is needed.\n", Refusal::kMalformed);
    if (!request.target.starts_with('/')) return failed(400, "The target must be a path.\n", Refusal::kMalformed);
    if (approach.loopback && request.host_count == 1 && !knows_host(request.host))
        return failed(421, "This server does not know itself by that host name: add it to web.hosts.\n", Refusal::kOrigin);
    if (!request.content_encoding.empty()) return failed(415, "Requests with a Content-Encoding are not taken.\n", Refusal::kLimit);
    if (request.has_body) return failed(413, "Requests with a body are not taken.\n", Refusal::kLimit);
    if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
    auto answer = literal(405, "Only GET and HEAD are known here.\n");
    answer.allow = "GET, HEAD";
    return answer;
}

HttpAnswer Site::file(std::string_view path, const HttpRequest& request) const {
    const auto asset = std::ranges::find(settings_.assets, path, &Asset::path);
    if (asset == settings_.assets.end()) return literal(404, "There is nothing here.\n");
    HttpAnswer answer;
    answer.type = asset->type;
    answer.etag = asset->etag;
    answer.cache = asset->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    answer.varies = !asset->brotli.empty() || !asset->gzip.empty();
    if (!asset->etag.empty() && any_member(request.if_none_match, [&](auto tag) { return tag == asset->etag || (tag.starts_with("W/") && tag.substr(2) == asset->etag); })) {
        answer.status = 304;
        return answer;
    }
    answer.body = asset->plain;
    if (!asset->brotli.empty() && accepts(request.accept_encoding, "br"))
        answer.body = asset->brotli, answer.encoding = "br";
    else if (!asset->gzip.empty() && accepts(request.accept_encoding, "gzip"))
        answer.body = asset->gzip, answer.encoding = "gzip";
    return answer;
}

HttpAnswer Site::answer(const HttpRequest& request, const Approach& approach) const {
    if (auto refused = refuse(request, approach)) return *refused;
    const auto path = path_of(request.target);
    if (path == "/healthz") return literal(200, "ok\n");
    if (path == kSocketPath) return literal(426, "This is a WebSocket.\n");
    return file(is_view(path) ? "/index.html" : path, request);
}

HttpAnswer Site::answer_metrics(const HttpRequest& request, const Approach& approach) const {
    if (auto refused = refuse(request, approach)) return *refused;
    const auto path = path_of(request.target);
    if (path == "/healthz") return literal(200, "ok\n");
    if (path != "/metrics" || !settings_.metrics) return literal(404, "There is nothing here but /metrics.\n");
    HttpAnswer answer;
    answer.type = "text/plain; version=0.0.4; charset=utf-8";
    answer.own_body = settings_.metrics();
    return answer;
}

bool Site::allows_origin(const HttpRequest& request, const Approach& approach) const {
    if (request.origin.empty()) return true;  // no browser: those always send one with a WebSocket
    if (std::ranges::any_of(settings_.allowed_origins, [&](const auto& known) { return same(request.origin, known); })) return true;
    const std::string_view scheme = approach.secure ? "https://" : "http://";
    const std::string_view port = approach.secure ? ":443" : ":80";
    if (request.origin.size() <= scheme.size() || !same(request.origin.substr(0, scheme.size()), scheme)) return false;
    return !request.host.empty() && same(without_port(request.origin.substr(scheme.size()), port), without_port(request.host, port));
}

std::optional<HttpAnswer> Site::refuse_socket(const HttpRequest& request, const Approach& approach) const {
    if (auto refused = refuse(request, approach)) return refused;
    if (path_of(request.target) != kSocketPath) return failed(404, "There is no WebSocket here.\n", Refusal::kNone);
    if (!allows_origin(request, approach)) return failed(403, "Pages of that origin may not connect: add it to web.allowed_origins.\n", Refusal::kOrigin);
    if (!request.subprotocols.empty() && !any_member(request.subprotocols, [](auto protocol) { return protocol == kSubprotocol; }))
        return failed(400, "The subprotocol is earshot.v1.\n", Refusal::kMalformed);
    return std::nullopt;
}

}  // namespace earshot::io

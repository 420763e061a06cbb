#include "io/net/site.hpp"

#include <doctest/doctest.h>

#include <array>

namespace earshot::io {
namespace {

constexpr std::array kAssets{
    Asset{"/index.html", "text/html; charset=utf-8", "\"i1\"", "<html>", "BR", "GZ", false},
    Asset{"/assets/app-1a2b.js", "text/javascript; charset=utf-8", "\"a1\"", "js", {}, "GZ", true},
};

Site site() { return Site({.assets = kAssets, .hosts = {"talk.example.org"}, .allowed_origins = {"https://other.example.org"}, .metrics = [] { return std::string("earshot_members 0\n"); }}); }

HttpRequest get(std::string_view target) { return {.method = "GET", .target = target, .host = "localhost:8080", .host_count = 1}; }

constexpr Approach kHome{.secure = false, .loopback = true};
constexpr Approach kAbroad{.secure = true, .loopback = false};

}  // namespace

TEST_CASE("the web client is found under every path that it reads itself") {
    for (const auto* path : {"/", "/index.html", "/r/lobby", "/r/a/b", "/j/token", "/?x=1", "/r/x#y"}) {
        const auto answer = site().answer(get(path), kHome);
        CHECK_MESSAGE(answer.status == 200, path);
        CHECK(answer.body == "<html>");
        CHECK(answer.cache == "no-cache");
    }
    for (const auto* path : {"/r", "/x", "/../etc/passwd", "/%2e%2e/", "/assets/", "/index.html/", "//", "/api/v1"}) CHECK_MESSAGE(site().answer(get(path), kHome).status == 404, path);
    CHECK(site().answer(get("/healthz"), kHome).body == "ok\n");
    CHECK(site().answer(get(kSocketPath), kHome).status == 426);
    CHECK(site().answer(get("/assets/app-1a2b.js"), kHome).cache == "public, max-age=31536000, immutable");
}

TEST_CASE("a file comes in the smallest form that the client takes") {
    const auto encoding = [](std::string_view path, std::string_view accepted) {
        auto request = get(path);
        request.accept_encoding = accepted;
        return site().answer(request, kHome).encoding;
    };
    CHECK(encoding("/", "gzip, deflate, br") == "br");
    CHECK(encoding("/", "BR;q=0.5") == "br");
    CHECK(encoding("/", "br;q=0, gzip") == "gzip");
    CHECK(encoding("/", "br; q=0.000 , gzip;q=0") == "");
    CHECK(encoding("/", "") == "");
    CHECK(encoding("/", "brotli,xgzip,*") == "");
    CHECK(encoding("/assets/app-1a2b.js", "br, gzip") == "gzip");
}

TEST_CASE("a file that the client has already is not sent again") {
    auto request = get("/");
    for (const auto* tags : {"\"i1\"", "\"x\", \"i1\"", "W/\"i1\""}) {
        request.if_none_match = tags;
        const auto answer = site().answer(request, kHome);
        CHECK(answer.status == 304);
        CHECK(answer.body.empty());
    }
    request.if_none_match = "\"i2\"";
    CHECK(site().answer(request, kHome).status == 200);
}

TEST_CASE("what no request may be") {
    struct Case {
        unsigned status;
        std::function<void(HttpRequest&)> change;
    };
    const std::vector<Case> cases{
        {405, [](auto& r) { r.method = "POST"; }},
        {405, [](auto& r) { r.method = "OPTIONS"; }},
        {413, [](auto& r) { r.has_body = true; }},
        {415, [](auto& r) { r.content_encoding = "gzip", r.has_body = true; }},
        {400, [](auto& r) { r.host_count = 2; }},
        {400, [](auto& r) { r.host_count = 0; }},
        {400, [](auto& r) { r.target = "http://localhost/"; }},
        {400, [](auto& r) { r.target = "*"; }},
        {400, [](auto& r) { r.target = ""; }},
        {421, [](auto& r) { r.host = "evil.example"; }},
        {421, [](auto& r) { r.host = "localhost.evil.example:8080"; }},
        {421, [](auto& r) { r.host = ""; }},
        {421, [](auto& r) { r.host = "[::1"; }},
    };
    for (const auto& c : cases) {
        auto request = get("/");
        c.change(request);
        CHECK_MESSAGE(site().answer(request, kHome).status == c.status, request.method, " ", request.target, " ", request.host);
        CHECK(site().answer_metrics(request, kHome).status == c.status);
        request.wants_websocket = true;
        CHECK(site().refuse_socket(request, kHome).has_value());
    }
}

TEST_CASE("a loopback listener knows its names; elsewhere any name will do") {
    for (const auto* host : {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "talk.example.org"}) {
        auto request = get("/");
        request.host = host;
        CHECK_MESSAGE(site().answer(request, kHome).status == 200, host);
    }
    auto request = get("/");
    request.host = "evil.example";
    CHECK(site().answer(request, kAbroad).status == 200);
    request.http_1_0 = true, request.host_count = 0, request.host = "";
    CHECK(site().answer(request, kHome).status == 200);
}

TEST_CASE("who may open a WebSocket, by origin") {
    struct Case {
        std::string_view origin, host;
        Approach approach;
        bool allowed;
    };
    const std::vector<Case> cases{
        {"", "localhost:8080", kHome, true},  // no browser
        {"http://localhost:8080", "localhost:8080", kHome, true},
        {"HTTP://LocalHost:8080", "localhost:8080", kHome, true},
        {"http://localhost", "localhost", kHome, true},
        {"http://localhost:80", "localhost", kHome, true},
        {"https://other.example.org", "localhost:8080", kHome, true},
        {"https://talk.example.org", "talk.example.org:443", kAbroad, true},
        {"null", "localhost:8080", kHome, false},
        {"http://localhost:8081", "localhost:8080", kHome, false},
        {"http://127.0.0.1:8080", "localhost:8080", kHome, false},
        {"https://localhost:8080", "localhost:8080", kHome, false},
        {"http://evil.example", "localhost:8080", kHome, false},
        {"http://localhost:8080.evil.example", "localhost:8080", kHome, false},
        {"http://localhost:8080/", "localhost:8080", kHome, false},
        {"http://", "localhost:8080", kHome, false},
        {"https://evil.example", "talk.example.org", kAbroad, false},
        {"http://talk.example.org", "talk.example.org", kAbroad, false},
        {"https://", "", kAbroad, false},
    };
    for (const auto& c : cases) {
        auto request = get(kSocketPath);
        request.wants_websocket = true;
        request.origin = c.origin;
        request.host = c.host;
        const auto refused = site().refuse_socket(request, c.approach);
        CHECK_MESSAGE(refused.has_value() != c.allowed, c.origin, " at ", c.host);
        if (!refused) continue;
        CHECK(refused->status == 403);
        CHECK(refused->refusal == Refusal::kOrigin);
    }
}

TEST_CASE("the subprotocol, when named, is ours") {
    auto request = get(kSocketPath);
    request.wants_websocket = true;
    for (const auto& [names, allowed] : {std::pair{"", true}, {"earshot.v1", true}, {"chat, earshot.v1", true}, {"chat", false}, {"earshot.v10", false}}) {
        request.subprotocols = names;
        CHECK_MESSAGE(site().refuse_socket(request, kHome).has_value() != allowed, names);
    }
    request.target = "/elsewhere";
    CHECK(site().refuse_socket(request, kHome)->status == 404);
}

TEST_CASE("the metrics listener knows little") {
    CHECK(site().answer_metrics(get("/metrics"), kHome).own_body == "earshot_members 0\n");
    CHECK(site().answer_metrics(get("/healthz"), kHome).status == 200);
    CHECK(site().answer_metrics(get("/"), kHome).status == 404);
    CHECK(site().answer(get("/metrics"), kHome).status == 404);
}

}  // namespace earshot::io

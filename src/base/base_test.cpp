#include <doctest/doctest.h>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/counters.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/token_bucket.hpp"

using namespace earshot;

TEST_CASE("a reader that runs out says so once and yields zeros") {
    const std::uint8_t bytes[] = {1, 2, 3};
    ByteReader reader{bytes};
    CHECK(reader.u16() == 0x0102);
    CHECK(reader.u16() == 0);
    CHECK_FALSE(reader.ok());
    CHECK(reader.remaining() == 0);
}

TEST_CASE("a writer refuses to run over") {
    std::uint8_t bytes[3];
    ByteWriter writer{bytes};
    writer.u16(0xabcd);
    writer.u16(1);
    CHECK_FALSE(writer.ok());
    CHECK(writer.size() == 2);
}

TEST_CASE("addresses parse and print back") {
    for (const auto* text : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:443", "[2001:db8::1]:65535"}) CHECK(SocketAddress::parse(text).value().text() == text);
    for (const auto* text : {"", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80", "1.2.3:4", "127.0.0.1:80x"}) CHECK_FALSE(SocketAddress::parse(text).has_value());
    CHECK(IpAddress::parse("127.1.2.3")->is_loopback());
    CHECK(IpAddress::parse("::1")->is_loopback());
    CHECK(IpAddress::parse("0.0.0.0")->is_any());
}

TEST_CASE("a bucket gives its burst, then its rate") {
    TokenBucket bucket{10, 20};
    Time now{};
    for (int i = 0; i < 20; ++i) CHECK(bucket.take(now));
    CHECK_FALSE(bucket.take(now));
    CHECK(whole_ms(bucket.wait(now)) == 100);
    CHECK(bucket.take(now + 100ms));
    CHECK_FALSE(bucket.take(now + 100ms));
}

TEST_CASE("the same seed gives the same chance") {
    SeededRandom a{7}, b{7}, c{8};
    CHECK(a.u64() == b.u64());
    CHECK(a.u64() != c.u64());
    CHECK(a.ice_chars(24).size() == 24);
    for (int i = 0; i < 1000; ++i) CHECK(a.below(3) < 3);
}

TEST_CASE("log text holds no control characters") { CHECK(printable("a\x1b[2Jb\n") == "a\\x1b[2Jb\\x0a"); }

TEST_CASE("constant-time comparison compares") {
    CHECK(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
    CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
    CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST_CASE("counters of several threads are summed") {
    Counters a, b;
    a.add(Counter::messages, 2);
    b.add(Counter::messages, 3);
    const Counters* sets[] = {&a, &b};
    CHECK(render_prometheus(sets).find("earshot_messages_total 5\n") != std::string::npos);
}

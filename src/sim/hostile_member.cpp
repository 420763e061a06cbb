#include "sim/hostile_member.hpp"

#include <array>

#include "wire/web_messages.hpp"

namespace earshot::sim {

namespace web = wire::web;

HostileMember::HostileMember(World& world, House& house, std::uint32_t number, port::Door door)
    : world_(world),
      house_(house),
      chance_(world.fork(fmt::format("mallory {}", number))),
      address_{IpAddress::v4(10, 66, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)), 1024},
      door_(door) {}

HostileMember::~HostileMember() {
    if (stream_) stream_->vanish();
}

void HostileMember::come() {
    if (!std::exchange(wanted_, true)) dial();
}

void HostileMember::stop() {
    wanted_ = false;
    if (stream_) stream_->close();
    stream_.reset();
    ++line_;
}

void HostileMember::dial() {
    if (!wanted_ || stream_) return;
    ++address_.port;
    stream_ = house_.connect(door_, door_ == port::Door::kWeb ? Framing::kMessages : Framing::kLines, address_, this);
    ++line_;
    if (!stream_) world_.after(1s, [this] { dial(); });
}

void HostileMember::opened() {
    world_.note("mallory", "is at the door");
    const auto name = fmt::format("mallory{}", chance_.below(3));
    if (door_ == port::Door::kWeb && chance_.chance(0.7))
        stream_->send(
            web::encode(web::client::Hello{.request = request_++, .protocol = 1, .name = name, .kind = web::ClientKind::browser, .agent = {}, .session = {}}));
    act();
}

void HostileMember::arrived(std::string_view bytes) {
    if (door_ == port::Door::kWeb && !web::decode_server(bytes)) world_.broken("the house speaks the protocol", fmt::format("to mallory: {}", bytes));
}

void HostileMember::ended(std::uint16_t code, std::string_view reason) {
    world_.note("mallory", "is thrown out: {} {}", code, reason);
    stream_.reset();
    ++line_;
    world_.after(world_.between(200ms, 4s), [this] { dial(); });
}

void HostileMember::act() {
    world_.after(world_.between(1ms, 800ms), [this, line = line_] {
        if (line != line_ || !stream_) return;
        const auto burst = chance_.chance(0.05) ? 60 : 1 + chance_.below(3);
        for (std::uint64_t i = 0; i < burst && stream_; ++i) stream_->send(mischief());
        if (chance_.chance(0.03)) {
            if (chance_.chance(0.5)) {
                stream_->reset();
                return;
            }
            stream_->vanish();
            stream_.reset();
            ++line_;
            world_.after(1s, [this] { dial(); });
            return;
        }
        act();
    });
}

std::string HostileMember::garbage(std::size_t longest) {
    std::string text(1 + chance_.below(longest), '\0');
    chance_.fill({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return text;
}

std::string HostileMember::damaged(std::string text) {
    for (auto left = 1 + chance_.below(4); left > 0 && !text.empty(); --left) {
        const auto at = chance_.below(text.size());
        switch (chance_.below(4)) {
            case 0: text[at] = static_cast<char>(chance_.below(256)); break;
            case 1: text.erase(at, 1 + chance_.below(8)); break;
            case 2: text.insert(at, 1 + chance_.below(4), static_cast<char>(chance_.below(128))); break;
            default: text.resize(at); break;
        }
    }
    return text.empty() ? "{" : text;
}

// A well-formed message that makes little sense.
std::string HostileMember::web_command() {
    static const std::array<std::string, 7> rooms{"#lobby",
                                                  "#tea",
                                                  "#",
                                                  "",
                                                  "lobby",
                                                  "#\xd0\xbe"
                                                  "dd",
                                                  "#../../etc/passwd"};
    const auto room = rooms.at(chance_.below(rooms.size()));
    const auto request = chance_.chance(0.1) ? std::int64_t{1} : request_++;
    const auto id = chance_.chance(0.3) ? std::uint64_t{0x1fffffffffffff} : 1 + chance_.below(100);
    const auto words = chance_.chance(0.1) ? std::string(chance_.below(9000), 'm') : garbage(60);
    switch (chance_.below(19)) {
        case 0:
            return web::encode(
                web::client::Hello{.request = request, .protocol = 1, .name = words, .kind = web::ClientKind::irc, .agent = words, .session = words});
        case 1: return web::encode(web::client::Join{.request = request, .room = room});
        case 2: return web::encode(web::client::Leave{.request = request, .room = room});
        case 3:
            return web::encode(
                web::client::Say{.request = request, .room = room, .text = words, .client_message_id = chance_.chance(0.5) ? "aaaaaaaaaaaa" : garbage(70)});
        case 4: return web::encode(web::client::Direct{.request = request, .to = id, .text = words, .client_message_id = "bbbbbbbbbbbb"});
        case 5: return web::encode(web::client::Typing{.room = room});
        case 6: return web::encode(web::client::Topic{.request = request, .room = room, .topic = words});
        case 7: return web::encode(web::client::Nick{.request = request, .name = chance_.chance(0.5) ? words : fmt::format("mallory{}", chance_.below(5))});
        case 8:
            return web::encode(web::client::History{
                .request = request, .room = room, .before = id, .after = chance_.chance(0.5) ? std::optional{id} : std::nullopt, .limit = 1'000'000});
        case 9: return web::encode(web::client::CallJoin{.request = request, .room = room, .listen_only = false, .muted = false});
        case 10: return web::encode(web::client::CallAnswer{.request = request, .call = id, .sdp = "v=0\r\n" + words});
        case 11: return web::encode(web::client::CallRestart{.request = request, .call = id});
        case 12: return web::encode(web::client::CallLeave{.request = request});
        case 13: return web::encode(web::client::Voice{.muted = chance_.chance(0.5), .deafened = chance_.chance(0.5)});
        case 14: return web::encode(web::client::Ping{.request = request});
        case 15: return web::encode(web::client::Remove{.request = request, .room = room, .member = id, .reason = words});
        case 16: return web::encode(web::client::MuteMember{.request = request, .room = room, .member = id});
        case 17: return web::encode(web::client::Operate{.request = request, .key = garbage(70)});
        default:
            return chance_.chance(0.1) ? web::encode(web::client::Quit{})
                                       : web::encode(web::client::Join{.request = request, .room = fmt::format("#m{}", chance_.below(60))});
    }
}

std::string HostileMember::web_mischief() {
    switch (chance_.below(8)) {
        case 0: return garbage(300);
        case 1: return damaged(web_command());
        case 2: return R"({"type":"sing","request":5})";
        case 3: return std::string(chance_.below(400), '[');
        case 4: return chance_.chance(0.1) ? std::string(70'000, ' ') : R"({"type":"say","request":1,"request":2,"room":null,"text":{}})";
        default: return web_command();
    }
}

std::string HostileMember::mischief() {
    if (door_ == port::Door::kWeb) return web_mischief();
    if (door_ == port::Door::kVoix) return voix_mischief();
    return plain_mischief();
}

std::string HostileMember::voix_mischief() {
    static const std::array<std::string, 8> words{"#lobby", "mallory0", "\"Vera\"", "0123456789abcdef0123456789abcdef", "", "\"open", ":", "REQUEST"};
    const auto word = [&]() -> const std::string& { return words.at(chance_.below(words.size())); };
    switch (chance_.below(12)) {
        case 0: return garbage(300);
        case 1: return chance_.chance(0.2) ? std::string(40'000, 'x') : std::string(500, '"');
        case 2: return fmt::format("CONNECT: mallory{} {} 1.0.0\n", chance_.below(3), word());
        case 3: return fmt::format("JOIN: #m{}\n", chance_.below(60));
        case 4: return fmt::format("MSG {}: {}\r\n", word(), garbage(60));
        case 5: return chance_.chance(0.1) ? "DISCONNECT\n" : "DISCON";
        case 6: return fmt::format("PONG: {}\n", chance_.below(5));
        case 7: return fmt::format("TALK {}: {}\n", word(), chance_.chance(0.5) ? "ACCEPT" : "DENY");
        default: return fmt::format("TALK {}: REQUEST\n", chance_.chance(0.5) ? word() : fmt::format("mallory{}", chance_.below(3)));
    }
}

std::string HostileMember::plain_mischief() {
    switch (chance_.below(9)) {
        case 0: return garbage(300);
        case 1: return chance_.chance(0.2) ? std::string(40'000, 'x') : std::string(500, 'x');
        case 2: return "\xff\xfd\x01\xff\xfa\x18\xff";
        case 3: return std::string(3, '\0') + "\r\n\r\n\n";
        case 4: return chance_.chance(0.1) ? "{quit}\n" : "{quit";
        case 5: return fmt::format("mallory{}\n", chance_.below(3));
        case 6:
            return "\xe2\x80\xae"
                   "evil\n\x1b[2J\a";
        default: return fmt::format("mischief {}\n", chance_.below(1000));
    }
}

}  // namespace earshot::sim

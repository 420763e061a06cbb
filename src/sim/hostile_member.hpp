// Somebody who wishes the house ill, with nothing but a socket: garbage, floods, huge frames, half messages,
// everything in the wrong order. The house must answer in its own protocol, or close; never fall.
#pragma once
#include <string>

#include "sim/house.hpp"

namespace earshot::sim {

class HostileMember final : public StreamClient {
public:
    HostileMember(World& world, House& house, std::uint32_t number, port::Door door);
    ~HostileMember() override;

    void come();
    void stop();  // goes away for good
    bool online() const { return stream_ != nullptr; }
    std::uint64_t lines_used() const { return line_; }

    void opened() override;
    void arrived(std::string_view bytes) override;
    void ended(std::uint16_t code, std::string_view reason) override;

private:
    void dial();
    void act();
    std::string web_mischief();
    std::string web_command();
    std::string mischief();
    std::string plain_mischief();
    std::string voix_mischief();
    std::string garbage(std::size_t longest);
    std::string damaged(std::string text);

    World& world_;
    House& house_;
    SeededRandom chance_;
    SocketAddress address_;
    port::Door door_;
    bool wanted_ = false;
    std::shared_ptr<Stream> stream_;
    std::uint64_t line_ = 0;
    std::int64_t request_ = 1;
};

}  // namespace earshot::sim

// Who shows the operator's key is the operator. The key is long and random, so nobody guesses it; wrong ones are still counted
// by where they come from, and too many of them are not even looked at.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

namespace earshot::engine {

// Places are told apart by this: an IPv4 address, or the first half of an IPv6 address, which is one household's.
IpAddress place_of(const IpAddress& ip);

class OperatorDoor {
public:
    static constexpr double kWrongPerSecond = 0.1, kWrongBurst = 5;
    static constexpr std::size_t kPlaces = 1024;  // remembered; then all are forgotten and counting starts anew

    // Empty: the house has no operator.
    explicit OperatorDoor(std::string key) : key_(std::move(key)) {}

    enum class Answer { kOpen, kWrong, kTooOften };
    Answer knock(Time now, const IpAddress& from, std::string_view key);

private:
    std::string key_;
    std::map<IpAddress, TokenBucket> wrong_;
};

}  // namespace earshot::engine

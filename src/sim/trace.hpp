// What happened, line by line: virtual time, who, what. The last lines are kept for the report of a
// failure, and a running digest of all of them tells whether two runs were the same run.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace earshot::sim {

class Trace {
public:
    static constexpr std::size_t kKept = 400;  // lines

    void note(Time at, std::string_view who, std::string_view what);
    void print_as_it_comes(bool on) { print_ = on; }
    std::uint64_t digest() const { return digest_; }
    std::uint64_t lines() const { return lines_; }
    // At most `count` of the last lines, oldest first.
    std::string last(std::size_t count) const;

private:
    std::deque<std::string> kept_;
    std::uint64_t digest_ = 0xcbf29ce484222325ull;
    std::uint64_t lines_ = 0;
    bool print_ = false;
};

}  // namespace earshot::sim

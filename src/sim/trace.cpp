#include "sim/trace.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace earshot::sim {

void Trace::note(Time at, std::string_view who, std::string_view what) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
    auto line = fmt::format("{:>11.6f}  {:<10} {}", static_cast<double>(micros) / 1e6, who, what);
    for (const unsigned char c : line) digest_ = (digest_ ^ c) * 0x100000001b3ull;  // FNV-1a
    ++lines_;
    if (print_) fmt::print("{}\n", line);
    kept_.push_back(std::move(line));
    if (kept_.size() > kKept) kept_.pop_front();
}

std::string Trace::last(std::size_t count) const {
    std::string text;
    const std::size_t first = kept_.size() > count ? kept_.size() - count : 0;
    for (std::size_t i = first; i < kept_.size(); ++i) text += kept_[i] + '\n';
    return text;
}

}  // namespace earshot::sim

#include "io/sound/clocked_stream.hpp"

#include <chrono>

#include "io/sound/pacer.hpp"

namespace earshot::io {
namespace {
std::chrono::steady_clock::time_point steady(Time at) {
    return std::chrono::steady_clock::time_point{std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch())};
}
}  // namespace

Time sound_clock() { return Time{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

ClockedStream::ClockedStream(Duration period, int relaxed, std::function<void(Time)> each_period)
    : period_(period), relaxed_(relaxed), each_period_(std::move(each_period)), thread_([this] { work(); }) {}

ClockedStream::~ClockedStream() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void ClockedStream::run(Attention attention) {
    {
        std::lock_guard lock(mutex_);
        attention_ = attention;
    }
    changed_.notify_all();
}

void ClockedStream::work() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        changed_.wait(lock, [this] { return attention_ != Attention::kOff || ending_; });
        Pacer pacer(sound_clock(), period_);
        while (attention_ != Attention::kOff && !ending_) {
            const bool relaxed = attention_ == Attention::kRelaxed;
            const Time due = pacer.next() + (relaxed ? (relaxed_ - 1) * period_ : Duration{0});
            if (changed_.wait_until(lock, steady(due), [&] { return ending_ || (attention_ == Attention::kRelaxed) != relaxed; })) continue;
            lock.unlock();
            for (Time now = sound_clock(); pacer.take(now);) each_period_(now);
            lock.lock();
        }
    }
}

}  // namespace earshot::io

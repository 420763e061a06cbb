// A thread that does something each period of the real clock, for sound that has no device to keep time.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "io/sound/stream.hpp"

namespace earshot::io {

Time sound_clock();

class ClockedStream final : public SoundStream {
public:
    // `relaxed`: how many periods are done at once when nobody waits for them.
    ClockedStream(Duration period, int relaxed, std::function<void(Time)> each_period);
    ~ClockedStream() override;
    void run(Attention attention) override;

private:
    void work();

    Duration period_;
    int relaxed_;
    std::function<void(Time)> each_period_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Attention attention_ = Attention::kOff;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace earshot::io

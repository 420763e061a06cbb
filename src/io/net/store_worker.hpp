// One thread that asks the store, so that no fsync ever holds up the house. Requests are answered in order.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "port/control.hpp"
#include "port/store.hpp"

namespace earshot::io {

class StoreWorker {
public:
    static constexpr std::size_t kMostWaiting = 1024;  // beyond it a request is answered with a failure at once

    // `bell` rings when take() has something. The store is used on the worker's thread alone.
    StoreWorker(port::Store& store, port::Waker& bell);
    // Finishes what waits.
    ~StoreWorker();
    StoreWorker(const StoreWorker&) = delete;
    StoreWorker& operator=(const StoreWorker&) = delete;

    void ask(port::StoreRequest request);
    std::vector<port::StoreReply> take();
    // Nothing waits, nothing is being done, nothing is left to take.
    bool idle() const;

private:
    void work();
    port::Store& store_;
    port::Waker& bell_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<port::StoreRequest> requests_;
    std::vector<port::StoreReply> replies_;
    bool busy_ = false, ending_ = false;
    std::thread thread_;
};

}  // namespace earshot::io

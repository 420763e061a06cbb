#include "io/net/store_worker.hpp"

#include "base/overloaded.hpp"

namespace earshot::io {
namespace {

port::StoreReply refused(const port::StoreRequest& request) {
    static constexpr const char* kWhy = "the disk is too slow: too many requests wait for it";
    return std::visit(overloaded{
                          [](const port::Append& append) -> port::StoreReply { return port::Appended{.batch = append.batch, .results = {}, .failure = kWhy}; },
                          [](const port::Page& page) -> port::StoreReply { return port::Paged{.query = page.query, .messages = {}, .complete = false, .failure = kWhy}; },
                          [](const port::Load& load) -> port::StoreReply {
                              port::Loaded loaded;
                              loaded.query = load.query;
                              loaded.failure = kWhy;
                              return loaded;
                          },
                      },
                      request);
}

}  // namespace

StoreWorker::StoreWorker(port::Store& store, port::Waker& bell) : store_(store), bell_(bell), thread_([this] { work(); }) {}

StoreWorker::~StoreWorker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void StoreWorker::ask(port::StoreRequest request) {
    {
        const std::lock_guard lock(mutex_);
        if (requests_.size() < kMostWaiting) {
            requests_.push_back(std::move(request));
            changed_.notify_one();
            return;
        }
        replies_.push_back(refused(request));
    }
    bell_.wake();
}

std::vector<port::StoreReply> StoreWorker::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(replies_, {});
}

bool StoreWorker::idle() const {
    const std::lock_guard lock(mutex_);
    return requests_.empty() && replies_.empty() && !busy_;
}

void StoreWorker::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !requests_.empty(); });
        if (requests_.empty()) return;
        const auto request = std::move(requests_.front());
        requests_.pop_front();
        busy_ = true;
        lock.unlock();
        auto reply = store_.execute(request);
        lock.lock();
        busy_ = false;
        replies_.push_back(std::move(reply));
        bell_.wake();
    }
}

}  // namespace earshot::io

// The daemon, wired: what exists, in which order, and who knows whom.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "io/net/stderr_log.hpp"

namespace earshot::app {

class App {
public:
    // Opens the data directory, the certificate and every listener. The error is one sentence that says what to do.
    static std::expected<std::unique_ptr<App>, std::string> open(const Config& config, io::StderrLog& log);
    ~App();

    // Says where it listens, the links and `ready`, and serves until stop().
    void run();
    // From any thread and from a signal handler: everyone is told, queues are flushed, run() returns.
    void stop();

private:
    struct Parts;
    explicit App(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace earshot::app

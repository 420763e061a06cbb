// Log lines to stderr: one write a line, so that threads do not mix. Under journald (JOURNAL_STREAM) each line
// carries its priority, as sd-daemon(3) has it; on a terminal or in a file, the time.
#pragma once
#include <atomic>

#include "base/log.hpp"

namespace earshot::io {

class StderrLog final : public Log {
public:
    struct Settings {
        LogLevel level = LogLevel::kInfo;
        bool addresses = false;
        bool journal = false;
    };
    explicit StderrLog(Settings settings) : settings_(settings) {}

    void write(LogLevel level, std::string_view line) override;
    bool shows_addresses() const override { return settings_.addresses; }
    // A line of the program's own talk (links, "listening", "ready"): bare, whatever the level.
    void say(std::string_view line) const;

private:
    Settings settings_;
};

// True when stderr goes to the journal (systemd.exec(5), JOURNAL_STREAM).
bool stderr_is_journal();

}  // namespace earshot::io

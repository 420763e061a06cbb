// Lines for the operator. A line says what happened to whom by id; it never holds a message text, a
// key, a password, or (unless the operator asked) a network address. `Redacted` is how one is written.
#pragma once
#include <string>
#include <string_view>

namespace earshot {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

class Log {
public:
    virtual ~Log() = default;
    virtual void write(LogLevel level, std::string_view line) = 0;
    // Addresses appear only when log.addresses is set.
    virtual bool shows_addresses() const { return false; }

    void error(std::string_view line) { write(LogLevel::kError, line); }
    void warning(std::string_view line) { write(LogLevel::kWarning, line); }
    void info(std::string_view line) { write(LogLevel::kInfo, line); }
    void debug(std::string_view line) { write(LogLevel::kDebug, line); }

    std::string address(std::string_view text) const { return shows_addresses() ? std::string{text} : std::string{"(address withheld)"}; }
};

class SilentLog final : public Log {
public:
    void write(LogLevel, std::string_view) override {}
};

// Text from outside, made safe for one line of a log or a terminal: control characters become \xNN.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace earshot

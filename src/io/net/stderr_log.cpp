#include "io/net/stderr_log.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "io/net/clock.hpp"

namespace earshot::io {
namespace {

constexpr const char* name(LogLevel level) {
    switch (level) {
        case LogLevel::kError: return "error";
        case LogLevel::kWarning: return "warning";
        case LogLevel::kInfo: return "info";
        case LogLevel::kDebug: return "debug";
    }
    return "?";
}

constexpr int priority(LogLevel level) {
    switch (level) {
        case LogLevel::kError: return 3;
        case LogLevel::kWarning: return 4;
        case LogLevel::kInfo: return 6;
        case LogLevel::kDebug: return 7;
    }
    return 6;
}

std::string utc(WallMs wall_ms) {
    const auto seconds = static_cast<std::time_t>(wall_ms / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, wall_ms % 1000);
}

void put(const std::string& text) {
    // A full or closed stderr must not stop the house.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

void StderrLog::write(LogLevel level, std::string_view line) {
    if (level > settings_.level) return;
    put(settings_.journal ? fmt::format("<{}>{}\n", priority(level), line) : fmt::format("{} {} {}\n", utc(now().wall_ms), name(level), line));
}

void StderrLog::say(std::string_view line) const { put(settings_.journal ? fmt::format("<6>{}\n", line) : fmt::format("{}\n", line)); }

bool stderr_is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat info {};
    if (!stream || ::fstat(STDERR_FILENO, &info) != 0) return false;
    return fmt::format("{}:{}", info.st_dev, info.st_ino) == stream;
}

}  // namespace earshot::io

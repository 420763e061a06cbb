#include "client/shell/hosted_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace earshot::client {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "earshot-host-", kRandom = "XXXXXX";
constexpr const char* kLock = "host.lock";
constexpr const char* kFreshLock = "host.lock.new";

// A folder or file of ours that nobody else can write to.
bool ours(int fd, mode_t kind) {
    struct stat facts {};
    return ::fstat(fd, &facts) == 0 && facts.st_uid == ::geteuid() && (facts.st_mode & S_IFMT) == kind && (facts.st_mode & 077) == 0;
}

// Its lock, taken: nobody is at home any more.
io::Descriptor taken_from_the_dead(const fs::path& folder) {
    const io::Descriptor inside(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!inside || !ours(inside.get(), S_IFDIR)) return {};
    io::Descriptor lock(::openat(inside.get(), kLock, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!lock || !ours(lock.get(), S_IFREG) || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return {};
    return lock;
}

}  // namespace

std::expected<HostedFolder, std::string> HostedFolder::make(const fs::path& parent) {
    auto pattern = (parent / fmt::format("{}{}", kPrefix, kRandom)).string();
    const auto cannot = [&] { return std::unexpected(fmt::format("cannot make {}: {}", pattern, std::strerror(errno))); };
    if (::mkdtemp(pattern.data()) == nullptr) return cannot();
    HostedFolder made;
    made.path_ = pattern;
    // Locked first and named afterwards: nobody ever finds it without its holder.
    const auto fresh = made.path_ / kFreshLock;
    made.lock_.reset(::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made.lock_ || ::flock(made.lock_.get(), LOCK_EX) != 0 || ::rename(fresh.c_str(), (made.path_ / kLock).c_str()) != 0) return cannot();
    return made;
}

int HostedFolder::sweep(const fs::path& parent) {
    int removed = 0;
    std::error_code ec;
    for (auto each = fs::directory_iterator(parent, ec); !ec && each != fs::directory_iterator(); each.increment(ec)) {
        const auto name = each->path().filename().string();
        if (!name.starts_with(kPrefix) || name.size() != kPrefix.size() + kRandom.size()) continue;
        const auto lock = taken_from_the_dead(each->path());
        std::error_code ignored;
        if (lock && fs::remove_all(each->path(), ignored) > 0) ++removed;
    }
    return removed;
}

HostedFolder& HostedFolder::operator=(HostedFolder&& other) noexcept {
    if (this == &other) return *this;
    remove();
    path_ = std::exchange(other.path_, {});
    lock_ = std::move(other.lock_);
    return *this;
}

HostedFolder::~HostedFolder() { remove(); }

void HostedFolder::remove() {
    if (path_.empty()) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace earshot::client

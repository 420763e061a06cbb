#include "client/shell/hosted_folder.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace earshot::client {
namespace {

namespace fs = std::filesystem;

struct Place {
    Place() {
        std::string name = (fs::temp_directory_path() / "earshot_sweep_XXXXXX").string();
        parent = ::mkdtemp(name.data());
    }
    ~Place() { fs::remove_all(parent); }
    // A host that dies without a word.
    void host_that_is_killed() const {
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto folder = HostedFolder::make(parent);
            if (folder) std::ofstream(folder->path() / "history") << "said";
            ::_exit(folder ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(status == 0);
    }
    std::ptrdiff_t count() const { return std::distance(fs::directory_iterator(parent), fs::directory_iterator()); }
    fs::path parent;
};

}  // namespace

TEST_CASE("what a killed host left behind is swept away, and what a living one has is not") {
    const Place place;
    place.host_that_is_killed();
    place.host_that_is_killed();
    CHECK(place.count() == 2);
    auto living = HostedFolder::make(place.parent);
    REQUIRE(living.has_value());
    CHECK(HostedFolder::sweep(place.parent) == 2);
    CHECK(place.count() == 1);
    CHECK(fs::exists(living->path()));
    living = HostedFolder{};
    CHECK(place.count() == 0);
}

TEST_CASE("a daemon that lives a little longer than its host keeps the folder") {
    const Place place;
    auto folder = HostedFolder::make(place.parent);
    REQUIRE(folder.has_value());
    const io::Descriptor inherited(::dup(folder->lock()));
    const auto path = folder->path();
    const auto copy = place.parent / "earshot-host-abcdef";
    fs::rename(path, copy);  // the host is gone without removing it
    folder = HostedFolder{};
    CHECK(HostedFolder::sweep(place.parent) == 0);
    CHECK(fs::exists(copy));
}

TEST_CASE("what only looks like ours is left alone") {
    const Place place;
    place.host_that_is_killed();
    const auto real = fs::directory_iterator(place.parent)->path();
    const auto elsewhere = place.parent / "somewhere-else";
    fs::rename(real, elsewhere);
    fs::create_directory_symlink(elsewhere, place.parent / "earshot-host-symlnk");
    fs::create_directory(place.parent / "earshot-host-nolock");
    fs::create_directory(place.parent / "earshot-host-open00");
    fs::copy_file(elsewhere / "host.lock", place.parent / "earshot-host-open00" / "host.lock");
    ::chmod((place.parent / "earshot-host-open00").c_str(), 0755);
    fs::create_directory(place.parent / "earshot-host-aliens-and-more");
    CHECK(HostedFolder::sweep(place.parent) == 0);
    CHECK(place.count() == 5);
    CHECK(fs::exists(elsewhere / "history"));
    CHECK(HostedFolder::sweep(place.parent / "not there") == 0);
}

}  // namespace earshot::client

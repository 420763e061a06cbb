#include "app/operator_key.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace earshot;
using namespace earshot::app;

namespace {

struct Directory {
    Directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~Directory() { std::filesystem::remove_all(path); }
    std::string path = (std::filesystem::temp_directory_path() / "earshot-key-XXXXXX").string();
};

}  // namespace

TEST_CASE("the key is made once, for its owner alone") {
    const Directory data;
    SeededRandom random{7};
    std::string note;
    CHECK(!read_operator_key(data.path));
    const auto key = open_operator_key(data.path, random, note).value();
    CHECK(key.size() == 64);
    CHECK(open_operator_key(data.path, random, note).value() == key);
    CHECK(read_operator_key(data.path).value() == key);
    CHECK(note.empty());
    struct stat facts {};
    REQUIRE(::stat(operator_key_file(data.path).c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    REQUIRE(::chmod(operator_key_file(data.path).c_str(), 0644) == 0);
    CHECK(open_operator_key(data.path, random, note));
    CHECK(note.contains("chmod"));
}

TEST_CASE("a file that holds no key is refused in words that do not repeat it") {
    const Directory data;
    SeededRandom random{7};
    std::string note;
    std::ofstream(operator_key_file(data.path)) << "hunter2\n";
    const auto refused = open_operator_key(data.path, random, note);
    REQUIRE(!refused);
    CHECK(!refused.error().contains("hunter2"));
}

TEST_CASE("the link carries the key behind the #, where no server sees it") {
    const Directory data;
    SeededRandom random{7};
    std::string note;
    Config config;
    config.data_directory = data.path;
    config.web = SocketAddress::parse("127.0.0.1:8080").value();
    CHECK(!operator_link(config));
    const auto key = open_operator_key(data.path, random, note).value();
    CHECK(operator_link(config).value() == "http://localhost:8080/#operator=" + key);
    config.web_tls = SocketAddress::parse("0.0.0.0:8443").value();
    config.hosts = {"talk.example"};
    CHECK(operator_link(config).value() == "https://talk.example:8443/#operator=" + key);
    config.web_tls.reset();
    config.web.reset();
    CHECK(!operator_link(config));
}

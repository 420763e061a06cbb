// Feeds a fuzz target the seeds of a folder, without libFuzzer: each file whole, the small ones also cut off
// at every byte, and nothing at all. A crash is the failure; the name of the file is printed before it is fed.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

using Input = std::vector<std::uint8_t>;
static constexpr std::size_t kCutUpTo = 1024;

// A copy of exactly that size, so that a sanitizer sees a read beyond the end.
static void feed(const Input& input, std::size_t size) {
    const Input exact(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

static void replay(const std::filesystem::path& path) {
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    std::ifstream file(path, std::ios::binary);
    const Input input{std::istreambuf_iterator<char>{file}, {}};
    for (std::size_t size = 1; size < input.size() && input.size() <= kCutUpTo; ++size) feed(input, size);
    feed(input, input.size());
}

int main(int count, char** arguments) {
    feed({}, 0);
    int files = 0;
    for (int i = 1; i < count; ++i) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(arguments[i])) {
            if (!entry.is_regular_file()) continue;
            replay(entry.path());
            ++files;
        }
    }
    std::printf("%d seeds\n", files);
    return files == 0 ? 1 : 0;  // a target without seeds tests nothing
}

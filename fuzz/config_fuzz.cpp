// rooms: app
// A configuration file: whatever it holds, it is read or refused in a sentence.
#include "app/config.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"

using namespace earshot;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    app::Values values;
    const auto read = app::read_file(as_text({data, size}), "fuzz.toml", values);
    if (!read) {
        ENSURE(read.error().starts_with("fuzz.toml:"));
        return 0;
    }
    const auto config = app::to_config(values);
    ENSURE(config || !config.error().empty());
    return 0;
}

#include "client/shell/device_list.hpp"

#include <fmt/format.h>

#include "client/safe_text.hpp"
#include "client/words.hpp"
#include "wire/json.hpp"

namespace earshot::client {
namespace {

std::vector<io::SoundDevice> of_direction(const std::vector<io::SoundDevice>& all, io::SoundDirection direction) {
    std::vector<io::SoundDevice> some;
    for (const auto& each : all)
        if (each.direction == direction) some.push_back(each);
    return some;
}

void add_lines(std::vector<std::string>& lines, std::string_view title, const std::vector<io::SoundDevice>& devices) {
    lines.push_back(fmt::format("{}:", title));
    int number = 0;
    for (const auto& each : devices)
        lines.push_back(fmt::format("{} {:2} {}{}", each.is_default ? '*' : ' ', ++number, safe_line(each.name), each.monitor ? " (what is played)" : ""));
    if (devices.empty()) lines.push_back("   none");
}

}  // namespace

std::vector<std::string> device_lines(const DevicesFound& devices) {
    if (!devices) return {devices.error()};
    std::vector<std::string> lines;
    add_lines(lines, "Microphones", of_direction(*devices, io::SoundDirection::kInput));
    add_lines(lines, "Loudspeakers", of_direction(*devices, io::SoundDirection::kOutput));
    return lines;
}

std::string devices_json(const std::vector<io::SoundDevice>& devices) {
    std::string out = "[";
    for (const auto& each : devices) {
        if (out.size() > 1) out += ',';
        out += fmt::format(R"({{"direction":"{}","name":)", each.direction == io::SoundDirection::kInput ? "input" : "output");
        wire::json::append_text(out, each.name);
        out += fmt::format(R"(,"default":{},"monitor":{}}})", each.is_default, each.monitor);
    }
    return out + "]";
}

std::expected<std::string, std::string> choose_device(SoundDesk& sound, bool input, const std::string& which) {
    auto wanted = which;
    if (const auto number = whole_number(which, 1, 999)) {
        const auto devices = sound.devices();
        if (!devices) return std::unexpected(devices.error());
        const auto some = of_direction(*devices, input ? io::SoundDirection::kInput : io::SoundDirection::kOutput);
        if (static_cast<std::size_t>(*number) > some.size()) return std::unexpected(fmt::format("There is no device {}; /devices lists them.", *number));
        wanted = some[static_cast<std::size_t>(*number - 1)].name;
    }
    if (auto done = input ? sound.set_input(wanted) : sound.set_output(wanted); !done) return std::unexpected(done.error());
    return wanted;
}

}  // namespace earshot::client

#include "client/shell/line_face.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "client/lines.hpp"

namespace earshot::client {

void LineFace::print(int fd, std::string line) {
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        const auto written = ::write(fd, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            alive_ = alive_ && fd != STDOUT_FILENO;
            return;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

void LineFace::happened(Now now, const Happening& happening) {
    if (json_) return print(STDOUT_FILENO, json_line(happening, now.wall_ms));
    for (auto& line : plain_lines(happening, now.wall_ms)) print(line.error ? STDERR_FILENO : STDOUT_FILENO, std::move(line.text));
}

void LineFace::typed(Now now, const std::string& bytes, const Model&, std::vector<Action>& out) {
    for (const char c : bytes) {
        if (c == '\n')
            finish_line(now, out);
        else if (line_.size() < kLongestLine)
            line_ += c;
        else
            too_long_ = true;
    }
    if (bytes.empty() && !line_.empty()) finish_line(now, out);  // a last line without its end
}

void LineFace::finish_line(Now now, std::vector<Action>& out) {
    auto line = std::exchange(line_, {});
    if (line.ends_with('\r')) line.pop_back();
    if (std::exchange(too_long_, false)) return happened(now, happening::Error{"A line was too long and was not sent.", "too_long"});
    out.push_back(action::Enter{std::move(line)});
}

}  // namespace earshot::client

// How the bandwidth estimator follows a line that changes, beside others and through loss: figures, and a picture to look at.
//   estimator_bench [FILE.svg]   (build/estimator.svg unless told otherwise)
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "media/link_for_tests.hpp"

using namespace earshot;
using namespace earshot::media;

namespace {

constexpr double kWidth = 900, kHeight = 150, kLeft = 60, kGap = 46;

struct Scene {
    std::string name;
    std::vector<TrialPoint> points;
};

class Picture {
public:
    explicit Picture(const std::vector<Scene>& scenes) {
        const double height = static_cast<double>(scenes.size()) * (kHeight + kGap) + 30;
        out_ = fmt::format(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' viewBox='0 0 {0} {1}' font-family='sans-serif' font-size='12'>"
            "<rect width='100%' height='100%' fill='white'/>\n",
            kWidth + kLeft + 60, height);
        for (std::size_t i = 0; i < scenes.size(); ++i) draw(scenes[i], 30 + static_cast<double>(i) * (kHeight + kGap));
        out_ += "</svg>\n";
    }
    const std::string& text() const { return out_; }

private:
    template <typename Value>
    void line(const Scene& scene, double top, double most, const char* look, Value value) {
        out_ += fmt::format("<polyline fill='none' {} points='", look);
        for (const auto& point : scene.points) {
            const double y = top + kHeight * (1 - std::min(1.0, value(point) / most));
            out_ += fmt::format("{:.1f},{:.1f} ", kLeft + kWidth * point.second / scene.points.back().second, y);
        }
        out_ += "'/>\n";
    }
    void draw(const Scene& scene, double top) {
        double most = 0;
        for (const auto& point : scene.points) most = std::max(most, point.capacity * 1.25);
        out_ += fmt::format("<text x='{}' y='{}' font-weight='bold'>{}</text>\n", kLeft, top - 6, scene.name);
        out_ += fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='none' stroke='#ccc'/>\n", kLeft, top, kWidth, kHeight);
        out_ += fmt::format("<text x='4' y='{}'>{:.1f} M</text><text x='4' y='{}'>0</text><text x='{}' y='{}' fill='#c33'>400 ms</text>\n", top + 10,
                            most / 1e6, top + kHeight, kLeft + kWidth + 6, top + 10);
        for (int second = 0; second <= scene.points.back().second; second += 5)
            out_ += fmt::format("<text x='{:.0f}' y='{}' fill='#888'>{} s</text>\n", kLeft + kWidth * second / scene.points.back().second, top + kHeight + 14,
                                second);
        line(scene, top, most, "stroke='#bbb' stroke-width='3'", [](const auto& p) { return p.capacity; });
        line(scene, top, most, "stroke='#e90' stroke-dasharray='3 3'", [](const auto& p) { return p.other; });
        line(scene, top, most, "stroke='#7ac'", [](const auto& p) { return p.arriving; });
        line(scene, top, most, "stroke='#05a' stroke-width='1.6'", [](const auto& p) { return p.rate; });
        line(scene, top, 400, "stroke='#c33'", [](const auto& p) { return p.queue_ms; });
    }
    std::string out_;
};

void print(const Trial& trial, const std::string& name, double from) {
    fmt::print("{:<48} arrived {:>7.0f} kbit/s, longest queue {:>4.0f} ms (after {} s)\n", name, trial.arrived_since(from) / 1000,
               trial.longest_queue_since(from), from);
}

Scene steps() {
    Trial trial;
    for (const double capacity : {2e6, 1e6, 0.3e6, 3e6}) {
        trial.way.capacity = capacity;
        trial.run(12s);
    }
    print(trial, "2, 1, 0.3, then 3 Mbit/s", 2);
    return {"A line of 2, 1, 0.3, then 3 Mbit/s", trial.points};
}
Scene jitter() {
    Trial trial;
    trial.way.capacity = 2.5e6;
    trial.way.jitter = 20ms;
    trial.way.loss = 0.02;
    trial.run(30s);
    print(trial, "2.5 Mbit/s, jitter 20 ms, 2 % loss", 5);
    return {"2.5 Mbit/s, up to 20 ms of jitter, 2 % of loss", trial.points};
}
Scene loss() {
    Trial trial;
    trial.way.capacity = 2e6;
    trial.way.loss = 0.15;
    trial.run(30s);
    print(trial, "2 Mbit/s, 15 % loss that is the line's own", 10);
    return {"2 Mbit/s, 15 % of loss that has nothing to do with the rate", trial.points};
}
Scene beside() {
    Trial trial;
    trial.way.capacity = 4e6;
    trial.way.limit = 150ms;
    trial.run(8s);
    trial.downloading = true;
    trial.run(32s);
    trial.downloading = false;
    trial.run(10s);
    print(trial, "4 Mbit/s beside a download (150 ms of queue)", 10);
    return {"4 Mbit/s; from 8 to 40 s beside a download (its rate dotted)", trial.points};
}
Scene small() {
    Trial trial;
    trial.way.capacity = 5e6;
    trial.wanted = 0.4e6;
    trial.run(10s);
    trial.wanted = 4e6;
    trial.run(10s);
    print(trial, "400 kbit/s wanted, then 4 Mbit/s", 13);
    return {"5 Mbit/s; 0.4 wanted, from 10 s on 4", trial.points};
}

}  // namespace

int main(int argc, char** argv) {
    const std::string file = argc > 1 ? argv[1] : "build/estimator.svg";
    const Picture picture({steps(), jitter(), loss(), beside(), small()});
    std::ofstream out(file);
    out << picture.text();
    out.close();
    if (!out) {
        fmt::print(stderr, "{} could not be written\n", file);
        return 1;
    }
    fmt::print("the picture: {} (grey the line, dark blue what may be sent, light blue what arrives, red the queue)\n", file);
}

// A day drawn from the seed: who comes, what they do, what the weather does, when the house falls. Then all
// heals, and everything must come together again.
#pragma once
#include <string>

#include "sim/scene.hpp"

namespace earshot::sim {

class Workload {
public:
    explicit Workload(Scene& scene);
    // Runs the day, heals and checks. The verdict stands in scene.world.
    void run();

private:
    void draw_people();
    void act();
    void act_as(Caller& member);
    void act_by_voice(Caller& member);
    void moderate(Caller& member, const std::string& room);
    void act_by_bare_voice();
    void act_as(PlainMember& member);
    void act_as(VoixMember& member);
    void act_of_nature();
    const std::string& some_room() { return rooms_.at(chance_.below(rooms_.size())); }

    Scene& scene_;
    SeededRandom chance_;
    std::vector<std::string> rooms_;
    Duration span_{};
    double harshness_ = 0;
    bool bare_voices_ = false;
    bool voices_ = false;
    bool may_fall_ = false;
    bool bad_disk_ = false;
};

}  // namespace earshot::sim

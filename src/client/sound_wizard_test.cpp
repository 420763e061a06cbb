#include "client/sound_wizard.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace earshot::client {
namespace {

// A room with a level, somebody in it who speaks at times, and the wizard before him.
struct Sitting {
    SoundFacts facts{.inputs = {{"Blue Yeti", true}, {"Webcam", false}}, .outputs = {{"Speakers", false}, {"Headset", true}}};
    Time now{1h};
    std::optional<SoundWizard> wizard;
    std::vector<Wish> wishes;

    SoundWizard& begin(bool offered = false) {
        wizard.emplace(now, facts, offered);
        collect();
        return *wizard;
    }
    void collect() {
        for (auto& each : wizard->take_wishes()) wishes.push_back(std::move(each));
    }
    void answer(std::string_view text) {
        wizard->answer(now, text);
        collect();
    }
    // In blocks of 10 ms, five at a time; `raw` as the device has it.
    void hear(Duration time, float dbfs, float raw, bool clipped = false) {
        const std::vector<Loudness> blocks(5, Loudness{.raw_dbfs = raw, .heard_dbfs = dbfs, .clipped = clipped, .length = 10ms});
        for (Duration t{}; t < time; t += 50ms) {
            now += 50ms;
            wizard->heard(now, blocks);
            collect();
        }
    }
    void hear(Duration time, float dbfs) { hear(time, dbfs, dbfs); }
    void to_speaking(float room = -65) {
        begin();
        answer("");
        answer("");
        hear(3s, room);
    }
    const SoundPanel& panel() const { return wizard->panel(); }
    template <typename W>
    const W* last() const {
        for (auto at = wishes.rbegin(); at != wishes.rend(); ++at)
            if (const auto* found = std::get_if<W>(&*at)) return found;
        return nullptr;
    }
    template <typename W>
    auto count() const {
        return std::ranges::count_if(wishes, [](const auto& each) { return std::holds_alternative<W>(each); });
    }
    template <typename A>
    const A* asked() const {
        for (const auto& each : wishes)
            if (const auto* act = std::get_if<wish::Act>(&each))
                if (const auto* found = std::get_if<A>(&act->action)) return found;
        return nullptr;
    }
};

}  // namespace

TEST_CASE("the wizard goes from the microphone to the mode, and what it found is kept") {
    Sitting desk;
    desk.begin();
    CHECK(desk.last<wish::Begin>());
    CHECK(desk.panel().title == "Which microphone?");
    CHECK(desk.panel().choices[0].note == "Blue Yeti");
    CHECK(desk.panel().choices[0].chosen);
    desk.answer("3");
    REQUIRE(desk.last<wish::UseDevice>());
    CHECK(desk.last<wish::UseDevice>()->name == "Webcam");
    desk.wizard->used(desk.now, true, "Webcam");
    desk.answer("");
    CHECK(desk.panel().title == "Which loudspeakers?");
    CHECK(desk.count<wish::Chime>() == 1);
    desk.answer("r");
    CHECK(desk.count<wish::Chime>() == 2);
    desk.answer("");
    CHECK(desk.panel().step == 3);
    desk.hear(2s, -65);
    CHECK(desk.panel().step == 3);
    desk.hear(500ms, -65);
    CHECK(desk.panel().step == 4);
    desk.hear(1s, -64);  // not a word yet
    CHECK(*desk.panel().done == 0);
    desk.hear(2s, -25);
    CHECK(desk.panel().step == 5);
    CHECK(desk.panel().trouble.empty());
    CHECK(*desk.panel().gate_dbfs == doctest::Approx(-45));
    desk.answer("2");
    desk.answer("");
    REQUIRE(desk.asked<action::Gate>());
    CHECK(desk.asked<action::Gate>()->dbfs == doctest::Approx(-45));
    REQUIRE(desk.asked<action::Mode>());
    CHECK(desk.asked<action::Mode>()->push_to_talk);
    CHECK(std::holds_alternative<wish::End>(desk.wishes.back()));
}

TEST_CASE("how one pushes is asked when it is shown: a terminal says late what its keys can do") {
    Sitting sitting;
    std::string keys = "F9 switches it on and off";
    sitting.facts.talk_key = [&] { return keys; };
    sitting.to_speaking();
    keys = "while you hold F9 or Space";
    sitting.hear(3s, -20);
    REQUIRE(sitting.panel().choices.size() == 2);
    CHECK(sitting.panel().choices[1].note == keys);
}

TEST_CASE("a gate stands between the room and the voice") {
    CHECK(gate_between(-65, -25).dbfs == -45);
    CHECK(gate_between(-90, -20).dbfs == -55);
    CHECK_FALSE(gate_between(-65, -25).close);
    CHECK(gate_between(-50, -30).dbfs == -42);  // below the quiet syllables
    const auto loud_room = gate_between(-40, -30);
    CHECK(loud_room.dbfs == -35);  // not down in the fan
    CHECK(loud_room.close);
    CHECK(gate_between(-96, -80).dbfs >= -70);
    CHECK(gate_between(-10, -2).dbfs <= -20);
}

TEST_CASE("skip leaves every page, and leaves what stands") {
    for (int pages = 0; pages < 5; ++pages) {
        Sitting desk;
        desk.begin();
        if (pages > 0) desk.answer("");
        if (pages > 1) desk.answer("");
        if (pages > 2) desk.hear(3s, -65);
        if (pages > 3) desk.hear(3s, -25);
        REQUIRE(desk.panel().step == pages + 1);
        desk.answer("skip");
        CHECK(std::holds_alternative<wish::End>(desk.wishes.back()));
        CHECK_FALSE(desk.asked<action::Mode>());
        CHECK((desk.asked<action::Gate>() != nullptr) == (pages == 4));  // measured is measured
    }
}

TEST_CASE("an offer begins nothing until it is taken") {
    Sitting desk;
    desk.begin(true);
    CHECK(desk.panel().offer);
    desk.hear(10min, -20);
    CHECK(desk.wishes.empty());
    desk.answer("");
    CHECK(desk.last<wish::Begin>());
    CHECK_FALSE(desk.panel().offer);
    Sitting other;
    other.begin(true);
    other.answer("skip");
    CHECK_FALSE(other.last<wish::Begin>());
    CHECK(other.last<wish::End>());
}

TEST_CASE("a microphone that says nothing at all is told so, with what to do") {
    Sitting desk;
    desk.begin();
    desk.hear(7s, -96, -110);
    CHECK(desk.panel().trouble.contains("muted"));
    desk.answer("2");  // another one
    CHECK(desk.panel().trouble.empty());
    Sitting speaking;
    speaking.to_speaking(-96);
    speaking.hear(7s, -96, -110);
    CHECK(speaking.panel().trouble.contains("muted"));
    speaking.hear(300ms, -25);
    CHECK(speaking.panel().trouble.empty());
    speaking.hear(2s, -25);
    CHECK(speaking.panel().step == 5);
}

TEST_CASE("a room without a voice, and a device that brings no sound, are told apart") {
    Sitting desk;
    desk.to_speaking(-60);
    desk.hear(7s, -60, -60);
    CHECK(desk.panel().trouble.contains("no voice"));
    Sitting dead;
    dead.begin();
    for (int i = 0; i < 140; ++i) dead.wizard->heard(dead.now += 50ms, {});
    CHECK(dead.panel().trouble.contains("plugged in"));
}

TEST_CASE("who talks through the silence is asked once more, and only once") {
    Sitting desk;
    desk.begin();
    desk.answer("");
    desk.answer("");
    for (int i = 0; i < 6; ++i) desk.hear(250ms, -70), desk.hear(250ms, -25);
    CHECK(desk.panel().step == 3);
    CHECK(desk.panel().trouble.contains("not quiet"));
    for (int i = 0; i < 6; ++i) desk.hear(250ms, -70), desk.hear(250ms, -25);
    CHECK(desk.panel().step >= 4);
}

TEST_CASE("too loud, too faint and too close to the room are told in words") {
    Sitting loud;
    loud.to_speaking();
    loud.hear(3s, -3, 0, true);
    CHECK(loud.panel().trouble.contains("clipped"));
    Sitting faint;
    faint.to_speaking(-80);
    faint.hear(3s, -50);
    CHECK(faint.panel().trouble.contains("faint"));
    Sitting close;
    close.to_speaking(-40);
    close.hear(3s, -29);
    CHECK(close.panel().trouble.contains("push-to-talk"));
    CHECK(close.panel().choices[1].chosen);
}

TEST_CASE("a device that does not open leaves the one before, and says so") {
    Sitting desk;
    desk.begin();
    desk.answer("2");
    desk.wizard->used(desk.now, true, std::unexpected("it is not available"));
    CHECK(desk.panel().trouble.contains("not available"));
    CHECK(desk.panel().choices[0].chosen);
    CHECK(desk.panel().step == 1);
}

TEST_CASE("arrows choose within the list") {
    Sitting desk;
    desk.begin();
    desk.wizard->move(desk.now, 1);
    CHECK(desk.panel().choices[1].chosen);
    desk.wizard->move(desk.now, 100);
    CHECK(desk.panel().choices[2].chosen);
    desk.wizard->move(desk.now, -100);
    CHECK(desk.panel().choices[0].chosen);
}

TEST_CASE("back goes a page back, and a wizard that nobody answers gives the microphone back") {
    Sitting desk;
    desk.to_speaking();
    desk.answer("b");
    CHECK(desk.panel().step == 1);
    desk.answer("nonsense");
    desk.answer("77");
    CHECK(desk.panel().step == 1);
    desk.hear(SoundCheck::kNobodyThere + 1s, -65);
    CHECK(std::holds_alternative<wish::End>(desk.wishes.back()));
}

TEST_CASE("in lines a number goes on, and what is new is said once") {
    Sitting desk;
    desk.facts.by_lines = true;
    desk.begin();
    const auto lines = spoken(desk.panel());
    CHECK(lines[0] == "1 of 5: Which microphone?");
    CHECK(std::ranges::find(lines, "* 1 What the system uses (Blue Yeti)") != lines.end());
    CHECK(std::ranges::find(lines, "  3 Webcam") != lines.end());
    CHECK(lines.back() == "Answer with a line: a number chooses; an empty line: goes on; skip: leaves.");
    auto before = desk.panel();
    desk.hear(1s, -30);
    CHECK(desk.panel().page == before.page);  // a meter that moves is nothing to say
    desk.hear(7s, -96, -110);
    CHECK(desk.panel().page == before.page);  // it did hear something
    desk.answer("2");
    CHECK(desk.panel().step == 2);
    before = desk.panel();
    desk.answer("2");
    CHECK(desk.panel().step == 2);  // one hears first
    CHECK(desk.panel().page > before.page);
    desk.answer("");
    desk.hear(3s, -96, -110);
    before = desk.panel();
    desk.hear(7s, -96, -110);
    CHECK(spoken(desk.panel(), &before) == std::vector<std::string>{desk.panel().trouble});
}

}  // namespace earshot::client

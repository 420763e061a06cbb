// The machine of the screen: what a terminal sends becomes actions, what the model says becomes pictures.
#pragma once
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "client/action.hpp"
#include "client/screen/composer.hpp"
#include "client/screen/input_decoder.hpp"
#include "client/screen/push_to_talk.hpp"
#include "client/screen/theme.hpp"
#include "client/screen/view.hpp"

namespace earshot::client::screen {

struct ScreenSettings {
    Alphabet alphabet = Alphabet::unicode;
    Duration frame = 50ms;     // between two pictures that the model asks for; 200 ms over SSH; fewer while nobody speaks
    bool repeat_keys = false;  // `ptt = "repeat"`: talk while the key repeats
    int (*utc_offset_seconds)(WallMs) = nullptr;
};

class Screen {
public:
    explicit Screen(ScreenSettings settings = {}) : settings_(settings) { push_.set_level(settings.repeat_keys ? PushLevel::kRepeat : PushLevel::kToggle); }

    // Bytes of the terminal. Appends what they ask for.
    void receive(Time now, Bytes bytes, const Model& model, std::vector<Action>& out);
    void resize(Size size);
    // The next frame is a picture even when it is the same as the last.
    void redraw();
    // To be called when the deadline has come or the model has changed.
    void tick(Time now, const Model& model, std::vector<Action>& out);
    // When to call tick or frame again; kNever when nothing moves by itself.
    Time deadline(const Model& model) const;
    // The next picture, when there is one and its time has come; else nullptr. It stands until the next call.
    const Canvas* frame(Now now, const Model& model);

    // `earshot ctl ptt`, /ptt: the talk key from outside.
    void talk(Time now, Switch to, std::vector<Action>& out);
    // A sentence for a while, beside the keys.
    void hint(Time now, std::string text);
    // The text that is being written is to be this.
    void write(std::string text);

    PushLevel push_level() const { return push_.level(); }
    // Known once the terminal has told its background.
    Backdrop backdrop() const { return backdrop_; }
    const Composer& composer() const { return composer_; }
    const ViewState& state() const { return state_; }

private:
    void handle(Time now, const std::vector<InputEvent>& events, const Model& model, std::vector<Action>& out);
    void on_protocol(const KeyboardProtocol& protocol, std::vector<Action>& out);
    void on(Time now, const KeyInput& key, const Model& model, std::vector<Action>& out);
    bool on_talk_key(Time now, const KeyInput& key, const Model& model, std::vector<Action>& out);
    bool on_global(Time now, const KeyInput& key, const Model& model, std::vector<Action>& out);
    bool on_chord(const KeyInput& key, const Model& model, std::vector<Action>& out);
    bool on_interrupt(Time now, const KeyInput& key, std::vector<Action>& out);
    void on_question(const KeyInput& key, std::vector<Action>& out);
    bool on_sound_panel(const KeyInput& key, const SoundPanel& panel, std::vector<Action>& out);
    void on_help(const KeyInput& key);
    void on_rooms(const KeyInput& key, const Model& model, std::vector<Action>& out);
    void on_people(const KeyInput& key, const Model& model, std::vector<Action>& out);
    void on_writing(const KeyInput& key, const Model& model, std::vector<Action>& out);
    void settle_talk(bool before, std::vector<Action>& out);
    void follow(const Model& model);
    void show_pane(Pane pane, const Model& model);
    void scroll(const Model& model, int pages, std::vector<Action>& out);
    void complete(const Model& model);
    Look look() const;
    Duration pace(const Model& model) const;

    ScreenSettings settings_;
    InputDecoder decoder_;
    Composer composer_;
    PushToTalk push_;
    ViewState state_;
    Size size_;
    Backdrop backdrop_ = Backdrop::unknown;
    Time hint_until_ = kNever;
    Time leaves_until_{};      // a second Ctrl+C before this leaves
    bool pushed_ = false;      // what the model was last seen or told to be
    bool space_held_ = false;  // a space began the talk
    std::string room_;

    Canvas canvas_;
    bool drawn_ = false;
    bool touched_ = true;  // by a key: to be drawn at once
    std::uint64_t drawn_version_ = 0;
    Time drawn_at_{};
    Time next_change_ = kNever;  // what is drawn changes by itself then
};

}  // namespace earshot::client::screen

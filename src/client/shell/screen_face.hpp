// The screen of a terminal as the face of the client. The program hands it bytes, signals and time; see client/screen.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "client/screen/screen.hpp"
#include "client/screen/terminal.hpp"
#include "client/shell/face.hpp"

namespace earshot::client {

class ScreenFace final : public Face {
public:
    // Takes the terminal until its end; the error is a sentence for people. `repeat_keys`: talk while the key repeats (`ptt = "repeat"`).
    static std::expected<std::unique_ptr<ScreenFace>, std::string> open(bool repeat_keys);

    void happened(Now now, const Happening& happening) override;
    void typed(Now now, const std::string& bytes, const Model& model, std::vector<Action>& out) override;
    bool ends_with_input() const override { return false; }
    void update(Now now, const Model& model, std::vector<Action>& out) override;
    Time deadline(const Model& model) const override { return screen_.deadline(model); }
    void resized() override;
    void redraw() override;
    // Stops this process, and takes the terminal again once it goes on.
    void suspend() override;
    void talk(Now now, Switch to, std::vector<Action>& out) override { screen_.talk(now.at, to, out); }
    PushLevel push_level() const override { return screen_.push_level(); }
    bool alive() const override { return alive_; }

private:
    ScreenFace(std::unique_ptr<screen::Terminal> terminal, bool repeat_keys);

    std::unique_ptr<screen::Terminal> terminal_;
    screen::Screen screen_;
    bool alive_ = true;
};

}  // namespace earshot::client

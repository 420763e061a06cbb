// The screen as a face of the client: standard input, the terminal and its signals on the loop of the client.
#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "client/action.hpp"
#include "client/model.hpp"
#include "io/net/asio.hpp"

namespace earshot::client {

struct ScreenFrontSettings {
    bool repeat_keys = false;  // `ptt = "repeat"`: talk while the key repeats
};

class ScreenFront {
public:
    // Takes the terminal. `act` carries out what keys ask for, all but drawing anew and stopping; it is called on the loop's thread only.
    // The model must outlive the front. The error is a sentence for people.
    static std::expected<std::unique_ptr<ScreenFront>, std::string> open(io::asio::io_context& loop, const Model& model, std::function<void(const Action&)> act,
                                                                         ScreenFrontSettings settings = {});
    // Gives the terminal back.
    ~ScreenFront();
    ScreenFront(const ScreenFront&) = delete;
    ScreenFront& operator=(const ScreenFront&) = delete;

    // To be called whenever the model may have changed: it is drawn when its time has come.
    void changed();
    // What push-to-talk can do here, for the model.
    PushLevel push_level() const;
    // Somebody is mentioned or written to alone.
    void bell();

private:
    ScreenFront();
    struct Hidden;
    std::unique_ptr<Hidden> hidden_;
};

}  // namespace earshot::client

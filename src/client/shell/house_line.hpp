// The line to the house: the WebSocket, whom its server is taken for, and what becomes of the house when the line breaks.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "client/shell/certificate_desk.hpp"
#include "client/shell/stage.hpp"
#include "io/net/web_client.hpp"

namespace earshot::client {

class HouseLine {
public:
    // `first_opened`: the line stands for the first time, before the house hears of it.
    HouseLine(const Stage& stage, const Arguments& arguments, SettingsStore& store, std::function<void()> first_opened);

    void open();
    void drop() { web_.drop(); }
    void send(std::string text) { web_.send(std::move(text)); }
    // Where the server was reached.
    std::optional<IpAddress> home() const;

private:
    io::WebClient::Events events();
    void opened();
    void closed(const io::WebFailure& failure);
    void ask_about_certificate();

    const Stage& stage_;
    const Arguments& arguments_;
    CertificateDesk certificates_;
    std::function<void()> first_opened_;
    io::WebClient web_;
    bool began_ = false;
};

}  // namespace earshot::client

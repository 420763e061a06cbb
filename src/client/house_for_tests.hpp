// A house whose server is played by the test: what it sends is decoded, what the test says goes in as the wire has it.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "client/house.hpp"

namespace earshot::client {

namespace web = wire::web;

inline web::Person a_person(std::uint64_t member, std::string name, bool in_call = false) {
    return {.member = member, .name = std::move(name), .client = web::ClientKind::terminal, .in_call = in_call};
}
inline web::ChatMessage a_message(std::uint64_t id, std::string text, std::uint64_t member = 9) {
    return {.id = id, .time = static_cast<std::int64_t>(1000 * id), .member = member, .name = member == 12 ? "Ada" : "Grace", .text = std::move(text)};
}

struct MadeHouse {
    explicit MadeHouse(HouseSettings settings = {.name = "Ada", .join_call = false}) : house(std::move(settings), random) {}

    SeededRandom random{1};
    House house;
    Now now{Time{} + 1s, 1000};
    Outbox out;
    std::vector<web::client::Message> sent;

    void settle() {
        for (const auto& each : out.effects)
            if (const auto* send = std::get_if<effect::Send>(&each)) {
                auto message = web::decode_client(send->text);
                REQUIRE_MESSAGE(message, send->text);
                sent.push_back(std::move(*message));
            }
    }
    template <typename M>
    const M* last() const {
        for (auto at = sent.rbegin(); at != sent.rend(); ++at)
            if (const auto* m = std::get_if<M>(&*at)) return m;
        return nullptr;
    }
    template <typename M>
    std::size_t count() const {
        return static_cast<std::size_t>(std::ranges::count_if(sent, [](const auto& m) { return std::holds_alternative<M>(m); }));
    }
    template <typename H>
    std::vector<H> happened() const {
        std::vector<H> all;
        for (const auto& each : out.happenings)
            if (const auto* h = std::get_if<H>(&each)) all.push_back(*h);
        return all;
    }
    template <typename E>
    const E* asked() const {
        for (const auto& each : out.effects)
            if (const auto* e = std::get_if<E>(&each)) return e;
        return nullptr;
    }
    template <typename Step>
    void turn(Step step) {
        out = {};
        step();
        settle();
    }
    template <typename M>
    void say(const M& message) {
        turn([&] { house.received(now, web::encode(message), out); });
    }
    void act(const Action& action) {
        turn([&] { house.act(now, action, out); });
    }
    void type(std::string line) { act(action::Enter{std::move(line)}); }
    void lose() {
        turn([&] { house.closed(now, "The connection was lost.", out); });
    }
    void wait(Duration time) {
        now.at += time;
        now.wall_ms += whole_ms(time);
        turn([&] { house.tick(now, out); });
    }
    // Connects, or comes back.
    void come(bool resumed = false, std::vector<std::string> joined = {}) {
        if (!resumed && sent.empty())
            turn([&] { house.start(now, out); });
        else
            wait(house.model().retry_at - now.at);
        turn([&] { house.opened(now, out); });
        say(web::server::Welcome{.request = last<web::client::Hello>()->request,
                                 .protocol = 1,
                                 .session = "secret",
                                 .resumed = resumed,
                                 .member = 12,
                                 .name = "Ada",
                                 .server = "Earshot",
                                 .version = "0.1.0",
                                 .limits = {.text_characters = 100, .name_characters = 32, .history_page = 100, .messages_per_second = 10, .audio_slots = 8},
                                 .joined = std::move(joined)});
    }
    void enter(std::uint64_t last_message = 0, bool in_call = false) {
        const auto* join = last<web::client::Join>();
        say(web::server::Joined{.request = join ? std::optional(join->request) : std::nullopt,
                                .room = "#lobby",
                                .topic = "Come in",
                                .people = {a_person(12, "Ada", in_call), a_person(9, "Grace", true)},
                                .last_message = last_message ? std::optional(last_message) : std::nullopt});
    }
    void reenter(std::uint64_t last_message, bool in_call = false) {
        say(web::server::Joined{
            .room = "#lobby", .topic = "Come in", .people = {a_person(12, "Ada", in_call), a_person(9, "Grace", true)}, .last_message = last_message});
    }
    void hear(const web::ChatMessage& message) { say(web::server::RoomMessage{"#lobby", message}); }
    std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const auto& line : house.model().find_room("#lobby")->lines)
            if (line.kind == client::Line::Kind::kMessage) all.push_back(line.text);
        return all;
    }
};

}  // namespace earshot::client

#include "client/lines.hpp"

#include <fmt/format.h>

#include <concepts>

#include "base/overloaded.hpp"
#include "client/words.hpp"
#include "wire/json.hpp"

namespace earshot::client {
namespace {

namespace h = happening;
namespace web = wire::web;

// --- JSON

// Writes one object, field by field.
class Object {
public:
    explicit Object(std::string& out) : out_(out) { out_ += '{'; }
    ~Object() { out_ += '}'; }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

    Object& text(std::string_view name, std::string_view value) {
        key(name);
        wire::json::append_text(out_, value);
        return *this;
    }
    Object& number(std::string_view name, std::integral auto value) {
        key(name);
        out_ += fmt::format("{}", value);
        return *this;
    }
    Object& truth(std::string_view name, bool value) {
        key(name);
        out_ += value ? "true" : "false";
        return *this;
    }
    std::string& open(std::string_view name) {
        key(name);
        return out_;
    }

private:
    void key(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += fmt::format("\"{}\":", name);
    }
    std::string& out_;
    bool first_ = true;
};

std::string_view word(CallState state) {
    switch (state) {
        case CallState::kNone: return "none";
        case CallState::kJoining: return "joining";
        case CallState::kConnecting: return "connecting";
        case CallState::kConnected: return "connected";
        case CallState::kReconnecting: return "reconnecting";
    }
    return "none";
}
std::string_view word(Route route) { return route == Route::kUdp ? "udp" : route == Route::kTcp ? "tcp" : "none"; }
std::string_view word(Link link) {
    switch (link) {
        case Link::kConnecting:
        case Link::kGreeting: return "connecting";
        case Link::kConnected: return "connected";
        case Link::kReconnecting: return "reconnecting";
        case Link::kClosed: return "closed";
    }
    return "closed";
}

void put_person(Object& object, const Person& person) {
    object.number("member", person.member).text("name", person.name).text("client", to_text(person.client)).text("presence", to_text(person.presence));
    object.truth("in_call", person.in_call).truth("muted", person.muted).truth("deafened", person.deafened);
}

void put_people(Object& object, const std::vector<Person>& people) {
    auto& out = object.open("people");
    out += '[';
    for (std::size_t i = 0; i < people.size(); ++i) {
        if (i != 0) out += ',';
        Object one(out);
        put_person(one, people[i]);
    }
    out += ']';
}

void put_line(Object& object, const Line& line) {
    object.number("id", line.id).number("sent", line.time).number("member", line.member).text("name", line.name).text("text", line.text);
    object.truth("own", line.own).truth("action", line.kind == Line::Kind::kAction).truth("mention", line.mention);
}

void put(Object& o, const h::Connected& e) {
    o.text("server", e.server).text("version", e.version).text("name", e.name).number("member", e.member).truth("resumed", e.resumed);
}
void put(Object& o, const h::Lost& e) { o.text("text", e.text).number("retry_ms", e.retry_ms); }
void put(Object& o, const h::Closed& e) { o.text("text", e.text).number("exit_code", e.exit_code); }
void put(Object& o, const h::Joined& e) {
    o.text("room", e.room).text("topic", e.topic);
    put_people(o, e.people);
}
void put(Object& o, const h::Left& e) { o.text("room", e.room); }
void put(Object& o, const h::Said& e) {
    o.text("room", e.room);
    put_line(o, e.line);
    o.truth("history", e.history);
}
void put(Object& o, const h::Private& e) {
    put_line(o, e.line);
    o.text("to_name", e.line.to_name);
}
void put(Object& o, const h::Accepted& e) { o.text("room", e.room).number("id", e.id).number("sent", e.time); }
void put(Object& o, const h::PersonJoined& e) {
    o.text("room", e.room);
    put_person(o, e.person);
}
void put_why(Object& o, std::string_view by, std::string_view because) {
    if (!by.empty()) o.text("by", by);
    if (!because.empty()) o.text("because", because);
}
void put(Object& o, const h::PersonLeft& e) {
    o.text("room", e.room).number("member", e.member).text("name", e.name).text("reason", e.reason);
    put_why(o, e.by, e.because);
}
void put(Object& o, const h::Removed& e) {
    o.text("room", e.room);
    put_why(o, e.by, e.because);
}
void put(Object& o, const h::MutedBy& e) { o.text("room", e.room).text("by", e.by); }
void put(Object& o, const h::Keeper& e) { o.text("room", e.room).number("member", e.member).text("name", e.name); }
void put(Object& o, const h::PersonRenamed& e) { o.text("room", e.room).number("member", e.member).text("old_name", e.old_name).text("name", e.name); }
void put(Object& o, const h::PersonChanged& e) {
    o.text("room", e.room);
    put_person(o, e.person);
}
void put(Object& o, const h::TopicChanged& e) { o.text("room", e.room).text("topic", e.topic).text("name", e.name); }
void put(Object& o, const h::Typing& e) { o.text("room", e.room).number("member", e.member).text("name", e.name); }
void put(Object& o, const h::Speaking& e) { o.text("room", e.room).number("member", e.member).text("name", e.name).truth("speaking", e.speaking); }
void put(Object& o, const h::CallChanged& e) { o.text("room", e.room).text("state", word(e.state)).text("route", word(e.route)).text("text", e.text); }
void put(Object& o, const h::People& e) {
    o.text("room", e.room);
    put_people(o, e.people);
}
void put(Object& o, const h::Notice& e) { o.text("text", e.text); }
void put(Object& o, const h::Error& e) { o.text("text", e.text).text("code", e.code); }

constexpr overloaded kTypeOf{[](const h::Connected&) { return "connected"; },
                             [](const h::Lost&) { return "lost"; },
                             [](const h::Closed&) { return "closed"; },
                             [](const h::Joined&) { return "joined"; },
                             [](const h::Left&) { return "left"; },
                             [](const h::Said&) { return "message"; },
                             [](const h::Private&) { return "direct"; },
                             [](const h::Accepted&) { return "accepted"; },
                             [](const h::PersonJoined&) { return "person_joined"; },
                             [](const h::PersonLeft&) { return "person_left"; },
                             [](const h::Removed&) { return "removed"; },
                             [](const h::MutedBy&) { return "muted_by"; },
                             [](const h::Keeper&) { return "keeper"; },
                             [](const h::PersonRenamed&) { return "person_renamed"; },
                             [](const h::PersonChanged&) { return "person_changed"; },
                             [](const h::TopicChanged&) { return "topic"; },
                             [](const h::Typing&) { return "typing"; },
                             [](const h::Speaking&) { return "speaking"; },
                             [](const h::CallChanged&) { return "call"; },
                             [](const h::People&) { return "people"; },
                             [](const h::Notice&) { return "notice"; },
                             [](const h::Error&) { return "error"; }};

// --- plain

std::string on_one_line(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

std::string state_words(const Person& person) {
    std::string words;
    if (person.in_call) words += person.deafened ? ", in the call, deafened" : person.muted ? ", in the call, muted" : ", in the call";
    if (person.presence != web::Presence::here) words += fmt::format(", {}", to_text(person.presence));
    return words;
}

std::string reason_or_dot(std::string_view because) { return because.empty() ? "." : fmt::format(": {}", because); }

// Notices of a room carry the time, as messages do.
struct PlainWriter {
    WallMs now;
    std::vector<Printed> lines{};

    void notice(std::string_view text) { lines.push_back({fmt::format("* {}", on_one_line(text))}); }
    void event(std::string_view room, std::string_view text) { lines.push_back({fmt::format("* {} {} {}", utc_text(now), room, on_one_line(text))}); }

    void operator()(const h::Connected& e) {
        notice(e.resumed ? fmt::format("Back at {} as {}.", e.server, e.name) : fmt::format("Connected to {} as {}.", e.server, e.name));
    }
    void operator()(const h::Lost& e) { notice(fmt::format("{} Trying again in {:.1f} s.", e.text, static_cast<double>(e.retry_ms) / 1000)); }
    void operator()(const h::Closed& e) {
        if (!e.text.empty()) lines.push_back({fmt::format("earshot: {}", on_one_line(e.text)), true});
    }
    void operator()(const h::Joined& e) {
        std::string names;
        for (const auto& person : e.people) names += (names.empty() ? "" : ", ") + person.name;
        event(e.room, fmt::format("You are in. Here: {}.", names));
        if (!e.topic.empty()) event(e.room, fmt::format("Topic: {}", e.topic));
    }
    void operator()(const h::Left& e) { event(e.room, "You left."); }
    void operator()(const h::Said& e) {
        const auto text = on_one_line(e.line.text);
        const auto who = e.line.kind == Line::Kind::kAction ? fmt::format("* {}", e.line.name) : fmt::format("<{}>", e.line.name);
        lines.push_back({fmt::format("{} {} {} {}", utc_text(e.line.time), e.room, who, text)});
    }
    void operator()(const h::Private& e) {
        lines.push_back({fmt::format("{} @{} <{}> {}", utc_text(e.line.time), e.line.to_name, e.line.name, on_one_line(e.line.text))});
    }
    void operator()(const h::PersonJoined& e) { event(e.room, fmt::format("{} came in.", e.person.name)); }
    void operator()(const h::PersonLeft& e) {
        if (!e.by.empty()) return event(e.room, fmt::format("{} was removed by {}{}", e.name, e.by, reason_or_dot(e.because)));
        event(e.room, e.reason == "lost" ? fmt::format("{} lost the connection.", e.name) : fmt::format("{} left.", e.name));
    }
    void operator()(const h::Removed& e) {
        event(e.room, fmt::format("You have been removed.{}", e.by.empty() ? "" : fmt::format(" It was {}{}", e.by, reason_or_dot(e.because))));
    }
    void operator()(const h::MutedBy& e) { event(e.room, fmt::format("Muted by {}: /unmute when ready.", e.by)); }
    void operator()(const h::Keeper& e) { event(e.room, e.name.empty() ? "Nobody keeps this room now." : fmt::format("{} keeps this room now.", e.name)); }
    void operator()(const h::PersonRenamed& e) { event(e.room, fmt::format("{} is now {}.", e.old_name, e.name)); }
    void operator()(const h::PersonChanged& e) {
        const auto& [before, is] = std::pair{e.before, e.person};
        if (before.in_call != is.in_call)
            event(e.room, fmt::format("{} {} the call.", is.name, is.in_call ? "joined" : "left"));
        else if (before.deafened != is.deafened)
            event(e.room, fmt::format("{} {}.", is.name, is.deafened ? "hears nothing now" : "hears again"));
        else if (before.muted != is.muted)
            event(e.room, fmt::format("{} is {}.", is.name, is.muted ? "muted" : "no longer muted"));
        else if (is.presence != before.presence)
            event(e.room, fmt::format("{} is {}.", is.name, to_text(is.presence)));
    }
    void operator()(const h::TopicChanged& e) {
        event(e.room, e.topic.empty() ? fmt::format("{} removed the topic.", e.name) : fmt::format("{} set the topic: {}", e.name, e.topic));
    }
    void operator()(const h::Speaking& e) { event(e.room, fmt::format("{} {}", e.name, e.speaking ? "is talking..." : "is done talking.")); }
    void operator()(const h::CallChanged& e) {
        switch (e.state) {
            case CallState::kNone: return event(e.room, e.text.empty() ? "You are out of the call." : fmt::format("You are out of the call. {}", e.text));
            case CallState::kConnected: return event(e.room, fmt::format("You are in the call, over {}.", e.route == Route::kTcp ? "TCP" : "UDP"));
            case CallState::kReconnecting: return event(e.room, "The voice is lost; getting it back.");
            case CallState::kJoining:
            case CallState::kConnecting: return;
        }
    }
    void operator()(const h::People& e) {
        event(e.room, fmt::format("{} people:", e.people.size()));
        for (const auto& person : e.people) notice(fmt::format("  {} ({}){}", person.name, to_text(person.client), state_words(person)));
    }
    void operator()(const h::Notice& e) { notice(e.text); }
    void operator()(const h::Error& e) { lines.push_back({fmt::format("earshot: {}", on_one_line(e.text)), true}); }
    void operator()(const h::Accepted&) {}
    void operator()(const h::Typing&) {}
};

}  // namespace

std::vector<Printed> plain_lines(const Happening& happening, WallMs now) {
    PlainWriter writer{now};
    std::visit(writer, happening);
    return std::move(writer.lines);
}

std::string json_line(const Happening& happening, WallMs now) {
    std::string out;
    {
        Object object(out);
        object.text("type", std::visit(kTypeOf, happening)).number("time", now);
        std::visit([&](const auto& each) { put(object, each); }, happening);
    }
    return out;
}

std::string status_json(const Model& model) {
    std::string out;
    {
        Object object(out);
        object.text("link", word(model.link)).text("host", model.host).text("server", model.server_name).text("name", model.name).text("room", model.current);
        object.text("call", word(model.call.state)).text("call_room", model.call.room).text("route", word(model.call.route));
        if (model.call.round_trip_ms) object.number("round_trip_ms", *model.call.round_trip_ms);
        const auto& voice = model.voice;
        object.truth("muted", voice.muted).truth("deafened", voice.deafened).text("mode", voice.mode == TalkMode::kVoice ? "voice" : "ptt");
        object.truth("talk", voice.pushed).truth("hands_free", voice.hands_free).truth("sending", voice.sending);
    }
    return out;
}

std::string status_line(const Model& model) {
    const auto& voice = model.voice;
    std::string out = fmt::format("{} as {} in {}", model.link == Link::kConnected ? "connected" : "not connected", model.name,
                                  model.current.empty() ? "no room" : model.current);
    if (model.call.state != CallState::kNone) out += fmt::format(", call {} ({})", word(model.call.state), word(model.call.route));
    if (voice.deafened) return out + ", deafened";
    if (voice.muted) return out + ", muted";
    return out + (voice.sending || voice.pushed ? ", talking" : "");
}

}  // namespace earshot::client

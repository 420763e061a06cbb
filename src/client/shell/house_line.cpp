#include "client/shell/house_line.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "client/happening.hpp"
#include "client/shell/first_wishes.hpp"

namespace earshot::client {

namespace asio = io::asio;

HouseLine::HouseLine(const Stage& stage, const Arguments& arguments, SettingsStore& store, std::function<void()> first_opened)
    : stage_(stage), arguments_(arguments), certificates_(arguments, store), first_opened_(std::move(first_opened)), web_(stage.context, events()) {}

io::WebClient::Events HouseLine::events() {
    return {.trust = [this](const io::ServerProof& proof) { return certificates_.distrust(proof, !began_); },
            .opened = [this] { opened(); },
            .received = [this](std::string_view frame) { stage_.turn([&](Now now, Outbox& out) { stage_.house.received(now, frame, out); }); },
            .closed = [this](io::WebFailure failure) { asio::post(stage_.context, [this, failure = std::move(failure)] { closed(failure); }); }};
}

void HouseLine::open() {
    const auto& to = arguments_.address;
    web_.open({.secure = to.secure, .host = to.host, .port = to.port, .authority = to.shown(), .agent = std::string(kAgent)});
}

std::optional<IpAddress> HouseLine::home() const {
    const auto remote = web_.remote();
    return remote ? std::optional(remote->ip) : std::nullopt;
}

void HouseLine::opened() {
    if (!std::exchange(began_, true)) first_opened_();
    stage_.turn([&](Now now, Outbox& out) { stage_.house.opened(now, out); });
}

void HouseLine::closed(const io::WebFailure& failure) {
    using Kind = io::WebFailure::Kind;
    if (failure.kind == Kind::kUntrusted && certificates_.has_question()) return ask_about_certificate();
    const bool hopeless = failure.kind == Kind::kUntrusted || (failure.kind == Kind::kNotEarshot && !began_);
    stage_.turn([&](Now now, Outbox& out) {
        if (hopeless)
            stage_.house.refused(now, failure.sentence, failure.kind == Kind::kUntrusted ? kExitRefused : kExitNetwork, out);
        else
            stage_.house.closed(now, failure.sentence, out);
    });
}

// Nothing else goes on yet, so this may wait for the one who is asked.
void HouseLine::ask_about_certificate() {
    const bool trusted = certificates_.ask();
    stage_.turn([&](Now now, Outbox& out) {
        if (trusted)
            stage_.house.start(now, out);
        else
            stage_.house.refused(now, "The certificate was not accepted.", kExitRefused, out);
    });
}

}  // namespace earshot::client

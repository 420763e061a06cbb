#include "sim/stream.hpp"

#include <algorithm>

namespace earshot::sim {

Stream::Stream(World& world, const Weather& weather, ConnectionId id, Framing framing, StreamClient* client, StreamServer* server)
    : world_(world), weather_(weather), id_(id), framing_(framing), client_(client), server_(server), last_to_server_(world.now().at), last_to_client_(world.now().at) {}

void Stream::begin() {
    client_open_ = true;
    last_to_client_ += travel();
    world_.at(last_to_client_, [self = shared_from_this()] {
        if (self->client_ && self->client_open_) self->client_->opened();
    });
}

Duration Stream::travel() { return weather_.streams.delay + world_.between(0ns, weather_.streams.jitter); }

// --- towards the house

void Stream::send(std::string write) {
    if (!client_open_ || vanished_ || client_fin_ || write.empty()) return;
    last_to_server_ = std::max(last_to_server_ + 1us, world_.now().at + travel());
    world_.at(last_to_server_, [self = shared_from_this(), write = std::move(write)]() mutable { self->arrive_at_server(std::move(write)); });
}

void Stream::arrive_at_server(std::string write) {
    if (!server_ || vanished_) return;
    if (framing_ != Framing::kLines || !world_.chance().chance(weather_.streams.odd_chunks)) {
        if (framing_ == Framing::kLines) write = std::exchange(inbound_, {}) + write;
        return hand_over(write);
    }
    inbound_ += write;
    hand_over_oddly();
}

// A part now, the rest a little later, perhaps together with what comes next.
void Stream::hand_over_oddly() {
    if (!server_ || vanished_ || inbound_.empty()) return;
    const auto size = world_.chance().below(inbound_.size() + 1);
    const auto part = inbound_.substr(0, size);
    inbound_.erase(0, size);
    if (!part.empty()) hand_over(part);
    if (inbound_.empty()) return;
    last_to_server_ = std::max(last_to_server_, world_.now().at + world_.between(100us, 30ms));
    world_.at(last_to_server_, [self = shared_from_this()] { self->hand_over_oddly(); });
}

void Stream::hand_over(std::string_view bytes) {
    if (!server_) return;
    if (!paused_ && held_.empty()) return server_->stream_received(id_, bytes);
    held_ += bytes;
}

void Stream::pause_reading(bool paused) {
    if (std::exchange(paused_, paused) && !paused) world_.after(0ns, [self = shared_from_this()] { self->read_on(); });
}

// One read after the other, each a turn of the house, until it has enough again.
void Stream::read_on() {
    if (!server_ || paused_ || held_.empty()) return;
    const auto piece = held_.substr(0, kOneRead);
    held_.erase(0, piece.size());
    server_->stream_received(id_, piece);
    if (!held_.empty()) return world_.after(0ns, [self = shared_from_this()] { self->read_on(); });
    if (fin_arrived_) tell_server_closed();
}

void Stream::close() {
    if (!client_open_ || vanished_) return;
    client_open_ = false;
    client_fin_ = true;
    client_ = nullptr;
    last_to_server_ = std::max(last_to_server_ + 1us, world_.now().at + travel());
    world_.at(last_to_server_, [self = shared_from_this()] {
        if (self->server_ && !self->inbound_.empty()) self->hand_over(std::exchange(self->inbound_, {}));
        self->fin_arrived_ = true;
        if (self->held_.empty()) self->tell_server_closed();
    });
}

void Stream::vanish() {
    if (!client_open_ || vanished_) return;
    vanished_ = true;
    client_open_ = false;
    client_ = nullptr;
    world_.after(kVanishedTimeout, [self = shared_from_this()] { self->tell_server_closed(); });
}

void Stream::reset() {
    if (!client_open_ || vanished_) return;
    vanished_ = true;  // nothing on its way arrives any more
    world_.after(travel(), [self = shared_from_this()] { self->end_client(1006, "reset"); });
    world_.after(travel(), [self = shared_from_this()] { self->tell_server_closed(); });
}

void Stream::read_slowly(bool on) {
    slow_ = on;
    if (!slow_) hand_out();
}

// --- towards the client

void Stream::push(SharedText bytes) {
    if (!server_ || finishing_) return;
    queued_bytes_ += bytes->size();
    queue_.push_back({std::move(bytes), 0});
    pump();
}

void Stream::pump() {
    std::size_t taken = 0;
    while (!queue_.empty() && kernel_used_ < kKernelBuffer) {
        auto& piece = queue_.front();
        const auto size = std::min(piece.text->size() - piece.done, kKernelBuffer - kernel_used_);
        auto bytes = piece.text->substr(piece.done, size);
        piece.done += size;
        kernel_used_ += size;
        queued_bytes_ -= size;
        taken += size;
        const bool whole = piece.done == piece.text->size();
        if (whole) queue_.pop_front();
        send_down(std::move(bytes), whole);
    }
    if (taken > 0) world_.after(0ns, [self = shared_from_this(), taken] {
            if (self->server_) self->server_->stream_wrote(self->id_, taken);
        });
    if (finishing_ && queue_.empty()) send_goodbye();
}

void Stream::send_down(std::string bytes, bool whole) {
    last_to_client_ = std::max(last_to_client_ + 1us, world_.now().at + travel());
    world_.at(last_to_client_, [self = shared_from_this(), bytes = std::move(bytes), whole]() mutable {
        if (self->vanished_) return;  // it stays in the kernel's buffer for ever
        self->readable_.push_back({std::move(bytes), whole});
        self->hand_out();
    });
}

void Stream::hand_out() {
    while (!slow_ && !readable_.empty()) {
        auto next = std::move(readable_.front());
        readable_.pop_front();
        kernel_used_ -= next.bytes.size();
        if (next.goodbye) {
            end_client(finish_code_, finish_reason_);
            return;
        }
        partial_ += next.bytes;
        if (framing_ != Framing::kLines && !next.whole) continue;
        const auto bytes = std::exchange(partial_, {});
        // A client without newlines must not be handed half a sentence; one with lines may be.
        if (framing_ == Framing::kLines && bytes.size() > 1 && world_.chance().chance(weather_.streams.odd_chunks)) {
            const auto cut = 1 + world_.chance().below(bytes.size() - 1);
            if (client_) client_->arrived(std::string_view{bytes}.substr(0, cut));
            if (client_) client_->arrived(std::string_view{bytes}.substr(cut));
        } else if (client_) {
            client_->arrived(bytes);
        }
    }
    pump();
}

void Stream::finish(std::uint16_t code, std::string reason) {
    if (!server_ || finishing_) return;
    finishing_ = true;
    finish_code_ = code;
    finish_reason_ = std::move(reason);
    world_.after(kFlushPatience, [self = shared_from_this()] {
        self->end_client(1006, "the house did not wait");
        self->tell_server_closed();
    });
    pump();
}

void Stream::send_goodbye() {
    if (goodbye_sent_) return;
    goodbye_sent_ = true;
    last_to_client_ = std::max(last_to_client_ + 1us, world_.now().at + travel());
    world_.at(last_to_client_, [self = shared_from_this()] {
        if (self->vanished_) return;
        self->readable_.push_back({{}, true, true});
        self->hand_out();
        self->world_.after(self->travel(), [self] { self->tell_server_closed(); });
    });
}

void Stream::server_died() {
    server_ = nullptr;
    if (vanished_ || !client_open_) return;
    // What its kernel had taken still arrives.
    world_.at(std::max(last_to_client_ + 1us, world_.now().at + travel()), [self = shared_from_this()] { self->end_client(1006, "the house fell"); });
}

void Stream::tell_server_closed() {
    if (auto* server = std::exchange(server_, nullptr)) server->stream_closed(id_);
}

void Stream::end_client(std::uint16_t code, std::string_view reason) {
    if (!client_open_) return;
    client_open_ = false;
    if (auto* client = std::exchange(client_, nullptr)) client->ended(code, reason);
}

}  // namespace earshot::sim

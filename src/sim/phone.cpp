#include "sim/phone.hpp"

#include <algorithm>
#include <utility>

#include "wire/framing.hpp"

namespace earshot::sim {
namespace {
constexpr Duration kPacket = 20ms;
constexpr Duration kIdleBeat = 100ms;
constexpr std::uint8_t kLoud = 20;       // -dBov
constexpr std::size_t kRecordHeader = 13;     // RFC 6347 section 4.1
constexpr std::size_t kHandshakeHeader = 12;  // RFC 6347 section 4.2.2

bool is_dtls(Bytes datagram) { return datagram.size() > kRecordHeader && datagram[0] >= 20 && datagram[0] <= 63; }

void shift_record(MutableBytes record) {
    if (load_u16(record.data() + 3) == 0) store_u32(record.data() + 7, load_u32(record.data() + 7) + 1);
}

// One half of a hello that came whole, as a record of its own.
std::vector<std::uint8_t> part_of_hello(Bytes record, std::size_t from, std::size_t to, std::uint32_t number) {
    constexpr std::size_t headers = kRecordHeader + kHandshakeHeader;
    std::vector<std::uint8_t> part(headers + to - from);
    std::ranges::copy(record.first(headers), part.begin());
    std::ranges::copy(record.subspan(headers + from, to - from), part.begin() + headers);
    store_u32(part.data() + 7, number);
    store_u16(part.data() + 11, static_cast<std::uint16_t>(part.size() - kRecordHeader));
    store_u24(part.data() + kRecordHeader + 6, static_cast<std::uint32_t>(from));
    store_u24(part.data() + kRecordHeader + 9, static_cast<std::uint32_t>(to - from));
    return part;
}
}  // namespace

Phone::Phone(World& world, House& house, Hearing& hearing, std::string key, std::uint32_t number)
    : world_(world), house_(house), hearing_(hearing), chance_(world.fork(key + "'s phone")), key_(std::move(key)), number_(number), identity_(crypto::Identity::make()),
      address_(IpAddress::v4(10, 3, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number))) {
    house_.listen_datagrams(address(), this);
}

Phone::~Phone() { house_.forget_client(this); }

// --- calls

std::string Phone::answer_to(const rtc::RemoteOffer& offer) {
    auto fingerprint = identity_.fingerprint();
    if (habits.wrong_fingerprint) fingerprint[0] ^= 1;
    return rtc::make_answer(offer, {.ufrag = local_.ufrag,
                                    .pwd = local_.pwd,
                                    .fingerprint = fingerprint,
                                    .mic_ssrc = listen_only_ ? 0 : mic_ssrc_,
                                    .cname = key_,
                                    .session_id = session_id_,
                                    .session_version = ++session_version_});
}

std::expected<std::string, std::string> Phone::take_call(const std::string& offer_text, std::uint64_t call, const std::string& room, bool listen_only) {
    auto offer = rtc::read_offer(offer_text);
    if (!offer) return std::unexpected(offer.error());
    call_ = call;
    room_ = room;
    listen_only_ = listen_only;
    out_ = false;
    local_ = {chance_.ice_chars(8), chance_.ice_chars(24)};
    mic_ssrc_ = chance_.u32() | 1;
    session_id_ = chance_.u64() >> 2;
    rtc::ClientConfig config{.local = local_, .remote = {offer->ufrag, offer->pwd}, .fingerprints = offer->fingerprints, .slot_ssrcs = offer->slot_ssrcs, .mic_ssrc = mic_ssrc_};
    if (offer->mic) {
        const auto& line = offer->lines[*offer->mic];
        config.opus_payload_type = line.opus_payload_type;
        config.red_payload_type = line.red_payload_type;
        config.level_extension = line.level_extension;
        config.mid_extension = line.mid_extension;
        config.mic_mid = line.mid;
    }
    if (habits.foreign_ufrag) config.remote.ufrag = "foreign1";
    session_.emplace(identity_, config, chance_);
    last_sign_ = world_.now().at;
    next_packet_ = world_.now().at + chance_.below(20) * 1ms;
    ++life_;
    add_path(habits.tcp_only ? port::Transport::kTcp : port::Transport::kUdp);
    beat(life_);
    return answer_to(*offer);
}

std::expected<std::string, std::string> Phone::restart(const std::string& offer_text) {
    auto offer = rtc::read_offer(offer_text);
    if (!offer) return std::unexpected(offer.error());
    if (!session_) return std::unexpected("there is no call");
    local_ = {chance_.ice_chars(8), chance_.ice_chars(24)};
    with_session([&](rtc::ClientSession& session, rtc::Outbox& out) { session.restart_ice(world_.now().at, local_, {offer->ufrag, offer->pwd}, out); });
    return answer_to(*offer);
}

void Phone::add_path(port::Transport transport) {
    port::Path path{transport, house_.settings.media_address, address_, 0};
    if (transport == port::Transport::kTcp) path.tcp = tcp_ = house_.media_tcp_open({address_, static_cast<std::uint16_t>(6000 + chance_.below(1000))}, this);
    with_session([&](rtc::ClientSession& session, rtc::Outbox& out) { session.add_path(world_.now().at, path, out); });
}

void Phone::try_tcp() {
    if (!session_ || tcp_ != 0 || habits.udp_only || !house_.standing()) return;
    world_.note(key_, "tries TCP for the voice");
    add_path(port::Transport::kTcp);
}

void Phone::tcp_gone(std::uint32_t connection) {
    if (tcp_ == connection) tcp_ = 0;
}

void Phone::hang_up() {
    if (session_) with_session([&](rtc::ClientSession& session, rtc::Outbox& out) { session.close(world_.now().at, out); });
    session_.reset();
    ++life_;
    if (tcp_) house_.media_tcp_close(std::exchange(tcp_, 0));
}

void Phone::is_out() {
    if (!session_) return;
    out_ = true;
    world_.after(300ms, [this, life = life_] {
        if (life == life_) hang_up();
    });
}

// --- the network

void Phone::cut_udp(bool on) { house_.cut(address(), on); }

void Phone::change_address() {
    address_.bytes[13] = static_cast<std::uint8_t>(address_.bytes[13] + 1);
    house_.listen_datagrams(address(), this);
    world_.note(key_, "has another address");
    if (session_) add_path(port::Transport::kUdp);
}

template <typename Act>
void Phone::with_session(Act&& act) {
    {
        rtc::Outbox out{arena_, jobs_, counters_};
        act(*session_, out);
    }
    for (const auto& item : arena_.items()) {
        if (habits.split_client_hello && is_dtls(arena_.bytes(item))) send_oddly(item.path, arena_.bytes(item));
        else send(item.path, arena_.bytes(item));
    }
    arena_.clear();
}

void Phone::send(const port::Path& path, Bytes datagram) {
    if (path.transport == port::Transport::kUdp) return house_.datagram_to_house({path.local, kPort}, datagram);
    std::vector<std::uint8_t> frame(datagram.size() + 2);
    frame.resize(wire::write_frame(frame, datagram));
    house_.media_tcp_send(path.tcp, frame);
}

// Splits a whole ClientHello into two datagrams; what follows gets record numbers that leave room for the one more.
void Phone::send_oddly(const port::Path& path, Bytes datagram) {
    std::vector<std::uint8_t> copy(datagram.begin(), datagram.end());
    const bool handshake = copy[0] == 22 && load_u16(copy.data() + 3) == 0 && copy.size() > kRecordHeader + kHandshakeHeader;
    if (handshake && copy[kRecordHeader] == 1) {
        const std::size_t size = copy.size() - kRecordHeader - kHandshakeHeader;
        const auto number = load_u32(copy.data() + 7);
        send(path, part_of_hello(copy, 0, size / 2, number));
        return send(path, part_of_hello(copy, size / 2, size, number + 1));
    }
    for (std::size_t at = 0; at + kRecordHeader <= copy.size(); at += kRecordHeader + load_u16(copy.data() + at + 11)) shift_record(MutableBytes{copy}.subspan(at));
    send(path, copy);
}

void Phone::datagram(const port::Path& path, Bytes bytes) {
    last_sign_ = world_.now().at;
    ++signs_;
    if (!session_) return;
    std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    const bool was_ready = session_->ready();
    with_session([&](rtc::ClientSession& session, rtc::Outbox& out) { session.receive(world_.now(), path, copy, out); });
    if (!was_ready && session_->ready()) world_.note(key_, "has voice over {}", over_tcp() ? "TCP" : "UDP");
    for (const auto& received : session_->take_received()) {
        const auto mark = read_voice(received.payload);
        if (!mark) {
            hearing_.heard_bare(number_);
            continue;
        }
        hearing_.heard(number_, call_, room_mark(room_), *mark);
    }
}

void Phone::beat(std::uint64_t life) {
    if (life != life_ || !session_) return;
    const auto now = world_.now().at;
    if (session_->deadline().at <= now) with_session([&](rtc::ClientSession& session, rtc::Outbox& out) { session.tick(world_.now(), out); });
    if (talking_ && !listen_only_ && now >= next_packet_) {
        speak();
        next_packet_ = now + kPacket;
    }
    world_.after(talking_ ? kPacket : kIdleBeat, [this, life] { beat(life); });
}

void Phone::speak() {
    std::array<std::uint8_t, kVoicePayload> payload{};
    write_voice(payload, {.speaker = number_, .room = room_mark(room_), .counter = ++counter_, .muted = muted_, .gone = out_});
    timestamp_ += 960;
    with_session([&](rtc::ClientSession& session, rtc::Outbox& out) { session.speak(world_.now(), payload, timestamp_, kLoud, out); });
}

}  // namespace earshot::sim

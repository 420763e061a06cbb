#include "app/app.hpp"

#include <unistd.h>

#include <array>
#include <thread>

#include "app/certificate_files.hpp"
#include "app/listeners.hpp"
#include "app/operator_key.hpp"
#include "app/web_assets.hpp"
#include "bridge/pcm_desk.hpp"
#include "engine/control.hpp"
#include "engine/shard.hpp"
#include "engine/talk_relay.hpp"
#include "io/db/sqlite_store.hpp"
#include "io/net/clock.hpp"
#include "io/net/control_loop.hpp"
#include "io/net/media_loop.hpp"
#include "io/net/settle_memory.hpp"
#include "io/net/system_random.hpp"

namespace earshot::app {
namespace {

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] ? name.data() : "earshot";
}

engine::Settings engine_settings(const Config& config, const Listeners& listeners, const crypto::Identity& identity, std::string operator_key) {
    engine::Settings settings;
    settings.operator_key = std::move(operator_key);
    settings.hub.text_characters = static_cast<std::size_t>(config.text_characters);
    settings.hub.members = static_cast<std::size_t>(config.members);
    settings.hub.rooms = static_cast<std::size_t>(config.rooms);
    settings.hub.messages_per_second = static_cast<double>(config.messages_per_second);
    settings.hub.message_burst = static_cast<double>(config.message_burst);
    settings.web.server_name = config.name;
    settings.web.version = EARSHOT_VERSION;
    settings.plain.phrases.set = config.phrases == 'C' ? fronts::plain::PhraseSet::kC : fronts::plain::PhraseSet::kA;
    settings.plain.room = config.plain_room;
    settings.plain.bare_quit = config.bare_quit;
    settings.plain.rate = config.rate;
    settings.plain.channels = config.channels;
    for (const auto& pair : config.more_plain)
        settings.plain.more.push_back({.phrases = {pair.phrases == 'C' ? fronts::plain::PhraseSet::kC : fronts::plain::PhraseSet::kA},
                                       .room = pair.room,
                                       .bare_quit = pair.bare_quit,
                                       .rate = pair.rate,
                                       .channels = pair.channels});
    settings.voix.host = host_name();
    settings.media = media_addresses(config, listeners);
    settings.fingerprint = identity.fingerprint();
    return settings;
}

std::vector<engine::PcmFormat> pcm_formats(const Config& config) {
    std::vector<engine::PcmFormat> formats{{config.rate, config.channels}};
    for (const auto& pair : config.more_plain) formats.push_back({pair.rate, pair.channels});
    return formats;
}

// Raw sound: the desk of voice sockets and bridged talks, and its thread.
struct Bare {
    Bare(const Config& config, Listeners& listeners, io::EventWaker& control_bell, Log& log)
        : desk(pcm_formats(config), {orders, news, line.to_shard, line.from_shard, counters, &from_talks, &to_talks}),
          loop(bell, counters, log, loop_settings(config)) {
        orders.set_waker(&bell);
        from_talks.set_waker(&bell);
        news.set_waker(&control_bell);
        listen(listeners.plain_voice, 0);
        for (std::size_t i = 0; i < listeners.more_plain.size(); ++i) listen(listeners.more_plain[i].voice, i + 1);
    }
    ~Bare() { stop(); }
    void start() {
        thread = std::thread([this] { loop.run(desk, nothing_stored); });
    }
    void stop() {
        loop.stop();
        if (thread.joinable()) thread.join();
    }
    void listen(std::optional<io::Bound>& bound, std::size_t pair) {
        if (bound) loop.listen(io::ListenerKind::kStream, std::move(*bound), port::Door::kPlain, static_cast<std::uint8_t>(pair));
    }
    static io::ControlLoop::Settings loop_settings(const Config& config) {
        io::ControlLoop::Settings wanted;
        wanted.connections.total = engine::limits::kVoiceSockets;
        wanted.connections.per_address = static_cast<std::size_t>(config.connections_per_address);
        wanted.flush_patience = std::chrono::seconds(1);
        return wanted;
    }
    // The desk asks it nothing.
    struct NothingStored final : port::Store {
        port::StoreReply execute(const port::StoreRequest&) override { return port::Appended{}; }
    };

    io::EventWaker bell;
    Counters counters;
    engine::BridgeOrderBox orders{engine::limits::kBridgeOrders};
    engine::BridgeNewsBox news{engine::limits::kBridgeNews};
    engine::ShardLine line{engine::limits::kBarePackets, engine::limits::kTappedPackets};
    engine::TalkFrameBox from_talks{engine::limits::kTalkFrames}, to_talks{engine::limits::kTalkFrames};
    NothingStored nothing_stored;
    bridge::PcmDesk desk;
    io::ControlLoop loop;
    std::thread thread;
};

// The media side: a shard, its thread, and the mailboxes to and from it.
struct Voice {
    Voice(const crypto::Identity& identity, Listeners& listeners, io::EventWaker& control_bell, Bare* bare)
        : shard(identity, orders, news, counters, random, bare ? &bare->line : nullptr),
          loop(std::move(*listeners.media_udp), std::move(listeners.media_tcp), bell, counters) {
        orders.set_waker(&bell);
        news.set_waker(&control_bell);
        if (bare) bare->line.to_shard.set_waker(&bell);
    }
    ~Voice() { stop(); }
    void start() {
        thread = std::thread([this] { loop.run(shard); });
    }
    void stop() {
        loop.stop();
        if (thread.joinable()) thread.join();
    }

    io::EventWaker bell;
    Counters counters;
    io::SystemRandom random;
    engine::OrderBox orders{engine::limits::kShardOrders};
    engine::NewsBox news{engine::limits::kShardNews};
    engine::Shard shard;
    io::MediaLoop loop;
    std::thread thread;
};

// The datagrams of Voix' talks: a relay on a thread of its own.
struct Talks {
    Talks(io::Bound udp, Bare* bare)
        : relay(orders, counters, bare ? &bare->from_talks : nullptr, bare ? &bare->to_talks : nullptr), loop(std::move(udp), std::nullopt, bell, counters) {
        orders.set_waker(&bell);
        if (bare) bare->to_talks.set_waker(&bell);
    }
    ~Talks() { stop(); }
    void start() {
        thread = std::thread([this] { loop.run(relay); });
    }
    void stop() {
        loop.stop();
        if (thread.joinable()) thread.join();
    }

    io::EventWaker bell;
    Counters counters;
    engine::TalkOrderBox orders{engine::limits::kTalkOrders};
    engine::TalkRelay relay;
    io::MediaLoop loop;
    std::thread thread;
};

}  // namespace

struct App::Parts {
    Parts(const Config& wanted, io::StderrLog& lines, Listeners opened, std::unique_ptr<io::SqliteStore> disk, std::string operator_key)
        : config(wanted),
          log(lines),
          listeners(std::move(opened)),
          lines_to_say(describe(listeners)),
          store(std::move(disk)),
          identity(crypto::Identity::make()),
          settings(engine_settings(config, listeners, identity, std::move(operator_key))),
          bare(listeners.media_udp && (listeners.bare_voice() || listeners.voix_udp) ? std::make_unique<Bare>(config, listeners, bell, log) : nullptr),
          voice(listeners.media_udp ? std::make_unique<Voice>(identity, listeners, bell, bare.get()) : nullptr),
          talks(listeners.voix_udp ? std::make_unique<Talks>(std::move(*listeners.voix_udp), bare.get()) : nullptr),
          control(settings, control_parts()),
          loop(bell, counters, log, loop_settings()) {
        for (auto& line : links(listeners)) lines_to_say.push_back(std::move(line));
        lines_to_say.push_back("for the operator: the same flags and --operator-link print a link that makes you one");
        listen(io::ListenerKind::kWeb, listeners.web);
        listen(io::ListenerKind::kWebTls, listeners.web_tls);
        for (std::size_t i = 0; i < port::kStreamDoors.size(); ++i)
            if (auto& bound = listeners.streams[i]) loop.listen(io::ListenerKind::kStream, std::move(*bound), port::kStreamDoors[i].door);
        for (std::size_t i = 0; i < listeners.more_plain.size(); ++i)
            if (auto& bound = listeners.more_plain[i].text)
                loop.listen(io::ListenerKind::kStream, std::move(*bound), port::Door::kPlain, static_cast<std::uint8_t>(i + 1));
        listen(io::ListenerKind::kMetrics, listeners.metrics);
    }

    engine::ControlParts control_parts() {
        return {.random = random,
                .counters = counters,
                .log = log,
                .orders = voice ? &voice->orders : nullptr,
                .news = voice ? &voice->news : nullptr,
                .talks = talks ? &talks->orders : nullptr,
                .bridge = bare ? &bare->orders : nullptr,
                .voices = bare ? &bare->news : nullptr};
    }
    void listen(io::ListenerKind kind, std::optional<io::Bound>& bound) {
        if (bound) loop.listen(kind, std::move(*bound));
    }
    io::ControlLoop::Settings loop_settings();
    std::string metrics() const;

    Config config;
    io::StderrLog& log;
    Listeners listeners;
    std::vector<std::string> lines_to_say;
    std::unique_ptr<io::SqliteStore> store;
    io::SystemRandom random;
    Counters counters;
    io::EventWaker bell;
    crypto::Identity identity;
    engine::Settings settings;
    std::unique_ptr<Bare> bare;
    std::unique_ptr<Voice> voice;
    std::unique_ptr<Talks> talks;
    engine::Control control;
    io::ControlLoop loop;
};

io::ControlLoop::Settings App::Parts::loop_settings() {
    io::ControlLoop::Settings wanted;
    wanted.site = {.assets = web_assets(), .hosts = config.hosts, .allowed_origins = config.allowed_origins, .metrics = [this] { return metrics(); }};
    wanted.connections.total = static_cast<std::size_t>(config.connections);
    wanted.connections.per_address = static_cast<std::size_t>(config.connections_per_address);
    if (voice) wanted.media = [this](io::Descriptor socket, const SocketAddress& remote) { voice->loop.adopt(std::move(socket), remote); };
    return wanted;
}

std::string App::Parts::metrics() const {
    std::vector<const Counters*> sets{&counters};
    if (voice) sets.push_back(&voice->counters);
    if (talks) sets.push_back(&talks->counters);
    if (bare) sets.push_back(&bare->counters);
    return render_prometheus(sets);
}

std::expected<std::unique_ptr<App>, std::string> App::open(const Config& config, io::StderrLog& log) {
    auto store = io::SqliteStore::open(config.data_directory);
    if (!store) return std::unexpected(store.error());
    std::string note;
    auto tls = config.web_tls ? open_tls(config, io::now().wall_ms, note) : std::expected<io::TlsContext, std::string>(io::TlsContext{});
    if (!tls) return std::unexpected(tls.error());
    if (!note.empty()) log.info(note);
    io::SystemRandom random;
    note.clear();
    auto operator_key = open_operator_key(config.data_directory, random, note);
    if (!operator_key) return std::unexpected(operator_key.error());
    if (!note.empty()) log.warning(note);
    auto listeners = open_listeners(config);
    if (!listeners) return std::unexpected(listeners.error());
    const auto known = std::get<port::Loaded>((*store)->execute(port::Load{}));
    if (!known.failure.empty()) return std::unexpected(known.failure);

    auto parts = std::make_unique<Parts>(config, log, std::move(*listeners), std::move(*store), std::move(*operator_key));
    parts->control.restore(known);
    if (config.web_tls) parts->loop.set_tls(std::move(*tls));
    return std::unique_ptr<App>(new App(std::move(parts)));
}

void App::run() {
    for (const auto& line : parts_->lines_to_say) parts_->log.say(line);
    if (parts_->voice) parts_->voice->start();
    if (parts_->talks) parts_->talks->start();
    if (parts_->bare) parts_->bare->start();
    parts_->log.say("ready");
    io::settle_memory();
    parts_->loop.run(parts_->control, *parts_->store);
    if (parts_->bare) parts_->bare->stop();
    if (parts_->voice) parts_->voice->stop();
    if (parts_->talks) parts_->talks->stop();
}

void App::stop() { parts_->loop.stop(); }

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

}  // namespace earshot::app

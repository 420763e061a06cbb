// What the control side orders of a media shard, and what a shard tells back. Values only: they cross threads.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/room_slots.hpp"
#include "base/video_slots.hpp"
#include "engine/mailbox.hpp"
#include "rtc/remote_media.hpp"

namespace earshot::engine {

// The peer's offer is made: from now on its ICE name is known, and it belongs to the room's call.
struct AddPeer {
    PeerId peer;
    RoomId room;
    MemberId member;
    std::string ufrag;                      // ours, unique among all peers; at least 4 ice-chars
    std::string pwd;                        // ours; at least 22 ice-chars
    std::vector<std::uint32_t> slot_ssrcs;  // one a sending m-line of the offer, in order: at most kHeardSlots
    bool listen_only = false;
    bool muted = false;
    bool deafened = false;
    std::uint32_t own_rtcp_ssrc = 0;  // sender of our reports about his microphone
    std::string cname = "earshot";    // of our SDES; names nobody
};

// The answer came. Keys are used only after this and the DTLS handshake agree.
struct SetRemote {
    PeerId peer;
    rtc::RemoteMedia media;
};

// A second name for the same peer; the old one is good until a path is nominated under the new.
struct RestartIce {
    PeerId peer;
    std::string ufrag, pwd;
};

// Tells him (DTLS close_notify) and forgets him. No PeerLost follows.
struct RemovePeer {
    PeerId peer;
};

struct SetVoice {
    PeerId peer;
    bool muted = false;
    bool deafened = false;
};

// His next offer has video lines: the SSRCs of his slots and of their retransmissions, kVideoSlots each. Once a peer, before SetRemote.
struct OfferVideo {
    PeerId peer;
    std::vector<std::uint32_t> slot_ssrcs, repair_ssrcs;
};

// Which of his pictures he shows; what he sends beside goes to nobody.
struct ShowVideo {
    PeerId peer;
    bool camera = false;
    bool share = false;
};

// What he looks at, by slot; tiles of nobody are sent nothing.
struct SeeVideo {
    PeerId peer;
    std::array<VideoTile, kVideoSlots> tiles{};
};

// Says goodbye to all peers and forgets them.
struct Shutdown {};

// A seat without a session: his packets come from the bridge (bridge_orders.hpp), and what is heard in the room goes there. He
// leaves by RemovePeer, and SetVoice mutes him.
struct AddBare {
    PeerId peer;
    RoomId room;
    MemberId member;
    bool muted = false;
};

using ShardOrder = std::variant<AddPeer, SetRemote, RestartIce, RemovePeer, SetVoice, OfferVideo, ShowVideo, SeeVideo, AddBare, Shutdown>;

// Keys agreed, a path nominated: voice flows. Once a peer.
struct PeerConnected {
    PeerId peer;
};

// No consent check for 5 s (quiet), or the first one after that.
struct PeerQuiet {
    PeerId peer;
    bool quiet = false;
};

enum class LostReason : std::uint8_t {
    kConsent,              // 30 s without a valid check (RFC 7675), or never one
    kDtlsFailed,           // the handshake failed or took over 10 s
    kFingerprintMismatch,  // his certificate is not the one his answer named
    kClosed,               // he closed DTLS
    kRefused,              // AddPeer beyond a limit, or with a name in use
};
constexpr const char* name(LostReason reason) {
    switch (reason) {
        case LostReason::kConsent: return "consent";
        case LostReason::kDtlsFailed: return "dtls_failed";
        case LostReason::kFingerprintMismatch: return "fingerprint_mismatch";
        case LostReason::kClosed: return "closed";
        case LostReason::kRefused: return "refused";
    }
    return "?";
}

// The shard has forgotten him; no RemovePeer is needed (one is harmless).
struct PeerLost {
    PeerId peer;
    LostReason reason = LostReason::kConsent;
};

struct Speaking {
    RoomId room;
    MemberId member;
    bool speaking = false;
};

// Who is on the room's global slots; slots_as_heard_by() turns it into one listener's view.
struct SlotsChanged {
    RoomId room;
    RoomSlots slots{};
};

using ShardNews = std::variant<PeerConnected, PeerQuiet, PeerLost, Speaking, SlotsChanged>;

using OrderBox = Mailbox<ShardOrder>;  // control pushes, shard takes
using NewsBox = Mailbox<ShardNews>;    // shard pushes, control takes

}  // namespace earshot::engine

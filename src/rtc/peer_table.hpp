// Whose datagram is this? By path for those that have shown a valid check, by name for those about to.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "port/media.hpp"
#include "rtc/path_hash.hpp"

namespace earshot::rtc {

class PeerTable {
public:
    using Handle = std::uint32_t;  // the caller's name for a peer

    std::optional<Handle> by_path(const port::Path& path) const { return find(paths_, path); }
    std::optional<Handle> by_ufrag(std::string_view ufrag) const { return find(ufrags_, ufrag); }

    // False when the name is somebody's already.
    bool add_ufrag(const std::string& ufrag, Handle handle) { return ufrags_.try_emplace(ufrag, handle).second; }
    void remove_ufrag(std::string_view ufrag) {
        if (const auto found = ufrags_.find(ufrag); found != ufrags_.end()) ufrags_.erase(found);
    }
    // A path that belonged to another peer (the same browser came again) is his no more; that peer is returned.
    std::optional<Handle> bind(const port::Path& path, Handle handle) {
        const auto [entry, fresh] = paths_.try_emplace(path, handle);
        if (fresh || entry->second == handle) return std::nullopt;
        return std::exchange(entry->second, handle);
    }
    void unbind(const port::Path& path, Handle handle) {
        const auto found = paths_.find(path);
        if (found != paths_.end() && found->second == handle) paths_.erase(found);
    }
    std::size_t path_count() const { return paths_.size(); }
    std::size_t ufrag_count() const { return ufrags_.size(); }

private:
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    template <typename Map, typename Key>
    static std::optional<Handle> find(const Map& map, const Key& key) {
        const auto found = map.find(key);
        return found == map.end() ? std::nullopt : std::optional{found->second};
    }
    std::unordered_map<port::Path, Handle, PathHash> paths_;
    std::unordered_map<std::string, Handle, TextHash, std::equal_to<>> ufrags_;
};

}  // namespace earshot::rtc

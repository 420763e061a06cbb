#include "sim/ledger.hpp"

#include <algorithm>

namespace earshot::sim {

std::string token_of(std::string_view text) {
    const auto from = text.find('[');
    const auto to = text.find(']', from == text.npos ? 0 : from);
    if (from == text.npos || to == text.npos) return {};
    const auto token = text.substr(from, to - from + 1);
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
    return std::ranges::all_of(token.substr(1, token.size() - 2), plain) ? std::string{token} : std::string{};
}

void Ledger::shown(std::string_view who, const Sight& sight) {
    const auto [known, fresh] = sights_.try_emplace(sight.id, sight);
    // A later nickname of the sender is his own business; the message itself never changes.
    if (!fresh && (known->second.room != sight.room || known->second.text != sight.text))
        world_.broken("one order for all", fmt::format("{} sees message {} as \"{}\" in {}, another saw \"{}\" in {}", who, sight.id, sight.text, sight.room, known->second.text, known->second.room));
}

void Ledger::accepted(std::string_view who, const std::string& text, std::uint64_t id) {
    const auto [promise, fresh] = promises_.try_emplace(token_of(text), id);
    if (!fresh && promise->second != id)
        world_.broken("a retry is not a second message", fmt::format("{} was promised {} as {} and as {}", who, promise->first, promise->second, id));
}

void Ledger::shown_in_order(std::string_view who, std::uint64_t connection, const std::string& text) {
    const auto token = token_of(text);
    if (!token.empty()) orders_[{std::string{who}, connection}].push_back(token);
}

void Ledger::check_against(const TornLog& disk) {
    std::map<std::string, std::uint64_t> stored;
    for (const auto& message : disk.messages()) {
        const auto token = token_of(message.text);
        if (token.empty()) continue;
        if (const auto [first, fresh] = stored.try_emplace(token, message.id.value); !fresh)
            world_.broken("a retry is not a second message", fmt::format("{} is on disk as {} and as {}", token, first->second, message.id.value));
    }
    check_promises(stored);
    check_sights(disk);
    check_orders(stored);
}

void Ledger::check_promises(const std::map<std::string, std::uint64_t>& stored) {
    for (const auto& [token, id] : promises_) {
        const auto it = stored.find(token);
        if (it == stored.end()) world_.broken("acknowledged survives a crash", fmt::format("{} was acknowledged as {} and is not on disk", token, id));
        else if (it->second != id) world_.broken("acknowledged survives a crash", fmt::format("{} was acknowledged as {} and is on disk as {}", token, id, it->second));
    }
}

void Ledger::check_sights(const TornLog& disk) {
    std::map<std::uint64_t, std::pair<std::string, std::string>> on_disk;
    for (const auto& message : disk.messages()) {
        const auto room = disk.rooms().find(message.room);
        on_disk[message.id.value] = {room == disk.rooms().end() ? std::string{} : room->second.name, message.text};
    }
    for (const auto& [id, sight] : sights_) {
        const auto it = on_disk.find(id);
        if (it == on_disk.end()) world_.broken("what was shown is kept", fmt::format("message {} \"{}\" was shown and is not on disk", id, sight.text));
        else if (it->second.second != sight.text) world_.broken("one order for all", fmt::format("message {} was shown as \"{}\" and is on disk as \"{}\"", id, sight.text, it->second.second));
        else if (it->second.first != sight.room) world_.broken("one order for all", fmt::format("message {} was shown in {} and is on disk in {}", id, sight.room, it->second.first));
    }
}

void Ledger::check_orders(const std::map<std::string, std::uint64_t>& stored) {
    for (const auto& [reader, tokens] : orders_) {
        std::uint64_t last = 0;
        for (const auto& token : tokens) {
            const auto it = stored.find(token);
            if (it == stored.end()) {
                world_.broken("what was shown is kept", fmt::format("{} was shown {} and it is not on disk", reader.first, token));
                return;
            }
            if (it->second <= last) {
                world_.broken("one order for all", fmt::format("{} was shown {} (message {}) after message {}", reader.first, token, it->second, last));
                return;
            }
            last = it->second;
        }
    }
}

}  // namespace earshot::sim

// The book of what everyone was shown and promised, kept outside the house. It notices at once when two
// views cannot both be true, and at the end holds every view against what is on disk.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/torn_log.hpp"
#include "sim/world.hpp"

namespace earshot::sim {

// Every text a simulated member says begins with a token of its own, "[ann-12]": so a message is known
// again on any front, also where it carries no id.
std::string token_of(std::string_view text);  // empty when there is none

class Ledger {
public:
    explicit Ledger(World& world) : world_(world) {}

    struct Sight {
        std::uint64_t id = 0;
        std::string room;
        std::string name;
        std::string text;
        bool operator==(const Sight&) const = default;
    };
    // A message was shown to `who`, by itself or in a page of history.
    void shown(std::string_view who, const Sight& sight);
    // `who` was told that his message is kept.
    void accepted(std::string_view who, const std::string& text, std::uint64_t id);
    // A plain client, which sees no ids, was shown this in this order on one connection.
    void shown_in_order(std::string_view who, std::uint64_t connection, const std::string& text);

    // At the end: all that was shown and promised is on disk, once.
    void check_against(const TornLog& disk);

    std::size_t messages_shown() const { return sights_.size(); }
    std::size_t promises() const { return promises_.size(); }

private:
    void check_promises(const std::map<std::string, std::uint64_t>& stored);
    void check_sights(const TornLog& disk);
    void check_orders(const std::map<std::string, std::uint64_t>& stored);

    World& world_;
    std::map<std::uint64_t, Sight> sights_;                // by message id
    std::map<std::string, std::uint64_t> promises_;        // token to id
    std::map<std::pair<std::string, std::uint64_t>, std::vector<std::string>> orders_;  // tokens by reader and connection
};

}  // namespace earshot::sim

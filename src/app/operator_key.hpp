// The operator's key: random, made on the first start, kept in the data directory for its owner alone. Who shows it is the operator of the
// house (engine/operator_door.hpp). It is printed only when asked for, behind the # of a link, where no server and no log sees it.
#pragma once
#include <expected>
#include <string>

#include "app/config.hpp"
#include "base/random.hpp"

namespace earshot::app {

inline constexpr std::size_t kOperatorKeyBytes = 32;  // written as hexadecimal

std::string operator_key_file(const std::string& data_directory);
// The key that is there; the error is a sentence.
std::expected<std::string, std::string> read_operator_key(const std::string& data_directory);
// The same, made when there is none. `note`: what the operator should know, or nothing.
std::expected<std::string, std::string> open_operator_key(const std::string& data_directory, Random& random, std::string& note);
// "http://localhost:8080/#operator=..."; the error says why there is none.
std::expected<std::string, std::string> operator_link(const Config& config);

}  // namespace earshot::app

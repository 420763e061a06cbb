// A small file that only its owner may read: keys.
#pragma once
#include <expected>
#include <string>
#include <string_view>

namespace earshot::app {

// Whole or not at all: written beside (mode 0600), then moved over. The error is a sentence.
std::expected<void, std::string> write_private(const std::string& path, std::string_view text);

}  // namespace earshot::app

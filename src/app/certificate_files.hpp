// The HTTPS certificate: the operator's, or a self-signed one that is made on first run and kept.
#pragma once
#include <expected>
#include <string>

#include "app/config.hpp"
#include "base/time.hpp"
#include "io/net/tls_context.hpp"

namespace earshot::app {

// Makes DATA/tls.pem and DATA/tls.key (mode 0600) when the configuration names none and they are missing or have
// nearly expired. `notes` gets a line for the log when that happens.
std::expected<io::TlsContext, std::string> open_tls(const Config& config, WallMs now, std::string& notes);

}  // namespace earshot::app

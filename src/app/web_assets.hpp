// The web client as it was built (web/dist), in this binary; without it a page that says so.
#pragma once
#include <span>

#include "io/net/asset.hpp"

namespace earshot::app {
std::span<const io::Asset> web_assets();
}

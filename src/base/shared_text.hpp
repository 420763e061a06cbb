// Bytes that many queues hold at once: encoded once, sent to everyone.
#pragma once
#include <memory>
#include <string>

namespace earshot {

using SharedText = std::shared_ptr<const std::string>;
inline SharedText share(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

}  // namespace earshot

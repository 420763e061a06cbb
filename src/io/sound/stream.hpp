// One direction of sound while it runs. Destroying it stops it; no call is made to the user after that.
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "io/sound/device.hpp"

namespace earshot::io {

class SoundStream {
public:
    virtual ~SoundStream() = default;
    virtual void run(Attention attention) = 0;
    virtual bool failed() const { return false; }
};

using StreamResult = std::expected<std::unique_ptr<SoundStream>, std::string>;

StreamResult open_wav_input(const std::string& path, bool loop, const SoundOptions& options, SoundUser& user);
StreamResult open_wav_output(const std::string& path, const SoundOptions& options, SoundUser& user);
// Plays into nothing, so that what arrives is used up.
StreamResult open_no_output(const SoundOptions& options, SoundUser& user);

}  // namespace earshot::io

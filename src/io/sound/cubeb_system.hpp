// The system's sound by cubeb: which devices there are, and streams on them.
#pragma once
#include <atomic>
#include <memory>

#include "io/sound/stream.hpp"

struct cubeb;

namespace earshot::io {

class CubebSystem {
public:
    static std::expected<std::unique_ptr<CubebSystem>, std::string> make(SoundUser& user);
    ~CubebSystem();

    std::vector<SoundDevice> devices() const;
    // `id` empty: the default, followed by the sound system itself.
    StreamResult open(SoundDirection direction, const std::string& id, const SoundOptions& options, SoundUser& user);

private:
    struct Free {
        void operator()(cubeb* context) const;
    };
    CubebSystem(std::unique_ptr<cubeb, Free> context, SoundUser& user);
    std::unique_ptr<cubeb, Free> context_;
};

}  // namespace earshot::io

// The only place that asks the kernel for chance. Any thread may use one.
#pragma once
#include "base/random.hpp"

namespace earshot::io {

class SystemRandom final : public Random {
public:
    void fill(MutableBytes out) override;
};

}  // namespace earshot::io

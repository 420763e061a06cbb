// An event is encoded once for each kind of listener and shared by all of that kind.
#pragma once
#include <array>
#include <cstdint>
#include <utility>

#include "base/check.hpp"
#include "base/shared_text.hpp"

namespace earshot::fronts {

// One row for every form in which an event can leave the house.
enum class Form : std::uint8_t { kWebJson, kPlainLine, kPlainSegment, kVoixLine, kCount };

class Fanout {
public:
    // What `encode` gives, made at most once a form. Only for text that is the same for every listener of that form.
    template <typename Encode>
    const SharedText& once(Form form, Encode&& encode) {
        auto& text = texts_[static_cast<std::size_t>(form)];
        if (!text) text = share(std::forward<Encode>(encode)());
        return text;
    }

private:
    std::array<SharedText, static_cast<std::size_t>(Form::kCount)> texts_;
};

}  // namespace earshot::fronts

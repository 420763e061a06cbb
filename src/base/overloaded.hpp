// std::visit with lambdas.
#pragma once

namespace earshot {

template <typename... Ts>
struct overloaded : Ts... {
    using Ts::operator()...;
};

}  // namespace earshot

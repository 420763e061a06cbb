// Line mode: a line for each thing that happens, a line for each thing that is typed.
#pragma once
#include <string>

#include "client/shell/face.hpp"

namespace earshot::client {

class LineFace final : public Face {
public:
    static constexpr std::size_t kLongestLine = 64 * 1024;  // the rest of a longer one is dropped, and told

    explicit LineFace(bool json) : json_(json) {}

    void happened(Now now, const Happening& happening) override;
    void typed(Now now, const std::string& bytes, const Model& model, std::vector<Action>& out) override;
    bool ends_with_input() const override { return true; }
    bool alive() const override { return alive_; }

private:
    void print(int fd, std::string line);
    void finish_line(Now now, std::vector<Action>& out);

    bool json_;
    bool alive_ = true;
    bool too_long_ = false;
    std::string line_;
};

}  // namespace earshot::client

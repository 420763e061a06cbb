// The words of the plain front, byte for byte those of the two socket chats it serves (docs/plain.md).
#pragma once
#include <string>
#include <string_view>

namespace earshot::fronts::plain {

enum class PhraseSet : char { kA = 'A', kC = 'C' };

struct Phrases {
    PhraseSet set = PhraseSet::kA;

    std::string_view prompt() const { return is_a() ? "Enter your name:" : "Type your name and press enter!"; }
    std::string welcome(std::string_view name) const { return join({"Welcome ", name, is_a() ? "! Type {quit} to exit the chat room." : "! If you ever want to quit, type {quit} to exit."}); }
    std::string entered(std::string_view name) const { return join({name, is_a() ? " has entered the chat room!" : " has joined the chat!"}); }
    std::string said(std::string_view name, std::string_view text) const { return join({name, is_a() ? ">>" : ": ", text}); }
    std::string left(std::string_view name) const { return join({name, is_a() ? " has left the chat room." : " has left the chat."}); }

private:
    bool is_a() const { return set == PhraseSet::kA; }
    static std::string join(std::initializer_list<std::string_view> parts) {
        std::string text;
        for (const auto part : parts) text += part;
        return text;
    }
};

}  // namespace earshot::fronts::plain

// The line that is being written: letters, words, what was cut, what was sent before, and a draft for each room.
// Alt+Enter begins another line of the same message. A pasted page is held as one message until Enter.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/screen/input_event.hpp"

namespace earshot::client::screen {

// What may stand in place of the bytes from `begin` to the cursor, best first.
struct Completions {
    std::size_t begin = 0;
    std::vector<std::string> candidates;
};

class Composer {
public:
    static constexpr std::size_t kMostCharacters = 16'000;  // when the server names no limit
    static constexpr std::size_t kMostHistory = 200;
    static constexpr std::size_t kMostDrafts = 64;

    enum class Result : std::uint8_t {
        ignored,   // the key means nothing here
        moved,     // the cursor, or nothing at all
        changed,   // the text
        complete,  // Tab: hand in what may be completed
        submit,    // Enter on a text that is not blank: take() it
    };

    const std::string& text() const { return text_; }
    std::size_t cursor() const { return cursor_; }  // a byte of text(), between two letters
    bool empty() const { return text_.empty(); }
    // A sentence about the last paste; empty when there is nothing to say.
    const std::string& notice() const { return notice_; }
    // Candidates of the last completion while Tab walks them.
    const Completions& completions() const { return completions_; }
    std::size_t chosen() const { return chosen_; }

    // Characters (code points) that a message may have; 0 is kMostCharacters.
    void set_limit(std::size_t characters) { limit_ = characters == 0 ? kMostCharacters : characters; }

    Result key(const KeyInput& key);
    Result paste(const Paste& paste);
    // Puts in the only candidate, or begins to walk them.
    void complete(Completions completions);
    // The text, remembered in the history; empty afterwards.
    std::string take();
    void clear();
    // Keeps the draft of the room that was shown and takes out that of another.
    void show_room(const std::string& room);

private:
    Result edit(const KeyInput& key);
    Result chord(char32_t letter, bool alt);
    Result insert(std::string_view text);
    Result remove(std::size_t begin, std::size_t end, bool keep);
    Result move(std::size_t to);
    Result vertical(int step);
    Result browse(int step);
    void put_candidate();
    void settle();
    std::size_t line_begin() const;
    std::size_t line_end() const;

    std::string text_;
    std::size_t cursor_ = 0;
    std::size_t limit_ = kMostCharacters;
    std::string cut_;         // by Ctrl+K, Ctrl+U, Ctrl+W; Ctrl+Y puts it back
    bool cutting_ = false;    // the last key cut something
    bool gathering_ = false;  // the one before it did
    std::string notice_;
    std::deque<std::string> history_;  // oldest first
    std::size_t back_ = 0;             // how far back in the history; 0: none of it
    std::string unsent_;               // what stood there before the history was looked at
    Completions completions_;
    std::size_t chosen_ = 0;
    std::string room_;
    std::map<std::string, std::string> drafts_;
};

}  // namespace earshot::client::screen

#include "client/screen/markup.hpp"

#include <algorithm>
#include <array>

namespace earshot::client::screen {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
}
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, small, small); }

// One line of a message, read from left to right. Once a mark has found no partner in the rest, it is not looked for again.
class InlineReader {
public:
    InlineReader(std::string_view line, Style base, std::string_view own_name) : line_(line), base_(base), own_name_(own_name) {}

    Letters read() {
        while (at_ < line_.size()) {
            if (!ended() && !code() && !begun() && !address() && !mention()) ++at_;
        }
        flush();
        return std::move(out_);
    }

private:
    struct Mark {
        std::string_view sign;
        bool Style::*changes;
        std::size_t end = std::string_view::npos;  // where it closes, while it is open
        bool none_left = false;
    };

    Style style() const {
        auto out = base_;
        for (const auto& mark : marks_) {
            if (mark.end != std::string_view::npos) out.*mark.changes = true;
        }
        return out;
    }

    void flush() {
        append(out_, line_.substr(from_, at_ - from_), style());
        from_ = at_;
    }

    // Shows so many bytes in a style of their own.
    void show(std::size_t size, Style style) {
        flush();
        append(out_, line_.substr(at_, size), style);
        at_ += size;
        from_ = at_;
    }

    void skip(std::size_t size) {
        at_ += size;
        from_ = at_;
    }

    bool ended() {
        for (auto& mark : marks_) {
            if (mark.end != at_) continue;
            flush();
            mark.end = std::string_view::npos;
            skip(mark.sign.size());
            return true;
        }
        return false;
    }

    bool begun() {
        for (auto& mark : marks_) {
            if (mark.end != std::string_view::npos || mark.none_left || !line_.substr(at_).starts_with(mark.sign)) continue;
            const auto inner = at_ + mark.sign.size();
            if (inner >= line_.size() || is_blank(line_[inner])) continue;
            if (mark.sign == "_" && at_ > 0 && is_word(line_[at_ - 1])) continue;
            const auto close = closing(mark, inner + 1);
            if (close == std::string_view::npos) {
                mark.none_left = true;
                continue;
            }
            flush();
            mark.end = close;
            skip(mark.sign.size());
            return true;
        }
        return false;
    }

    std::size_t closing(const Mark& mark, std::size_t from) const {
        for (auto found = line_.find(mark.sign, from); found != std::string_view::npos; found = line_.find(mark.sign, found + 1)) {
            const auto after = found + mark.sign.size();
            if (is_blank(line_[found - 1])) continue;
            if (mark.sign == "_" && after < line_.size() && is_word(line_[after])) continue;
            if (mark.sign == "*" && after < line_.size() && line_[after] == '*') {
                ++found;
                continue;
            }
            return found;
        }
        return std::string_view::npos;
    }

    bool code() {
        if (line_[at_] != '`' || no_more_code_) return false;
        const auto close = line_.find('`', at_ + 1);
        no_more_code_ = close == std::string_view::npos;
        if (no_more_code_ || close == at_ + 1) return false;
        flush();
        skip(1);
        show(close - at_, {.role = Role::code});
        skip(1);
        return true;
    }

    bool address() {
        const auto rest = line_.substr(at_);
        if (!rest.starts_with("https://") && !rest.starts_with("http://")) return false;
        auto size = std::min(rest.find_first_of(" \t<>\"`"), rest.size());
        while (size > 8 && std::string_view(".,;:!?)'*_").contains(rest[size - 1])) --size;
        auto link = style();
        link.role = Role::link;
        link.underline = true;
        show(size, link);
        return true;
    }

    bool mention() {
        if (line_[at_] != '@' || (at_ > 0 && is_word(line_[at_ - 1]))) return false;
        std::size_t size = 1;
        while (at_ + size < line_.size() && (is_word(line_[at_ + size]) || line_[at_ + size] == '-')) ++size;
        if (size == 1) return false;
        auto style_of_name = style();
        style_of_name.bold = true;
        if (same(line_.substr(at_ + 1, size - 1), own_name_)) style_of_name.role = Role::mention;
        show(size, style_of_name);
        return true;
    }

    std::string_view line_;
    Style base_;
    std::string_view own_name_;
    Letters out_;
    std::size_t at_ = 0, from_ = 0;
    bool no_more_code_ = false;
    std::array<Mark, 3> marks_{Mark{"**", &Style::bold}, Mark{"*", &Style::italic}, Mark{"_", &Style::italic}};
};

// "3. " or "3) ": its size, else 0.
std::size_t number_marker(std::string_view line) {
    const auto digits = std::min(line.find_first_not_of("0123456789"), line.size());
    if (digits == 0 || digits > 3 || digits + 1 >= line.size()) return 0;
    return (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ' ? digits + 2 : 0;
}

Paragraph read_line(std::string_view line, Style base, std::string_view own_name) {
    Paragraph out;
    if (line.starts_with("> ") || line == ">") {
        out.kind = Paragraph::Kind::quote;
        line.remove_prefix(std::min<std::size_t>(2, line.size()));
        base.role = Role::quiet;
    } else if (line.starts_with("- ") || line.starts_with("* ")) {
        out.kind = Paragraph::Kind::item;
        out.marker = "-";
        line.remove_prefix(2);
    } else if (const auto size = number_marker(line); size > 0) {
        out.kind = Paragraph::Kind::item;
        out.marker = std::string(line.substr(0, size - 1));
        line.remove_prefix(size);
    } else if (const auto hashes = line.find_first_not_of('#'); hashes > 0 && hashes <= 3 && hashes < line.size() && line[hashes] == ' ') {
        line.remove_prefix(hashes + 1);
        base.bold = true;
    }
    out.letters = InlineReader(line, base, own_name).read();
    return out;
}

}  // namespace

void append(Letters& out, std::string_view text, Style style) {
    for (const auto& piece : pieces(text)) {
        if (piece.glyph.base != U'\n') out.push_back({piece.glyph, style});
    }
}

int width(const Letters& letters) {
    int cells = 0;
    for (const auto& letter : letters) cells += letter.glyph.width;
    return cells;
}

std::vector<Paragraph> paragraphs(std::string_view text, Style base, std::string_view own_name) {
    std::vector<Paragraph> out;
    bool in_code = false;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with("```") && (in_code || text.find("\n```", end) != std::string_view::npos)) {
            in_code = !in_code;
        } else if (in_code) {
            out.push_back({Paragraph::Kind::code, {}, {}});
            append(out.back().letters, line, {.role = Role::code});
        } else {
            out.push_back(read_line(line, base, own_name));
        }
    }
    if (out.empty()) out.emplace_back();
    return out;
}

std::vector<Letters> wrapped(const Letters& letters, int columns, bool keep_blanks) {
    std::vector<Letters> out(1);
    int used = 0;
    std::size_t word = 0;  // where the last word of the row begins, 0: it fills the row
    const auto blank = [](const Letter& letter) { return letter.glyph.base == U' '; };
    const auto new_row = [&] {
        Letters carried;
        if (!keep_blanks && word > 0) {
            carried.assign(out.back().begin() + static_cast<std::ptrdiff_t>(word), out.back().end());
            out.back().resize(word);
        }
        if (!keep_blanks) {
            while (!out.back().empty() && blank(out.back().back())) out.back().pop_back();
        }
        used = width(carried);
        word = 0;
        out.push_back(std::move(carried));
    };
    for (const auto& letter : letters) {
        if (used + letter.glyph.width > columns && !out.back().empty()) {
            if (!keep_blanks && blank(letter)) word = out.back().size();
            new_row();
        }
        if (!keep_blanks && blank(letter) && out.back().empty() && out.size() > 1) continue;
        out.back().push_back(letter);
        used += letter.glyph.width;
        const bool breakable = blank(letter) || letter.glyph.width == 2;  // between the signs of East Asia a line may break
        if (breakable) word = out.back().size();
    }
    return out;
}

}  // namespace earshot::client::screen

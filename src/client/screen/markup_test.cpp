#include "client/screen/markup.hpp"

#include <doctest/doctest.h>

#include "client/screen/utf8.hpp"

namespace earshot::client::screen {
namespace {

std::string plain(const Letters& letters) {
    std::string out;
    for (const auto& letter : letters) append_utf8(out, letter.glyph.base);
    return out;
}

// Text with <b>, <i>, <c>ode, <l>ink and <m>ention around what is so.
std::string marked(std::string_view text) {
    std::string out;
    std::string open;
    const auto all = paragraphs(text, {}, "Mika");
    for (const auto& letter : all.at(0).letters) {
        std::string now;
        if (letter.style.bold) now += 'b';
        if (letter.style.italic) now += 'i';
        if (letter.style.role == Role::code) now += 'c';
        if (letter.style.role == Role::link) now += 'l';
        if (letter.style.role == Role::mention) now += 'm';
        if (now != open) out += '<' + now + '>';
        open = now;
        append_utf8(out, letter.glyph.base);
    }
    return out;
}

std::string rows(std::string_view text, int columns, bool keep = false) {
    Letters letters;
    append(letters, text, {});
    std::string out;
    for (const auto& row : wrapped(letters, columns, keep)) out += plain(row) + '|';
    return out;
}

}  // namespace

TEST_CASE("emphasis, code, addresses, mentions") {
    CHECK(marked("a **b** c") == "a <b>b<> c");
    CHECK(marked("*a* _b_ c") == "<i>a<> <i>b<> c");
    CHECK(marked("**a *b* c**") == "<b>a <bi>b<b> c");
    CHECK(marked("x `**y**` z") == "x <c>**y**<> z");
    CHECK(marked("see https://x.example/a_b_c, ok") == "see <l>https://x.example/a_b_c<>, ok");
    CHECK(marked("@mika and @Bo") == "<bm>@mika<> and <b>@Bo");
}

TEST_CASE("what is no markup stays as it was typed") {
    for (const std::string_view text : {"2 * 3 * 4", "snake_case_name", "a ** b", "**", "*", "`", "``", "a*", "x@y.example", "[a](b)", "<b>", "\\o/"})
        CHECK(marked(text) == text);
}

TEST_CASE("lines: quotes, lists, headings, code") {
    const auto all = paragraphs("> q\n- one\n2. two\n# head\n```\n  x **y**\n```\nend", {}, "");
    REQUIRE(all.size() == 6);
    CHECK(all[0].kind == Paragraph::Kind::quote);
    CHECK(plain(all[0].letters) == "q");
    CHECK(all[1].marker == "-");
    CHECK(all[2].marker == "2.");
    CHECK(all[3].letters[0].style.bold);
    CHECK(all[4].kind == Paragraph::Kind::code);
    CHECK(plain(all[4].letters) == "  x **y**");
    CHECK(plain(paragraphs("```\nnot closed", {}, "")[0].letters) == "```");
}

TEST_CASE("rows break between words, else in them") {
    CHECK(rows("one two three", 7) == "one two|three|");
    CHECK(rows("one two three", 8) == "one two|three|");
    CHECK(rows("abcdefgh", 3) == "abc|def|gh|");
    CHECK(rows("a bcdefgh", 4) == "a|bcde|fgh|");
    CHECK(rows("日本語", 5) == "日本|語|");
    CHECK(rows("", 5) == "|");
    CHECK(rows("a    b", 3) == "a|b|");
    CHECK(rows("a    b", 3, true) == "a  |  b|");
    CHECK(rows("日本", 1) == "日|本|");
}

TEST_CASE("hostile texts are read in a line of time") {
    std::string towers;
    for (int i = 0; i < 20'000; ++i) towers += "*a ";
    CHECK(paragraphs(towers, {}, "").size() == 1);
    CHECK(paragraphs(std::string(60'000, '`'), {}, "").size() == 1);
    CHECK(paragraphs(std::string(60'000, '*'), {}, "").size() == 1);
    CHECK(paragraphs(std::string(60'000, '_'), {}, "").size() == 1);
}

}  // namespace earshot::client::screen

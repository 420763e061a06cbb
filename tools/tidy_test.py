"""Each rule of tools/tidy is shown to fire on a made-up tree, and to be silent on one that is in order."""
import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
_loader = importlib.machinery.SourceFileLoader("tidy", str(HERE / "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", _loader))
_loader.exec_module(tidy)


def findings(files):
    """What tidy says of a tree that holds these files (and the README that every room wants)."""
    with tempfile.TemporaryDirectory() as folder:
        rooms = {name.rsplit("/", 1)[0] for name in files if name.startswith("src/") and name.count("/") > 1}
        for name, text in {**{f"{room}/README.md": "# room\n" for room in rooms}, **files}.items():
            if text is None:
                continue
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        found, _ = tidy.findings(folder)
        return found


class Case(unittest.TestCase):
    def fires(self, files, *words):
        found = findings(files)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def silent(self, files):
        self.assertEqual(findings(files), [])

    def code_fires(self, name, line, *words):
        self.fires({name: f"{line}\n"}, *words)

    def code_silent(self, name, line):
        self.silent({name: f"{line}\n"})


class Arrows(Case):
    def test_may_not_run_back(self):
        self.code_fires("src/base/a.cpp", '#include "core/hub.hpp"', "src/base/a.cpp:1:", "base may not include core")
        self.code_fires("src/core/a.cpp", '#include "wire/json.hpp"', "core may not include wire")
        self.code_fires("src/media/a.cpp", '#include "rtc/session.hpp"', "media may not include rtc")
        self.code_fires("src/rtc/a.cpp", '#include "fronts/front.hpp"', "rtc may not include fronts")

    def test_engine_and_io_never_see_each_other(self):
        self.code_fires("src/engine/a.cpp", '#include "io/net/tcp.hpp"', "engine may not include io")
        self.code_fires("src/io/net/a.cpp", '#include "engine/control.hpp"', "io may not include engine")

    def test_the_simulator_has_no_io(self):
        self.code_fires("src/sim/a.cpp", '#include "io/net/tcp.hpp"', "sim may not include io")

    def test_what_lies_before_may_be_included(self):
        self.code_silent("src/fronts/web/a.cpp", '#include "rtc/session.hpp"\n#include "base/time.hpp"\n#include "fronts/front.hpp"')
        self.code_silent("src/app/a.cpp", '#include "engine/control.hpp"\n#include "io/net/tcp.hpp"')
        self.code_silent("src/wire/a.cpp", '// #include "core/hub.hpp"')

    def test_no_front_knows_another(self):
        self.code_fires("src/fronts/web/a.cpp", '#include "fronts/plain/session.hpp"', "no front knows another")
        self.code_silent("src/fronts/web/a.cpp", '#include "fronts/web/session.hpp"')

    def test_the_two_halves_of_io_are_apart(self):
        self.code_fires("src/io/net/a.cpp", '#include "io/db/sqlite_store.hpp"', "io/net, io/db and io/sound")

    def test_the_server_cannot_hold_a_key(self):
        self.code_fires("src/engine/a.cpp", '#include "seal/key.hpp"', "engine may not include seal")

    def test_a_contract_is_tested_where_it_is_kept(self):
        self.code_silent("src/io/db/a_test.cpp", '#include "store/contract.hpp"')
        self.code_fires("src/io/db/a.cpp", '#include "store/contract.hpp"', "io may not include store")

    def test_a_new_room_needs_its_arrows(self):
        self.code_fires("src/attic/a.cpp", "int x;", "src/attic is no room")

    def test_cmake_links_along_the_arrows(self):
        self.fires({"src/CMakeLists.txt": "earshot_room(base)\nearshot_room(core DEPENDS base wire LIBRARIES x)\n"}, "CMakeLists.txt:2:", "core may not link wire")
        self.silent({"src/CMakeLists.txt": "earshot_room(io_net FOLDER io/net DEPENDS port crypto LIBRARIES Threads::Threads)\nearshot_room(app DEPENDS engine io_net io_db)\n"})


class Headers(Case):
    def test_each_library_stays_in_its_room(self):
        for header, wrong, right in [
            ("boost/asio.hpp", "src/engine/a.cpp", "src/io/net/a.cpp"),
            ("openssl/ssl.h", "src/rtc/a.cpp", "src/crypto/a.cpp"),
            ("sqlite3.h", "src/io/net/a.cpp", "src/io/db/a.cpp"),
            ("nlohmann/json.hpp", "src/fronts/web/a.cpp", "src/wire/a.cpp"),
            ("toml++/toml.h", "src/engine/a.cpp", "src/app/a.cpp"),
            ("intel-ipsec-mb.h", "src/rtc/a.cpp", "src/crypto/a.cpp"),
            ("thread", "src/core/a.cpp", "src/io/net/a.cpp"),
            ("mutex", "src/engine/control.cpp", "src/engine/mailbox.hpp"),
            ("sys/socket.h", "src/rtc/a.cpp", "src/io/net/a.cpp"),
        ]:
            with self.subTest(header):
                self.code_fires(wrong, f"#include <{header}>", f"<{header}> does not belong here")
                self.code_silent(right, f"#pragma once\n#include <{header}>")

    def test_some_belong_nowhere(self):
        for header in ("iostream", "format", "regex", "random", "cassert"):
            self.code_fires("src/io/net/a.cpp", f"#include <{header}>", "does not belong here")


class Bans(Case):
    CASES = [
        ("src/core/a.cpp", 'auto s = std::format("{}", 1);', "fmt::format", 'auto s = fmt::format("{}", 1);'),
        ("src/core/a.cpp", "std::cout << 1;", "Log", "log.info(line);"),
        ("src/core/a.cpp", 'printf("x");', "Log", 'text.printf_like("x");'),
        ("bench/a.cpp", "out << std::endl;", "'\\n'", "out << '\\n';"),
        ("src/core/a.cpp", "assert(x);", "ENSURE", "static_assert(x);"),
        ("src/core/a.cpp", "auto t = std::chrono::steady_clock::now();", "handed the time", "auto t = now;"),
        ("src/core/a.cpp", "auto t = time(nullptr);", "handed the time", "auto t = message.time(nullptr);"),
        ("tests/a_test.cpp", "std::this_thread::sleep_for(1s);", "virtual time", "world.run_for(1s);"),
        ("src/core/a.cpp", "int x = rand();", "base/random.hpp", "int x = random.below(6);"),
        ("src/core/a.cpp", "std::mt19937 r;", "base/random.hpp", "Random r;"),
        ("src/io/net/a.cpp", "try { f(); } catch (...) { }", "caught and ignored", "try { f(); } catch (const E& e) { log.error(e.what()); }"),
        ("src/io/net/a.cpp", "try { f(); } catch (...) { /* never mind */ }", "caught and ignored", "f();"),
        ("src/core/a.cpp", "throw 1;", "std::expected", "return std::unexpected(1);"),
        ("src/core/a.cpp", "using namespace std;", "std:: where", "using namespace std::chrono_literals;"),
        ("src/core/a.cpp", "std::regex r;", "parser by hand", "Parser r;"),
        ("src/core/a.cpp", "strcpy(a, b);", "how long", "std::copy(a, b, c);"),
        ("src/core/a.cpp", "int x = atoi(p);", "from_chars", "std::from_chars(p, q, x);"),
        ("src/io/net/a.cpp", 'system("ls");', "no shell", "file.system(1);"),
        ("src/io/net/a.cpp", "worker.detach();", "joins", "worker.join();"),
        ("src/core/a.cpp", "auto* p = dynamic_cast<B*>(a);", "std::variant", "auto* p = std::get_if<B>(&a);"),
        ("src/core/a.cpp", "// TO" + "DO later", "open an issue", "// A method that is done."),
        ("docs/a.md", "FIX" + "ME", "open an issue", "Fixed."),
        ("docs/a.md", "see /wo" + "rk/notes", "one machine", "see network/notes and homework/x"),
        ("web/package-lock.json", '"resolved": "https://registry.example/x.tgz"', "registry host", '"version": "1.0.0"'),
        ("web/src/a.svelte", "{@html text}", "text nodes", "{text}"),
        ("web/src/a.ts", "element.innerHTML = x;", "text nodes", "element.textContent = x;"),
        ("web/src/a.ts", "eval(x);", "no code from text", "evaluate(x);"),
        ("web/src/a.ts", "const a = b as any;", "unknown", "const a = b as unknown; const many: anything = 1;"),
        ("web/src/a.ts", "// @ts-ignore", "mend the type", "// typed"),
        ("web/src/a.test.ts", 'test.only("x", f);', "hides the others", 'test("x", f);'),
    ]

    def test_each_fires_and_passes(self):
        for name, bad, words, good in self.CASES:
            with self.subTest(bad):
                self.code_fires(name, bad, f"{name}:1:", words)
                self.code_silent(name, good)

    def test_every_ban_has_a_case(self):
        for ban in tidy.rules.BANS:
            self.assertTrue(any(ban.instead in finding for name, bad, _, _ in self.CASES for finding in findings({name: bad + "\n"})), ban.instead)

    def test_texts_and_comments_are_not_code(self):
        self.code_silent("src/core/a.cpp", '// std::format is not ours\nauto s = "std::cout << rand()"; /* throw */ auto n = 10\'000 + f("\\"throw");')
        self.code_fires("src/core/a.cpp", "auto n = 10'000; int y = rand(); auto m = 1'000;", "a.cpp:1:")

    def test_comments_of_scripts_are_not_code(self):
        self.silent({"web/src/a.ts": '// gone: any other\nlet a = 1; // as any\n/* one\n innerHTML */\nconst u = "https://x//y";\n'})
        self.fires({"web/src/a.ts": "/* one\n two */\nlet a: any = f('//x');\n"}, "web/src/a.ts:3:", "unknown")

    def test_the_line_is_right_after_a_comment_of_many_lines(self):
        self.code_fires("src/core/a.cpp", "/* one\ntwo\n*/\nthrow 1;", "a.cpp:4:")

    def test_exceptions_to_the_bans(self):
        self.code_silent("src/io/net/a.cpp", "auto t = std::chrono::steady_clock::now();")
        self.code_silent("src/app/main.cpp", 'fprintf(stderr, "x");')


class Shape(Case):
    def test_blanks_tabs_and_long_lines(self):
        self.code_fires("src/core/a.cpp", "int x; ", "blanks at the end")
        self.code_fires("src/core/a.cpp", "\tint x;", "spaces, not tabs")
        self.code_fires("src/core/a.cpp", "// " + "x" * 198, "201 columns")
        self.code_silent("src/core/a.cpp", "// " + "x" * 197)
        self.code_silent("Makefile", "a:\n\tb")

    def test_a_file_ends_with_a_newline(self):
        self.fires({"src/core/a.cpp": "int x;"}, "newline")

    def test_foreign_data_keeps_its_bytes(self):
        self.silent({"tests/data/sdp/offer.txt": "v=0 \t", "fuzz/corpus/a/seed.json": "{ \t"})

    def test_long_files(self):
        self.fires({"src/core/a.cpp": "int x;\n" * 601}, "601 lines")
        self.silent({"src/core/a.cpp": "int x;\n" * 600, "src/wire/web_messages.cpp": "int x;\n" * 2000})

    def test_headers_are_read_once(self):
        self.fires({"src/core/a.hpp": "int x;\n"}, "#pragma once")

    def test_every_room_says_what_it_is(self):
        self.fires({"src/core/a.cpp": "int x;\n", "src/core/README.md": None}, "src/core:1:", "README.md")

    def test_the_front_page_is_short(self):
        self.fires({"README.md": "x\n" * 121}, "at most 120 lines")
        self.silent({"README.md": "x\n" * 120})


class Rest(Case):
    def test_a_fuzz_target_has_seeds_and_names_its_rooms(self):
        self.fires({"fuzz/stun_fuzz.cpp": "// rooms: wire\n"}, "fuzz/corpus/stun/")
        self.fires({"fuzz/stun_fuzz.cpp": "int x;\n", "fuzz/corpus/stun/a": "x"}, "// rooms: wire")
        self.silent({"fuzz/stun_fuzz.cpp": "// rooms: wire rtc\n", "fuzz/corpus/stun/a": "x"})

    def test_links_lead_somewhere(self):
        self.fires({"docs/a.md": "see [b](b.md)\n"}, "docs/a.md:1:", "leads nowhere: b.md")
        self.silent({"docs/a.md": "[b](b.md#x) [c](https://example.org) [d](#here) `[e](e.md)`\n", "docs/b.md": "x\n"})

    def test_a_package_has_its_reason(self):
        self.fires({"tools/packages.txt": "# x\ncmake\ng++\n", "docs/dependencies.md": "`g++` compiles\n"}, "tools/packages.txt:2:", "`cmake`")
        self.silent({"tools/packages.txt": "g++ [amd64]\n", "docs/dependencies.md": "`g++` compiles\n"})

    def test_stale_generated_files(self):
        self.fires({"tools/generate_protocol.py": 'raise SystemExit("stale: a.hpp")\n'}, "stale: a.hpp")
        self.silent({"tools/generate_protocol.py": 'print("fine")\n'})


if __name__ == "__main__":
    unittest.main()

"""The tables of tools/tidy."""
from dataclasses import dataclass


def _closure(direct):
    closed = {}
    for room, others in direct.items():  # a room comes after all that it names
        closed[room] = set(others.split())
        for other in others.split():
            closed[room] |= closed[other]
    return closed


# Who may include whom, as docs/ARCHITECTURE.md draws it: a room, and what it may include (and all before that).
ARROWS = _closure({
    "base": "",
    "port": "base",
    "wire": "base",
    "crypto": "base",
    "core": "base",
    "media": "wire",
    "audio": "wire crypto",
    "rtc": "media crypto port",
    "store": "core port",
    "fronts": "rtc audio core port",
    "cluster": "rtc core port",
    "engine": "fronts cluster store",
    "bridge": "engine audio",
    "io": "port crypto audio",
    "sim": "bridge",
    "app": "bridge io",
    "seal": "crypto",
    "client": "seal wire rtc audio io",
})

# Folders of one room that must not know each other.
APART = {
    "fronts": "no front knows another; what both need belongs into src/fronts itself or into core",
    "io": "io/net, io/db and io/sound do not know each other; app and client tie them",
}

# (header, files that may include it, why)
HEADERS = [
    (r"^boost/", r"^(src/(io|app|client/shell)/|tests/|bench/)", "Boost stays in io and app; a machine is handed its bytes and its time"),
    (r"^openssl/", r"^src/(crypto|io)/", "OpenSSL stays in crypto and io; ask crypto"),
    (r"^sqlite3\.h$", r"^src/io/db/", "SQLite stays in io/db; ask the store through src/port/store.hpp"),
    (r"^nlohmann/", r"^src/wire/|_test\.cpp$", "JSON trees stay in wire; use the messages of wire/web_messages.hpp"),
    (r"^toml\+\+/", r"^src/(app|client/shell)/", "configuration files are read in app and client/shell"),
    (r"^intel-ipsec-mb\.h$", r"^src/crypto/", "ciphers stay in crypto"),
    (r"^(thread|future|condition_variable|shared_mutex)$", r"^src/(io|app|client/shell)/|_test\.cpp$", "threads stay in io, app and client/shell; a machine is single-threaded"),
    (r"^mutex$", r"^src/(io|app|client/shell)/|^src/engine/mailbox|_test\.cpp$", "locks stay in io, app, client/shell and the mailbox"),
    (r"^(sys/(socket|epoll|select|un)\.h|poll\.h|netdb\.h)$", r"^src/(io|app|client/shell)/", "sockets stay in io"),
    (r"^(opus/|speex/|webrtc/)", r"^src/audio/", "codecs and processing stay in audio"),
    (r"^cubeb/", r"^src/io/sound/", "devices stay in io/sound"),
    (r"^(n?curses|ncursesw/.*|term)\.h$", r"^src/client/screen/", "curses stays in client/screen"),
    (r"^(iostream|format|regex|random|print)$", r"^$", "use base/log.hpp, fmt/format.h, a parser by hand, base/random.hpp"),
    (r"^cassert$|^assert\.h$", r"^$", "use ENSURE of base/check.hpp"),
]


@dataclass(frozen=True)
class Ban:
    pattern: str
    instead: str
    where: str = r"\.(cpp|hpp)$"
    except_in: str = ""
    raw: bool = False  # looks into comments and texts too


BANS = [
    Ban(r"\bstd::(v?format|print|println)\b", "fmt::format, not std::format: g++ 12 has none"),
    Ban(r"\bstd::(cout|cerr|clog)\b|(?<![\w:.])(std::)?(f?printf|puts)\s*\(", "write to the Log that is handed in (base/log.hpp)", r"^src/.*\.(cpp|hpp)$",
        r"^src/app/|^src/base/check\.cpp$|^src/sim/.*main\.cpp$|_test\.cpp$"),
    Ban(r"\bstd::endl\b", "'\\n', not std::endl"),
    Ban(r"(?<!\w)assert\s*\(", "ENSURE of base/check.hpp, which stays on in release"),
    Ban(r"\b\w*_clock::now\b|\bclock_gettime\s*\(|(?<![\w.>:])(std::|::)?time\s*\(\s*(nullptr|NULL|0)\s*\)", "a machine is handed the time (base/time.hpp); only io reads a clock",
        r"\.(cpp|hpp)$", r"^src/io/|^src/crypto/openssl_clock\.cpp$|^bench/|^tests/"),  # openssl_clock stands in for the C library's clock
    Ban(r"\bsleep_(for|until)\b|(?<![\w.>])u?sleep\s*\(", "tests run in virtual time and wait for nothing; io uses timers"),
    Ban(r"(?<![\w.>])(std::|::)?s?rand\s*\(|\bstd::(random_device|mt19937(_64)?|default_random_engine)\b", "chance is handed in: base/random.hpp"),
    Ban(r"\bcatch\s*\([^)]*\)\s*\{\s*\}", "nothing is caught and ignored: return an error that says what happened, or let it end the process"),
    Ban(r"\bthrow\b", "errors are values: std::expected with what the peer is told", r"^src/.*\.(cpp|hpp)$", r"^src/(io|app|client/shell)/"),
    Ban(r"\busing\s+namespace\s+std\s*;", "write std:: where it is meant"),
    Ban(r"\bstd::regex\b", "a parser by hand: std::regex overflows the stack on long input"),
    Ban(r"(?<![\w.>])(std::|::)?(strcpy|strcat|v?sprintf|gets|strtok|alloca)\s*\(", "std::string, std::span and fmt know how long they are"),
    Ban(r"(?<![\w.>])(std::|::)?(atoi|atol|atof|strtou?ll?|strtod|stoi|stoul{1,2}|stol{1,2})\s*\(", "std::from_chars, and look at what it says"),
    Ban(r"(?<![\w.>])(std::|::)?(system|popen)\s*\(", "no shell: the daemon starts no programs"),
    Ban(r"\bstd::async\b|\.detach\s*\(\s*\)", "a worker of io that somebody joins"),
    Ban(r"\bdynamic_cast\b", "a virtual function or a std::variant"),
    Ban(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b", "do it now or open an issue", r".", r"package-lock\.json$", raw=True),
    Ban(r"(?<![\w.])/(wo" + r"rk|ho" + r"me/\w+|ro" + r"ot)/", "a path of one machine has no place in the tree", r".", r"package-lock\.json$", raw=True),
    Ban(r'"resolved": "https?:', "a lock file names no registry host: npm config set omit-lockfile-registry-resolved true", r"package-lock\.json$", raw=True),
    Ban(r"\{@html\b|\.(inner|outer)HTML\b|insertAdjacentHTML|document\.write\b", "text nodes only: what people write is never markup", r"^web/src/"),
    Ban(r"\beval\s*\(|\bnew Function\b", "no code from text: the content policy forbids it", r"^web/src/"),
    Ban(r"(?<!\w)as any\b|:\s*any\b|<any>", "unknown, and look at what it is", r"^web/.*\.(ts|svelte)$"),
    Ban(r"@ts-(ignore|nocheck)\b", "mend the type", r"^web/.*\.(ts|svelte|js)$", raw=True),
    Ban(r"\b(it|test|describe)\.only\s*\(", "a test that runs alone hides the others", r"^web/.*\.ts$"),
]

TEXT_FILES = r"(\.(cpp|hpp|def|c|h|py|ts|js|mjs|svelte|css|html|json|toml|md|txt|cmake|sh|in|yml)|(^|/)(Makefile|run|tidy|setup|build|build_web|fmt|fuzz|npm|run_tests))$"
# Data from elsewhere and seeds keep the bytes that they have.
FOREIGN = r"^(tests/data|fuzz/corpus)/|package-lock\.json$"
LONG_LINES = r"^proto/messages\.json$|^src/wire/web_messages\.(cpp|hpp)$|^web/src/protocol/messages\.ts$|\.svg$"
LONG_FILES = r"^src/wire/web_messages\.(cpp|hpp)$|^web/src/protocol/messages\.ts$|\.(md|json)$"
MAX_COLUMNS = 200
MAX_LINES = 600
MAX_README = 120

#!/usr/bin/env python3
"""Makes both languages' message types from proto/messages.json.

    tools/generate_protocol.py            writes the files
    tools/generate_protocol.py --check    fails, naming the file, when a committed file is stale

Only Python's standard library is used. The output is committed, so a build needs no Python.
"""
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BANNER = "// Made by tools/generate_protocol.py from proto/messages.json. Edit that file, not this one."
SCALARS = {"id": "std::uint64_t", "ms": "std::int64_t", "int": "std::int64_t", "bool": "bool", "text": "std::string"}
TS_SCALARS = {"id": "number", "ms": "number", "int": "number", "bool": "boolean", "text": "string"}
# The union of all messages of one direction is called Message, so the message named "message" steps aside.
RENAMED = {"Message": "RoomMessage"}
CPP_KEYWORDS = {"default", "new", "delete", "class", "public", "private", "this", "register", "union", "switch", "case", "operator", "template"}


def camel(name):
    text = "".join(part.capitalize() for part in name.split("_"))
    return RENAMED.get(text, text)


def enumerator(name):
    return name + "_" if name in CPP_KEYWORDS else name


class Schema:
    """messages.json, read and held against its own rules."""

    def __init__(self, text):
        data = json.loads(text)
        self.protocol = data["protocol"]
        self.enums = data["enums"]
        self.types = data["types"]
        self.directions = {"client": data["client"], "server": data["server"]}
        for name, fields in [*self.types.items(), *self.directions["client"].items(), *self.directions["server"].items()]:
            for field, kind in fields.items():
                if self.plain(kind) not in {*SCALARS, *self.enums, *self.types}:
                    raise SystemExit(f"proto/messages.json: {name}.{field} has the unknown type {kind}")
                if kind.endswith("[]?") or field == "type":
                    raise SystemExit(f"proto/messages.json: {name}.{field} is not something both languages can hold")

    @staticmethod
    def plain(kind):
        return kind.removesuffix("?").removesuffix("[]")


def cpp_type(kind):
    plain = Schema.plain(kind)
    base = SCALARS.get(plain) or camel(plain)
    if kind.endswith("[]"):
        return f"std::vector<{base}>"
    return f"std::optional<{base}>" if kind.endswith("?") else base


def cpp_default(schema, kind):
    if kind.endswith(("?", "[]")):
        return ""
    if kind in schema.enums:
        return f" = {camel(kind)}::{enumerator(schema.enums[kind][0])}"
    return {"id": " = 0", "ms": " = 0", "int": " = 0", "bool": " = false"}.get(kind, "")


def cpp_struct(schema, name, fields):
    yield f"struct {camel(name)} {{"
    for field, kind in fields.items():
        yield f"    {cpp_type(kind)} {field}{cpp_default(schema, kind)};"
    yield f"    bool operator==(const {camel(name)}&) const = default;"
    yield "};"


def cpp_header(schema):
    yield BANNER
    yield "// Ids and requests are 1 to 2^53 - 1, other numbers 0 to 2^53 - 1, times milliseconds since 1970 (UTC)."
    yield "// proto/PROTOCOL.md tells what each message means."
    yield "#pragma once"
    yield from (f"#include <{header}>" for header in ["cstdint", "expected", "optional", "string", "string_view", "variant", "vector"])
    yield ""
    yield "namespace earshot::wire::web {"
    yield ""
    yield f"inline constexpr std::int64_t kProtocol = {schema.protocol};"
    yield "inline constexpr std::size_t kMaxClientBytes = 64 * 1024;        // a longer message from a client is refused"
    yield "inline constexpr std::size_t kMaxServerBytes = 8 * 1024 * 1024;  // a longer message from a server is refused"
    yield ""
    for name, values in schema.enums.items():
        yield f"enum class {camel(name)} : std::uint8_t {{ {', '.join(map(enumerator, values))} }};"
    yield ""
    yield from (f"std::string_view to_text({camel(name)} value);" for name in schema.enums)
    yield "// Nothing when the text is no value of that enumeration."
    yield "template <typename Enum>"
    yield "std::optional<Enum> from_text(std::string_view text);"
    for name in schema.enums:
        yield "template <>"
        yield f"std::optional<{camel(name)}> from_text<{camel(name)}>(std::string_view text);"
    for name, fields in schema.types.items():
        yield ""
        yield from cpp_struct(schema, name, fields)
    for direction, messages in schema.directions.items():
        yield ""
        yield f"namespace {direction} {{"
        for name, fields in messages.items():
            yield ""
            yield from cpp_struct(schema, name, fields)
        yield ""
        yield f"using Message = std::variant<{', '.join(map(camel, messages))}>;"
        yield ""
        yield f"}}  // namespace {direction}"
    yield ""
    yield "// What was wrong with a message from outside. `text` is a sentence that names the field; `request` is"
    yield "// there when it could be read, so that the sender can be answered."
    yield "struct DecodeError {"
    yield "    enum class Kind : std::uint8_t { malformed, unknown_type, bad_field };"
    yield "    Kind kind = Kind::malformed;"
    yield "    std::optional<std::uint64_t> request;"
    yield "    std::string text;"
    yield "};"
    yield ""
    yield "// One JSON object without white space. Bytes of a text that are no UTF-8 become U+FFFD."
    for direction, messages in schema.directions.items():
        yield f"std::string encode(const {direction}::Message& message);"
        yield from (f"std::string encode(const {direction}::{camel(name)}& message);" for name in messages)
    yield ""
    yield "std::expected<client::Message, DecodeError> decode_client(std::string_view json);"
    yield "std::expected<server::Message, DecodeError> decode_server(std::string_view json);"
    yield ""
    yield "}  // namespace earshot::wire::web"


def cpp_visitor(name, fields):
    yield f"template <SameAs<{name}> M, typename F>"
    if not fields:
        yield "void each_field(M&, F&&) {}"
        return
    yield "void each_field(M& m, F&& field) {"
    yield from (f'    field("{field}", m.{field});' for field in fields)
    yield "}"


def cpp_source(schema):
    yield BANNER
    yield '#include "wire/web_messages.hpp"'
    yield ""
    yield "#include <array>"
    yield ""
    yield '#include "wire/json_fields.hpp"'
    yield ""
    yield "namespace earshot::wire::web {"
    yield ""
    for name, values in schema.enums.items():
        texts = ", ".join(f'"{value}"' for value in values)
        yield f"static constexpr std::array<std::string_view, {len(values)}> k{camel(name)}Texts{{{texts}}};"
    yield ""
    for name in schema.enums:
        enum, table = camel(name), f"k{camel(name)}Texts"
        yield f"std::string_view to_text({enum} value) {{ return {table}[static_cast<std::size_t>(value)]; }}"
        yield "template <>"
        yield f"std::optional<{enum}> from_text<{enum}>(std::string_view text) {{ return json::enum_from<{enum}>({table}, text); }}"
        yield f"static std::span<const std::string_view> texts_of({enum}) {{ return {table}; }}"
    yield ""
    yield "template <typename A, typename B>"
    yield "concept SameAs = std::same_as<std::remove_const_t<A>, B>;"
    for name, fields in schema.types.items():
        yield ""
        yield from cpp_visitor(camel(name), fields)
    for direction, messages in schema.directions.items():
        yield ""
        yield f"namespace {direction} {{"  # where argument-dependent lookup finds them
        for name, fields in messages.items():
            yield ""
            yield from cpp_visitor(camel(name), fields)
        yield ""
        yield f"}}  // namespace {direction}"
    for direction, messages in schema.directions.items():
        yield ""
        for name in messages:
            yield f'std::string encode(const {direction}::{camel(name)}& m) {{ return json::encode("{name}", m); }}'
        yield f"std::string encode(const {direction}::Message& message) {{"
        yield "    return std::visit([](const auto& m) { return encode(m); }, message);"
        yield "}"
        yield f"std::expected<{direction}::Message, DecodeError> decode_{direction}(std::string_view text) {{"
        yield f"    using Entry = json::Entry<{direction}::Message, DecodeError>;"
        yield "    static constexpr std::array entries{"
        for name in messages:
            yield f'        Entry{{"{name}", &json::decode_as<{direction}::Message, {direction}::{camel(name)}, DecodeError>}},'
        yield "    };"
        limit = f"kMax{direction.capitalize()}Bytes"
        yield f"    return json::decode<{direction}::Message, DecodeError>(text, {limit}, entries);"
        yield "}"
    yield ""
    yield "}  // namespace earshot::wire::web"


def ts_type(kind):
    plain = Schema.plain(kind)
    base = TS_SCALARS.get(plain) or camel(plain)
    return f"readonly {base}[]" if kind.endswith("[]") else base


def ts_fields(fields):
    for field, kind in fields.items():
        yield f"  readonly {field}{'?' if kind.endswith('?') else ''}: {ts_type(kind)};"


def ts_table(name, entries):
    yield f"const {name}: Table = {{"
    for key, fields in entries.items():
        inner = ", ".join(f'{field}: "{kind}"' for field, kind in fields.items())
        yield f"  {key}: {{ {inner} }}," if inner else f"  {key}: {{}},"
    yield "};"


TS_DECODER = (Path(__file__).resolve().parent / "generate_protocol_decoder.ts.in")


def ts_module(schema):
    yield BANNER
    yield "// proto/PROTOCOL.md tells what each message means."
    yield ""
    yield f"export const PROTOCOL = {schema.protocol};"
    yield ""
    for name, values in schema.enums.items():
        yield f"export const {name.upper()}_VALUES = [{', '.join(json.dumps(v) for v in values)}] as const;"
        yield f"export type {camel(name)} = (typeof {name.upper()}_VALUES)[number];"
    for name, fields in schema.types.items():
        yield ""
        yield f"export interface {camel(name)} {{"
        yield from ts_fields(fields)
        yield "}"
    for direction, messages in schema.directions.items():
        prefix = direction.capitalize()
        for name, fields in messages.items():
            yield ""
            yield f"export interface {prefix}{camel(name)} {{"
            yield f'  readonly type: "{name}";'
            yield from ts_fields(fields)
            yield "}"
        yield ""
        yield f"export type {prefix}Message ="
        names = [f"  | {prefix}{camel(name)}" for name in messages]
        yield from names[:-1]
        yield names[-1] + ";"
    yield ""
    yield "type Fields = Readonly<Record<string, string>>;"
    yield "type Table = Readonly<Record<string, Fields>>;"
    yield "const enums: Readonly<Record<string, readonly string[]>> = {"
    yield from (f"  {name}: {name.upper()}_VALUES," for name in schema.enums)
    yield "};"
    yield from ts_table("types", schema.types)
    yield from ts_table("clientMessages", schema.directions["client"])
    yield from ts_table("serverMessages", schema.directions["server"])
    yield ""
    yield TS_DECODER.read_text(encoding="utf-8").rstrip("\n")


def outputs(schema):
    return {
        "src/wire/web_messages.hpp": "\n".join(cpp_header(schema)) + "\n",
        "src/wire/web_messages.cpp": "\n".join(cpp_source(schema)) + "\n",
        "web/src/protocol/messages.ts": "\n".join(ts_module(schema)) + "\n",
    }


def main(arguments):
    schema = Schema((ROOT / "proto/messages.json").read_text(encoding="utf-8"))
    stale = []
    for name, text in outputs(schema).items():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    if stale and "--check" in arguments:
        print(f"stale: {', '.join(stale)}; run tools/generate_protocol.py and commit the result")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

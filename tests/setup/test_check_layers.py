"""check_layers.py on small made-up repositories, and on this one."""

import sys
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))

import check_layers  # noqa: E402

LAYERS = """# Architecture
```layers
base:
ops: base
backend/ref: ops base
backend/cpu: ops base | hwy | tests: backend/ref
cli: base ops backend/cpu
```
"""


class CheckLayers(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.write("ARCHITECTURE.md", LAYERS)
        self.write("src/base/a.h", "")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def violations(self):
        return check_layers.check(self.root)

    def test_downward_includes_pass(self):
        self.write("src/ops/x.cc", '#include "ops/x.h"\n#include <vector>\n#include "base/a.h"\n')
        self.write("src/backend/cpu/k.cc", '#include <hwy/highway.h>\n#include "ops/x.h"\n')
        self.assertEqual(self.violations(), [])

    def test_upward_include_is_named_with_its_line(self):
        self.write("src/base/b.cc", '#include "base/a.h"\n\n#include "ops/x.h"\n')
        self.assertEqual(self.violations(), ["src/base/b.cc:3: base may not include ops (ops/x.h)"])

    def test_sideways_include_is_refused_but_in_a_test(self):
        self.write("src/backend/cpu/k.cc", '#include "backend/ref/r.h"\n')
        self.write("src/backend/cpu/k_test.cc", '#include "backend/ref/r.h"\n')
        self.assertEqual(len(self.violations()), 1)
        self.assertIn("k.cc:1", self.violations()[0])

    def test_owned_third_party_headers_stay_with_their_owner(self):
        self.write("src/ops/x.cc", "#include <hwy/highway.h>\n")
        self.assertIn("only backend/cpu may include <hwy/highway.h>", self.violations()[0])

    def test_unknown_module_is_refused(self):
        self.write("src/extra/x.cc", "")
        self.assertIn("no module", self.violations()[0])

    def test_links_follow_the_same_list(self):
        self.write(
            "src/base/CMakeLists.txt",
            "myna_module(base SOURCES a.cc PRIVATE myna_ops)  # myna_cli\n",
        )
        self.write("src/ops/CMakeLists.txt", "myna_module(ops SOURCES x.cc PUBLIC myna_base)\n")
        self.assertEqual(self.violations(), ["src/base/CMakeLists.txt: base may not link myna_ops"])

    def test_test_links_may_use_more(self):
        self.write("src/ops/CMakeLists.txt", "myna_module(ops SOURCES x.cc)\n")
        self.write(
            "src/backend/ref/CMakeLists.txt",
            "myna_module(backend_ref SOURCES r.cc PUBLIC myna_ops)\n",
        )
        self.write(
            "src/backend/cpu/CMakeLists.txt",
            "myna_module(backend_cpu SOURCES k.cc PUBLIC myna_ops\n  TESTS k_test.cc\n"
            "  TEST_LINK myna_backend_ref)\n",
        )
        self.assertEqual(self.violations(), [])

    def test_what_tests_share_is_for_tests_alone(self):
        include = '#include "tests/support/directory.h"\n'
        for name in ("x_test.cc", "x_test_support.h", "x.cc"):
            self.write(f"src/ops/{name}", include)
            self.write(f"train/lm/{name}", include)
        self.write("ARCHITECTURE.md", LAYERS.replace("cli:", "train: base\ncli:"))
        self.assertEqual(
            self.violations(),
            [
                'src/ops/x.cc:1: "tests/support/directory.h" belongs to no module',
                "train/lm/x.cc:1: train may not include tests/support/directory.h",
            ],
        )

    def test_circles_in_the_list_itself_are_refused(self):
        self.write("ARCHITECTURE.md", LAYERS.replace("base:\n", "base: ops\n"))
        self.assertIn("circle", self.violations()[0])

    def test_missing_list_is_refused(self):
        self.write("ARCHITECTURE.md", "# nothing\n")
        self.assertEqual(len(self.violations()), 1)

    def test_this_repository_is_sound(self):
        self.assertEqual(check_layers.check(REPOSITORY), [])


if __name__ == "__main__":
    unittest.main()

"""Who may import whom: the order of the packages, and what must not be there before it is used."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pytest

import elman

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(elman.__file__).parent

ORDER = (
    "version",
    "errors",
    "extras",
    "settings",
    "data",
    "text",
    "features",
    "metrics",
    "decoding",
    "model",
    "tasks",
    "runtime",
    "nn",
    "training",
    "inspection",
    "pipelines",
    "studio",
    "service",
    "cluster",
    "cli",
)
"""A module imports from its own place in this list and from those above it."""

BASE = {"numpy", "rich", "safetensors", "typer"}
"""What the base install brings."""

EXTRA_PACKAGES = {
    "torch": {"nn", "training", "inspection"},
    "pydantic": {"settings"},
    "tensorboardX": {"training"},
    "zstandard": {"data"},
    "pyarrow": {"data"},
    "faker": {"data"},
    "spacy": {"data", "pipelines"},
    "slovnet": {"pipelines"},
    "navec": {"pipelines"},
    "onnx": {"pipelines", "runtime"},
    "onnxruntime": {"pipelines", "runtime"},
    "tokenizers": {"features", "pipelines"},
    "sacrebleu": {"metrics"},
    "threadpoolctl": {"pipelines"},
    "matplotlib": {"inspection"},
    "optuna": {"pipelines"},
    "pypdfium2": {"data"},
    "docx": {"data"},
    "selectolax": {"data"},
    "soundfile": {"data"},
    "soxr": {"data"},
}
"""Who may import what the base install does not bring."""

Kind = Literal["now", "later", "typing"]


class Import(NamedTuple):
    """What is imported, where, and when: with the module, in a function, or for the type checker alone."""

    target: str
    line: int
    kind: Kind


Imports = dict[str, list[Import]]


def imports_of(root: Path) -> Imports:
    """The imports of each module of the package in a folder."""
    names = {name_of(path, root): path for path in sorted(root.rglob("*.py"))}
    return {
        name: [
            Import(existing(target, names), line, kind)
            for target, line, kind in visit(ast.parse(path.read_text("utf-8")), name, path.stem == "__init__", "now")
        ]
        for name, path in names.items()
    }


def name_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def existing(target: str, names: Mapping[str, Path]) -> str:
    """The module that holds the target: ``a.b`` for the name ``c`` in it."""
    head = target.rpartition(".")[0]
    return head if target not in names and head in names else target


def visit(node: ast.AST, module: str, package: bool, kind: Kind) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside: Kind = kind
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = "typing" if kind == "typing" else "later"
        elif isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from visit(ast.Module(child.body, []), module, package, "typing")
            yield from visit(ast.Module(child.orelse, []), module, package, kind)
            continue
        elif isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, kind) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            home = child.module or ""
            if child.level:
                base = module.split(".")[: None if package and child.level == 1 else package - child.level]
                home = ".".join([*base, *filter(None, [child.module])])
            yield from (Import(f"{home}.{alias.name}", child.lineno, kind) for alias in child.names)
        yield from visit(child, module, package, inside)


def unit(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def is_own(target: str) -> bool:
    return target.split(".")[0] == "elman"


def closure(imports: Imports, starts: set[str], kinds: set[Kind]) -> set[str]:
    """What is imported when these modules are, own modules and others."""
    seen: set[str] = set()
    waiting = set(starts)
    while waiting:
        module = waiting.pop()
        seen.add(module)
        # Importing a.b.c imports a and a.b first.
        parents = (
            {module.rsplit(".", count)[0] for count in range(1, module.count(".") + 1)} if is_own(module) else set()
        )
        found = {each.target for each in imports.get(module, ()) if each.kind in kinds}
        waiting |= (parents | found) - seen
    return seen


def faults(root: Path) -> list[str]:
    """Everything in a package that goes against the rules."""
    imports = imports_of(root)
    return [*upward(imports), *foreign(imports), *round_about(imports), *heavy(imports)]


def upward(imports: Imports) -> Iterator[str]:
    for module, found in imports.items():
        here = unit(module)
        if here and here != "__main__" and here not in ORDER:
            yield f"{module} has no place in the order"
            continue
        for target, line, _ in found:
            there = unit(target)
            if not is_own(target) or here in {"", "__main__"}:
                continue
            if target == "elman" and here != "cli":
                yield f"{module}:{line} imports the public face"
            elif target != "elman" and ORDER.index(there) > ORDER.index(here):
                yield f"{module}:{line} imports upwards: {target}"
            elif there == "nn" and here not in {"nn", "training", "inspection"}:
                yield f"{module}:{line} imports {target}, which only training and inspection may"


def foreign(imports: Imports) -> Iterator[str]:
    for module, found in imports.items():
        for target, line, kind in found:
            package = target.split(".")[0]
            if is_own(target) or package in sys.stdlib_module_names or package in BASE:
                continue
            if unit(module) not in EXTRA_PACKAGES.get(package, ()) and kind != "typing":
                yield f"{module}:{line} imports {package}"


def round_about(imports: Imports) -> Iterator[str]:
    graph = {
        module: {each.target for each in found if is_own(each.target) and each.kind != "typing"} - {"elman"}
        for module, found in imports.items()
        if module != "elman"
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield f"imports go round: {' -> '.join(error.args[1])}"


def heavy(imports: Imports) -> Iterator[str]:
    """What must not come along: with ``import elman`` anything, with ``elman --help``, with tagging."""
    face = closure(imports, {"elman"}, {"now"})
    yield from (f"elman imports {name} before it is used" for name in sorted(face) if not is_standard(name))
    quick = closure(imports, {"elman.cli.app"}, {"now"})
    yield from (
        f"elman.cli.app imports {name} before a command needs it"
        for name in sorted(quick)
        if not is_standard(name) and not name.startswith(("elman.cli", "elman.errors", "typer"))
    )
    runtime = {module for module in imports if unit(module) == "runtime"}
    # The face itself can import everything, when it is asked for it.
    inner = {module: found for module, found in imports.items() if module != "elman"}
    for name in sorted(closure(inner, runtime, {"now", "later"})):
        # What reads a format of files comes when such a file does, and an engine when it is chosen.
        if EXTRA_PACKAGES.get(name.split(".")[0], {"data"}).isdisjoint({"data", "runtime"}):
            yield f"tagging imports {name}"


def is_standard(name: str) -> bool:
    return name == "elman" or name.split(".")[0] in sys.stdlib_module_names


def test_the_package_keeps_the_order() -> None:
    assert faults(ROOT) == []


GOOD = {
    "__init__.py": "import typing\nif typing.TYPE_CHECKING:\n    from elman.nn.cells import Cell\n",
    "errors.py": "",
    "settings.py": "import pydantic\n",
    "data/__init__.py": "",
    "data/document.py": "import numpy\nfrom elman.errors import Error\n",
    "runtime/tagger.py": "from elman.data.document import Document\nimport elman.errors\n",
    "nn/cells.py": "import torch.nn\n",
    "training/train.py": "def f():\n    import elman.nn.cells\n    from elman.runtime import tagger\n",
    "cli/__init__.py": "def main():\n    from elman.cli.app import app\n",
    "cli/app.py": "import typer\nimport elman\nfrom elman.cli.tag import tag\n",
    "cli/tag.py": "def tag():\n    import elman.runtime.tagger\n    import elman.settings\n",
}

BAD = {
    "upwards": ({"data/document.py": "from elman.metrics import score"}, "imports upwards: elman.metrics"),
    "upwards in a function": (
        {"data/document.py": "class A:\n    def f():\n        import elman.cli.tag"},
        "elman.data.document:3 imports upwards: elman.cli.tag",
    ),
    "upwards for the type checker": (
        {"data/document.py": "if TYPE_CHECKING:\n    from elman.tasks import tagging"},
        "imports upwards: elman.tasks",
    ),
    "upwards, relative": (
        {"data/document.py": "from ..runtime import tagger"},
        "imports upwards: elman.runtime.tagger",
    ),
    "round": (
        {"data/a.py": "from elman.data import b", "data/b.py": "def f():\n    from elman.data.a import x"},
        "imports go round",
    ),
    "round through the package": (
        {
            "data/__init__.py": "from elman.data.document import D",
            "data/document.py": "from elman.data import D",
        },
        "imports go round",
    ),
    "the face from within": ({"data/document.py": "import elman"}, "imports the public face"),
    "no place": ({"other/a.py": ""}, "elman.other.a has no place"),
    "torch below": (
        {"runtime/tagger.py": "def f():\n    import torch"},
        "elman.runtime.tagger:2 imports torch",
    ),
    "torch in the command line": ({"cli/tag.py": "from torch import nn"}, "elman.cli.tag:1 imports torch"),
    "nn outside training": (
        {"cli/tag.py": "def f():\n    import elman.nn.cells"},
        "which only training and inspection may",
    ),
    "unknown package": ({"data/document.py": "import pandas"}, "elman.data.document:1 imports pandas"),
    "a face that is not lazy": (
        {"__init__.py": "from elman.data import document"},
        "elman imports numpy before",
    ),
    "a command that is not lazy": (
        {"cli/tag.py": "import elman.runtime.tagger"},
        "elman.cli.app imports elman.runtime.tagger before",
    ),
    "pydantic with tagging": (
        {"data/document.py": "", "runtime/tagger.py": "def f():\n    import elman.settings"},
        "tagging imports pydantic",
    ),
}


def package(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "elman" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "elman"


def test_a_good_package_has_no_fault(tmp_path: Path) -> None:
    assert faults(package(tmp_path, GOOD)) == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_package_has_one(tmp_path: Path, name: str) -> None:
    files, fault = BAD[name]
    assert fault in "\n".join(faults(package(tmp_path, {**GOOD, **files})))


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def test_importing_elman_imports_little() -> None:
    assert run("import sys, elman; print({'torch', 'numpy', 'pydantic', 'rich'} & set(sys.modules))") == "set()\n"


def test_showing_help_imports_little() -> None:
    program = (
        "import sys\nsys.argv = ['elman', '--help']\nfrom elman.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n"
        "    print('came:', {'torch', 'numpy', 'pydantic', 'rich'} & set(sys.modules))"
    )
    assert run(program).endswith("came: set()\n")


def test_every_public_name_is_there() -> None:
    for name in elman.__all__:
        assert getattr(elman, name).__doc__
    assert set(elman.__all__) <= set(dir(elman))
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = elman.Nothing

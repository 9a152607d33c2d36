"""The house stands as it was drawn: imports point one way, methods are pure, the server is light, rooms stay small."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "labelwright"
HEAVY = ("pandas", "pyarrow", "numba", "sklearn")
# In pieces, so that this file does not name what it forbids.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
    )
)


def python_files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)
    assert files, f"{folder.relative_to(ROOT)} holds no Python file"
    return files


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(module: ast.Module) -> Iterator[str]:
    """Every absolute import of a file, also those inside functions and behind TYPE_CHECKING."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            yield node.module or ""


def tracked_files() -> list[Path]:
    """The files git knows, or every file of a source distribution, which has no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    own = (PACKAGE, ROOT / "tests", ROOT / "tools", ROOT / "docs", ROOT / "benchmarks")
    return [path for folder in own for path in folder.rglob("*") if path.is_file()]


def test_imports_point_one_way() -> None:
    """The contracts of pyproject.toml: layers, services apart from adapters, task types apart from each other."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def modules_imported_by(path: Path) -> Iterator[Path]:
    """The files of this package that a file imports, also inside functions and for types alone."""
    for node in ast.walk(tree(path)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == PACKAGE.name:
                near = PACKAGE.parent.joinpath(*parts)
                places = (near.with_suffix(".py"), near / "__init__.py", near.parent.with_suffix(".py"))
                found = next((place for place in places if place.is_file()), near.parent / "__init__.py")
                assert found.is_file(), f"{path.relative_to(ROOT)} imports {name}, which is nowhere"
                yield found


def test_no_files_import_each_other_in_a_circle() -> None:
    """Also within a room, where the layers say nothing. A room's face, its `__init__.py`, knows what is in the room."""
    files = [path for path in python_files(PACKAGE) if path.name != "__init__.py"]
    imported = {path: {*modules_imported_by(path)} - {path} for path in files}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        circle = " -> ".join(str(path.relative_to(PACKAGE)) for path in reversed(error.args[1]))
        pytest.fail(f"{circle}: move what both need to where neither imports the other")


def test_methods_import_only_numbers_and_errors() -> None:
    ours = ("labelwright.methods", "labelwright.errors")
    foreign = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files(PACKAGE / "methods")
        for name in imported_modules(tree(path))
        if name.split(".")[0] not in {"numpy", "scipy", *sys.stdlib_module_names}
        and not any(name == own or name.startswith(own + ".") for own in ours)
    ]
    assert not foreign, "\n".join(foreign)


def test_scipy_stats_is_imported_only_where_it_is_used() -> None:
    """It costs half a second, which every command would pay."""
    eager = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files(PACKAGE)
        for node in module_level(tree(path))
        if (isinstance(node, ast.Import) and any(alias.name.startswith("scipy.stats") for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scipy.stats"))
        or (isinstance(node, ast.ImportFrom) and node.module == "scipy" and any(a.name == "stats" for a in node.names))
    ]
    assert not eager, f"import scipy.stats inside the function that needs it, or use scipy.special: {eager}"


def module_level(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is imported: not the bodies of functions, not what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from module_level(child)


def docstring_positions(module: ast.Module) -> set[int]:
    """The identities of the constants that are docstrings."""
    return {
        id(body[0].value)
        for node in ast.walk(module)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and (body := node.body)
        and isinstance(body[0], ast.Expr)
    }


def strings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and value of every string literal that is not a docstring."""
    documentation = docstring_positions(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def test_the_guard_sees_literals_and_not_docstrings() -> None:
    module = ast.parse('"""labelwright/spans"""\nkind = f"{1} labelwright/spans"\n')
    assert [value for _, value in strings(module) if "labelwright/spans" in value] == [" labelwright/spans"]


def test_nothing_but_a_task_types_own_file_names_it() -> None:
    """Only its own file and the file formats written for it say a type's identifier; all else goes by the registry."""
    from labelwright.tasks.registry import task_types

    names = tuple(task_types())
    assert names, "the registry holds no task type"
    own = {name: {Path(file)} for name, kind in task_types().items() if (file := sys.modules[kind.__module__].__file__)}
    told = [
        f"{path.relative_to(ROOT)}:{line} says {name!r}"
        for path in python_files(PACKAGE)
        if not path.is_relative_to(PACKAGE / "adapters" / "formats")
        for line, value in strings(tree(path))
        for name in names
        if name in value and path not in own[name]
    ]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("module", ["labelwright.server.app", "labelwright.cli.main", "labelwright.workspace"])
def test_importing_it_loads_no_heavy_library(module: str) -> None:
    """What is light stays light: checked in a process of its own, by what is loaded and not by what is written."""
    program = f"import sys, {module}\nprint(*sorted(m for m in {(*HEAVY, 'scipy.stats')!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_no_file_names_a_registry_host() -> None:
    named = [
        f"{path.relative_to(ROOT)} names {host}"
        for path in tracked_files()
        for body in (path.read_bytes(),)
        for host in REGISTRY_HOSTS
        if host.encode() in body
    ]
    assert not named, "\n".join(named)


def test_no_file_names_a_path_of_one_machine() -> None:
    places = tuple("/" + place + "/" for place in ("root", "work"))
    named = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".ts", ".tsx"}
        for body in (path.read_text(encoding="utf-8", errors="replace"),)
        if any(place in body for place in places)
    ]
    assert not named, named


@dataclass(frozen=True)
class Room:
    """A file or function and its length."""

    lines: int
    name: str


def functions(path: Path) -> Iterator[Room]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Room(lines, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")


def test_no_room_grows_without_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints the ten longest files and functions, for everybody to look at; fails only past any excuse."""
    paths = python_files(PACKAGE)
    files = [Room(len(path.read_text(encoding="utf-8").splitlines()), str(path.relative_to(ROOT))) for path in paths]
    rooms = {"files": files, "functions": [room for path in paths for room in functions(path)]}
    with capsys.disabled():
        for kind, all_of_them in rooms.items():
            print(f"\nThe ten longest {kind}:")
            for room in sorted(all_of_them, key=lambda room: -room.lines)[:10]:
                print(f"{room.lines:6}  {room.name}")
    # A room of twice the longest that the design's examples have is a place where everything goes.
    assert max(room.lines for room in rooms["files"]) <= 600
    assert max(room.lines for room in rooms["functions"]) <= 120

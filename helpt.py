"""The front door: the command line, and the one place that wires collecting, recognising and showing together."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.progress import Progress

from dashboard.board import Board, utc_now
from dashboard.board import Incident as Shown
from dashboard.commandline import make_parser
from dashboard.coverage import complaints, coverage, told
from dashboard.errors import DashboardError
from dashboard.plans import Plans
from dashboard.rehearsal import HandClock, night_watched, pass_alone, rehearsed
from dashboard.settings import DashboardSettings, IncidentSettings
from dashboard.terminal import progress_bar
from dedupe import checkup, exports, incidents
from dedupe.collapse import Batch, Collapsed, collapse
from dedupe.deciding.decisions import find_record
from dedupe.errors import DedupeError, StoreError
from dedupe.explain import explain, explain_two
from dedupe.incidents import Incident
from dedupe.prepare import Prepared, prepare
from dedupe.reading.lexicon import check_lexicon
from dedupe.reading.readers import use_words
from dedupe.rebuild import rebuild
from dedupe.runs import RUN_SCHEMA, Journal, last_cursor, opened_at
from dedupe.settings import DedupeSettings
from dedupe.steering import steered
from dedupe.store import LAKE, Store
from dedupe.teaching import LOOK, Teaching
from dedupe.trial import tell_reading
from ingest.collecting import Collecting, Order
from ingest.collectors import Collectors, Gathered, Watched
from ingest.demo import DEMO_HEAD, DEMO_LENGTH, DEMO_TAGS, demo
from ingest.desk import typed_in
from ingest.errors import IngestError, TransientError
from ingest.files import FileSource, read_ahead, rejects_path, write_rejects
from ingest.inbox import inbox_line
from ingest.probe import trials
from ingest.recall import Nothing
from ingest.schedule import Job
from ingest.settings import IngestSettings, SourcesSettings
from ingest.source import Fetch, removed
from playbooks.commands import plan_line, playbook_step
from playbooks.errors import PlaybookError

log = logging.getLogger("helpt")

CONFIG = Path("helpt.toml")
TRIAL = 12.0
"""Seconds a source has to show the doctor that it works: Bluesky's stream says after ten why it does not."""


class Refused(Exception):  # the front door's own error
    """A request that cannot be done; `str()` is one sentence that says what to do."""


class Settings(BaseModel):
    """All of helpt.toml: a table per package, and the incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ingest: IngestSettings = IngestSettings()
    sources: SourcesSettings = SourcesSettings()
    dedupe: DedupeSettings = DedupeSettings()
    dashboard: DashboardSettings = DashboardSettings()
    incident: IncidentSettings = IncidentSettings()


def read_settings(path: Path | None) -> Settings:
    """Read a settings file; without one, the defaults. Raises Refused with every problem, a line each."""
    if path is None and not CONFIG.exists():
        return Settings()
    file = path or CONFIG
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise Refused(f"{file}: cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: is no TOML: {error}.") from error
    except ValidationError as error:
        raise Refused("\n".join(_problem(file, dict(found)) for found in error.errors())) from error


def _problem(file: Path, found: dict[str, Any]) -> str:
    table, *keys = [str(part) for part in found["loc"]]
    if table == "sources" and keys:
        table, keys = f"{table}.{keys[0]}", keys[1:]
    expected = "a known key" if found["type"] == "extra_forbidden" else found["msg"]
    return f"{file}: [{table}] {'.'.join(keys)}: got {found['input']!r}, expected {expected}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when done, 1 when nothing could be done; wrong use leaves with 2."""
    asked = _parser().parse_args(argv)
    level = logging.WARNING - 10 * asked.verbose + 10 * asked.quiet
    logging.basicConfig(level=max(level, logging.DEBUG), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("apscheduler", "httpx"):  # a line for every look at a stream would bury ours
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    try:
        settings = read_settings(asked.config)
        use_words(asked.words or settings.dedupe.words)
        code = int(asked.command(asked, settings) or 0)
        sys.stdout.flush()
        return code
    except (Refused, IngestError, DedupeError, DashboardError, PlaybookError) as error:
        log.debug("refused", exc_info=error)
        print(f"helpt: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        log.debug("refused", exc_info=error)
        if not isinstance(error, BrokenPipeError):  # who read has had enough, as `head` has
            print(f"helpt: {error}", file=sys.stderr)
        # What could not be printed is tried once more when Python ends, and must go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def _open(asked: argparse.Namespace, settings: Settings, *, must_exist: bool = True) -> Store:
    name = asked.store or settings.dedupe.store
    if must_exist and not Path(name.removeprefix(LAKE)).exists():
        raise Refused(f"There is no store {name} yet: helpt import makes one, or name another with --store.")
    return Store(name, memory_limit=settings.dedupe.memory)


# --- import ---------------------------------------------------------------------------------------------------------


def import_files(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt import: posts from files into the store."""
    done = 0
    with _open(asked, settings, must_exist=False) as store, progress_bar(quiet=bool(asked.quiet)) as progress:
        incident = asked.incident or _incident_id(store, settings)
        for path in asked.files:
            try:
                line = _import_file(store, path, incident, progress)
            except IngestError as error:
                print(f"helpt: {error}", file=sys.stderr)
                continue
            done += 1
            if not asked.quiet:
                print(line)
    return 0 if done else 1


def _import_file(store: Store, path: Path, incident: str, progress: Progress) -> str:
    """One file, each chunk in a transaction with its cursor; the next chunk is read while one is collapsed."""
    began = utc_now()
    source = FileSource(path, incident=incident, clock=utc_now, chunk_bytes=24 << 20)
    task = progress.add_task(path.name, total=1.0)
    refused, sums = 0, [0, 0, 0]
    cursor = last_cursor(store, incident, source.name, path.name)
    records_before = checkup.count_records(store, incident)
    for fetch, prepared in read_ahead(source, cursor, prepare):
        write_rejects(rejects_path(path), fetch.refusals)
        refused += len(fetch.refusals)
        taken = take_in(store, incident, source.name, path.name, fetch, prepared)
        sums = [before + now for before, now in zip(sums, (taken.read, taken.new, taken.known), strict=True)]
        progress.update(task, completed=fetch.progress or 0.0)
    seconds = (utc_now() - began).total_seconds()
    records = checkup.count_records(store, incident)
    if cursor and not sums[0] and not refused:
        return f"{path.name}: was read before, nothing new, {records} records"
    listed = f" (listed in {rejects_path(path).name})" if refused else ""
    return (
        f"{path.name}: {sums[0]} read, {sums[1]} new, {sums[2]} already known, {refused} refused{listed}, "
        f"{records} records ({records - records_before:+d}), {seconds:.1f} s"
    )


def take_in(
    store: Store, incident: str, source: str, query: str, fetch: Fetch, prepared: Prepared | None = None
) -> Collapsed:
    """Collapse what a source gave, with its cursor, in one transaction."""
    batch = _batch(incident, source, query, fetch)
    return collapse(store, prepared or fetch.posts, batch, removals=removed(fetch.removals))


def _batch(incident: str, source: str, query: str, fetch: Fetch) -> Batch:
    return Batch(incident=incident, source=source, query=query, cursor=fetch.cursor, refused=len(fetch.refusals))


# --- export, explain, rebuild -----------------------------------------------------------------------------------------


def export_table(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt export: what others build on."""
    if asked.form == "geojson" and asked.table in ("links", "decisions"):
        raise Refused(f"{asked.table} have no place: take ndjson, csv, parquet or hxl.")
    with _open(asked, settings) as store:
        rows = exports.export(store, asked.table, contacts=asked.contacts)
    out = asked.output
    if out is None:
        sys.stdout.buffer.write(exports.as_bytes(rows, asked.form))
        return 0
    try:
        exports.write(rows, asked.form, out)
    except OSError as error:
        raise Refused(f"{out} cannot be written: {error.strerror or error}.") from error
    if not asked.quiet:
        print(f"{rows.height} {asked.table} in {out}")
    return 0


def explain_names(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt explain: why posts are one record, or why two are not."""
    with _open(asked, settings) as store:
        if asked.other:
            print(explain_two(store, asked.name, asked.other))
        else:
            print(explain(store, asked.name, contacts=asked.contacts))
    return 0


def rebuild_store(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt rebuild: recompute, compare, report."""
    with _open(asked, settings) as store, progress_bar(quiet=bool(asked.quiet)) as progress:
        task = progress.add_task("rebuild", total=1.0)
        found = rebuild(store, apply=asked.apply, progress=lambda share: progress.update(task, completed=share))
    if not found.links and not found.records:
        print(f"{found.posts} posts read anew: everything as it stands.")
        return 0
    written = "written" if asked.apply else "nothing written: --apply writes them"
    otherwise = f"{found.links} wordings and {found.records} records come out otherwise"
    print(f"{found.posts} posts read anew: {otherwise} ({written}).")
    return 0


# --- run, collect -----------------------------------------------------------------------------------------------------


def _into(store: Store, fixed: Sequence[Job], journal: Journal, make: Collectors | None = None) -> Collecting:
    """Collecting into a store: what comes goes through the journal, and what is watched is what the store says."""

    def deliver(job: Job, fetch: Fetch) -> int:
        gone = removed(fetch.removals) if fetch.removals else None
        try:
            done = journal.take(fetch.posts, _batch(job.incident, job.source.name, job.query, fetch), removals=gone)
        except StoreError as error:  # a full disk, say: its sentence is what the board should show
            raise TransientError(str(error)) from error
        return done.new if done else 0

    collecting = Collecting(
        fixed,
        ask=lambda job: journal.cursor(job.incident, job.source.name, job.query),
        deliver=deliver,
        record=lambda job, run: journal.record(pl.DataFrame([run.row(job)], schema=RUN_SCHEMA)),
        left=journal.flush,
        make=make,
        watched=lambda: [
            Watched(id=each.id, tags=each.hashtags, sources=each.sources, is_open=each.is_open)
            for each in incidents.incidents(store)
        ],
        orders=lambda: [
            Order(incident=each.incident, source=each.source, step=each.step, pause=each.action == "pause")
            for each in steered(store)
        ],
    )
    collecting.schedule.also(Teaching(store).look, every=LOOK)
    return collecting


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt run: the board and the collectors, in one process."""
    from dashboard.app import build, loopback, serve  # Streamlit, which no other command needs

    host, port = asked.host or settings.dashboard.host, asked.port or settings.dashboard.port
    loopback(host)
    # Without a settings file, a store or a hashtag there is nothing to show but the demo night.
    made_up = asked.rehearse or asked.demo or not (asked.store or asked.config or asked.hashtag or CONFIG.exists())
    if made_up:
        asked.store = f"{tempfile.mkdtemp(prefix='helpt-demo-')}/demo.duckdb"
    with _open(asked, settings, must_exist=False) as store:
        if asked.unattended:
            return _rehearse_alone(store, asked)
        board, collecting = (_demo_board if made_up else _live_board)(store, asked, settings)
        if not asked.quiet:
            night = ": a SYNTHETIC demo night" if made_up else ""
            print(f"The board is at http://{host}:{port} (stop with Ctrl-C){night}")
        # The server stops at a SIGTERM and then hands it on: the store has to be closed yet.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if not asked.rehearse:
            serve(build(board, collecting=collecting), host, port)
            return 0
        with rehearsed(board, DEMO_LENGTH, asked.report, print), night_watched(board, DEMO_LENGTH):
            serve(build(board, collecting=collecting), host, port)
    return 0


def _rehearse_alone(store: Store, asked: argparse.Namespace) -> int:
    """The night against a plan at once, with nobody there."""
    clock = HandClock(utc_now())
    source = demo(incident="demo", speed=1.0, start=clock(), clock=clock, head=timedelta(0))
    shown = Shown(id="demo", name="Pukkelpop 2011", opened_at=clock(), tags=DEMO_TAGS, synthetic=True)
    board = Board(store=store, incident=shown, plans=Plans(asked.rehearse), now=source.now, wall=clock)

    def take() -> bool:
        fetch = source.fetch(last_cursor(store, "demo", source.name, "demo night"))
        take_in(store, "demo", source.name, "demo night", fetch)
        return fetch.more

    with rehearsed(board, DEMO_LENGTH, asked.report, print):
        pass_alone(board, DEMO_LENGTH, take, clock)
    return 0


def _demo_board(store: Store, asked: argparse.Namespace, settings: Settings) -> tuple[Board, Collecting]:
    """The bundled night, on a clock of its own."""
    start, speed = utc_now(), asked.speed or settings.ingest.demo_speed
    head, plan = timedelta(0) if asked.rehearse else DEMO_HEAD, asked.rehearse or asked.playbook
    source = demo(incident="demo", speed=speed, start=start, clock=utc_now, head=head)
    collecting = _into(store, [Job(incident="demo", source=source, query="demo night", every=1.0)], Journal(store))
    shown = Shown(id="demo", name="Pukkelpop 2011", opened_at=start - head, tags=DEMO_TAGS, synthetic=True)
    board = _board(store, shown, collecting, plan or settings.dashboard.playbook, source.now, settings)
    return replace(board, rehearsal=bool(asked.rehearse)), collecting


def _live_board(store: Store, asked: argparse.Namespace, settings: Settings) -> tuple[Board, Collecting]:
    """What is collected now."""
    found, collecting = _collecting(store, asked, settings)
    opened, plan = found.opened_at or utc_now(), asked.playbook or found.playbook or settings.dashboard.playbook
    shown = Shown(id=found.id, name=found.name, opened_at=opened, tags=found.hashtags, zone=found.zone)
    return _board(store, shown, collecting, plan, utc_now, settings), collecting


def _board(
    store: Store, shown: Shown, collecting: Collecting, plan: str, now: Callable[[], datetime], settings: Settings
) -> Board:  # fmt: skip
    return Board(
        store=store, incident=shown, plans=Plans(plan), now=now,
        sources=lambda: collecting.status(shown.id), off=lambda: collecting.off(shown.id), bill=collecting.bill,
        terms=settings.dedupe.terms(),
        take_call=lambda text, author, at: take_call(store, shown.id, text, author=author, at=at),
    )  # fmt: skip


def collect(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt collect: the collectors without the board, until stopped."""
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with _open(asked, settings, must_exist=False) as store:
        incident, collecting = _collecting(store, asked, settings)
        with collecting:
            said = None
            while not stop.wait(1.0):
                found = coverage(collecting.status(incident.id), collecting.off(incident.id))
                if said != (said := [(each.source, each.cover) for each in found]) and not asked.quiet:
                    print(told(found), *complaints(found), sep="\n  ", flush=True)
    return 0


def _collecting(store: Store, asked: argparse.Namespace, settings: Settings) -> tuple[Incident, Collecting]:
    """The incident that was asked for, opened when it is new, and the collectors of all that are open."""
    chosen, tags = settings.incident, tuple(asked.hashtag or ())
    about = tags and "id" not in chosen.model_fields_set
    wanted = Incident(
        id=incidents.id_of(tags[0], chosen.id) if about else _incident_id(store, settings),
        name=f"#{tags[0].removeprefix('#')}" if about else chosen.name,
        **{**chosen.model_dump(include={"variants", "languages", "sources", "zone"}), "tags": (*chosen.tags, *tags)},
    )
    incident = incidents.ensure_incident(store, wanted, at=opened_at(store, wanted.id), reopen=bool(tags))
    journal = Journal(store)
    make = Collectors(settings.ingest, settings.sources, environment=os.environ, clock=utc_now, recall=journal)
    return incident, _into(store, [make.inbox(incident.id)], journal, make)


def _incident_id(store: Store, settings: Settings) -> str:
    """The incident of the settings where they name one, else the one that is open."""
    named = "id" in settings.incident.model_fields_set
    return settings.incident.id if named else incidents.first_open(store) or settings.incident.id


# --- add, incident ----------------------------------------------------------------------------------------------------


def add(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt add: one post typed in by hand."""
    if not asked.text.strip():
        raise Refused('There is no text: helpt add "2 beds in Genk, 0470 00 00 01".')
    with _open(asked, settings, must_exist=False) as store:
        incident = asked.incident or _incident_id(store, settings)
        name = take_call(store, incident, asked.text, author=asked.author, contact=asked.contact, at=utc_now())
        found = find_record(store, name)
    if not asked.quiet:
        print(f"{name} is in, as one of record {found.first_post:016x}: helpt explain {name} says why")
    return 0


def take_call(store: Store, incident: str, text: str, *, author: str, contact: str | None = None, at: datetime) -> str:
    """Collapse one post of the desk. Gives its name."""
    fetch = typed_in(text, incident=incident, author=author, contact=contact, now=at)
    take_in(store, incident, "desk", "desk", fetch)
    return f"desk/{fetch.posts['id'].item()}"


def incident_step(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt incident: open, change, close, reopen or list what is watched."""
    if asked.step != "list" and asked.id is None:
        raise Refused(f"Which incident? helpt incident {asked.step} ID, and helpt incident list names those there are.")
    words = {name: tuple(getattr(asked, name) or ()) for name in incidents.LISTS}
    given = {name: value for name in ("name", "playbook", "zone") if (value := getattr(asked, name)) is not None}
    with _open(asked, settings, must_exist=asked.step != "open") as store:
        if asked.step != "list":
            incidents.take_step(store, asked.step, asked.id, words=words, without=asked.without or (), fields=given)
        for each in incidents.incidents(store):
            if asked.step == "list" or each.id == asked.id:
                print(each)
    return 0


def playbook(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt playbook: check plans, begin one, print their form."""
    lines, code = playbook_step(asked, input)
    print(*lines, sep="\n")
    return code


# --- doctor -----------------------------------------------------------------------------------------------------------


def doctor(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt doctor: what works, what does not, what to do."""
    store = asked.store or settings.dedupe.store
    versions = ", ".join(f"{name} {version(name)}" for name in ("helpt", "duckdb", "polars", "streamlit"))
    checks: list[tuple[str, Callable[[], str]]] = [
        ("versions", lambda: f"{versions}, Python {sys.version.split()[0]}"),
        ("settings", lambda: str(asked.config or (CONFIG if CONFIG.exists() else "no helpt.toml here: the defaults"))),
        ("store", lambda: checkup.store_line(store)),
        ("disk", lambda: checkup.disk_line(store)),
        ("words", lambda: checkup.words_line(asked.words or settings.dedupe.words)),
        ("inbox", lambda: inbox_line(Path(settings.ingest.inbox))),
        ("playbook", lambda: plan_line(settings.dashboard.playbook)),
        ("shared", checkup.shared_line),
        ("login", lambda: f"none yet: the board listens on {settings.dashboard.host} only"),
    ]
    sources = _found(asked, settings)
    with ThreadPoolExecutor() as together:  # networks that are not there are waited for at once
        found = list(together.map(_checked, [*checks, *trials(sources.jobs, seconds=TRIAL)]))
    for good, name, says in [*found, *(("off", each.source, each.sentence) for each in sources.off)]:
        print(f"{good:<4} {name:<9} {says}")
    return 1 if any(good == "bad" for good, _, _ in found) else 0


def _checked(check: tuple[str, Callable[[], str]]) -> tuple[str, str, str]:
    try:
        return "ok", check[0], check[1]()
    except (Refused, IngestError, DedupeError, PlaybookError) as error:
        return "bad", check[0], str(error)


def _found(asked: argparse.Namespace, settings: Settings) -> Gathered:
    """What would be asked for the incident of the settings, in a hurry, and what would not."""
    sources, chosen = settings.sources.for_trial(TRIAL / 2), settings.incident
    make = Collectors(settings.ingest, sources, environment=os.environ, clock=utc_now, recall=Nothing())
    tags = (*chosen.tags, *chosen.variants, *(asked.hashtag or ()))
    return make.of(Watched(id=chosen.id, tags=tags, sources=chosen.sources))


# --- words ------------------------------------------------------------------------------------------------------------


def words_step(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt words: what is wrong with the word lists, and how a text is read."""
    own = asked.words or settings.dedupe.words
    if asked.step == "try":
        if not (asked.text or "").strip():
            raise Refused('There is no text: helpt words try "2 beds in Genk".')
        at = asked.at or utc_now()
        posts = typed_in(asked.text, incident="words", author="words", contact=None, now=at).posts
        print(*tell_reading(posts.with_columns(lang=pl.lit(asked.lang, pl.String)), own=own), sep="\n")
        return 0
    refusals, warnings = check_lexicon(own=own)
    for line in (*refusals, *(f"{warning} (no error)" for warning in warnings if own or asked.verbose)):
        print(line)
    if not asked.quiet and not refusals:
        print(f"The lists of {own} can be used." if own else "The bundled lists can be used.")
    return 1 if refusals else 0


def _parser() -> argparse.ArgumentParser:
    does = {
        "run": run, "collect": collect, "add": add, "incident": incident_step, "doctor": doctor, "import": import_files,
        "export": export_table, "explain": explain_names, "rebuild": rebuild_store, "words": words_step,
        "playbook": playbook,
    }  # fmt: skip
    return make_parser(does, version("helpt"))


if __name__ == "__main__":
    sys.exit(main())

"""The command line: what it does, what it says, and with what it leaves (0 done, 1 nothing could be done, 2 wrong use)."""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

import helpt
from dedupe.store import Store
from helpt import Refused, Settings, main, read_settings
from tests.support.jetstream import JetstreamServer, post
from tests.support.mastodon import mastodon_server
from tests.support.posts import BED

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = (
    "run",
    "collect",
    "add",
    "incident",
    "import",
    "export",
    "explain",
    "rebuild",
    "words",
    "playbook",
    "doctor",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own to work in, as a user would."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def row(id: str, author: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "network": "x",
        "id": id,
        "author": author,
        "text": text,
        "created_at": f"2011-08-18T16:{int(id) % 60:02}:00Z",
        **more,
    }


def archive(path: Path, *rows: dict[str, Any] | str) -> Path:
    """A file of posts, and of lines that are none."""
    lines = [each if isinstance(each, str) else json.dumps(each) for each in rows]
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def command(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """helpt as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    asked = [sys.executable, "-W", "error", "-m", "helpt", *map(str, arguments)]
    return subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


FEW = [
    row("1", "jan", BED),
    row("2", "piet", f"RT @jan: {BED}"),
    row("3", "els", "Zoek een slaapplaats in Bilzen vannacht"),
]


# As a process of its own


def test_an_archive_is_imported_exported_explained_and_rebuilt(tmp_path: Path):
    archive(tmp_path / "night.ndjson.gz", *FEW)
    done = command("import", "night.ndjson.gz", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("night.ndjson.gz: 3 read, 3 new, 0 already known, 0 refused, 2 records (+2), ")
    done = command("export", "offers", "--as", "csv", folder=tmp_path)
    assert done.returncode == 0
    (offer,) = csv.DictReader(done.stdout.splitlines())
    assert (offer["kind"], offer["place"], offer["capacity"], offer["posts"]) == ("bed", "Genk", "2", "2")
    assert "12 34 56" not in done.stdout
    done = command("explain", "x/2", folder=tmp_path)
    assert done.returncode == 0
    assert "Post x/2 is here because: same number, nearly the same words" in done.stdout
    done = command("rebuild", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "3 posts read anew: everything as it stands.\n")
    done = command("doctor", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 posts, 2 records" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["import"],
        ["export"],
        ["export", "everything"],
        ["export", "offers", "--as", "docx"],
        ["explain"],
        ["run", "--port", "many"],
        ["collect", "--board"],
        ["add"],
        ["incident"],
        ["incident", "burn"],
    ],
    ids=" ".join,
)
def test_wrong_use_leaves_with_two_and_says_how_it_is_used(arguments: list[str], tmp_path: Path):
    done = command(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: helpt")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_stops_reading_brings_no_traceback(tmp_path: Path):
    archive(
        tmp_path / "night.ndjson",
        *(row(str(n), f"w{n}", f"Dank aan helper {n} {'en nog veel dank ' * 20}") for n in range(3000)),
    )
    assert command("import", "night.ndjson", "-q", folder=tmp_path).returncode == 0
    done = shell(f"{sys.executable} -m helpt export records | head -1", folder=tmp_path)
    assert json.loads(done.stdout)["posts"] == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("into", "told"), [("| true", ""), ("> /dev/full", "helpt: [Errno 28] No space left on device\n")]
)
@pytest.mark.parametrize("step", ["export records", "playbook schema"])
def test_what_cannot_be_printed_is_told_in_one_sentence_or_none(step: str, into: str, told: str, tmp_path: Path):
    with Store(tmp_path / "helpt.duckdb"):
        pass
    assert shell(f"{sys.executable} -m helpt {step} {into}", folder=tmp_path).stderr == told


def shell(asked: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(asked, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


def test_a_store_another_process_holds_is_told_in_one_sentence(tmp_path: Path):
    archive(tmp_path / "night.ndjson", *FEW)
    with Store(tmp_path / "helpt.duckdb"):
        done = command("import", "night.ndjson", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == f"helpt: Another process (process {os.getpid()}) holds helpt.duckdb: stop it, use its board, or name another --store.\n"
        or (str(os.getpid()) in done.stderr and done.stderr.count("\n") == 1)
    )


def test_the_console_script_is_there(tmp_path: Path):
    import tomllib

    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, _, function = scripts["helpt"].partition(":")
    assert callable(getattr(__import__(module), function))


# Help


def test_what_takes_seconds_to_load_is_left_until_it_is_needed():
    loud = "import helpt, sys; print(sorted({'atproto', 'streamlit'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loud], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_an_incident_is_opened_a_post_typed_in_and_the_doctor_asked(tmp_path: Path):
    opened = command("incident", "open", "storm", "--name", "Storm", "--tag", "#hasselthelpt", folder=tmp_path)
    assert (opened.returncode, opened.stdout, opened.stderr) == (0, "storm: Storm, #hasselthelpt, open\n", "")
    typed = command("add", "2 bedden in Genk", "--contact", "0470 00 00 01", "--author", "webcare", folder=tmp_path)
    assert (typed.returncode, typed.stderr) == (0, "")
    name = typed.stdout.split()[0]
    assert name.startswith("desk/")
    assert command("explain", name, folder=tmp_path).returncode == 0
    with Store(tmp_path / "helpt.duckdb") as store:
        found = store.read("select incident, network, author, text from posts").rows()
    assert found == [("storm", "desk", "webcare", "2 bedden in Genk 0470 00 00 01")]
    closed = command("incident", "close", "storm", folder=tmp_path)
    assert (closed.returncode, "closed" in closed.stdout) == (0, True)
    again = command("incident", "close", "storm", folder=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (1, "", "helpt: The incident storm is closed already.\n")
    doctor = command("doctor", folder=tmp_path)
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert "ok   store" in doctor.stdout
    assert "off  x" in doctor.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_shows_examples_that_it_understands(name: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    examples = [line.split()[1:] for line in shown.partition("examples:\n")[2].splitlines() if line.strip()]
    assert examples
    for example in examples:
        assert example[0] == name
        assert helpt._parser().parse_args(example).command


def test_every_command_is_listed_with_what_it_does(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert f"\n    {name} " in shown


def test_every_option_is_told_what_it_is_for():
    actions = helpt._parser()._subparsers
    assert actions is not None
    commands = actions._group_actions[0].choices
    assert set(commands) == set(COMMANDS)  # type: ignore[arg-type]
    for name, made in commands.items():  # type: ignore[union-attr]
        silent = [action.dest for action in made._actions if not action.help and action.option_strings]
        assert not silent, name


# import


def test_importing_again_says_that_nothing_is_new(here: Path, capsys: pytest.CaptureFixture[str]):
    archive(here / "night.ndjson", *FEW)
    archive(here / "more.ndjson", *FEW, row("4", "an", "Dank"))
    assert main(["import", "night.ndjson"]) == 0
    capsys.readouterr()
    assert main(["import", "night.ndjson", "more.ndjson"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "night.ndjson: was read before, nothing new, 2 records"
    assert second.startswith("more.ndjson: 4 read, 1 new, 3 already known, 0 refused, 3 records (+1), ")


def test_bad_rows_are_refused_by_number_and_the_rest_goes_in(here: Path, capsys: pytest.CaptureFixture[str]):
    archive(
        here / "night.ndjson",
        FEW[0],
        "{broken",
        {"network": "x", "id": "9"},
        FEW[1],
        row("5", "an", "te laat", created_at="soon"),
    )
    assert main(["import", "night.ndjson"]) == 0
    assert (
        "2 read, 2 new, 0 already known, 3 refused (listed in night.ndjson.rejects.ndjson), 1 records"
        in capsys.readouterr().out
    )
    rejects = [
        json.loads(line) for line in (here / "night.ndjson.rejects.ndjson").read_text(encoding="utf-8").splitlines()
    ]
    assert [reject["row"] for reject in rejects] == [2, 3, 5]
    assert all(reject["reason"] for reject in rejects)


def test_a_file_that_grew_brings_what_is_new(here: Path, capsys: pytest.CaptureFixture[str]):
    archive(here / "night.ndjson", *FEW)
    assert main(["import", "night.ndjson"]) == 0
    archive(here / "night.ndjson", *FEW, row("4", "an", "Dank"))
    assert main(["import", "night.ndjson"]) == 0
    assert "4 read, 1 new, 3 already known" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nowhere.ndjson", ".", "/", "folder", "picture.png"])
def test_what_cannot_be_read_is_one_sentence_and_the_other_files_go_in(
    name: str, here: Path, capsys: pytest.CaptureFixture[str]
):
    (here / "folder").mkdir()
    (here / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    assert main(["import", name]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith("helpt: ")
    archive(here / "night.ndjson", *FEW)
    assert main(["import", name, "night.ndjson"]) == 0


def test_an_empty_file_was_not_read_before(here: Path, capsys: pytest.CaptureFixture[str]):
    (here / "empty.ndjson").touch()
    assert main(["import", "empty.ndjson"]) == 0
    assert capsys.readouterr().out.startswith("empty.ndjson: 0 read, 0 new, ")


def test_quiet_says_nothing_and_does_it_all_the_same(here: Path, capsys: pytest.CaptureFixture[str]):
    archive(here / "night.ndjson", *FEW)
    assert main(["import", "-q", "night.ndjson", "--store", "other.duckdb", "--incident", "flood"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")
    with Store(here / "other.duckdb") as store:
        assert store.read("select distinct incident from posts").item() == "flood"
    assert not (here / "helpt.duckdb").exists()


def test_a_ducklake_is_a_store_like_any(here: Path, capsys: pytest.CaptureFixture[str]):
    archive(here / "night.ndjson", *FEW)
    assert main(["import", "night.ndjson", "--store", "ducklake:night.ducklake"]) == 0
    assert main(["explain", "x/1", "--store", "ducklake:night.ducklake"]) == 0
    assert "seen 2 times on x" in capsys.readouterr().out


# export, explain, rebuild


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which an archive was imported."""
    folder = tmp_path_factory.mktemp("imported")
    archive(folder / "night.ndjson", *FEW)
    with chdir(folder):
        assert main(["import", "-q", "night.ndjson"]) == 0
    return folder


@pytest.fixture
def filled(here: Path, imported: Path) -> Path:
    shutil.copytree(imported, here, dirs_exist_ok=True)
    return here


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet", "hxl", "geojson"])
def test_a_table_is_written_to_a_file_or_to_the_output(
    form: str, filled: Path, capsysbinary: pytest.CaptureFixture[bytes]
):
    assert main(["export", "records", "--as", form, "-o", f"out.{form}"]) == 0
    assert capsysbinary.readouterr().out == f"2 records in out.{form}\n".encode()
    assert main(["export", "records", "--as", form]) == 0
    assert capsysbinary.readouterr().out == (filled / f"out.{form}").read_bytes()


def test_contacts_go_out_only_when_asked_for(filled: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    assert main(["export", "offers"]) == 0
    assert b"12 34 56" not in capsysbinary.readouterr().out
    assert main(["export", "offers", "--contacts"]) == 0
    assert b"12 34 56" in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "links", "--as", "geojson"], "links have no place"),
        (["export", "offers", "-o", "nowhere/out.csv", "--as", "csv"], "nowhere/out.csv cannot be written"),
        (
            ["export", "offers", "-o", "nowhere/out.geojson", "--as", "geojson"],
            "nowhere/out.geojson cannot be written: No such file",
        ),
        (["explain", "x/404"], "No record or post goes by x/404"),
        (["explain", "x/1", "x/404"], "No record or post goes by x/404"),
        (["explain", "x/1", "--store", "other.duckdb"], "There is no store other.duckdb yet"),
        (["export", "offers", "--store", "night.ndjson"], "night.ndjson is not a helpt store"),
        (["rebuild", "--store", "other.duckdb"], "There is no store other.duckdb yet"),
        (["rebuild", "--store", "ducklake:other.ducklake"], "There is no store ducklake:other.ducklake yet"),
        (["run", "--host", "0.0.0.0", "--store", "night.duckdb"], "0.0.0.0"),
        (["add", "  "], "There is no text"),
        (["incident", "open"], "Which incident? helpt incident open ID"),
        (["incident", "open", "storm", "--tag", "two words"], "'two words' is no hashtag"),
        (["incident", "open", "storm", "--zone", "Nowhere"], "'Nowhere' is no time zone"),
        (["incident", "close", "flood"], "No incident goes by flood"),
        (["incident", "list", "--store", "other.duckdb"], "There is no store other.duckdb yet"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_with_one(
    arguments: list[str], said: str, filled: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.err.startswith("helpt: ")
    assert said in told.err
    assert told.err.count("\n") == 1
    assert "None" not in told.err
    assert not list(filled.glob("other*"))


def test_two_posts_are_explained_against_each_other(filled: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["explain", "x/1", "x/3"]) == 0
    assert "x/1 and x/3" in capsys.readouterr().out
    assert main(["explain", "x/1", "x/2"]) == 0
    assert "are one record" in capsys.readouterr().out


# add, incident


def test_a_post_typed_in_by_hand_joins_the_record_of_the_same_offer(filled: Path, capsys: pytest.CaptureFixture[str]):
    assert (
        main(["add", "Slaapplaats vrij in Genk voor 2 personen", "--contact", "0475 12 34 56", "--author", "webcare"])
        == 0
    )
    said = capsys.readouterr().out
    name = said.split()[0]
    assert name.startswith("desk/")
    assert main(["explain", name]) == 0
    assert "seen 3 times" in capsys.readouterr().out
    assert main(["export", "records"]) == 0
    posts = {json.loads(line)["posts"] for line in capsys.readouterr().out.splitlines()}
    assert posts == {1, 3}
    assert main(["rebuild"]) == 0
    assert capsys.readouterr().out == "4 posts read anew: everything as it stands.\n"


def test_incidents_are_opened_changed_closed_reopened_and_listed(here: Path, capsys: pytest.CaptureFixture[str]):
    def said(*arguments: str) -> str:
        assert main(["incident", *arguments]) == 0
        return capsys.readouterr().out

    assert said("open", "storm", "--name", "Storm", "--tag", "#hasselthelpt", "--tag", "ppok") == (
        "storm: Storm, #hasselthelpt #ppok, open\n"
    )
    assert said("open", "flood") == "flood: flood, no hashtag, open\n"
    assert said("change", "storm", "--variant", "hasselthelp", "--without", "ppok", "--language", "nl") == (
        "storm: Storm, #hasselthelpt #hasselthelp, open\n"
    )
    assert "closed 20" in said("close", "storm")
    assert [line.split(":")[0] for line in said("list").splitlines()] == ["flood", "storm"]
    assert said("reopen", "storm").endswith("open\n")
    assert main(["incident", "open", "storm"]) == 1
    assert capsys.readouterr().err.startswith("helpt: There is an incident storm already")


def test_the_open_incident_is_the_one_posts_go_to_where_the_settings_name_none(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    archive(here / "night.ndjson", *FEW)
    assert main(["incident", "open", "storm"]) == 0
    assert main(["import", "night.ndjson"]) == 0
    assert main(["add", "Dank"]) == 0
    assert main(["add", "Dank", "--incident", "flood"]) == 0
    with Store(here / "helpt.duckdb") as store:
        assert store.read("select incident, count(*) as n from posts group by 1 order by 1").rows() == [
            ("flood", 1),
            ("storm", 4),
        ]


# Settings


def test_without_a_file_the_defaults_hold(here: Path):
    assert read_settings(None) == Settings()


def test_a_file_in_this_folder_is_read_and_an_option_goes_before_it(here: Path, capsys: pytest.CaptureFixture[str]):
    (here / "helpt.toml").write_text('[dedupe]\nstore = "mine.duckdb"\n[incident]\nid = "flood"\n', encoding="utf-8")
    archive(here / "night.ndjson", *FEW)
    assert main(["import", "night.ndjson"]) == 0
    assert (here / "mine.duckdb").exists()
    assert main(["import", "night.ndjson", "--store", "other.duckdb"]) == 0
    with Store(here / "other.duckdb") as store:
        assert store.read("select distinct incident from posts").item() == "flood"


def test_all_problems_of_the_settings_are_told_at_once_a_line_each(here: Path):
    wrong = '[dedupe]\nstore = 3\nbogus = 1\n[dashboard]\nport = "many"\n[nothing]\nat = "all"\n'
    (here / "wrong.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_settings(here / "wrong.toml")
    lines = str(refused.value).splitlines()
    assert len(lines) == 4
    for sign in (
        "[dedupe] store: got 3, expected ",
        "[dedupe] bogus: got 1, expected a known key",
        "[dashboard] port: got 'many'",
        "[nothing]",
    ):
        assert [line for line in lines if sign in line and "wrong.toml" in line], sign


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"[dedupe\n", "is no TOML"), (b"\xff\xfe", "is no TOML"), (b"dedupe = 3\n", "[dedupe]"), (b"x = 1\n", "[x]")],
)
def test_a_settings_file_that_is_none_is_one_sentence(
    content: bytes, said: str, here: Path, capsys: pytest.CaptureFixture[str]
):
    (here / "helpt.toml").write_bytes(content)
    assert main(["doctor"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("helpt: helpt.toml: ")
    assert said in told
    assert told.count("\n") == 1


def test_what_is_wrong_in_the_table_of_a_network_is_told_with_its_name(here: Path):
    (here / "wrong.toml").write_text(
        '[sources.bluesky]\nevery = "often"\n[sources.facebook]\non = true\n[sources.x]\npages = 0\n'
        "[ingest]\nfloor = 60\nceiling = 5\n",
        encoding="utf-8",
    )
    with pytest.raises(Refused) as refused:
        read_settings(here / "wrong.toml")
    for sign in ("[sources.bluesky] every: got 'often'", "[sources.facebook]", "[sources.x] pages: got 0", "[ingest]"):
        assert [line for line in str(refused.value).splitlines() if sign in line], sign


def test_settings_that_are_not_there_are_told(here: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "--config", "nowhere.toml"]) == 1
    assert "nowhere.toml: cannot be read: No such file" in capsys.readouterr().err


# playbook


def test_a_plan_is_begun_checked_and_told_line_by_line(tmp_path: Path):
    new = ("playbook", "new", "genk.yaml", "--from", "festival-storm", "--municipality", "Genk", "--tag", "genkhelpt")
    begun = command(*new, folder=tmp_path)
    assert (begun.returncode, begun.stderr) == (0, "")
    checked = command("playbook", "check", "genk.yaml", folder=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "genk.yaml: no errors, no warnings\n")
    plan = tmp_path / "genk.yaml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("role: organiser", "role: orgniser"), encoding="utf-8")
    checked = command("playbook", "check", "genk.yaml", folder=tmp_path)
    assert checked.returncode == 1
    first, *_, last = checked.stdout.splitlines()
    assert first.startswith("genk.yaml:")
    assert "there is no `orgniser` under roles" in first
    assert last == "genk.yaml: 1 error, no warnings"
    again = command(*new, folder=tmp_path)
    assert again.returncode == 1
    assert "there is a file of this name already" in again.stderr


def test_check_without_a_file_takes_the_plans_that_ship_and_a_name_is_as_good(capsys: pytest.CaptureFixture[str]):
    assert main(["playbook", "check"]) == 0
    assert "festival-storm: no errors, no warnings\n" in capsys.readouterr().out
    assert main(["playbook", "check", "festival-storm", "nowhere.yaml"]) == 1
    assert "nowhere.yaml:1:1: no such file" in capsys.readouterr().out


def test_the_schema_is_printed_for_editors(capsys: pytest.CaptureFixture[str]):
    assert main(["playbook", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "helpt-playbook/1"
    assert main(["playbook", "new"]) == 1
    assert "name the file to write" in capsys.readouterr().err


# doctor


def test_the_doctor_finds_nothing_wrong_with_an_empty_folder_and_makes_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok ", "off ")) for line in told)
    assert {line.split()[1] for line in told if line.startswith("off ")} == {"bluesky", "mastodon", "x"}
    assert {line.split()[1] for line in told} >= {"versions", "settings", "store", "disk", "inbox", "playbook"}
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("break_it", "about"),
    [
        (
            lambda here: (here / "helpt.duckdb").write_text(
                "no store at all, but a long enough text" * 100, encoding="utf-8"
            ),
            "store",
        ),
        (lambda here: (here / "inbox").write_text("a file where a folder should be", encoding="utf-8"), "inbox"),
        (
            lambda here: (here / "helpt.toml").write_text('[dashboard]\nplaybook = "nowhere.yaml"\n', encoding="utf-8"),
            "playbook",
        ),
    ],
    ids=["store", "inbox", "playbook"],
)
def test_the_doctor_tells_what_is_wrong_and_looks_at_the_rest(
    break_it: Callable[[Path], object], about: str, here: Path, capsys: pytest.CaptureFixture[str]
):
    break_it(here)
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in told if line.startswith("bad ")] == [about]
    assert len(told) >= 6


def test_the_doctor_tries_each_network_and_says_what_does_not_work(here: Path, capsys: pytest.CaptureFixture[str]):
    with mastodon_server() as server, JetstreamServer() as stream:
        (here / "helpt.toml").write_text(
            f"""
[sources.bluesky]
hosts = ["{stream.url}"]
profiles = ""
[sources.mastodon]
servers = ["{server.address}", "http://127.0.0.1:1"]
""",
            encoding="utf-8",
        )
        server.post(1)
        alive = threading.Event()

        def chatter() -> None:
            while not alive.wait(0.05):
                stream.put(post("an", "1", "nothing of ours"))

        thread = threading.Thread(target=chatter)
        thread.start()
        try:
            assert main(["doctor", "--hashtag", "hasselthelpt"]) == 1
        finally:
            alive.set()
            thread.join()
    told = capsys.readouterr().out.splitlines()
    lines = [line for line in told if line.split()[1] in ("bluesky", "mastodon", "x")]
    assert [line.split()[0] for line in lines] == ["ok", "ok", "bad", "off"], lines
    assert "it answers" in lines[0]
    assert "cannot be reached" in lines[2]
    assert not (here / "helpt.duckdb").exists()


# words


def test_word_lists_are_checked_all_at_once(here: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["words", "check"]) == 0
    assert capsys.readouterr().out == "The bundled lists can be used.\n"
    (here / "lists").mkdir()
    (here / "lists" / "ours.yaml").write_text(
        "concept: kind\nfirm:\n  bad:\n    nl: |\n      x\n  bed:\n    nl: |\n      sl*p, bed\n", encoding="utf-8"
    )
    assert main(["words", "check", "--words", "lists"]) == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.startswith("lists/ours.yaml:3: 'bad' is no kind; it can be bed, ")
    assert second == "lists/ours.yaml:8: 'sl*p': a * may stand at the beginning or at the end, once"
    assert third.startswith("lists/ours.yaml:8: 'bed' stands in kinds.yaml:")


def test_a_text_is_tried_with_the_lists_of_the_settings(here: Path, capsys: pytest.CaptureFixture[str]):
    (here / "lists").mkdir()
    (here / "lists" / "ours.yaml").write_text(
        "concept: kind\nfirm:\n  bed:\n    nl: |\n      kiewithoek\n", encoding="utf-8"
    )
    (here / "helpt.toml").write_text('[dedupe]\nwords = "lists"\n', encoding="utf-8")
    asked = ["words", "try", "Kiewithoek vrij in Genk", "--at", "2011-08-18T20:00+02:00", "--lang", "nl"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert "kind       bed\n           ‘kiewithoek’: firm bed, lists/ours.yaml:5" in out
    assert main(["words", "try"]) == 1
    assert "There is no text" in capsys.readouterr().err


def test_a_broken_list_of_the_settings_is_warned_of_and_the_bundled_ones_read_on(
    here: Path, caplog: pytest.LogCaptureFixture
):
    (here / "lists").mkdir()
    (here / "lists" / "ours.yaml").write_text("concept: kind\nfirm:\n  bad: {}\n", encoding="utf-8")
    posts = archive(here / "posts.ndjson", row("1", "an", BED))
    assert main(["import", str(posts), "--words", "lists", "--store", "here.duckdb", "-q"]) == 0
    assert "Your word lists are not in force, the bundled lists are: lists/ours.yaml:3" in caplog.text
    with Store("here.duckdb") as store:
        assert store.read("select kind from current_records").item() == "bed"

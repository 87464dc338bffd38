"""The planner's page without a browser: checked, refused with lines, saved, taken over, gone back, told who was first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import planning
from dashboard.app import SCRIPT
from dashboard.board import Board, hold
from dashboard.markup import planner
from dashboard.plans import Plans
from dashboard.views.who import ME
from dashboard.watch import Watch
from dashboard.words import words
from dedupe.deciding.plan_versions import taken, version_text, versions
from dedupe.deciding.roles import Actor
from dedupe.store import Store
from playbooks.errors import PlaybookError
from playbooks.loader import load_playbook, shipped
from tests.support.boards import INCIDENT, START, an_evening, board_on, damage, filled

BROKEN = sorted((Path(__file__).parents[1] / "playbooks" / "broken").glob("*.yaml"))
NOW = START + timedelta(minutes=75)
PIA, CHIEF = Actor(who="Pia", role="planner"), Actor(who="Chief", role="coordinator")
MO, AN = Actor(who="Mo", role="moderator"), Actor(who="An", role="volunteer")
PLAN = "festival-storm"
TEXT = shipped()[PLAN].read_text(encoding="utf-8")
EN = words("en", "Europe/Brussels")


def version(number: str) -> str:
    return TEXT.replace('version: "1.0"', f'version: "{number}"')


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Board]:
    with board_on(filled(tmp_path / "store.duckdb", an_evening(3)), now=NOW, plan=True) as board:
        yield board


def drawn(board: Board, actor: Actor | None = PIA) -> AppTest:
    hold(board)
    page = AppTest.from_string(
        "from dashboard.board import held\n"
        "from dashboard.views import planner\n"
        "from dashboard.words import words\n"
        "planner.page(held(), words('en', 'Europe/Brussels'))\n",
        default_timeout=60,
    )
    if actor is not None:
        page.session_state[ME] = actor
    return page.run()


def markup(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(element.proto.body for element in page.get("html"))


def typed(page: AppTest, text: str) -> AppTest:
    return page.text_area[0].set_value(text).run()


def saved(page: AppTest, text: str, why: str = "") -> AppTest:
    typed(page, text)
    page.text_input(key="planner-why").set_value(why)
    return page.button(key="planner-saved").click().run()


def looking(page: AppTest, look: str) -> AppTest:
    page.session_state["planner-look"] = look
    return page.run()


def in_force(board: Board) -> str:
    assert board.playbook is not None
    return board.playbook.plan.version


def test_the_page_stands_among_the_others(full: Board):
    hold(full)
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
    page.query_params["lang"] = "nl"
    page.run()
    assert "Draaiboek" in [link.proto.label for link in page.get("page_link")]


def test_an_error_is_told_with_its_line_and_refused_and_nothing_is_saved(full: Board):
    page = typed(drawn(full), TEXT.replace("status: example", "status: <b>perhaps</b>"))
    shown = markup(page)
    assert "▲ 1 error" in shown
    assert f'data-line="{TEXT[: TEXT.index("status: example")].count(chr(10)) + 1}"' in shown
    assert "status: &lt;b&gt;perhaps&lt;/b&gt;" in shown
    assert "<b>perhaps" not in shown
    assert "No preview while there are errors" in shown
    page.button(key="planner-saved").click().run()
    assert f"Not saved: first mend line {TEXT[: TEXT.index('status: example')].count(chr(10)) + 1}." in markup(page)
    assert planning.versions(full, PLAN).height == 0


def test_the_field_holds_the_text_by_itself_so_that_a_drawing_cut_short_does_not_empty_it(full: Board):
    page = drawn(full)
    first = page.text_area[0]
    assert first.proto.default == TEXT
    after = saved(page, version("1.1")).text_area[0].proto
    assert after.default == version("1.1")
    assert after.id == first.proto.id, "the place in the text stays"


def test_saving_keeps_the_text_as_it_is_and_the_incident_as_it_was_until_it_is_taken_over(full: Board):
    text = version("1.1") + "# the end, naïvely \n\n"
    page = saved(drawn(full), text, "longer clock")
    assert "Saved as version 1" in markup(page)
    assert version_text(full.store, PLAN, 1) == text
    row = versions(full.store, PLAN).row(0, named=True)
    assert (row["who"], row["why"], row["saved_at"]) == ("Pia", "longer clock", NOW)
    Watch(full).look()
    assert in_force(full) == "1.0"
    looking(page, "versions")
    assert "Version 1" in markup(page)
    page.button(key="taken-1").click().run()
    assert "Taken over" in markup(page)
    assert in_force(full) == "1.1"
    page.button(key="taken-0").click().run()
    assert in_force(full) == "1.0", "the file is an older one to go back to"
    found = taken(full.store, INCIDENT.id)
    assert found is not None
    assert (found.number, found.who) == (0, "Pia")


def test_what_was_taken_over_holds_after_a_restart_and_on_another_board(full: Board):
    page = looking(saved(drawn(full), version("2.0")), "versions")
    page.button(key="taken-1").click().run()
    again = replace(full, plans=Plans(PLAN))
    assert in_force(again) == "1.0"
    Watch(again).look()
    assert in_force(again) == "2.0"
    followed = again.playbook
    Watch(again).look()
    assert again.playbook is followed, "once"


def test_a_file_that_changes_waits_beside_a_version_taken_over_and_may_be_taken_over_again(full: Board, tmp_path: Path):
    file = tmp_path / f"{PLAN}.yaml"
    file.write_text(TEXT)
    board = replace(full, plans=Plans(str(file)))
    planning.save(board, planning.Draft(plan=PLAN, began=0, text=version("2.0")), PIA, "")
    planning.take(board, PLAN, 1, MO)
    file.write_text(version("3.0") + "\n")
    waiting = board.plans.look().waiting
    assert waiting is not None
    assert (waiting.plan.version, in_force(board)) == ("3.0", "2.0")
    planning.take(board, PLAN, 0, MO)
    assert in_force(board) == "3.0"
    assert board.plans.look().waiting is None
    file.unlink()
    planning.take(board, PLAN, 1, MO)
    planning.take(board, PLAN, 0, MO)
    assert in_force(board) == "2.0", "a file that is gone leaves the last good one"


def test_of_two_who_save_the_second_is_told_and_shown_the_difference_and_loses_nothing(full: Board):
    first, second = drawn(full), drawn(full, CHIEF)
    saved(first, version("1.1"))
    mine = version("1.2")
    saved(second, mine)
    shown = markup(second)
    assert "Pia saved version 1 (19:30) while you wrote" in shown
    assert "<del>− " in shown
    assert "&quot;1.1&quot;" in shown
    assert "<ins>+ " in shown
    assert "&quot;1.2&quot;" in shown
    assert versions(full.store, PLAN).height == 1
    assert second.text_area[0].value == mine
    second.button(key="planner-mine").click().run()
    assert "while you wrote" not in markup(second)
    second.button(key="planner-saved").click().run()
    assert version_text(full.store, PLAN, 2) == mine


def test_an_older_version_is_opened_as_a_new_edit_and_what_was_typed_comes_back(full: Board):
    page = looking(saved(saved(drawn(full), version("1.1")), version("1.2")), "versions")
    typed(page, "half a thought")
    page.button(key="open-1").click().run()
    assert page.text_area[0].value == version("1.1")
    page.button(key="planner-back").click().run()
    assert page.text_area[0].value == "half a thought"
    page.button(key="planner-back").click().run()
    page.button(key="planner-saved").click().run()
    assert version_text(full.store, PLAN, 3) == version("1.1")


def test_the_preview_shows_messages_in_four_languages_with_their_lengths():
    playbook = load_playbook(shipped()[PLAN])
    shown = planner.preview(playbook, EN)
    for phase in playbook.phases:
        assert phase.name.en is not None
        assert phase.name.en in shown
    assert shown.count("<details>") >= len(
        {one.template for phase in playbook.phases for one in phase.actions} - {None}
    )
    assert all(f'<dd lang="{language}">' in shown for language in ("nl", "fr", "de", "en"))
    assert "Bluesky: at most " in shown
    assert " of 300" in shown


def test_the_difference_tells_what_does_not_show_and_how_much_was_left_out():
    told = planning.difference("a\nb\nc", "a\nb\u202e\nc")
    assert planner.difference(told, EN).count("⟨U+202E⟩") == 1
    assert "No difference" in planner.difference(planning.difference("a", "a"), EN)
    long = "\n".join(map(str, range(7_000)))
    assert "more lines" in planner.difference(planning.difference(long, long + "\nx"), EN)


def test_who_may_not_write_reads_and_who_works_the_plan_may_take_over(full: Board):
    planning.save(full, planning.Draft(plan=PLAN, began=0, text=version("1.1")), PIA, "")
    for actor in (None, AN, MO):
        page = looking(drawn(full, actor), "versions")
        assert page.text_area[0].disabled
        keys = {button.key for button in page.button}
        assert "planner-saved" not in keys
        assert ("taken-1" in keys) == (actor is MO)


def test_a_plan_with_another_id_becomes_another_plan(full: Board):
    page = saved(drawn(full), TEXT.replace("  id: festival-storm", "  id: flood"))
    assert "Saved as version 1" in markup(page)
    assert planning.versions(full, PLAN).height == 0
    assert "flood" in planning.plans(full)
    assert page.selectbox(key="planner-plan").value == "flood"


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * 1_000_000], ids=["another encoding", "too long"])
def test_a_file_that_cannot_be_read_leaves_the_text_alone(full: Board, data: bytes):
    page = drawn(full)
    page.file_uploader(key="planner-file").set_value(("plan.yaml", data, "application/yaml")).run()
    assert "Not loaded" in markup(page)
    assert page.text_area[0].value == TEXT


def test_no_broken_plan_is_ever_saved(full: Board):
    for file in BROKEN:
        text = file.read_bytes().decode(errors="replace")
        with pytest.raises(PlaybookError):
            planning.save(full, planning.Draft(plan=PLAN, began=0, text=text), PIA, "")
    assert full.store.read("select count(*) from plan_versions").item() == 0


def test_a_file_is_loaded_as_an_edit(full: Board):
    page = drawn(full)
    page.file_uploader(key="planner-file").set_value(("plan.yaml", version("5").encode(), "application/yaml")).run()
    assert page.text_area[0].value == version("5")
    page.button(key="planner-back").click().run()
    assert page.text_area[0].value == TEXT


def test_what_was_typed_comes_back_also_after_two_files_in_a_row(full: Board):
    page = typed(drawn(full), "half a thought")
    for number in ("5", "6"):
        file = ("plan.yaml", version(number).encode(), "application/yaml")
        page.file_uploader(key="planner-file").set_value(file).run()
    page.button(key="planner-back").click().run()
    assert page.text_area[0].value == "half a thought"
    page.button(key="planner-back").click().run()
    assert page.text_area[0].value == version("6")


def test_without_its_store_the_page_says_so(tmp_path: Path):
    path = tmp_path / "store.duckdb"
    Store(path).close()
    damage(path, "drop table plan_versions")
    with board_on(path, now=NOW, plan=True) as board:
        assert "store" in markup(drawn(board))


def test_a_board_without_a_plan_offers_those_that_ship(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", [])
    with board_on(path, now=NOW) as board:
        page = drawn(board)
        assert "No plan is in force" in markup(page)
        page.selectbox(key="planner-plan").set_value(PLAN).run()
        page = looking(saved(page, version("1.1")), "versions")
        page.button(key="taken-1").click().run()
        assert in_force(board) == "1.1"

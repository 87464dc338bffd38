from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from playbooks.errors import PlaybookError, Problem
from playbooks.loader import MAX_BYTES, Reading, check_playbook, load_playbook, parse_playbook
from tests.playbooks.conftest import SMALL_PLAN

TODAY = date(2026, 11, 21)


def read(text: str) -> Reading:
    return parse_playbook(text.encode(), name="plan.yaml", today=TODAY)


def change(plan: str, old: str, new: str) -> tuple[str, tuple[int, int]]:
    """`plan` with the first `old` replaced by `new`, and the line and column of the § in `new`, which is taken out."""
    assert old in plan
    marked = plan.replace(old, new, 1)
    before = marked[: marked.index("§")]
    return marked.replace("§", ""), (before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def problem_of(plan: str, old: str, new: str, told: str) -> tuple[Problem, Reading]:
    """The problem that `plan` with a change (as in `change`) has at its place, which tells `told`; and the whole reading."""
    text, place = change(plan, old, new)
    problem = problem_at(text, place)
    assert told in problem.what
    return problem, read(text)


def problem_at(text: str, place: tuple[int, int]) -> Problem:
    problems = read(text).problems
    here = [problem for problem in problems if (problem.line, problem.column) == place]
    assert len(here) == 1, "\n".join(map(str, problems))
    return here[0]


def test_a_sound_plan_loads_whole_and_without_a_word(small_plan: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(small_plan, encoding="utf-8")
    playbook = load_playbook(path, today=TODAY)
    assert check_playbook(path, today=TODAY) == []
    assert playbook.form == "helpt-playbook/1"
    assert playbook.plan.review_before == date(2027, 5, 1)
    assert playbook.plan.approved_on == date(2026, 1, 31)
    assert playbook.rumours[0].checked_on is not None
    assert playbook.rumours[0].checked_on.utcoffset() is not None
    assert playbook.phases[0].actions[0].channels == ("page", "wall")
    assert playbook.template("message").variables.longest() == {"time": 5, "place": None}
    assert playbook.role("mayor").stand_in == "head"
    assert playbook.own_fillings() == {"tag": "voorbeeldhelpt", "place": "Voorbeeld", "page": "https://page.example"}


def test_a_loaded_plan_cannot_be_changed(small_plan: str) -> None:
    playbook = read(small_plan).playbook
    assert playbook is not None
    with pytest.raises(ValidationError):
        playbook.plan.owner = "mayor"


ERRORS = {
    "a tab": ("  id: small", "§\tid: small", "not YAML"),
    "a quote inside a quoted text": ("owner: head", 'owner: "the" §head', "not YAML"),
    "a duplicate key": (
        "  status: draft",
        "  status: draft\n  §status: approved",
        "`status` stands here a second time",
    ),
    "a tag": ("status: draft", "status: §!!python/name:os.system draft", "tag"),
    "an unknown key": ("  owner: head", "  owner: head\n  §ownr: head", "`ownr` is not known"),
    "a missing key": ("  id: small\n  title", "  §title", "`id` is missing"),
    "a number for a text": ('version: "1.0"', "version: §1.0", "`1.0` is read as a number"),
    "a day for a text": ('version: "1.0"', "version: §2026-01-01", "`2026-01-01` is read as a day"),
    "a text for a number": ("within_min: 20", 'within_min: §"20"', "within_min: `20`"),
    "a real for a number": ("within_min: 20", "within_min: §2.5", "within_min: `2.5`"),
    "a negative minute": ("within_min: 20", "within_min: §-1", "within_min: `-1`"),
    "an unquoted no as a value": ("municipality: Voorbeeld", "municipality: §no", "`no` without quotes"),
    "an unquoted yes for true": ("readable_without_account: true", "readable_without_account: §yes", "`yes` without"),
    "an unquoted on as a key": ("  owner: head", "  owner: head\n  §on: head", "`on` without quotes"),
    "a day that is none": ('"2027-05-01"', "§2027-02-30", "review_before: `2027-02-30`"),
    "a moment without zone": ("2026-11-01T20:10+01:00", "§2026-11-01T20:10", "checked_on"),
    "an unknown status": ("status: draft", "status: §ready", "status: `ready`"),
    "an unknown kind": ("{id: bed,", "{id: §sofa,", "id: `sofa`"),
    "a list for a text": ("municipality: Voorbeeld", "municipality: §[a]", "municipality: a list"),
    "a text for a list": ("variants: [voorbeeldhelp]", "variants: §voorbeeldhelp", "variants: `voorbeeldhelp`"),
    "a bare string for a text in languages": ("tone: {nl", 'tone: §"x"\n#', "tone: `x`"),
    "no Dutch": ('{nl: "Zacht", fr', "§{fr", "`nl` is missing"),
    "an empty text": ('{nl: "Zacht"', '{nl: §" "', "nl: ` `"),
    "an id in capitals": ("- id: flood", "- id: §Flood", "id: `Flood`"),
    "a tag with a space": ("[voorbeeldhelp]", '[§"voorbeeld helpt"]', "voorbeeld helpt"),
    "a tag in two spellings": ("[voorbeeldhelp]", "[§VoorbeeldHelpt]", "a second time"),
    "a tag not in NFC": ("[voorbeeldhelp]", '[§"he\u0301lp"]', "he"),
    "a bad variable name": ("person: {place: null}", "person: {place: null, §Bad: 3}", "Bad"),
    "the wrong form": ("helpt-playbook/1", "§helpt-playbook/9", "schema"),
    "no phases": (
        SMALL_PLAN[SMALL_PLAN.index("phases:") : SMALL_PLAN.index("templates:")],
        "phases: §[]\n",
        "phases has no",
    ),
    "a second id": ("  - id: head", "  - id: §mayor", "a second `mayor` under roles"),
    "a second action id in another phase": ("- id: close", "- id: §tell", "a second `tell` under phases.actions"),
    "an unknown role": (
        "role: head\n        within_min: 20",
        "role: §hed\n        within_min: 20",
        "no `hed` under roles",
    ),
    "an unknown channel": ("[page, wall]", "[page, §walll]", "no `walll` under channels"),
    "an unknown audience": ("audiences: [helpers]", "audiences: [§helper]", "no `helper` under audiences"),
    "an unknown template": ("template: message", "template: §mesage", "no `mesage` under templates"),
    "an unknown stand-in": ("stand_in: head", "stand_in: §nobody", "no `nobody` under roles"),
    "an unknown phase": ("from_phase: later", "from_phase: §latr", "no `latr` under phases"),
    "an unknown owner": ("owner: head", "owner: §hed", "no `hed` under roles"),
    "an unknown reception point": ("reception_point: head", "reception_point: §hed", "no `hed` under roles"),
    "an own approval": ("approval: mayor", "approval: §head", "approved by its own role"),
    "an own stand-in": ("stand_in: head", "stand_in: §mayor", "stands in for itself"),
    "a phase that ends before it starts": ("end_min: 60", "end_min: §0", "a phase from 0 to 0"),
    "an undeclared variable": ('fr: "{time} eau : {place}"', 'fr: §"{time} {place} {x}"', "the fr text uses `{x}`"),
    "an unused variable": ('de: "{time} Wasser in {place}"', 'de: §"{time} Wasser"', "does not use `{place}`"),
    "an attribute": ('en: "{time} water in {place}"', 'en: §"{time} {place} {time.__class__}"', "`{time.__class__}`"),
    "an index": ('en: "{time} water in {place}"', 'en: §"{time} {place} {0}"', "`{0}`"),
    "a format": ('en: "{time} water in {place}"', 'en: §"{time} {place} {time:>99999999}"', "`{time:>99999999}`"),
    "a lone brace": ('en: "{time} water in {place}"', 'en: §"{time} {place} }"', "`}`"),
    "too long a text": ('nl: "{time} water in {place}"', f'nl: §"{{time}} {{place}} {"x" * 42}"', "61 characters"),
    "too long a text for a network": (
        "    max_chars: 60\n    variables: {board: {time: 5}, person: {place: null}}\n    text:\n      nl: ",
        "    variables: {board: {time: 5}, person: {place: 268}}\n    text:\n      nl: §",
        "can take 283 characters as X counts them on x",
    ),
    "a wording for a network that is too long": (
        "    max_chars: 60\n    variables: {board: {time: 5}, person: {place: null}}\n",
        "    variables: {board: {time: 5}, person: {place: null}}\n    text_on:\n"
        '      x: {nl: §"{time} {place} '
        + "日" * 134
        + '", fr: "{time} {place}", de: "{time} {place}", en: "{time} {place}"}\n',
        "can take 287 characters as X counts them on x",
    ),
    "a wording for a network no channel is on": (
        "    text:\n      nl: ",
        '    text_on:\n      §sms: {nl: "{time} {place}"}\n    text:\n      nl: ',
        "a wording for `sms`, which no channel is on",
    ),
    "a variable the board cannot fill": ("board: {time: 5}", "board: {time: 5, §zone: 5}", "zone"),
    "a variable filled in twice": (
        "person: {place: null}",
        "person: {place: null, §time: 5}",
        "`time` is filled in twice",
    ),
    "no room for what the plan fills in": (
        "board: {time: 5}, person: {place: null}",
        "board: {time: 5, place: §3}",
        "`{place}` can be 9 characters long (line 7)",
    ),
    "no room for the page": (
        "board: {time: 5}, person: {place: null}",
        "board: {time: 5, page: §8}, person: {place: null}",
        "`{page}` can be 20 characters long (line 26)",
    ),
    "no source without an account": (
        '{id: page, network: web, account: "https://page.example", readable_without_account: true',
        '§{id: page, network: web, account: "https://page.example", readable_without_account: false',
        "no source can be read without an account",
    ),
    "no source at all": (
        '{id: page, network: web, account: "https://page.example", readable_without_account: true, role: source',
        '§{id: page, network: web, account: "https://page.example", readable_without_account: true, role: relay',
        "no channel is a source",
    ),
    "an action nothing calls for": (
        "      - id: close",
        '      - §id: wait\n        what: {nl: "Wacht", fr: "Attendez", de: "Warten", en: "Wait"}\n        role: head\n'
        "      - id: close",
        "nothing ever calls for `wait`",
    ),
    "an action repeated but never due": (
        "        role: head\ntriggers:",
        "        role: head\n        repeat_min: §30\ntriggers:",
        "repeated, but never due a first time",
    ),
    "a trigger for an unknown action": ("action: look", "action: §lok", "no `lok` under phases.actions"),
    "an unknown figure": ("figure: short_of_kind", "figure: §short_of_beds", "figure: `short_of_beds`"),
    "a kind the plan has not": ("short_of_kind,", "short_of_kind, kind: §ride,", "no `ride` under offers.kinds"),
    "a kind of what is not counted by kind": (
        "unique_offers,",
        "unique_offers, kind: §bed,",
        "unique_offers is not counted by kind",
    ),
    "a condition without a bound": (
        "{figure: unique_offers, at_least: 60}",
        "§{figure: unique_offers}",
        "without a bound",
    ),
    "bounds no number meets": ("at_least: 60", "at_least: 60, at_most: §59", "no number is 60 or more and 59 or less"),
    "a bound every figure meets": ("at_least: 60", "at_least: §0", "a bound every figure meets"),
    "figures counted by different things": (
        "at_least: 10}",
        "at_least: 10}\n      - {figure: §source_silent_min, at_least: 5}",
        "short_of_kind is counted by kind, source_silent_min by source",
    ),
    "no conditions": ("when:\n      - {figure: short_of_kind, at_least: 10}", "when: §[]", "when has no parts"),
    "a second trigger id": ("- id: short", "- id: §many", "a second `many` under triggers"),
    "braces outside a template": ('{nl: "De dam houdt."', '{nl: §"De dam {x}"', "braces outside a template"),
    "a mobile number": ('{nl: "De dam houdt."', '{nl: §"Bel 0470/00.00.00"', "a telephone number: `0470/00.00.00`"),
    "an international number": ('{nl: "De dam houdt."', '{nl: §"Bel +32 (0)470 00 00 00"', "a telephone number"),
    "a private reporting point": ('"0800 12 800"', '§"0800 12 801"', "a telephone number"),
    "an e-mail address": ('{nl: "De dam houdt."', '{nl: §"Mail jan@post.example"', "an e-mail address"),
    "a bank account": ('{nl: "De dam houdt."', '{nl: §"BE00 0000 0000 0000"', "a bank account"),
}


@pytest.mark.parametrize("fault", ERRORS)
def test_an_error_is_told_at_its_place_and_refuses_the_plan(small_plan: str, fault: str) -> None:
    problem, reading = problem_of(small_plan, *ERRORS[fault])
    assert problem.level == "error"
    assert problem.expected
    assert problem.mend
    assert reading.playbook is None


WARNINGS = {
    "an overdue review": ('"2027-05-01"', '§"2026-11-20"', "the review was due"),
    "a language that is not there": (', de: "Sanft", en: "Gentle"}', "}", "without de, en"),
    "a text that was not translated": (
        '{nl: "Zacht", fr: "Doux", de: "Sanft"',
        '{nl: "Luister en geef geen raad", fr: "Doux", de: §"Luister en geef geen raad"',
        "the de text is the nl text once more",
    ),
    "an official tag that is an ordinary one": (
        "official: voorbeeldhelpt",
        "official: §storm",
        "`storm` is an ordinary",
    ),
    "the town as a tag": ("[voorbeeldhelp]\n  avoid: [voorbeeld]", "[§voorbeeld]\n  avoid: [x]", "is an ordinary tag"),
    "a role nobody stands in for": (
        'id: head\n    name: {nl: "Hoofd", fr: "Chef", de: "Leitung", en: "Head"}\n    discipline: D5\n    stand_in: mayor',
        '§id: head\n    name: {nl: "Hoofd", fr: "Chef", de: "Leitung", en: "Head"}\n    discipline: D5',
        "nobody stands in for `head`",
    ),
    "an approved plan without the day": (
        'draft\n  municipality: Voorbeeld\n  legal_frame: ["IPI (D5)"]\n  owner: head\n  approved_by: mayor\n  approved_on',
        '§approved\n  municipality: Voorbeeld\n  legal_frame: ["IPI (D5)"]\n  owner: head\n  approved_by: mayor\n'
        "  approved_on: null #",
        "approved, on no day",
    ),
    "a message without a channel": (
        "      - id: repeat\n",
        "      - §id: repeat\n        template: message\n",
        "a message without a channel",
    ),
    "a gap between phases": ("start_min: 60", "start_min: §61", "starts at minute 61"),
    "an overlap of phases": ("start_min: 60", "start_min: §59", "starts at minute 59"),
    "a first phase that does not start at 0": ("start_min: 0", "start_min: §1", "from minute 1"),
    "an action due after its phase": ("within_min: 20", "within_min: §61", "due 61 minutes into a phase of 60"),
    "a message only behind a login": ("[page, wall]", "§[wall]", "ask for a login"),
}


@pytest.mark.parametrize("fault", WARNINGS)
def test_a_warning_is_told_at_its_place_and_lets_the_plan_through(small_plan: str, fault: str) -> None:
    old, new, told = WARNINGS[fault]
    if "§" not in new:
        new, old = '§{nl: "Zacht", fr: "Doux"}', '{nl: "Zacht", fr: "Doux", de: "Sanft", en: "Gentle"}'
    problem, reading = problem_of(small_plan, old, new, told)
    assert problem.level == "warning"
    assert reading.playbook is not None


def test_every_problem_is_told_at_once_in_the_order_of_the_file(small_plan: str) -> None:
    text = small_plan
    for fault in (
        "a number for a text",
        "an unknown role",
        "an undeclared variable",
        "an e-mail address",
        "an unknown kind",
    ):
        old, new, _ = ERRORS[fault]
        text = text.replace(old, new.replace("§", ""), 1)
    problems = read(text).problems
    assert len(problems) == 5
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_an_unknown_key_is_met_with_the_nearest_known_one(small_plan: str) -> None:
    text, place = change(small_plan, "  owner: head", "  §ownr: head")
    assert problem_at(text, place).mend == "did you mean `owner`?"


def test_a_problem_reads_as_file_line_column_and_how_to_mend(small_plan: str) -> None:
    text, (line, column) = change(small_plan, "owner: head", "owner: §hed")
    told = str(read(text).problems[0])
    assert told.startswith(f"plan.yaml:{line}:{column}: there is no `hed` under roles; expected one of: head, mayor; ")


def test_a_missing_language_falls_back_to_dutch(small_plan: str) -> None:
    playbook = read(small_plan.replace(', de: "Sanft", en: "Gentle"}', "}")).playbook
    assert playbook is not None
    assert playbook.sympathy.tone.in_language("de") == "Zacht"
    assert playbook.sympathy.tone.in_language("fr") == "Doux"


def test_the_review_day_itself_is_not_overdue(small_plan: str) -> None:
    assert parse_playbook(small_plan.encode(), name="p", today=date(2027, 5, 1)).problems == ()
    assert len(parse_playbook(small_plan.encode(), name="p", today=date(2027, 5, 2)).problems) == 1


@pytest.mark.parametrize(
    "harmless",
    [
        "112, 1722 of 116 000",
        "0800 12 800",
        "van 01/05/2027 tot 2027-05-02 20:10",
        "@stad@sociaal.example",
        "ISO 22329:2021",
    ],
)
def test_public_numbers_days_and_accounts_are_no_contact_data(small_plan: str, harmless: str) -> None:
    assert read(small_plan.replace("De dam houdt.", harmless)).problems == ()


def test_a_quoted_no_is_a_word_like_any_other(small_plan: str) -> None:
    assert read(small_plan.replace("Voorbeeld\n", '"no"\n', 1)).problems == ()


def test_a_few_aliases_are_welcome(small_plan: str) -> None:
    text = small_plan.replace("channels: [page, wall]", "channels: &all [page, wall]")
    text = text.replace("repeat_min: 30", "repeat_min: 30\n        channels: *all")
    playbook = read(text).playbook
    assert playbook is not None
    assert playbook.phases[1].actions[0].channels == ("page", "wall")


def test_a_file_begins_with_a_byte_order_mark_and_windows_line_ends(small_plan: str) -> None:
    data = b"\xef\xbb\xbf" + small_plan.replace("\n", "\r\n").encode()
    assert parse_playbook(data, name="p", today=TODAY).problems == ()


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 5)}]\n" for i in range(9)
)
HOSTILE = {
    "nothing": b"",
    "only a comment": b"# plan\n",
    "a list": b"- a\n- b\n",
    "a word": b"plan",
    "two documents": b"a: b\n---\nc: d\n",
    "not UTF-8": "a: été".encode("latin-1"),
    "UTF-16": "schema: x".encode("utf-16"),
    "NUL": b"a: \x00",
    "a control character": b"a: \x07",
    "a lone surrogate": b'plan: {id: "\\ud800"}\n"\\ud800": x',
    "an escape beyond Unicode": b'a: "\\UFFFFFFFF"',
    "a billion laughs": LAUGHS.encode(),
    "an alias of itself": b"a: &a [*a]",
    "an alias of its own mapping": b"&a a: &b {c: *b}",
    "an alias before its anchor": b"a: *b\nb: &b 1",
    "a mapping as a key": b"? {a: b}\n: c",
    "a list as a key": b"? [a]\n: c",
    "an alias of a list as a key": b"a: &a [x]\n? *a\n: c",
    "a merge key": b"a: &a {x: y}\nb:\n  <<: *a\n",
    "a python tag": b"a: !!python/object/apply:os.system ['true']",
    "a broken tag": b"a: !<%FF%FE> b",
    "a version of YAML to come": b"%YAML 9.9\n---\na: b",
    "a thousand brackets": b"[" * 1000,
    "a megabyte of brackets": b"[" * (MAX_BYTES - 1),
    "a megabyte of items": b"- a\n" * (MAX_BYTES // 4 - 1),
    "too large": b"a" * (MAX_BYTES + 1),
    "a huge number": b"a: " + b"9" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason_and_nothing_else(name: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(PlaybookError) as caught:
        load_playbook(path, today=TODAY)
    assert caught.value.problems
    assert str(caught.value).encode()
    assert all(problem.line >= 1 and problem.column >= 1 for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        (LAUGHS, "the plan is too large"),
        ("- a\n" * 20_001, "the plan is too large"),
        ("a: &a 1\nb: [" + "*a," * 51 + "]", "too many aliases"),
        ("[" * 17 + "]" * 17, "too many levels"),
        ("a: &a [*a]", "stands inside what it repeats"),
    ],
)
def test_a_bound_is_kept_and_named(text: str, bound: str) -> None:
    problems = read(text).problems
    assert len(problems) == 1
    assert bound in problems[0].what


def test_a_quote_that_is_never_closed_is_told_on_the_line_where_it_shows(small_plan: str) -> None:
    problem = read(small_plan.replace('"Gentle"}', '"Gentle}')).problems[0]
    assert problem.what.startswith("not YAML")
    assert small_plan.splitlines()[problem.line - 1].startswith("    - {id: recognise")


def test_the_place_of_a_wrong_byte_is_told() -> None:
    problem = parse_playbook(b"a: b\nc: d\xe9\n", name="p", today=TODAY).problems[0]
    assert (problem.line, problem.column, problem.what) == (2, 5, "not UTF-8")


def test_the_place_of_a_control_character_is_told() -> None:
    problem = parse_playbook(b"a: b\nc: d\x07\n", name="p", today=TODAY).problems[0]
    assert (problem.line, problem.column) == (2, 5)


def test_a_file_that_cannot_be_opened_is_refused_too(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, tmp_path / "absent.yaml", pipe, Path("a\0b")):
        with pytest.raises(PlaybookError):
            load_playbook(path, today=TODAY)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_plan_does_more_than_refuse_it(data: st.DataObject) -> None:
    text = SMALL_PLAN
    pieces = st.sampled_from([*"{}[]:&*!|>'\"%@`#-?,\t\n \\", "null", "no", "1", "2026-01-01", "<<: ", "- ", "é"])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(pieces) + text[end:]
    reading = read(text)
    assert (reading.playbook is None) == any(problem.level == "error" for problem in reading.problems)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_at_all_do_more_than_be_refused(noise: bytes) -> None:
    assert parse_playbook(noise, name="noise", today=TODAY).playbook is None

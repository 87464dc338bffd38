"""What can be wrong with a plan, in words: of each problem what it is, what was expected, how to mend it.

Owns the English of every problem by its code; a board says the same in other languages. A name between braces is a value
of the problem. Finds nothing itself.
"""

from __future__ import annotations

from typing import TypeAlias

Parts: TypeAlias = tuple[str, str, str]
"""What, expected, mend."""

INDENT = "look at the indentation and quotes here"
QUOTE_COLON = "put a text that contains `: ` between double quotes"
CORRECT, CHOOSE, REMOVE = "correct it", "choose one of these", "remove one of the two"
MISFIT = "{key}: {had}"
OPEN_SOURCE, ADD_CHANNEL = "a channel of role source that everyone can read", "add one, such as the crisis page"
OWN_WORDING = "shorten it, or give {network} a wording of its own under text_on"
PUBLIC, TAKE_OUT = (
    "no contact data of persons; only public numbers",
    "take it out; use a variable or the name of a role",
)
NO_GAP = "no gap and no overlap"

FILES: dict[str, Parts] = {
    "absent_file": ("no such file", "a YAML file", "look at the path"),
    "directory": ("a directory", "a YAML file", "look at the path"),
    "unreadable": ("cannot be read ({reason})", "a readable file", "look at its path and its rights"),
    "too_large": ("the file is too large", "at most 1 MB", "split it into several plans"),
    "not_utf8": ("not UTF-8", "text in UTF-8", "save it again as UTF-8"),
    "no_plan": ("no plan in this file", "keys with values", "begin with `schema: helpt-playbook/1`"),
    "file_there": ("there is a file of this name already", "a place for a new file", "choose another name"),
    "unwritable": ("cannot be written ({reason})", "a place for a new file", "look at its path and its rights"),
    "no_file": ("no file", "one FILE", "name the file to write"),
    "unanswered": ("no {name} was given", "{expected}", "answer the question, or give --{name}"),
    "wrong_answer": ("the {name} cannot be {told}", "{expected}", "answer the question, or give --{name}"),
}
"""Of the file as a whole."""

YAML: dict[str, Parts] = {
    "yaml_tab": ("not YAML: a tab at the beginning of a line", "spaces", "indent with spaces, never with tabs"),
    "yaml_colon": ("not YAML: a second `: ` on a line", "one key a line, or a text between quotes", QUOTE_COLON),
    "yaml_quote": (
        "not YAML: a text goes on after its closing quote",
        "the end of the line, or a comma",
        "end the text with the quote it began with, or use the other kind inside",
    ),
    "yaml_open": (
        "not YAML: the text ends inside quotes or brackets",
        "a closing quote or bracket",
        "close the quotes or brackets that were opened",
    ),
    "yaml_key": (
        "not YAML: a line without `: `",
        "`key: value`",
        "end the key with `: ` and look at the quotes of the lines before",
    ),
    "yaml_indent": (
        "not YAML: this line stands at another depth than those it belongs to",
        "the same number of spaces for every key, and for every `- `, of one group",
        INDENT,
    ),
    "yaml_bracket": (
        "not YAML: a list or group between brackets is not closed here",
        "a comma or the closing bracket",
        "close the bracket, or put a text with brackets or commas between quotes",
    ),
    "yaml_start": (
        "not YAML: an unquoted text cannot begin with this character",
        "a letter, a digit or a quote",
        "put the text between double quotes",
    ),
    "yaml_control": ("not YAML: the control character {char}", "text", "remove it"),
    "yaml_escape": (
        "not YAML: after `\\` stands what names no character",
        "`\\\\` for a backslash, or single quotes",
        "write `\\\\`, or put the text between single quotes",
    ),
    "yaml": ("not YAML: {told}", "valid YAML", INDENT),
    "second_document": ("a second document starts here", "one plan a file", "remove the `---` line"),
    "too_many_values": ("the plan is too large", "at most {most} values", "split it into several plans"),
    "too_many_aliases": ("too many aliases (`*name`)", "at most {most}", "write the values out"),
    "too_deep": ("too many levels inside each other", "at most {most}", "look at the brackets"),
    "early_alias": (
        "the alias {alias} stands inside what it repeats, or before it",
        "an alias of something that ended earlier",
        "write the value out",
    ),
    "tag": ("the tag {tag}", "no tags: a plan is text, numbers and dates", "remove the tag"),
    "ambiguous": (
        "`{word}` without quotes, which some programs read as text and others as true or false",
        "true or false, or text between quotes",
        'write true or false, or "{word}" between quotes',
    ),
    "group_as_key": ("a list or group of keys used as a key", "a word as a key", "write one word before the `:`"),
    "duplicate_key": (
        "the key {key} stands here a second time",
        "each key once (it is already on line {line})",
        REMOVE,
    ),
}
"""Of the file as YAML."""

FORM: dict[str, Parts] = {
    "missing": ("`{key}` is missing", "{meaning}", "add `{key}: …` here"),
    "unknown_key": ("the key {key} is not known here", "one of: {known}", "remove it, or correct its name"),
    "unknown_key_near": ("the key {key} is not known here", "one of: {known}", "did you mean `{near}`?"),
    "read_as": ("{key}: `{had}` is read as {read_as}", "text", 'put it between quotes: "{had}"'),
    "string_type": (MISFIT, "text", CORRECT),
    "string_unicode": (MISFIT, "text without half characters", CORRECT),
    "int_type": (MISFIT, "a whole number, without quotes", CORRECT),
    "bool_type": (MISFIT, "true or false, without quotes", CORRECT),
    "tuple_type": (MISFIT, "a list: `[a, b]`, or lines that begin with `- `", CORRECT),
    "dict_type": (MISFIT, "keys with values", CORRECT),
    "model_type": (MISFIT, "keys with values", CORRECT),
    "date_type": (MISFIT, "a day such as 2027-05-01", CORRECT),
    "datetime_type": (MISFIT, "a moment with its zone, such as 2027-05-01T20:10+02:00", CORRECT),
    "no_languages": (MISFIT, "a text by language", 'write {{nl: "…", fr: "…", de: "…", en: "…"}}'),
    "greater_than_equal": (MISFIT, "{bound} or more", CORRECT),
    "less_than_equal": (MISFIT, "{bound} or less", CORRECT),
    "string_too_short": (MISFIT, "some text", CORRECT),
    "string_too_long": (MISFIT, "at most {bound} characters", CORRECT),
    "no_name": (MISFIT, "small letters, digits, `-` and `_`, beginning with a letter", CORRECT),
    "no_tag": (MISFIT, "a tag without # and without spaces", CORRECT),
    "no_country": (MISFIT, "two capitals, such as BE", CORRECT),
    "loose_accents": (MISFIT, "accents in one character with their letter (NFC)", "type the tag anew"),
    "choice": (MISFIT, "one of: {known}", CHOOSE),
    "choice_or_person": (MISFIT, "one of: {known}", f"{CHOOSE}, or put it under person: somebody fills it in"),
    "too_short": ("{key} has no parts", "at least one", "add one"),
    "misfit": (MISFIT, "another value", "look at what this key takes"),
}
"""Of a value by itself. Where pydantic has a name for it, the code is that name."""

BETWEEN: dict[str, Parts] = {
    "second_id": (
        "a second {name} under {under}",
        "another id (line {line} has it)",
        "give one of the two another name",
    ),
    "unknown_name": (
        "there is no {name} under {under}",
        "one of: {known}",
        "correct the name, or add it under {under}",
    ),
    "tag_twice": ("the tag {tag} a second time", "a tag once (it is also under {under})", REMOVE),
    "no_open_source": ("no source can be read without an account", OPEN_SOURCE, ADD_CHANNEL),
    "no_source": ("no channel is a source", OPEN_SOURCE, ADD_CHANNEL),
    "own_approval": (
        "an action approved by its own role",
        "approval by another role than the one that acts",
        "name another role, or null",
    ),
    "own_stand_in": ("a role that stands in for itself", "another role, or null", "name another"),
    "phase_backwards": ("a phase from {start} to {end}", "an end after {start}", CORRECT),
    "no_bound": ("a condition without a bound", "at_least, at_most, or both", "add `at_least: …`"),
    "no_number_meets": ("no number is {low} or more and {high} or less", "{low} or more", CORRECT),
    "every_number_meets": ("a bound every figure meets", "1 or more", "raise it"),
    "not_by_kind": (
        "{figure} is not counted by kind",
        "a kind only with {known}",
        "remove it, or look at another figure",
    ),
    "mixed_figures": (
        "{first} is counted by {by_first}, {second} by {by_second}",
        "figures of one sort in a trigger",
        "make two triggers of it",
    ),
    "never_called": (
        "nothing ever calls for {name}",
        "within_min, or a trigger that names it",
        "add `within_min: …`, or a trigger",
    ),
    "never_due": ("repeated, but never due a first time", "within_min too", "add `within_min: …`"),
    "unused_network": (
        "a wording for {network}, which no channel is on",
        "one of: {known}",
        "correct the name, or add the channel",
    ),
    "filled_twice": ("{name} is filled in twice", "the board or a person, not both", REMOVE),
    "no_room": (
        "{name} can be {size} characters long (line {line})",
        "{size} or more",
        "make room, or shorten what stands there",
    ),
    "over_max_chars": (
        "the {language} text can be {size} characters long",
        "at most {most} (max_chars)",
        "shorten the text, or the longest filling of a variable",
    ),
    "over_weighted": (
        "the {language} text can take {used} characters as X counts them on {network}",
        "at most {most}",
        OWN_WORDING,
    ),
    "over_graphemes": ("the {language} text can take {used} characters on {network}", "at most {most}", OWN_WORDING),
    "over_septets": (
        "the {language} text can take {used} characters, {parts} messages, on {network}",
        "at most {most}",
        OWN_WORDING,
    ),
    "over_utf16": (
        "the {language} text can take {used} characters, {parts} messages, on {network}, because of {letters}",
        "at most {most}, or only letters of the SMS alphabet",
        OWN_WORDING,
    ),
    "odd_braces": (
        "{braces} in the {language} text",
        "a plain variable such as {{place}}",
        "use a plain name, or no braces",
    ),
    "undeclared": (
        "the {language} text uses {name}",
        "a declared variable ({known})",
        "declare it under variables, by board or person, or correct it",
    ),
    "unused": (
        "the {language} text does not use {name}",
        "every declared variable in every language",
        "use it, or take it out of variables",
    ),
    "email": ("an e-mail address: {found}", PUBLIC, TAKE_OUT),
    "account": ("a bank account: {found}", PUBLIC, TAKE_OUT),
    "phone": ("a telephone number: {found}", PUBLIC, TAKE_OUT),
    "loose_braces": (
        "braces outside a template",
        "variables only in templates",
        "write the words out, or make it a template",
    ),
}
"""Between the values of a plan."""

WARNINGS: dict[str, Parts] = {
    "ordinary_tag": (
        "{tag} is an ordinary tag, in which offers drown",
        "a tag people use for nothing else",
        "choose another, such as the town with `helpt`, and put this one under avoid",
    ),
    "login_only": (
        "a message only on channels that ask for a login",
        "a channel everyone can read without an account among them",
        ADD_CHANNEL,
    ),
    "no_channel": ("a message without a channel", "where it goes out", "fill in channels"),
    "no_stand_in": (
        "nobody stands in for {name}, which acts or approves (line {line})",
        "a role that takes over",
        "add `stand_in: …`",
    ),
    "first_phase": ("a first phase from minute {start}", "0", "start at 0"),
    "phases_apart": (
        "this phase starts at minute {start}, the one before it ends at minute {end}",
        NO_GAP,
        "let each phase start where the one before it ends",
    ),
    "phase_after_open": (
        "this phase starts at minute {start}, the one before it has no end",
        NO_GAP,
        "give the one before it `end_min: {start}`",
    ),
    "due_too_late": (
        "due {within} minutes into a phase of {most}",
        "at most {most}",
        "shorten it, or move the action to the next phase",
    ),
    "review_overdue": (
        "the review was due before {day}",
        "a day from {today} on",
        "read the plan again and set a new day; it stays usable meanwhile",
    ),
    "approved_on_no_day": ("approved, on no day", "the day of approval", "add `approved_on: YYYY-MM-DD`"),
    "no_translation": (
        "a text without {languages}",
        "nl, fr, de, en",
        "translate it; until then the board shows the Dutch text",
    ),
    "same_text": ("the {language} text is the {other} text once more", "a translation", "translate it"),
}
"""What lets a plan through."""

SENTENCES: dict[str, Parts] = {**FILES, **YAML, **FORM, **BETWEEN, **WARNINGS}
"""Every problem by its code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playbooks.fill import fill, longest, odd_braces, variables_in


def test_a_variable_is_replaced_wherever_it_stands() -> None:
    assert fill("{tag} en nog eens {tag} in {place}", {"tag": "#a", "place": "Gent"}) == "#a en nog eens #a in Gent"


def test_an_unfilled_variable_stays_visible() -> None:
    assert fill("om {time} in {place}", {"place": "Gent"}) == "om ‹time› in Gent"


def test_nothing_but_a_plain_name_is_a_variable() -> None:
    for text in ("{a.b}", "{a[0]}", "{0}", "{}", "{a!r}", "{a:>9}", "{A}", "{ a }", "{", "}", "{{", "%(a)s", "$a"):
        assert fill(text, {"a": "filled", "0": "filled", "": "filled", "A": "filled"}) == text


def test_a_value_is_not_looked_at_again() -> None:
    assert fill("{a}", {"a": "{b}", "b": "secret"}) == "{b}"
    assert fill("{a}", {"a": r"\g<0> \1"}) == r"\g<0> \1"


@given(st.text(), st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), st.text()))
def test_any_text_and_any_values_can_be_filled(text: str, values: dict[str, str]) -> None:
    filled = fill(text, values)
    if not variables_in(text):
        assert filled == text


def test_variables_are_told_once_in_order_and_odd_braces_apart() -> None:
    assert variables_in("{b} {a} {b} {X} {") == ("b", "a")
    assert odd_braces("{b} {X} {") == ("{X}", "{")


def test_the_longest_filling_counts_what_is_told_else_twelve() -> None:
    assert longest("{a} {b} {c}", {"a": 5, "b": None}) == f"{'x' * 5} {'x' * 12} {'x' * 12}"


def test_an_address_is_filled_in_as_an_address() -> None:
    for name in ("link", "page", "help_link"):
        assert longest(f"{{{name}}}", {name: 20}) == "https://" + "x" * 12
    assert len(longest("{link}", {"link": 3})) == 9, "never less than an address"

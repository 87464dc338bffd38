"""The slow reference: who is one record with whom, worked out over all pairs in plain Python.

It reads posts with the public readers (wording, facts), and from there on shares nothing with the engine but the numbers
that are tuned: no table of keys, no neighbourhood, no store, no frames. It is written from the docstrings of `keys`,
`evidence`, `links` and `pointers`, and is to be changed with them. Only for small streams: it takes the square of their
wordings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import polars as pl

from dedupe.evidence import ASIDE, HOTLINE, LETTERS_A_SLIP, ORGANISER, STRENGTH, TEMPLATE
from dedupe.keys import FEW, LONG, LONG_CHARS, RUN
from dedupe.links import ALONE, LEADERS
from dedupe.naming import SHORT_REPLY, distinct_wordings, find_writers, name_wordings
from dedupe.prepare import identify, read_new
from dedupe.reading.facts import default_reader
from dedupe.store import Store
from dedupe.wording import FEW_WORDS

Row = dict[str, Any]


def same_as_reference(store: Store, posts: pl.DataFrame) -> bool:
    """Whether a store that was given `posts` has the links of the reference. Fails with what differs."""
    theirs = {
        row[0]: tuple(row[1:]) for row in store.read("select wording, parent, root, why from current_links").iter_rows()
    }
    ours = Reference(posts).links()
    texts = dict(store.read("select distinct wording, text from wordings").iter_rows())
    differing = {
        texts.get(wording): (theirs.get(wording), ours.get(wording))
        for wording in theirs.keys() | ours.keys()
        if theirs.get(wording) != ours.get(wording)
    }
    assert not differing, f"(engine, reference): {differing}"
    return True


class Reference:
    """The links of a set of posts (one incident)."""

    def __init__(self, posts: pl.DataFrame) -> None:
        known = identify(posts).unique("version", keep="first", maintain_order=True)
        named = name_wordings(known, default_reader().tags())
        self.posts = named.to_dicts()
        self.writers = find_writers(named).to_dicts()
        self.wordings: dict[int, Row] = {row["wording"]: row for row in read_new(distinct_wordings(named)).to_dicts()}
        spelled = default_reader().number_words()
        for row in self.wordings.values():
            row["tokens"] = list(dict.fromkeys(spelled.get(word, word) for word in row["text"].split(" ")))
            row["order"] = list(dict.fromkeys(re.findall(r"\w{2,}", row["text"])))
            row["words"] = row["text"].split(" ") if row["text"] else []
            row["rank"] = rank(row)

    def links(self) -> dict[int, tuple[int, int, str]]:
        """Parent, root and reason of each wording."""
        chosen = self._chosen()
        chosen.update(self._followed())
        links = {each: chosen.get(each, (each, ALONE)) for each in self.wordings}
        for wording in sorted(each for each, (_, why) in links.items() if why == "mistyped"):
            if wording in walk(links, links[wording][0]):  # a circle, which only slips can close: cut here
                links[wording] = (wording, ALONE)
        return {wording: (parent, walk(links, wording)[-1], why) for wording, (parent, why) in links.items()}

    # Who shares what

    @cached_property
    def shared(self) -> dict[tuple[Any, ...], dict[int, tuple[Any, Any]]]:
        """Under each thing that wordings can share: who has it, as what (`facts`), and what it counts for (`told`)."""
        found: dict[tuple[Any, ...], dict[int, tuple[Any, Any]]] = defaultdict(dict)
        for wording, row in self.wordings.items():
            for key, facts, told in self._keys(row):
                found[key][wording] = (facts, told)
        return found

    @cached_property
    def _keys_of(self) -> dict[int, set[tuple[Any, ...]]]:
        found: dict[int, set[tuple[Any, ...]]] = {wording: set() for wording in self.wordings}
        for key, members in self.shared.items():
            for wording in members:
                found[wording].add(key)
        return found

    def _keys(self, row: Row) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
        wording, runs = row["wording"], runs_of(row)
        offered = (row["kind"], row["place_key"], row["origin_key"])
        reach = (tuple(row["phones"]), tuple(row["emails"]))
        own = row["credit"] is None and not row["cut"] and not row["points"]
        things = (row["kind"], row["place_key"]) if own and row["kind"] and row["place_key"] else None
        texts = wording if own else None
        uses = (row["place_key"], row["origin_key"], tuple(re.findall(r"\d+", row["text"]))) if own else None
        ends = [run for run in (runs["start"], runs["centre"], runs["end"]) if run]
        for contact in [*row["phones"], *row["emails"], *([row["ask"]] if row["ask"] else [])]:
            yield ("contact", contact), offered, things
            for run in ends:
                yield ("line", contact, run), wording, things
        for writer in self.writers:
            if writer["wording"] != wording:
                continue
            handle = writer["handle"]
            if writer["named"]:
                yield ("words", handle, runs["head"]), wording, texts
                continue
            if row["kind"]:
                yield ("writer", handle, *offered), reach, texts
            if ((row["kind"] or row["stance"]) and row["credit"] is None) or row["closed"]:
                yield ("offers", handle), offered, things
            for run in ends:
                yield ("words", handle, run), wording, texts
        if len(row["words"]) >= LONG and len(row["text"]) >= LONG_CHARS and row["credit"] is None:
            yield ("whole", row["text"]), wording, uses
            for part in (runs["head"], runs["middle"], runs["tail"]):
                if part:
                    yield ("text", part), wording, uses

    def _leads(self, key: tuple[Any, ...], wording: int) -> bool:
        """Whether this one speaks for those with the same facts, and is among the first that do."""
        members = self.shared[key]
        first: dict[Any, int] = {}
        for each in sorted(members, key=lambda each: self.wordings[each]["rank"]):
            first.setdefault(members[each][0], each)
        return wording in list(first.values())[:LEADERS]

    def _crowd(self, key: tuple[Any, ...]) -> int:
        return len({told for _, told in self.shared[key].values() if told is not None})

    # Judging

    def _verdicts(self) -> Iterator[Row]:
        for child in self.wordings.values():
            for parent in self.wordings.values():
                if parent["rank"] >= child["rank"]:
                    continue
                routes: dict[str, list[int]] = defaultdict(list)
                rivals = self._leads(("whole", child["text"]), child["wording"])
                for key in self._keys_of[child["wording"]] & self._keys_of[parent["wording"]]:
                    if self._leads(key, parent["wording"]):
                        routes[key[0]].append(self._crowd(key))
                for route, crowds in routes.items():
                    crowd = sorted(crowds)[(len(crowds) - 1) // 2]
                    if route == "text" and crowd >= TEMPLATE:
                        continue
                    compared = compare(child, parent)
                    why = verdict(child, parent, compared, route, crowd)
                    if vetoed(child, parent, compared, route) or (why == "mistyped" and route != "whole"):
                        continue
                    if why:
                        turns = why == "mistyped" and rivals
                        yield {
                            "child": child,
                            "parent": parent,
                            "why": why,
                            "alike": compared["likeness"],
                            "turns": turns,
                        }

    def _chosen(self) -> dict[int, tuple[int, str]]:
        verdicts = list(self._verdicts())
        slips = {(v["child"]["wording"], v["parent"]["wording"]) for v in verdicts if v["turns"]}
        times: dict[int, int] = defaultdict(int)
        for ends in slips:
            for end in ends:
                times[end] += 1
        for each in verdicts:
            if each["turns"] and times[each["child"]["wording"]] > times[each["parent"]["wording"]]:
                each["child"], each["parent"] = each["parent"], each["child"]
        chosen = {}
        for wording in self.wordings:
            mine = [each for each in verdicts if each["child"]["wording"] == wording]
            mine.sort(key=lambda each: (-STRENGTH[each["why"]], -each["alike"], each["parent"]["rank"]))
            if mine and not (mine[0]["why"] in ("same_part", "closes") and torn(mine)):
                chosen[wording] = (mine[0]["parent"]["wording"], mine[0]["why"])
        return chosen

    # What networks say

    def _followed(self) -> dict[int, tuple[int, str]]:
        newest: dict[int, Row] = {}
        for row in sorted(self.posts, key=lambda row: (row["written_at"], row["version"])):
            newest[row["post"]] = row
        found: dict[int, list[tuple[float, Any, int, str]]] = defaultdict(list)
        for row in self.posts:
            target = newest.get(row["target"])
            if target is None or target["wording"] == row["wording"]:
                continue
            child, parent = self.wordings[row["wording"]], self.wordings[target["wording"]]
            if parent["rank"] >= child["rank"]:
                continue
            told = passed_on(row, target, child, parent)
            if told:
                found[child["wording"]].append((-told[0], parent["rank"], parent["wording"], told[1]))
        return {wording: min(options)[2:] for wording, options in found.items()}


def walk(links: dict[int, tuple[int, str]], start: int) -> list[int]:
    """From parent to parent, up to a root or to where it has been before."""
    path = [start]
    while links[path[-1]][0] not in path:
        path.append(links[path[-1]][0])
    return path


def rank(row: Row) -> tuple[Any, ...]:
    """Whole before pointing, own before credited, open before closed, whole before cut, more facts before fewer, longer before shorter."""
    facts = [bool(row["phones"]), *(row[name] is not None for name in ("kind", "place_key", "capacity", "origin_key"))]
    copy = 2 if row["points"] else 1 if row["credit"] is not None else 0
    return copy, row["closed"], row["cut"], -sum(facts), -min(len(row["text"]), 4095), row["wording"] >> 19


def runs_of(row: Row) -> dict[str, tuple[str, ...] | None]:
    words = re.sub(r"\d+", "0", row["text"]).split(" ")
    count = len(row["words"])
    return {
        "start": ("start", *words[:FEW]),
        "centre": ("centre", *words[count // 2 - FEW // 2 :][:FEW]) if count > 2 * FEW else None,
        "end": ("end", *words[-FEW:]),
        "head": ("head", *words[:RUN]),
        "middle": ("middle", *words[RUN : 2 * RUN]) if count >= 2 * RUN else None,
        "tail": ("tail", *words[-RUN:]) if count > RUN else None,
    }


def compare(child: Row, parent: Row) -> Row:
    """What only one of the two says, and how alike the rest is."""
    mine, theirs = child["tokens"], parent["tokens"]
    only_words = [word for word in mine if word not in theirs]
    other_words = [word for word in theirs if word not in mine]
    only, only_parent = " ".join(only_words), " ".join(other_words)
    shared = len(mine) - len(only_words)
    figures = [bool(re.search(r"\d", each)) for each in (only, only_parent)]
    slips = max(1, min(len(only), len(only_parent)) // LETTERS_A_SLIP)
    slight = bool(only and only_parent) and osa(only, only_parent) <= slips
    if len(only_words) == len(other_words):
        words = list(zip(only_words, other_words, strict=True))
        slight = slight or (bool(words) and all(len(a) > 3 and len(b) > 3 and osa(a, b) <= 1 for a, b in words))
    typo = slight and not any(figures) and len(only_words) <= 4
    bare = [re.sub(ASIDE, "", re.sub(r"\S*\d\S*", "", each)).strip() for each in (only, only_parent)]
    order, other_order = child["order"], parent["order"]
    found: Row = {
        "only": only, "only_parent": only_parent, "likeness": shared / max(min(len(mine), len(theirs)), 1), "typo": typo,
        "reordered": [w for w in order if w in other_order] != [w for w in other_order if w in order],
        "count_differs": all(figures), "contained": not only or not only_parent, "contained_but_figures": not all(bare),
    }  # fmt: skip
    marked = child["credit"] is not None or child["cut"]
    alike = found["contained"] or typo or (marked and found["likeness"] >= 0.75 and not found["count_differs"])
    enough = (found["likeness"] >= 0.6 and shared >= 1) or (typo and found["likeness"] >= 0.4 and shared >= 2)
    found["near"] = enough and alike and not found["reordered"]
    placeless = child["place_key"] is None and parent["place_key"] is None
    replaced = placeless and not found["near"] and not found["contained_but_figures"] and found["likeness"] >= 0.5
    found["twice"] = replaced or (found["reordered"] and found["likeness"] >= 0.6)
    return found


def vetoed(child: Row, parent: Row, compared: Row, route: str) -> bool:
    """Another number, direction, place, kind or side: whatever the likeness."""
    if apart(child["phones"], parent["phones"]):
        one_slip = osa(child["phones"][0], parent["phones"][0]) <= 1
        if not (one_slip and not compared["only"] and not compared["only_parent"] and len(child["words"]) >= 8):
            return True
    from_both = child["origin_key"] is not None and parent["origin_key"] is not None
    crossed = (
        not from_both and len(child["places"]) > 1 and child["places"] != parent["places"]
        and sorted(child["places"]) == sorted(parent["places"])
    )  # fmt: skip
    elsewhere = from_both and (child["origin_key"] != parent["origin_key"] or differ(child, parent, "place_key"))
    kinds = None not in (child["kind"], parent["kind"]) and apart(child["kinds"], parent["kinds"])
    there = same(child, parent, "place_key") or bool(child["places"] and child["places"] == parent["places"])
    one_thing = route in ("contact", "line") and same(child, parent, "kind") and there
    misread = one_thing or child["closed"] or compared["typo"] or compared["likeness"] >= 0.9
    slip = (
        (compared["typo"] or compared["contained"])
        and not compared["reordered"]
        and child["places"] == parent["places"]
    )
    return (
        apart(child["emails"], parent["emails"])
        or crossed
        or elsewhere
        or (leaves_where_the_other_goes(child, parent) and not slip)
        or (leaves_where_the_other_goes(parent, child) and not slip)
        or apart(child["places"], parent["places"])
        or (kinds and not compared["typo"])
        or (differ(child, parent, "stance") and not misread)
    )


def leaves_where_the_other_goes(one: Row, other: Row) -> bool:
    origin = one["origin_key"]
    return origin is not None and origin == other["place_key"] and one["place_key"] != origin


def verdict(child: Row, parent: Row, compared: Row, route: str, crowd: int) -> str | None:
    """The first reason that holds, of those that join."""
    on_contact, few = route in ("contact", "line"), crowd < HOTLINE
    alike, counts = compared["likeness"], compared["count_differs"]
    near = compared["near"] and not counts
    own = child["credit"] is None and parent["credit"] is None
    counted = child["capacity"] is not None and parent["capacity"] is not None
    meant = bool(child["stance"] or parent["stance"])
    renewed = own and counts and alike >= 0.6 and (
        (on_contact and few and not compared["twice"] and (same(child, parent, "place_key") or compared["contained_but_figures"]))
        or (route == "words" and compared["contained_but_figures"] and counted and meant)
    )  # fmt: skip
    placed = child["place_key"] is None or child["place_key"] in parent["places"]
    kinds = child["kind"] is None or parent["kind"] is None or bool(set(child["kinds"]) & set(parent["kinds"]))
    placed = placed and (same(child, parent, "place_key") or not differ(child, parent, "capacity"))
    less = (same(child, parent, "kind") and placed) or (
        kinds and same(child, parent, "place_key") and child["places"] == parent["places"]
        and not differ(child, parent, "capacity")
    )  # fmt: skip
    reached = set(child["phones"]) <= set(parent["phones"])
    copied = (compared["typo"] or compared["contained"]) and alike >= 0.85 and not counts and crowd < TEMPLATE
    copied = copied and route in ("text", "whole") and (child["cut"] or bool(child["phones"]) == bool(parent["phones"]))
    one_town = parent["kind"] == "ride" and len(child["places"]) < 2
    swapped = compared["reordered"] and (alike >= 0.9 or (one_town and compared["twice"]))
    full = child["closed"] and not parent["closed"] and (child["kind"] is None or less)
    reasons = {
        "same_words": on_contact and near,
        "same": route == "contact"
        and same(child, parent, "kind")
        and same(child, parent, "place_key")
        and few
        and not swapped,
        "renewed": renewed,
        "same_part": route == "contact" and less and few and not compared["twice"],
        "credited": route == "words" and near,
        "writer": route == "writer"
        and crowd < ORGANISER
        and reached
        and not compared["twice"]
        and (not counts or meant),
        "mistyped": copied and apart(child["phones"], parent["phones"]),
        "copied": copied,
        "closes": route == "offers" and full,
    }
    return next((why for why, holds in reasons.items() if holds), None)


def torn(mine: list[Row]) -> bool:
    """Whether a wording that says little fits several things, and none of them clearly best."""
    vague = [each for each in mine if each["why"] in ("same_part", "closes")]
    told = ({each["parent"][name] for each in vague} - {None} for name in ("kind", "place_key"))
    several = max(len(things) for things in told) > 1
    likest = [*sorted((each["alike"] for each in vague), reverse=True), 0.0]
    return several and likest[0] - likest[1] < 0.3


def passed_on(row: Row, target: Row, child: Row, parent: Row) -> tuple[float, str] | None:
    """How sure, and why, a post belongs to the post it points at."""
    kind = child["kind"] is None or child["kind"] == parent["kind"]
    place = child["place_key"] is None or child["place_key"] in parent["places"]
    count = child["capacity"] is None or child["capacity"] == parent["capacity"]
    number = set(child["phones"]) <= set(parent["phones"])
    bare = child["closed"] and child["place_key"] is None
    words = len(child["words"])
    if row["repost_of"] is not None:
        return 1.0, "reposted on its network"
    if row["quote_of"] is not None and words <= FEW_WORDS:
        return (0.96, "quoted with no offer of its own") if kind and place and count and number else None
    if (
        row["reply_to"] is not None
        and words <= SHORT_REPLY
        and row["who"] == target["who"]
        and (kind or bare)
        and place
    ):
        return 0.93, "the writer answers their own post"
    return None


def same(child: Row, parent: Row, name: str) -> bool:
    return child[name] is not None and child[name] == parent[name]


def differ(child: Row, parent: Row, name: str) -> bool:
    return child[name] is not None and parent[name] is not None and child[name] != parent[name]


def apart(mine: list[str], theirs: list[str]) -> bool:
    return bool(mine) and bool(theirs) and not set(mine) & set(theirs)


def osa(one: str, other: str) -> int:
    """Edits between two texts: a letter more, less, other, or two neighbours swapped (Damerau 1964)."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        rows.append([i])
        for j, b in enumerate(other, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]

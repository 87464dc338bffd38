"""How far X was read: what the cursor of this source holds.

X gives the newest posts first. A look therefore starts at the newest and moves `since` up to it at once; whatever lies
between there and where the last look began is a gap, read on page by page, newest gap first. So fresh posts never wait
for old ones, and a process that dies in between goes on with the gap. Knows no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from ingest.x.query import packed, query_of

MOST_GAPS = 20
"""More gaps than this are joined, the oldest two first: what lies between them is then read again."""

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SHIFT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch still to be read: newer than `since`, older than `until`; None where nothing bounds it.

    `token` leads to its next page, and is lost when X no longer knows it. `idle` counts pages in a row that brought
    nothing new.
    """

    since: str | None
    until: str | None
    token: str | None
    idle: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How far one query was read. All of it up to `since` was, but for the gaps. `found`: posts of its last look."""

    tags: tuple[str, ...]
    since: str | None
    found: int | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def query(self) -> str:
        """What X is asked."""
        return query_of(self.tags)

    def with_gap(self, gap: Gap) -> Stand:
        """With one more gap, in the place of one with the same bounds."""
        others = [one for one in self.gaps if (one.since, one.until) != (gap.since, gap.until)]
        gaps = [*others, gap]
        if len(gaps) > MOST_GAPS:
            oldest, second, *rest = gaps
            gaps = [Gap(since=oldest.since, until=second.until, token=None), *rest]
        return replace(self, gaps=tuple(gaps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far all queries were read, and where in a look we are: queries `looked` at, `pages` read, next `counted`."""

    stands: tuple[Stand, ...]
    looked: int = 0
    pages: int = 0
    counted: bool = False

    def with_stand(self, index: int, stand: Stand) -> Mark:
        """With the stand of one query replaced."""
        return replace(self, stands=(*self.stands[:index], stand, *self.stands[index + 1 :]))

    def newest_gap(self) -> int | None:
        """Which query to read on with: the one with the most recent gap; None when all is read."""
        open_ = [(int(stand.gaps[-1].since or 0), n) for n, stand in enumerate(self.stands) if stand.gaps]
        return max(open_)[1] if open_ else None


_FORM = TypeAdapter(Mark)


def written(mark: Mark) -> str:
    """The mark as a cursor."""
    return _FORM.dump_json(mark).decode()


def mark_for(tags: Sequence[str], cursor: str | None, *, first: str | None) -> Mark:
    """Where to go on for `tags`, clean and sorted, with what `cursor` says, if it can be read.

    A query keeps its stand as long as any of its tags is wanted; tags that are new get queries of their own, which
    begin at `first`. So a tag added later is read from its own beginning, and the others are not read again.
    """
    known = _read(cursor)
    wanted = set(tags)
    stands: list[Stand] = []
    for stand in known.stands if known else ():
        kept = tuple(tag for tag in stand.tags if tag in wanted)
        wanted.difference_update(kept)
        if kept:
            # a token belongs to the query it came with
            gaps = stand.gaps if kept == stand.tags else tuple(replace(gap, token=None) for gap in stand.gaps)
            stands.append(replace(stand, tags=kept, gaps=gaps))
    stands += [Stand(tags=part, since=first) for part in packed(tag for tag in tags if tag in wanted)]
    if known is not None and [stand.tags for stand in stands] == [stand.tags for stand in known.stands]:
        return known
    return Mark(stands=tuple(stands))


def _read(cursor: str | None) -> Mark | None:
    try:
        mark = _FORM.validate_json(cursor) if cursor else None
    except ValidationError:
        return None
    return mark if mark is None or all(_sound(stand) for stand in mark.stands) else None


def _sound(stand: Stand) -> bool:
    ids = [stand.since, *(bound for gap in stand.gaps for bound in (gap.since, gap.until))]
    return all(is_id(one) for one in ids if one is not None)


def is_id(found: object) -> bool:
    """Whether this is an id of X: digits, in a length that fits."""
    return isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) <= 20


def newest(ids: Iterable[str | None]) -> str | None:
    """The newest of several ids, the lower of them given first."""
    return max((one for one in ids if one is not None), key=int, default=None)


def oldest(ids: Iterable[str | None]) -> str | None:
    """The oldest of several ids."""
    return min((one for one in ids if one is not None), key=int, default=None)


def id_at(moment: datetime) -> str:
    """The lowest id a post of `moment` (with a zone) can have: ids hold the time they were given at."""
    return str(max((moment - _EPOCH) // _MILLISECOND, 0) << _SHIFT)


def moment_of(post_id: str) -> datetime:
    """When a post with this id was written; for ids from before 2010-11-04 that day."""
    try:
        return _EPOCH + (int(post_id) >> _SHIFT) * _MILLISECOND
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)

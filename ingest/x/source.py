"""X as a source: recent search by hashtag, page by page, within a budget.

Owns the order in which X is asked. A fetch asks one thing: how many posts there are, a query's newest page, or the next
page of a gap. Its answer, what it cost and the cursor after it are delivered together, so that a process may die at any
moment. A look asks every query for its newest posts, then reads on into gaps, up to a number of pages. Knows no store.
docs/sources/x.md tells what X costs and allows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import polars as pl

from ingest.errors import IngestError, TerminalError
from ingest.post import CONTENT, Provenance, stamp
from ingest.reading.form_x import NETWORK
from ingest.source import Fetch, Quota
from ingest.x.budget import Budget, Hold
from ingest.x.cursor import Gap, Mark, Stand, id_at, is_id, mark_for, moment_of, newest, oldest, written
from ingest.x.page import NoAnswer, Page, latest, read_count, read_lookup, read_search
from ingest.x.query import clean
from ingest.x.settings import XSettings
from ingest.x.wire import Answer, AnswerLost, Refused, XWire

log = logging.getLogger(__name__)

SMALLEST_PAGE = 10
"""The fewest posts X can be asked for, and so what a page must be able to cost."""

LOOKUP = 100
"""Posts that can be looked up at once."""

IDLE_PAGES = 10
"""After so many pages in a row with nothing new on them a gap is taken as read: it might never end."""

_Read = TypeVar("_Read")
_NAMES_OF_TOKEN = {"next_token", "pagination_token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Got:
    """A page, the gap it was asked for in the end, what it cost, and what is to be told. No page: out of reach."""

    page: Page | None
    gap: Gap
    answer: Answer | None = None
    reads: int = 0
    notice: str | None = None


class XSearch:
    """Posts of X with any of some hashtags. All sources that read with one token share one `Budget`: it is one bill."""

    name = NETWORK

    def __init__(
        self,
        tags: Sequence[str],
        *,
        incident: str,
        bearer: str,
        settings: XSettings,
        budget: Budget,
        clock: Callable[[], datetime],
        base_url: str | None = None,
    ) -> None:
        """tags: with or without #. clock: the time, with a zone. base_url: where to ask in the place of X.

        Raises ValueError when `bearer` cannot be a token. Whether X may be read at all, `why_off` says.
        """
        self._tags, self._unsearchable = clean(tags)
        self._incident = incident
        self._settings = settings
        self._budget = budget
        self._clock = clock
        self._wire = XWire(bearer, timeout=settings.timeout, base_url=base_url)
        self._seen: dict[tuple[str, str | None], set[str]] = {}
        self._shy = False

    def close(self) -> None:
        """Let go of the connection."""
        self._wire.close()

    def fetch(self, cursor: str | None) -> Fetch:
        """Ask the next thing. Raises TransientError, also when the budget is used up, and TerminalError."""
        if not self._tags:
            raise TerminalError("X has no hashtag to look for: one has letters, digits and _, and not digits alone.")
        mark = mark_for(self._tags, cursor, first=self._first(self._clock()))
        gap = mark.newest_gap()
        if mark.looked < len(mark.stands) or gap is None:
            mark = mark if mark.looked < len(mark.stands) else replace(mark, looked=0, pages=0)
            return self._count(mark) or self._look(mark)
        return self._read_on(mark, gap)

    def reread(self, ids: Sequence[str]) -> Fetch:
        """The posts of `ids` as they are now, and those that are gone as removals; what is no id of X is passed over.

        X bills a post once a UTC day: to read it again on the day it was last read is free, on any later day it is not.
        The caller chooses, and does best in the hour before 00:00 UTC. An edited post costs another read on the first
        time its edit is seen. Where an error comes after some pages, what they gave is returned, the error as notice.
        """
        found: list[tuple[Page, int, Quota | None]] = []
        notice = None
        try:
            for looked_up in self._looked_up([one for one in dict.fromkeys(ids) if is_id(one)]):
                found.append(looked_up)
        except IngestError as error:
            if not found:
                raise
            notice = str(error)
        pages = [page for page, _, _ in found]
        content = pl.concat([pl.DataFrame(schema=CONTENT), *(page.content for page in pages)])
        return Fetch(
            posts=self._stamped(latest(content), "reread"),
            cursor=None,
            removals=tuple(gone for page in pages for gone in page.removals),
            refusals=tuple(refusal for page in pages for refusal in page.refusals),
            quota=found[-1][2] if found else None,
            reads=sum(reads for _, reads, _ in found),
            notice=notice,
        )

    def _count(self, mark: Mark) -> Fetch | None:
        """Ask how many posts a query has, before its first look and where it is quiet; None when not asked or told."""
        stand = mark.stands[mark.looked]
        if mark.counted or not (stand.found is None or stand.found < self._settings.quiet):
            return None
        hold = self._budget.hold_count(beside=SMALLEST_PAGE)
        if hold is None:
            return None
        try:
            answer = self._wire.count(stand.query, since=stand.since)
            total = _understood(lambda: read_count(answer.body))
            self._budget.pay(hold)
        except AnswerLost:
            self._budget.pay(hold)
            raise
        except TerminalError as error:
            log.info("x: no count of %s: %s", stand.query, error)
            return None
        finally:
            self._budget.give_back(hold)
        if total == 0:
            mark = replace(mark.with_stand(mark.looked, replace(stand, found=0)), looked=mark.looked + 1)
            return self._fetch(mark, counts=1, quota=answer.quota)
        room = self._budget.room()
        notice = f"X has about {total} posts; the budget of today pays for {room} of them, newest first."
        return self._fetch(
            replace(mark, counted=True), counts=1, quota=answer.quota, notice=notice if total > room else None
        )

    def _look(self, mark: Mark) -> Fetch:
        """The newest page of a query; what it leaves unread becomes a gap."""
        stand = mark.stands[mark.looked]
        got = self._page(stand, Gap(since=stand.since, until=None, token=None))
        page, at, notice = got.page, got.answer.at if got.answer else None, got.notice
        looked = 1
        after = stand
        if page is not None:
            after = replace(stand, since=newest([got.gap.since, page.newest]), found=len(page.ids))
            if page.token is not None:
                after = after.with_gap(Gap(since=got.gap.since, until=_oldest(page), token=page.token))
            elif not page.ids and at is not None and after.since and moment_of(after.since) > at:
                # X has nothing, and never would have: a clock was wrong when this was written down
                after = replace(after, since=self._first(at))
                notice, looked = "The place to go on from at X lay in the future; the first look is made again.", 0
            self._see(stand, got.gap.since, page)
        mark = replace(mark.with_stand(mark.looked, after), looked=mark.looked + looked, counted=False)
        return self._given(mark, stand, replace(got, notice=notice))

    def _read_on(self, mark: Mark, index: int) -> Fetch:
        """The next page of the newest gap of a query."""
        stand = mark.stands[index]
        *others, gap = stand.gaps
        got = self._page(stand, gap)
        after = replace(stand, gaps=tuple(others))
        page, notice = got.page, got.notice
        if page is not None and page.token is not None:
            idle = 0 if self._see(stand, got.gap.since, page) else gap.idle + 1
            until = oldest([gap.until, _oldest(page)])
            if idle < IDLE_PAGES:
                after = after.with_gap(Gap(since=got.gap.since, until=until, token=page.token, idle=idle))
            else:
                notice = f"X gave {idle} pages with nothing new on them; the rest is taken as read."
        return self._given(
            replace(mark.with_stand(index, after), pages=mark.pages + 1), stand, replace(got, notice=notice)
        )

    def _page(self, stand: Stand, gap: Gap) -> _Got:
        """A page of a gap, asked for less exactly where X refuses a bound of it."""
        try:
            return self._asked(stand, gap)
        except Refused as error:
            if gap.token is not None and error.parameters & _NAMES_OF_TOKEN:
                return self._page(stand, replace(gap, token=None))
            if gap.since is not None and "since_id" in error.parameters:
                got = self._page(stand, replace(gap, since=None, token=None))
                told = "X no longer goes back to the last post read; what it still has is read, posts before may be missing."
                return replace(got, notice=told if got.page is not None else got.notice)
            if gap.until is not None and "until_id" in error.parameters:
                told = "Posts of X that were still to be read are now older than X gives; they are missing."
                return _Got(page=None, gap=gap, notice=told)
            raise

    def _asked(self, stand: Stand, gap: Gap) -> _Got:
        hold = self._budget.hold(most=SMALLEST_PAGE if self._shy else self._settings.max_results, least=SMALLEST_PAGE)
        try:
            answer = self._wire.search(
                stand.query, size=hold.reads, since=gap.since, until=None if gap.token else gap.until, token=gap.token
            )
            page = _understood(lambda: read_search(answer.body, now=answer.at or self._clock()))
            reads = self._budget.pay(hold, page.ids)
        except AnswerLost:
            self._shy = True
            self._budget.lose(hold, self._bill_of(stand))
            raise
        finally:
            self._budget.give_back(hold)
        self._shy = False
        notice = f"X left something out of its answer ({page.left_out})." if page.left_out else None
        return _Got(page=page, gap=gap, answer=answer, reads=reads, notice=notice)

    def _looked_up(self, ids: Sequence[str]) -> Iterator[tuple[Page, int, Quota | None]]:
        """Pages of a look-up with what they cost, and after each the later versions of posts that were edited."""
        for start in range(0, len(ids), LOOKUP):
            page, reads, quota = self._look_up(ids[start : start + LOOKUP])
            yield page, reads, quota
            if page.newer:
                page, reads, quota = self._look_up(page.newer)
                # a version that is gone says nothing of the post: the next look-up of the post itself does
                yield replace(page, removals=()), reads, quota

    def _look_up(self, ids: Sequence[str]) -> tuple[Page, int, Quota | None]:
        hold: Hold = self._budget.hold_for(ids)
        try:
            answer = self._wire.lookup(ids)
            page = _understood(lambda: read_lookup(answer.body, asked=ids, now=answer.at or self._clock()))
            return page, self._budget.pay(hold, page.ids), answer.quota
        except AnswerLost:
            self._budget.pay(hold, ids)
            raise
        finally:
            self._budget.give_back(hold)

    def _given(self, mark: Mark, stand: Stand, got: _Got) -> Fetch:
        """What a page gave, and the bookkeeping after it."""
        if not any(one.gaps for one in mark.stands if one.tags == stand.tags):
            self._budget.settle(self._bill_of(stand))
        open_ = {(one.query, gap.since) for one in mark.stands for gap in one.gaps}
        self._seen = {bounds: seen for bounds, seen in self._seen.items() if bounds in open_}
        if got.page is not None:
            log.debug("x: %d posts, %d billed, for %s", len(got.page.ids), got.reads, stand.query)
        return self._fetch(
            mark,
            page=got.page,
            query=stand.query,
            reads=got.reads,
            quota=got.answer.quota if got.answer else None,
            notice=got.notice,
        )

    def _fetch(
        self,
        mark: Mark,
        *,
        page: Page | None = None,
        query: str = "",
        reads: int = 0,
        counts: int = 0,
        quota: Quota | None = None,
        notice: str | None = None,
    ) -> Fetch:
        gaps = sum(len(stand.gaps) for stand in mark.stands)
        more = mark.looked < len(mark.stands) or (gaps > 0 and mark.pages < self._settings.pages)
        notices = [notice] if notice else []
        if not more:
            mark = replace(mark, looked=0, pages=0)
            notices += ["X has more posts than one look reads; the older ones follow at the next."] if gaps else []
            notices += [f"X cannot search for {', '.join(self._unsearchable)}."] if self._unsearchable else []
        return Fetch(
            posts=self._stamped(page.content if page else pl.DataFrame(schema=CONTENT), query),
            cursor=written(mark),
            refusals=page.refusals if page else (),
            quota=quota,
            more=more and (quota is None or quota.remaining > 0),
            reads=reads,
            counts=counts,
            notice=" ".join(notices) or None,
        )

    def _stamped(self, content: pl.DataFrame, query: str) -> pl.DataFrame:
        provenance = Provenance(incident=self._incident, source=self.name, query=query, collected_at=self._clock())
        return stamp(content, provenance)

    def _see(self, stand: Stand, since: str | None, page: Page) -> bool:
        """Note what a gap has given. Returns whether any of it is new."""
        seen = self._seen.setdefault((stand.query, since), set())
        fresh = not seen.issuperset(page.ids)
        seen.update(page.ids)
        return fresh

    def _first(self, now: datetime) -> str:
        return id_at(now - timedelta(hours=self._settings.backfill))

    def _bill_of(self, stand: Stand) -> str:
        return f"{self._incident} {stand.query}"


def _oldest(page: Page) -> str | None:
    return oldest(one for one in page.ids if is_id(one))


def _understood(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except NoAnswer as error:
        raise AnswerLost(f"The answer of X cannot be used: {error}.") from error

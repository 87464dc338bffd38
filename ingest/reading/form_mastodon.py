"""Statuses of Mastodon and the servers that speak its API.

Owns the names of their fields, and the way from their HTML to text. The id is the canonical `uri`, the only one every
server knows; numeric ids are each server's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from ingest.reading.check import FlawedRow
from ingest.reading.found import Found, Record, child, children, key, text

NETWORK = "mastodon"

_PARAGRAPHS = frozenset({"p", "blockquote", "pre", "ul", "ol", "div", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = frozenset({"br", "li"})
_DECLARATION = re.compile(r"<[!?][^<>]*>")
_NEVER_ENDS = re.compile(r"<(?![^<>]*>)")
_UNSEEN = frozenset({"script", "style", "template"})
# possessive, and only from where a run of blanks begins: else a megabyte of blanks takes hours
_LINE_END = re.compile(r"(?<![ \t])[ \t]++\n")
_EMPTY_LINES = re.compile(r"\n{3,}")


def is_page(record: Record) -> bool:
    """What a search on a server answers: `statuses` beside accounts and hashtags."""
    items = record.get("statuses")
    return isinstance(items, list) and all(isinstance(item, dict) and is_status(item) for item in items)


def read_page(page: Record) -> Iterator[Found]:
    """The statuses among the results."""
    for status in children(page, "statuses"):
        yield from read_status(status)


def is_status(record: Record) -> bool:
    """A status, as every answer of a server writes it."""
    return "content" in record and "uri" in record and isinstance(record.get("account"), dict)


def read_status(status: Record) -> Iterable[Found]:
    """The post of a status. Raises FlawedRow for one that was not written for everyone."""
    if text(status, "visibility") in ("private", "direct"):
        raise FlawedRow("the status is not public; it was written for its readers alone")
    account, boosted, quoted = child(status, "account"), child(status, "reblog"), _quoted(status)
    html = text(status, "content") or text(boosted, "content") or ""
    warning = text(status, "spoiler_text")
    written = plain(html, drop_quote=quoted is not None)
    return (
        {
            "network": NETWORK,
            "id": text(status, "uri"),
            "author": _author(account),
            "author_name": text(account, "display_name"),
            "text": f"{warning}\n\n{written}" if warning else written,
            "created_at": status.get("created_at"),
            "edited_at": status.get("edited_at"),
            "url": text(status, "url") or text(boosted, "url"),
            "lang": text(status, "language"),
            "repost_of": text(boosted, "uri"),
            "quote_of": quoted,
            "reply_to": _parent(status),
            "reposts": status.get("reblogs_count"),
            "likes": status.get("favourites_count"),
        },
    )


def _author(account: Record) -> str | None:
    """The handle with its server, which a server leaves out for its own people."""
    handle = text(account, "acct", "username")
    if handle is None or "@" in handle:
        return handle
    return f"{handle}@{host}" if (host := _host(text(account, "uri", "url"))) else handle


def _host(address: str | None) -> str | None:
    try:
        return urlsplit(address or "").hostname
    except ValueError:
        return None


def _quoted(status: Record) -> str | None:
    quote = child(status, "quote")
    inner = child(quote, "quoted_status") or quote
    return text(inner, "uri") or key(quote, "quoted_status_id") or key(status, "quote_id")


def _parent(status: Record) -> str | None:
    """What a status answers: as `uri` where the status itself tells it, else the number its server gave it."""
    parent, own, uri = key(status, "in_reply_to_id"), key(status, "id"), text(status, "uri")
    same_writer = key(status, "in_reply_to_account_id") == key(child(status, "account"), "id")
    if parent and own and uri and same_writer and uri.endswith(f"/statuses/{own}"):
        return uri.removesuffix(own) + parent
    return parent


def plain(html: str, *, drop_quote: bool = False) -> str:
    """The text of a status: paragraphs and lines kept, markup gone, a link as its full address.

    `drop_quote` leaves out the line "RE: …" that servers add for readers that cannot show quotes.
    """
    reader = _Plain(drop_quote=drop_quote)
    # the library takes time without bound over tags that never end, and fails on declarations it does not know
    reader.feed(_DECLARATION.sub("", _NEVER_ENDS.sub("&lt;", html)))
    reader.close()
    return reader.text()


class _Plain(HTMLParser):
    """Collects the text of a status while the markup passes by. What stands in unseen parts is left out."""

    def __init__(self, *, drop_quote: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._drop_quote = drop_quote
        self._parts: list[str] = []
        self._unseen: list[str] = []
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a paragraph, a link, or a part that is not shown."""
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        if tag in _UNSEEN or (self._drop_quote and tag == "p" and "quote-inline" in classes):
            self._unseen.append(tag)
        elif self._unseen:
            return
        elif tag in _LINES:
            self._parts.append("\n")
        elif tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag == "a" and not {"mention", "hashtag"} & set(classes):
            self._link = (given.get("href") or "", len(self._parts))

    def handle_endtag(self, tag: str) -> None:
        """End what began, and put the address of a link that ends in full."""
        if self._unseen:
            if tag == self._unseen[-1]:
                self._unseen.pop()
        elif tag in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif tag == "a" and self._link is not None:
            self._end_link(*self._link)
            self._link = None

    def _end_link(self, href: str, start: int) -> None:
        shown = "".join(self._parts[start:])
        if not href.startswith(("http://", "https://")) or href in shown:
            return
        # servers shorten what is shown of an address; other words get the address behind them
        shortened = shown.rstrip("…").strip()
        self._parts[start:] = [href] if not shortened or shortened in href else [f"{shown} ({href})"]

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self._unseen:
            self._parts.append(data)

    def text(self) -> str:
        """All that was collected, without empty lines at its ends or more than one between paragraphs."""
        joined = "".join(self._parts)
        return _EMPTY_LINES.sub("\n\n", _LINE_END.sub("\n", joined)).strip()

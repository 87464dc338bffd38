"""The forms in which posts are found in JSON, and how each becomes a row of ours.

Owns the registry: a new form is one more entry in `FORMS`. A form is recognised by what a record holds, never by the
name of its file. Knows no file; the fields of each network are in `form_x`, `form_bluesky` and `form_mastodon`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ingest.post import REQUIRED
from ingest.reading import form_bluesky, form_mastodon, form_x
from ingest.reading.found import Found, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way of writing posts. `recognise` looks at a record; `read` gives what it holds, which may be nothing.

    A record is what one line, one item of a list or one whole file says. `read` gives rows with the fields of
    `CONTENT`, as strings or numbers, and removals; what is missing or wrong in a row is told by `ingest.reading.check`.
    """

    name: str
    recognise: Callable[[Record], bool]
    read: Callable[[Record], Iterable[Found]]


def _as_it_is(record: Record) -> Iterable[Found]:
    return (record,)


FORMS = (
    Form(name="X API v2 page", recognise=form_x.is_page, read=form_x.read_page),
    Form(name="X API v2 post", recognise=form_x.is_flat, read=form_x.read_flat),
    Form(name="X v1.1 tweet", recognise=form_x.is_tweet, read=form_x.read_tweet),
    Form(name="X v1.1 notice", recognise=form_x.is_notice, read=form_x.read_notice),
    Form(name="Bluesky page", recognise=form_bluesky.is_page, read=form_bluesky.read_page),
    Form(name="Bluesky view", recognise=form_bluesky.is_view, read=form_bluesky.read_view),
    Form(name="Jetstream event", recognise=form_bluesky.is_event, read=form_bluesky.read_event),
    Form(name="Mastodon page", recognise=form_mastodon.is_page, read=form_mastodon.read_page),
    Form(name="Mastodon status", recognise=form_mastodon.is_status, read=form_mastodon.read_status),
)
"""The forms of others. What is none of these is read as a row of the post file."""

POST_FILE = Form(name="post file", recognise=lambda record: any(name in record for name in REQUIRED), read=_as_it_is)


def form_of(record: Record) -> Form:
    """The form a record is written in; the post file's when no other fits."""
    if "network" in record:
        return POST_FILE
    return next((form for form in FORMS if form.recognise(record)), POST_FILE)


def is_known(record: Record) -> bool:
    """Whether a record looks like a post or a page of posts at all."""
    return form_of(record).recognise(record)

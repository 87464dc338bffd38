"""The statements of the collapse, one function each. They only read; what is written goes through `Transaction.append`.

Each names the frames it expects to find registered: `wanted` is always a frame with the one column in question. Lookups
filter by a small set of hashes first and choose the latest row after, so that they cost one narrow scan.
"""

from __future__ import annotations


def known_versions() -> str:
    """Versions the store has of the posts in `wanted` (post): post, version."""
    return "select post, version from posts semi join wanted using (post)"


def versions_of_posts() -> str:
    """The same with what tells which is the newest: post, version, written_at, collected_at, retired."""
    return """
    with gone as (select distinct post, version from retired semi join wanted using (post))
    select posts.post, posts.version, coalesce(posts.edited_at, posts.created_at) as written_at, posts.collected_at,
           gone.version is not null as retired
    from posts semi join wanted using (post)
    left join gone on posts.post = gone.post and posts.version = gone.version
    """


def known_wordings() -> str:
    """Which of the wordings in `wanted` (wording) the store has: wording, rank."""
    return "select distinct wording, rank from wordings semi join wanted using (wording)"


def wordings_by_hash() -> str:
    """What the wordings in `wanted` (wording) say, as far as evidence needs it: each column costs a scan."""
    texts = ", ".join(f"nullif({column}, '') as {column}" for column in ("stance", "kind", "place_key", "origin_key"))
    items = ", ".join(f"{_items(column)} as {column}" for column in ("phones", "emails", "kinds", "places"))
    return f"""
    select wording, text, case when credited then '@' end as credit, cut, rank, capacity, closed, {texts}, {items}
    from wordings semi join wanted using (wording)
    """


def _items(column: str) -> str:
    """A list again, of what the store keeps in one text."""
    return f"case when coalesce({column}, '') = '' then []::varchar[] else string_split({column}, ' ') end"


def known_writers() -> str:
    """Who is on record for the wordings in `wanted` (wording): wording, writer."""
    return "select wording, writer from writers semi join wanted using (wording)"


def blocks_of_keys() -> str:
    """All rows of the keys in `wanted` (key)."""
    return "select key, route, wording, rank, facts, nullif(told, 0) as told from keys semi join wanted using (key)"


def keys_of_wordings() -> str:
    """The keys of the wordings in `wanted` (wording)."""
    return "select distinct key from keys semi join wanted using (wording)"


def pointers_to_posts() -> str:
    """Pointers at the posts in `wanted` (target)."""
    return "select wording, target, how, author from pointers semi join wanted using (target)"


def pointers_of_wordings() -> str:
    """Pointers of the wordings in `wanted` (wording)."""
    return "select wording, target, how, author from pointers semi join wanted using (wording)"


def links_of_wordings() -> str:
    """The standing link of each wording in `wanted` (wording): wording, parent, root, why, strength."""
    return """
    select wording, max_by(parent, batch) as parent, max_by(root, batch) as root, max_by(why, batch) as why,
           max_by(strength, batch) as strength
    from links semi join wanted using (wording)
    group by wording
    """


def links_of_roots() -> str:
    """The standing links of all wordings that belong to the roots in `wanted` (root)."""
    return """
    with once as (select distinct wording from links semi join wanted using (root)),
    latest as (
        select wording, max_by(parent, batch) as parent, max_by(root, batch) as root, max_by(why, batch) as why,
               max_by(strength, batch) as strength
        from links semi join once using (wording)
        group by wording
    )
    select * from latest semi join wanted using (root)
    """


def roots_of_wordings() -> str:
    """The root of each wording in `wanted` (wording), and the one it had before `$batch`: root, earlier."""
    return """
    select max_by(root, batch) as root, max_by(root, batch) filter (batch < $batch) as earlier
    from links semi join wanted using (wording)
    group by wording
    """


def members_of_roots() -> str:
    """All wordings that now belong to the roots in `wanted` (root): wording, root. A narrow `links_of_roots`."""
    return """
    with once as (select distinct wording from links semi join wanted using (root)),
    latest as (select wording, max_by(root, batch) as root from links semi join once using (wording) group by wording)
    select wording, root from latest semi join wanted using (root)
    """


def judgements() -> str:
    """Standing decisions that join or part posts of `$incident`, in the order they were taken."""
    return """
    select action, posts, others from standing_decisions
    where incident = $incident and action in ('merge', 'split')
    order by decided_at, decision
    """


def wordings_of_posts() -> str:
    """The wording of the newest version of each post in `wanted` (post): post, wording, writer."""
    return """
    select post, max_by(wording, (coalesce(edited_at, created_at), collected_at, version)) as wording,
           max_by(writer, (coalesce(edited_at, created_at), collected_at, version)) as writer
    from posts semi join wanted using (post)
    group by post
    """


def every_wording_of_posts() -> str:
    """All wordings that the posts in `wanted` (post) ever had, edits included: post, wording."""
    return "select distinct post, wording from posts semi join wanted using (post)"


def posts_of_record() -> str:
    """The posts that count for the record with `$root`: post, wording and the columns a reader wants."""
    return """
    with members as (
        select wording, max_by(root, batch) as root, max_by(parent, batch) as parent, max_by(why, batch) as why,
               max_by(strength, batch) as strength
        from links semi join (select distinct wording from links where root = $root) as once using (wording)
        group by wording having max_by(root, batch) = $root
    )
    select current_posts.*, members.root, members.parent, members.why, members.strength
    from current_posts join members using (wording)
    order by created_at, post
    """


def record_by_name(named: str) -> str:
    """The record of the post that is told by the condition `named`: root, record, incident, first_post."""
    return f"""
    with newest as (
        select max_by(wording, (coalesce(edited_at, created_at), collected_at, version)) as wording from posts
        where {named}
    ),
    root as (select max_by(root, batch) as root from links semi join newest using (wording))
    select current_records.root, record, incident, first_post from current_records semi join root using (root)
    """


def records_of_posts() -> str:
    """The record that each post in `wanted` (post) belongs to now, by its newest version: post, root, record."""
    return """
    with newest as (
        select post, max_by(wording, (coalesce(edited_at, created_at), collected_at, version)) as wording
        from posts semi join wanted using (post) group by post
    ),
    rooted as (select wording, max_by(root, batch) as root from links semi join newest using (wording) group by wording),
    named as (
        select root, max_by(record, batch) as record from records semi join rooted using (root)
        group by root having max_by(posts, batch) > 0
    )
    select post, root, record from newest join rooted using (wording) join named using (root)
    """


def suggestions_of_record() -> str:
    """Records that a person should compare with the record of `$root`: record, strength, why, against."""
    return """
    with roots as (select wording, max_by(root, batch) as root from links group by wording),
    pairs as (
        select here.root as root, there.root as other, suggestions.strength, suggestions.why, suggestions.against
        from suggestions
        join roots as here on here.wording = suggestions.wording
        join roots as there on there.wording = suggestions.other
        where here.root <> there.root and $root in (here.root, there.root)
    ),
    others as (
        select case when root = $root then other else root end as root, max(strength) as strength,
               max_by(why, strength) as why, max_by(against, strength) as against
        from pairs group by all
    )
    select record, max(strength) as strength, max_by(why, strength) as why, max_by(against, strength) as against
    from others join current_records using (root)
    group by record order by strength desc, record limit 10
    """


def decisions_of_posts() -> str:
    """Decisions about any of the posts in `wanted` (post), oldest first."""
    return """
    select * from decisions
    where list_has_any(list_concat(posts, coalesce(others, [])), (select list(post) from wanted))
    order by decided_at, decision
    """


def record_counts() -> str:
    """What the standing posts of `members` (wording, root) add up to, a row for each root that has any.

    Columns: root, the counted columns of the table `records`, `shown`: the version whose words stand for the record, and of
    what tells its end: `until` (a spec, or null), `until_said_at` (when it was written) and `incident`.
    Who said it first in words of their own offers it: that somebody copies the offer afterwards confirms and reopens nothing.
    """
    return """
    with mine as (
        select posts.post, posts.version, posts.wording, members.root, posts.created_at, posts.network, posts.reposts,
               posts.collected_at, posts.writer, coalesce(posts.edited_at, posts.created_at) as written_at
        from posts join members using (wording)
    ),
    again as (
        select post, max_by(reposts, seen_at) as reposts, max(seen_at) as seen_at
        from sightings semi join mine using (post) where reposts is not null group by post
    ),
    standing as (
        select * from mine
        anti join (select post, version from retired where version is not null) as edited using (post, version)
        anti join (select post from retired where version is null) as removed using (post)
    ),
    told as (
        select wording, closed, capacity, not credited and not points as own, incident, nullif(until, '') as until
        from wordings semi join members using (wording)
    ),
    spoken as (
        select standing.* replace (
                   case when again.seen_at >= standing.collected_at then again.reposts else standing.reposts end as reposts),
               told.closed, told.capacity, standing.wording = standing.root as first_words,
               case when told.until is not null
                    then {'until': told.until, 'said_at': written_at, 'incident': told.incident} end as ends,
               told.own and writer = min_by(writer, (created_at, post)) filter (told.own) over (partition by root) as own
        from standing join told using (wording) left join again using (post)
    ),
    counted as (
        select root, count(*) as posts, coalesce(sum(reposts), 0)::bigint as reposts,
               list_sort(list(distinct network)) as networks,
               min_by(post, (created_at, post)) as first_post, min(created_at) as first_seen, max(created_at) as last_seen,
               coalesce(max(created_at) filter (own), min(created_at)) as last_confirmed,
               max_by(capacity, (created_at, post)) filter (own and capacity is not null) as latest_capacity,
               max(created_at) filter (own and capacity is not null) as capacity_at,
               max_by(post, (created_at, post)) filter (own and capacity is not null) as capacity_post,
               max_by(post, (created_at, post)) filter (closed) as closed_by,
               max(created_at) filter (closed) as closed_at,
               max(created_at) filter (own and not closed) as open_at,
               min_by(version, (not first_words, created_at, post)) as shown,
               coalesce(max_by(ends, (created_at, post)) filter (own and ends is not null),
                        min_by(ends, (created_at, post)) filter (first_words and ends is not null)) as ends
        from spoken group by root
    )
    select counted.* exclude (latest_capacity, closed_by, closed_at, open_at, ends),
           ends.until as until, ends.said_at as until_said_at, ends.incident as incident,
           printf('%016x', first_post) as record, coalesce(latest_capacity, told.capacity) as capacity,
           case when closed_at >= coalesce(open_at, closed_at) then 'full' end as proposal,
           case when closed_at >= coalesce(open_at, closed_at) then closed_by end as proposal_post
    from counted left join told on told.wording = counted.root
    """


def faces_of_roots() -> str:
    """By which version of a post, which label and until when the records of `wanted` (root) stand: root, shown, label, until."""
    return """
    select root, max_by(shown, batch) as shown, max_by(label, batch) as label,
           max_by({'until': until}, batch).until as until
    from faces semi join wanted using (root) group by root
    """


def zones() -> str:
    """The time zone of each incident: incident, zone."""
    return "select incident, max_by(zone, step) as zone from incidents group by incident"


def heads_of_wordings() -> str:
    """What the wordings in `wanted` (root), come in since batch `$since`, say for a record: columns of `faces`, and `written_to`:
    the contact but for numbers.
    """
    return f"""
    select wording as root, category, certainty, category_why, nullif(coalesce(meant, kind), '') as kind,
           {_items("kinds")} as kinds,
           place, nullif(place_key, '') as place_key, lat, lon, said,
           {_items("conditions")} as conditions, {_items("reach")} as reach, {_items("flags")} as flags,
           coalesce(nullif(split_part(emails, ' ', 1), ''), '@' || ask) as written_to,
           coalesce(nullif(split_part(phones, ' ', 1), ''), written_to) as contact
    from wordings semi join (select root as wording from wanted) as wanted using (wording)
    where batch >= $since
    """


def head_of_record() -> str:
    """What the first wording of the record with `$root` says, as far as flags need it: text, has_contact, category, kind."""
    return """
    select text, phones <> '' or emails <> '' as has_contact, category, nullif(kind, '') as kind
    from wordings where wording = $root order by batch desc limit 1
    """


def words_of_versions() -> str:
    """What the versions of posts in `wanted` (shown), come in since batch `$since`, show: columns of `faces`."""
    return """
    select version as shown, incident, author, network, url, lang, text
    from posts semi join (select shown as version from wanted) as wanted using (version)
    where batch >= $since
    """


def labels_of_records() -> str:
    """What people said of the records of `members` (wording, root), the last word of each kind: root, label, state."""
    return """
    select members.root, max_by(value, (decided_at, decision)) filter (action = 'relabel') as label,
           max_by(value, (decided_at, decision)) filter (action = 'state') as state
    from (select decision, decided_at, action, value, unnest(posts) as post from standing_decisions
          where action in ('relabel', 'state')) as said
    join posts using (post)
    join members using (wording)
    group by members.root
    """

"""The statements of the collapse, one function each. They only read; what is written goes through `Transaction.append`.

Each names the frames it expects to find registered: `wanted` is always a frame with the one column in question. Lookups
filter by a small set of hashes first and choose the latest row after, so that they cost one narrow scan.
"""

from __future__ import annotations


def versions_of_posts() -> str:
    """Versions the store has of the posts in `wanted` (post): post, version, written_at, retired, author, wording."""
    return """
    with gone as (select distinct post, version from retired semi join wanted using (post))
    select posts.post, posts.version, coalesce(posts.edited_at, posts.created_at) as written_at,
           gone.version is not null as retired, posts.author, posts.wording
    from posts semi join wanted using (post)
    left join gone on posts.post = gone.post and posts.version = gone.version
    """


def known_wordings() -> str:
    """Which of the wordings in `wanted` (wording) the store has."""
    return "select distinct wording from wordings semi join wanted using (wording)"


def wordings_by_hash() -> str:
    """What the wordings in `wanted` (wording) say, as far as evidence and keys need it: each column costs a scan."""
    return """
    select wording, incident, text, credit, ask, phones, emails, cut, points, rank, stance, kind, kinds, place_key, places,
           origin_key, capacity, closed
    from wordings semi join wanted using (wording)
    """


def known_writers() -> str:
    """Who is on record for the wordings in `wanted` (wording)."""
    return "select wording, handle from writers semi join wanted using (wording)"


def blocks_of_keys() -> str:
    """All rows of the keys in `wanted` (key)."""
    return "select key, route, wording, rank, facts, told from keys semi join wanted using (key)"


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


def ranks_of_wordings() -> str:
    """The seniority of the wordings in `wanted` (wording): wording, rank."""
    return "select distinct wording, rank from wordings semi join wanted using (wording)"


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


def earlier_roots() -> str:
    """The roots that the wordings in `wanted` (wording) had before `$batch`."""
    return """
    select distinct root from (
        select wording, max_by(root, batch) as root from links semi join wanted using (wording)
        where batch < $batch group by wording
    )
    """


def judgements() -> str:
    """Standing decisions that join or part posts of `$incident`, in the order they were taken."""
    return """
    select action, posts, others from standing_decisions
    where incident = $incident and action in ('merge', 'split')
    order by decided_at, decision
    """


def wordings_of_posts() -> str:
    """The wording of the newest version of each post in `wanted` (post): post, wording, author."""
    return """
    select post, max_by(wording, (coalesce(edited_at, created_at), version)) as wording,
           max_by(author, (coalesce(edited_at, created_at), version)) as author
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


def record_by_name() -> str:
    """The record that goes by `$name`, or that the post `$network`/`$id` belongs to: root, record, incident, first_post."""
    return """
    with newest as (
        select max_by(wording, (coalesce(edited_at, created_at), version)) as wording from posts
        where printf('%016x', post) = $name or (network = $network and id = $id)
    ),
    root as (select max_by(root, batch) as root from links semi join newest using (wording))
    select current_records.root, record, incident, first_post from current_records semi join root using (root)
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


def record_rows() -> str:
    """The records of `members` (wording, root), as rows of the table `records` without its batch.

    A root in `members` whose posts are all edited away or taken down gives a row with posts = 0.
    """
    return """
    with mine as (
        select posts.post, posts.version, posts.wording, members.root, posts.created_at, posts.network, posts.author,
               posts.url, posts.lang, posts.text, posts.reposts, posts.incident, posts.collected_at
        from posts join members using (wording)
    ),
    again as (
        select post, max_by(reposts, seen_at) as reposts, max(seen_at) as seen_at
        from sightings semi join mine using (post) where reposts is not null group by post
    ),
    edited as (select post, version from retired semi join mine using (post) where version is not null),
    removed as (select post from retired semi join mine using (post) where version is null),
    standing as (
        select * from mine anti join edited using (post, version) anti join removed using (post)
    ),
    told as (select * from wordings semi join members using (wording)),
    spoken as (
        select standing.* replace (
                   case when again.seen_at >= standing.collected_at then again.reposts else standing.reposts end as reposts),
               told.closed, told.capacity,
               told.credit is null and not told.points as own, standing.wording = standing.root as first_words
        from standing join told using (wording) left join again using (post)
    ),
    counted as (
        select root, count(*) as posts, coalesce(sum(reposts), 0)::bigint as reposts,
               list_sort(list(distinct network)) as networks,
               min_by(post, (created_at, post)) as first_post, min(created_at) as first_seen, max(created_at) as last_seen,
               coalesce(max(created_at) filter (own), min(created_at)) as last_confirmed,
               max_by(capacity, (created_at, post)) filter (own and capacity is not null) as capacity,
               max_by(post, (created_at, post)) filter (closed) as closed_by,
               max(created_at) filter (closed) as closed_at,
               max(created_at) filter (own and not closed) as open_at,
               min_by({author: author, network: network, url: url, lang: lang, text: text, incident: incident},
                      (not first_words, created_at, post)) as shown
        from spoken group by root
    ),
    judged as (
        select members.root, max_by(value, (decided_at, decision)) filter (action = 'relabel') as category,
               max_by(value, (decided_at, decision)) filter (action = 'state') as state
        from (select decision, decided_at, action, value, unnest(posts) as post from standing_decisions
              where action in ('relabel', 'state')) as said
        join (select distinct post, wording from posts semi join members using (wording)) as about using (post)
        join members using (wording)
        group by members.root
    )
    select roots.root, printf('%016x', counted.first_post) as record, counted.shown.incident as incident,
           coalesce(judged.category, told.category) as category,
           case when judged.category is null then told.certainty else 1.0 end as certainty,
           case when judged.category is null then told.category_why else 'a person said so' end as category_why,
           told.kind, told.kinds, told.place, told.place_key, told.lat, told.lon,
           coalesce(counted.capacity, told.capacity) as capacity,
           coalesce(told.phones[1], told.emails[1], '@' || told.ask) as contact,
           counted.shown.author as author, counted.shown.network as network, counted.shown.url as url,
           counted.shown.lang as lang, counted.shown.text as text, coalesce(judged.state, 'available') as state,
           case when closed_at >= coalesce(open_at, closed_at) then 'full' end as proposal,
           case when closed_at >= coalesce(open_at, closed_at) then closed_by end as proposal_post,
           coalesce(counted.posts, 0) as posts, counted.reposts, counted.networks, counted.first_post,
           counted.first_seen, counted.last_seen, counted.last_confirmed
    from (select distinct root from members) as roots
    left join counted using (root)
    left join told on told.wording = roots.root
    left join judged using (root)
    """

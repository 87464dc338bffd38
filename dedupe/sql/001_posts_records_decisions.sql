-- Posts, wordings, links, records and decisions. Append-only: a later batch supersedes an earlier one, nothing is updated.
-- Plain tables without keys or indexes, so that the same statements run on a DuckDB file and on DuckLake.
-- `post`, `version`, `wording`, `writer`, `key` are hashes (63 bits of xxh3) of what they name; see docs/architecture.md.

-- Every version of every post, as its network published it. An edited post has several rows.
create table posts (
    batch bigint, post bigint, version bigint, wording bigint, writer bigint,
    incident varchar, network varchar, id varchar, author varchar, text varchar, created_at timestamptz,
    url varchar, author_name varchar, lang varchar, repost_of varchar, quote_of varchar, reply_to varchar,
    reposts bigint, likes bigint, edited_at timestamptz,
    source varchar, query varchar, collected_at timestamptz
);

-- Versions that no longer count: an edit came after them, or the network took the post down (then version is null).
create table retired (batch bigint, post bigint, version bigint, reason varchar, retired_at timestamptz);

-- One row per wording and contact: what a text says, read once however often it was copied. Several phones, emails, kinds or
-- places stand in one text, spaces between, and what a text does not say of stance, kind, place_key and origin_key is empty:
-- a batch looks up a few of very many rows here, for which lists and nulls take twice as long.
create table wordings (
    batch bigint, wording bigint, incident varchar, text varchar, credited boolean, ask varchar,
    phones varchar, emails varchar, cut boolean, points boolean, rank bigint,
    category varchar, certainty double, category_why varchar, stance varchar, kind varchar, kinds varchar,
    place varchar, place_key varchar, places varchar, origin_key varchar, lat double, lon double,
    capacity integer, closed boolean
);

-- Who wrote a wording, or is credited with it: a handle, or a full display name marked with ~.
create table writers (batch bigint, wording bigint, writer bigint, handle varchar, named boolean);

-- What wordings may be found by: those that share a key are compared. `facts` tells groups within a key apart, `told`
-- is what makes a key crowded (0: it does not count): a line for everyone, somebody who speaks for others, a form that many filled in.
create table keys (batch bigint, key bigint, route varchar, wording bigint, rank bigint, facts bigint, told bigint);

-- What a wording's posts point at on their network: a repost, a quote, a reply, by whom.
create table pointers (batch bigint, wording bigint, target bigint, how varchar, author varchar);

-- Which wording a wording belongs to (its parent; itself when it stands alone) and which is the first of the record (its root).
create table links (batch bigint, wording bigint, parent bigint, root bigint, why varchar, strength double);

-- Pairs between the two lines: for a person to judge.
create table suggestions (batch bigint, wording bigint, other bigint, strength double, why varchar, against varchar);

-- What the posts of a record add up to: one row per record and batch that touched it; the latest counts. A root that joined
-- another record has posts = 0.
create table records (
    batch bigint, root bigint, record varchar, capacity integer, state varchar, proposal varchar, proposal_post bigint,
    posts bigint, reposts bigint, networks varchar[], first_post bigint, first_seen timestamptz, last_seen timestamptz,
    last_confirmed timestamptz
);

-- What a record says and shows, by its first wording and by the version `shown` of a post: a row only when that changes, or
-- when a person gives it another category (`label`, empty: none); the latest counts.
create table faces (
    batch bigint, root bigint, shown bigint, label varchar, incident varchar,
    category varchar, certainty double, category_why varchar, kind varchar, kinds varchar[],
    place varchar, place_key varchar, lat double, lon double, contact varchar,
    author varchar, network varchar, url varchar, lang varchar, text varchar
);

-- What people decided, by the posts they saw; also the audit log. `undoes` names the decision taken back.
create table decisions (
    decision varchar, decided_at timestamptz, incident varchar, who varchar, role varchar, action varchar,
    posts bigint[], others bigint[], value varchar, reason varchar, undoes varchar
);

-- One row per batch written, with the cursor its source goes on from: the memory of collecting, and its log.
create table batches (
    batch bigint, incident varchar, source varchar, query varchar, cursor varchar, started_at timestamptz, finished_at timestamptz,
    fetched bigint, new bigint, known bigint, refused bigint, removed bigint, error varchar
);

create view current_links as
select wording, max_by(parent, batch) as parent, max_by(root, batch) as root, max_by(why, batch) as why,
       max_by(strength, batch) as strength, max(batch) as batch
from links group by wording;

create view current_posts as
select posts.* from posts
anti join (select post, version from retired where version is not null) as edited
       on posts.post = edited.post and posts.version = edited.version
anti join (select post from retired where version is null) as removed on posts.post = removed.post;

create view current_records as
with counted as (select root, max(batch) as batch from records group by root),
told as (select root, max(batch) as batch from faces group by root),
said as (select faces.* exclude (batch) from faces join told using (root, batch))
select records.* exclude (batch), said.* exclude (root)
from records join counted using (root, batch) join said using (root) where records.posts > 0;

create view standing_decisions as
select decisions.* from decisions
anti join (select undoes from decisions where undoes is not null) as taken_back on decisions.decision = taken_back.undoes
where decisions.action <> 'undo';

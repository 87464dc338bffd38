-- What collecting needs: incidents, runs, and what a network says of a post when it is asked again. Append-only as before.

-- Labels of a post on its network (Bluesky: `!no-unauthenticated`, `graphic-media`, …); empty where there are none, null
-- where nobody knows: such a post is kept off any public page.
alter table posts add column labels varchar[];

-- A post seen again with other counts or labels than before: it is no new version, its words are the same.
create table sightings (batch bigint, post bigint, reposts bigint, likes bigint, labels varchar[], seen_at timestamptz);

-- One row per run of a source, or for several in a row that brought nothing. `finished_at` of a row is never before
-- `started_at`; `reads` counts what the network charges for, `remaining` calls it still allows until `resets_at`.
create table runs (
    incident varchar, source varchar, query varchar, started_at timestamptz, finished_at timestamptz,
    runs bigint, fetches bigint, calls bigint, fetched bigint, new bigint, removed bigint, refused bigint, seconds double,
    remaining bigint, resets_at timestamptz, reads bigint, counts bigint, behind double, notice varchar, error varchar
);

-- What is watched: a row per opening, change, closing and reopening, each whole; the one with the highest step counts.
create table incidents (
    incident varchar, step bigint, action varchar, taken_at timestamptz, name varchar, tags varchar[], variants varchar[],
    languages varchar[], sources varchar[], playbook varchar, zone varchar
);

-- The view is made anew to take in the new column.
create or replace view current_posts as
select posts.* from posts
anti join (select post, version from retired where version is not null) as edited
       on posts.post = edited.post and posts.version = edited.version
anti join (select post from retired where version is null) as removed on posts.post = removed.post;

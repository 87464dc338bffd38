-- What people do with offers and requests: claims that run out, matches with places, statements dated otherwise than their
-- row. `until`: when a claim or a snooze ends; `since`: from when a number counts; `places`: people; `follows`: the decision
-- this one carries on (the claim released, the match that fell through); `bulk`: the same for all taken in one go.
alter table decisions add column until timestamptz;
alter table decisions add column since timestamptz;
alter table decisions add column places integer;
alter table decisions add column follows varchar;
alter table decisions add column bulk varchar;

-- When, and in which post, the writer last told a number of places.
alter table records add column capacity_at timestamptz;
alter table records add column capacity_post bigint;

-- Until when an offer or request stands, by its own words; null where they do not say.
alter table faces add column if not exists until timestamptz;

-- No rows: its comment is written by everyone who decides, so that of two machines deciding at once one is refused and
-- looks again (`Store.in_turn`).
create table turns (turn varchar);

-- The views are made anew to take in the new columns.
create or replace view current_records as
with counted as (select root, max(batch) as batch from records group by root),
told as (select root, max(batch) as batch from faces group by root),
said as (select faces.* exclude (batch) from faces join told using (root, batch))
select records.* exclude (batch), said.* exclude (root)
from records join counted using (root, batch) join said using (root) where records.posts > 0;

create or replace view standing_decisions as
select decisions.* from decisions
anti join (select undoes from decisions where undoes is not null) as taken_back on decisions.decision = taken_back.undoes
where decisions.action <> 'undo';

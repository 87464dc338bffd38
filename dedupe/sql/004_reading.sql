-- What more is read of a wording. `meant` is the kind of help to show, where `kind` is that by which posts are told to be one; `marks` what
-- was found in it by name (category.MARKED); `until` is when its offer or request ends, told apart from the day it was written (see
-- dedupe/reading/until.py); conditions, reach and flags are words with spaces between; `said` has a line for each fact with the
-- words that made it. What a text does not say is empty; null in rows from before.
alter table wordings add column meant varchar;
alter table wordings add column marks varchar;
alter table wordings add column until varchar;
alter table wordings add column conditions varchar;
alter table wordings add column reach varchar;
alter table wordings add column flags varchar;
alter table wordings add column said varchar;

-- The same of a record. `until` is by the time its post was written, or the newest that its writer added.
alter table faces add column until timestamptz;
alter table faces add column conditions varchar[];
alter table faces add column reach varchar[];
alter table faces add column flags varchar[];
alter table faces add column said varchar;

-- The view is made anew to take in the new columns.
create or replace view current_records as
with counted as (select root, max(batch) as batch from records group by root),
told as (select root, max(batch) as batch from faces group by root),
said as (select faces.* exclude (batch) from faces join told using (root, batch))
select records.* exclude (batch), said.* exclude (root)
from records join counted using (root, batch) join said using (root) where records.posts > 0;

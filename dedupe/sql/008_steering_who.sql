-- Who told a source to pause or resume; null of orders from before this column.
alter table steering add column who varchar;

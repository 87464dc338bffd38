-- What people told the collectors to do with a source of an incident (`pause`, `resume`): the row with the highest step counts.
create table steering (incident varchar, source varchar, step bigint, action varchar, taken_at timestamptz);

-- What volunteers' labels taught. Append-only as before: a model is promoted, refused or withdrawn in a row of its own, the
-- one with the highest step counts. Only what was promoted keeps its `weights` (numbers in an npz archive, nothing that runs).
-- `decisions` is how many decisions about labels there were, `taught_until` when the last of them was taken, `layout` the
-- form of the features, and `scores` (JSON) how records came out on held-back labels before and after.
create table models (
    step bigint, action varchar, model varchar, taken_at timestamptz, labels bigint, decisions bigint, taught_until timestamptz,
    layout varchar, scores varchar, weights blob, who varchar, role varchar, reason varchar
);

-- What a model says of a wording that heads a record: a row per wording, model and batch, all alike.
create table learned (
    batch bigint, wording bigint, model varchar, category varchar, certainty double, margin double, why varchar
);

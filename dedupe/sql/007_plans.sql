-- Versions of plans as they were saved on the board, whole: who, when and why stands in the decision. `began` is the version the
-- edit began from, 0 for none; a version counts as long as its decision stands.
create table plan_versions (decision varchar, plan varchar, number integer, began integer, text varchar);

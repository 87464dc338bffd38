"""What people decide, and how a record stands by it: claims, matches, moderation, notes, the plan's deeds.

Owns every row of the table `decisions` and of `plan_versions`: who may write one (`roles`), that it is written in turn with the
look that allows it, what it refuses (`errors.Refusal`), and how it is taken back. Nothing here changes a row: how an offer stands
is worked out from them (`life`). Which posts are one record is told outside; a merge or split is a word in that, no more.
"""

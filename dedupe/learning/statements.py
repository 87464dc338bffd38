"""The statements of learning, one function each. They only read; what is written goes through `Transaction.append`."""

from __future__ import annotations

_READ = """wording, text, category, certainty, category_why, nullif(stance, '') as stance, nullif(kind, '') as kind,
           capacity is not null as counted, place_key <> '' as placed, phones <> '' or emails <> '' as reached,
           case when coalesce(marks, '') = '' then []::varchar[] else string_split(marks, ' ') end as marks"""
"""The columns `features.READ` of the table `wordings`."""


def readings_of_wordings() -> str:
    """What the rules read in the wordings in `wanted` (root), come in since batch `$since`: root, and `features.READ`."""
    return f"""
    select wording as root, {_READ}
    from wordings semi join (select root as wording from wanted) as wanted using (wording)
    where batch >= $since
    """


def readings_of_heads() -> str:
    """What the rules read in every wording that heads a record or ever did: `features.READ`."""
    return f"""
    select {_READ} from wordings semi join (select root as wording from faces) as heads using (wording)
    """


def labelled_heads() -> str:
    """The records that people gave a category: key (which stays the record's), label, decided_at, and `features.READ`."""
    return f"""
    with said as (
        select decision, decided_at, value, unnest(posts) as post from standing_decisions where action = 'relabel'
    ),
    worded as (select decision, decided_at, value, wording from said join posts using (post)),
    rooted as (select wording, max_by(root, batch) as root from links semi join worded using (wording) group by wording),
    told as (
        select root, max_by(value, (decided_at, decision)) as label, max(decided_at) as decided_at
        from worded join rooted using (wording) group by root
    ),
    standing as (
        select root as wording, max_by(first_post, batch) as key, any_value(label) as label, any_value(decided_at) as decided_at
        from records join told using (root) group by root having max_by(posts, batch) > 0
    )
    select key, label, decided_at, {_READ} from wordings join standing using (wording)
    """


def standing_faces() -> str:
    """The face of every root as it stands, as far as learning may change it, and by which batch: root, batch, and more."""
    return """
    with told as (select root, max(batch) as batch from faces group by root)
    select root, batch, category, certainty, category_why from faces join told using (root, batch) where label = ''
    """


def faces_by_root() -> str:
    """The whole faces in `wanted` (root, batch): the columns of the table `faces` but those of `standing_faces`."""
    return "select * exclude (batch, category, certainty, category_why) from faces semi join wanted using (root, batch)"


def judged_wordings() -> str:
    """The wordings of which `$model` said something: wording."""
    return "select distinct wording from learned where model = $model"


def steps_of_models() -> str:
    """Every step taken with a model, but for the weights, in order."""
    return "select * exclude (weights) from models order by step, taken_at"


def promoted_models() -> str:
    """The models of `$layout` that were promoted and not withdrawn since, the one in force first: model, step."""
    return """
    with gone as (select model, max(step) as step from models where action = 'withdrawn' group by model)
    select models.model, max(models.step) as step from models left join gone on models.model = gone.model
    where action = 'promoted' and layout = $layout and models.step > coalesce(gone.step, 0)
    group by models.model order by step desc
    """


def weights_of_model() -> str:
    """The weights of `$model`."""
    return "select weights from models where model = $model and weights is not null limit 1"


def count_of_decisions() -> str:
    """How many decisions there are that give a label or may take one back."""
    return "select count(*) as n from decisions where action in ('relabel', 'undo')"


def opinions_of_heads() -> str:
    """What is thought of the wordings in `wanted` (root): root, told (a word of help was read in it), ruled and ruled_certainty (the
    rules' own verdict), opinion, opinion_certainty, margin (of `$model`; null where it did not speak)."""
    return """
    with heads as (select root as wording from wanted),
    taught as (
        select wording, any_value(category) as opinion, any_value(certainty) as opinion_certainty,
               any_value(margin) as margin
        from learned semi join heads using (wording) where model = $model group by wording
    ),
    ruled as (
        select wording, any_value(category) as ruled, any_value(certainty) as ruled_certainty,
               any_value(kind <> '' or stance <> '') as told
        from wordings semi join heads using (wording) group by wording
    )
    select ruled.wording as root, ruled, ruled_certainty, told, opinion, opinion_certainty, margin
    from ruled left join taught using (wording)
    """


def texts_of_wordings() -> str:
    """The folded words of the wordings in `wanted` (root): root, text."""
    return (
        "select wording as root, any_value(text) as text from wordings join wanted on wording = root group by wording"
    )

"""Capacity: how many people fit, by the numbers beside words that count.

Owns the rules; the words are in `words/counting.yaml` and `words/numbers.yaml`. A number that may be a time, a distance
or a price is no capacity, and two numbers that contradict each other are none either: absent is better than wrong.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap, neighbour

NEAR = 16
"""Bytes allowed between a number and what it counts ("2 gratis, droge slaapplaatsen")."""
RANKS = {
    "persons": 1, "folk": 1, "single": 1, "adults": 1, "others": 1, "ours": 1, "couples": 1, "seats": 2, "free": 2, "fits": 2, "remain": 2,
    "seekers": 3, "beds": 4, "animals": 5, "herd": 5, "things": 6,
}  # fmt: skip
"""What is counted, the most telling first: "2 bedden voor 4 personen" is four."""
WIDEST = 4
"""How far apart "2-3" may be when nothing but a dash, or a space, stands between."""
MANY = 10
"""Two numbers under this, the second smaller, are a sum."""
PAIR = 3
"""Rank of two who are named ("mijn zus en ik"): beds and animals are beside them."""
OURS = 7
"""Rank of how many offer: "we zijn met 2 en hebben plaats voor 4" is four."""
UNSURE = ("folk", "single", "herd", "seekers")
"""Who is counted in news and rumours as well: such a number makes no offer of a text."""
OF_PEOPLE = ("bed", "ride")
"""Kinds of help in which a roof or a seat is for people."""
OF_PETS = ("animal", "care")
"""Kinds of help in which pets are counted: in all others they only come along, or stand by."""
OF_POWER = ("material", "charging")
"""Kinds of help in which what is free is a thing, and "left" is said of a battery."""
OF_THINGS = ("animal", "food", "parking")
"""Kinds of help in which meals and cars are counted: those of a bed or a ride only come along."""
CARRIED = ("hands", "children")
"""Kinds of help in which nobody sleeps: beds are carried there, or stand by."""
GROWN = 17
"""From here on a number behind "mama" or "opa" is an age, and no children's number."""
PEOPLE = ("persons", "folk", "adults", "others", "ours", "couples", "seats", "beds", "animals", "herd")
BEINGS = ("persons", "folk", "adults", "others", "ours", "couples", "animals", "herd")
"""Who is counted: places are taken, these are not."""
FULL = ("group", "family", "parent", "both")
"""Words before a number that tells all who come: what is counted behind it are they once more."""
WHOEVER = 36
"""Bytes between a number and what these, whoever they are, do ("22 choristes cherchent")."""
TOGETHER = 7
"""Bytes between grown-ups and the children with them ("2 volwassenen en 2 kinderen", "een koppel met 2 kinderen")."""
WITH = 12
"""Bytes between "and a" and who comes along ("2 parrots and an old greyhound")."""
GONE = 26
"""Bytes between a number and the word that says that so many are gone ("two of them are already taken")."""
LEFT = 0
"""Rank of a number that is said to be left ("nog 2"): it is newer than every other."""


def read_capacity(matches: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Read how many places a text speaks of.

    `matches` are those of the concepts count and number, sorted by place: `row`, `start`, `stop`, `value`, `firm`,
    `number`. `kinds` has `row`, `kind`, `stance`: pets do not count where a bed or a ride is meant, meals and cars only where they or
    nothing else is. Two who are named count unless they offer.
    Returns `row`, `capacity`, whether it speaks for an offer or a request (`counted`), and `start` and `stop` of the words, for rows
    that have one.
    """
    counted = _counted(_sums(_ranges(_doubles(matches)))).join(kinds, on="row", how="left", maintain_order="left")
    kind, stance, offers = pl.col("kind"), pl.col("stance"), pl.col("stance").eq_missing("offer")
    animals = (pl.col("what") == "animals") & ~kind.is_in(OF_PETS) & ~pl.col("firm") & ~pl.col("room")
    some = (pl.col("what") == "free") | (pl.col("what").is_null() & pl.col("room"))
    lent = (some & kind.is_in(OF_POWER) & ~pl.col("firm")) | ((pl.col("what") == "beds") & kind.is_in(CARRIED))
    along = kind.is_in(OF_PEOPLE) | ~pl.col("told")
    things = (pl.col("what") == "things") & ~kind.is_in(OF_THINGS) & along & ~pl.col("firm")
    # "heeft iemand nog een plaats?" asks for a place, not for one.
    article = (pl.col("named") == "number") & pl.col("firm") & (pl.col("number") == 1) & (stance == "request")
    ours = (pl.col("named") == "pair") & offers
    # "3 pumps needed" are not people.
    whoever = (
        (pl.col("what") == "seekers")
        & ~pl.col("firm")
        & ~(kind.is_in(OF_PEOPLE) & (stance != "offer") & (pl.col("number") > 1))
    )
    # "Wir sind nur zu dritt, wer hilft": how many are there already are not how many are needed.
    few = (pl.col("firm") & pl.col("what").is_null()) | pl.col("what").is_in(["single", "ours"])
    ours = ours | (few & (kind == "hands") & (stance == "request"))
    # "Heeft er iemand een lader": one who has it, not one who needs it.
    has = (pl.col("named") == "one") & kind.is_in(["charging", "material", "language"])
    absent = pl.any_horizontal(each.fill_null(False) for each in (animals, lent, things, article, ours, has, whoever))
    # "Ik met 2 kinderen", "my wife and our three boys": those who come with them are counted too.
    more = pl.col("parent").cast(pl.Int32) + 2 * pl.col("both").cast(pl.Int32)
    along = pl.when(kind.ne_missing("children")).then(more).otherwise(0)
    counted = counted.with_columns(
        rank=pl.when(pl.col("group") & offers).then(OURS).otherwise("rank"), number=pl.col("number") + along
    )
    gone = counted.filter("gone").group_by("row").agg(gone=pl.col("number").sum())
    kept = counted.filter(~absent & ~pl.col("gone"))
    # "Negen plaatsen, zes vrij" are six.
    there = pl.when(pl.col("what").is_in(["seats", "beds", "herd"])).then("number").max().over("row")
    fewer = ((pl.col("what") == "free") & (pl.col("number") < there)).fill_null(False)
    kept = kept.with_columns(rank=pl.when(fewer).then(LEFT).otherwise("rank"))
    best = kept.filter(pl.col("rank") == pl.col("rank").min().over("row"))
    told = (
        best.group_by("row", maintain_order=True)
        .agg(
            # "Een dubbel bed en 2 matrassen" are four; the same number twice is the same thing said twice.
            capacity=pl.when(pl.col("double").any()).then(pl.col("number").sum()).otherwise(pl.col("number").max()),
            several=(pl.col("number").n_unique() > 1) & ~pl.col("double").any(),
            # "4 personen, ook 2 kinderen" may be four or six.
            mixed=(pl.col("what") == "others").any() & (pl.len() > 1) & ~pl.col("summed").any(),
            counted=pl.col("plain").any(),
            rank=pl.col("rank").first(),
            start=pl.col("start").first(),
            stop=pl.col("stop").first(),
        )
        .filter(~pl.col("several") & ~pl.col("mixed"))
    )
    # "8 bedden, 5 zijn al bezet" are three; what is said to be left knows already.
    told = told.join(gone, on="row", how="left", maintain_order="left")
    less = pl.when((pl.col("rank") > LEFT) & (pl.col("gone") < pl.col("capacity"))).then("gone").fill_null(0)
    return told.select("row", pl.col("capacity") - less, "counted", "start", "stop")


def _doubles(matches: pl.DataFrame) -> pl.DataFrame:
    """A double bed by itself is a number: two sleep in it. Beside other beds that nobody counted it tells nothing."""
    doubles = matches.filter(pl.col("value") == "double").select("row").unique()
    counted = (neighbour("number", -1).is_not_null() & (gap(-1) <= NEAR)).fill_null(False)
    beside = matches.with_columns(counted=counted).join(doubles, on="row", how="semi")
    others = beside.filter((pl.col("value") == "beds") & ~pl.col("counted"))
    alone = beside.filter((pl.col("value") == "double") & ~pl.col("counted")).join(others, on="row", how="anti")
    here = pl.col("start").is_in(alone["start"].implode()) & (pl.col("value") == "double")
    return matches.with_columns(number=pl.when(here).then(2).otherwise("number"))


def _ranges(matches: pl.DataFrame) -> pl.DataFrame:
    """Make one number of "2 à 3", "2-3" (the upper end) and of "2 van de 4" (what is left)."""
    beside = pl.any_horizontal(
        pl.col("number").is_not_null().shift(steps, fill_value=False) for steps in (-1, 0, 1, 2, 3)
    )
    matches = matches.filter(beside | (pl.col("value") == "each"))
    plain = pl.col("number").is_not_null() & ~pl.col("firm")
    marked = matches.with_columns(plain=pl.when(plain).then("number"), touches=gap() == 0)
    link, other, third = neighbour("value"), neighbour("plain"), neighbour("plain", 2)
    pair = pl.col("touches") & (other - pl.col("plain")).is_between(1, WIDEST)
    joined = pl.col("touches") & neighbour("touches") & third.is_not_null() & pl.col("plain").is_not_null()
    upper = joined & link.is_in(["joins", "upto", "atmost"])
    total = joined & (link == "of")
    marked = marked.with_columns(
        takes=pl.when(upper | total).then(2).when(pair).then(1).otherwise(0),
        number=pl.when(upper).then(pl.max_horizontal("plain", third)).when(pair).then(other).otherwise("number"),
        stop=pl.when(upper | total).then(neighbour("stop", 2)).when(pair).then(neighbour("stop")).otherwise("stop"),
    )
    taken = (pl.col("takes").shift(1, fill_value=0) > 0) | (pl.col("takes").shift(2, fill_value=0) == 2)
    return marked.filter(~taken)


def _sums(matches: pl.DataFrame) -> pl.DataFrame:
    """Make one number of "2 volwassenen en 2 kinderen", "een koppel met een kind", "3 honden en 2 katten" and "2+1 plaatsen"
    (whose plus is gone)."""
    number, firm, value = pl.col("number"), pl.col("firm"), pl.col("value")
    after, second, behind = neighbour("value"), neighbour("value", 2), neighbour("value", 3)
    touches, next_number = gap() == 0, neighbour("number")
    close = neighbour("start", 2) - neighbour("stop") < TOGETHER
    couple = firm & value.is_in(["number", "pair"])
    before = pl.when(gap(-1) == 0).then(neighbour("value", -1))
    full, group = (before.is_in(list(told)).fill_null(False) for told in (FULL, ["group"]))
    plain, other = pl.when(~firm).then(number), pl.when(~neighbour("firm")).then(next_number)
    both = touches & close & neighbour("number", 2).is_not_null()
    beasts = ["animals", "herd"]
    family = (after.is_in(["adults", "others"]) & (behind == "others")) | (after.is_in(beasts) & behind.is_in(beasts))
    next_close = neighbour("start", 4) - neighbour("stop", 3) < TOGETHER
    third = both & family & next_close & (neighbour("value", 5) == "others")
    come, along = (neighbour("start", n + 1) - neighbour("stop", n) < WITH for n in (1, 2))
    children, pets = (
        after.is_in(["adults", "others"]) & (behind == "others"),
        after.is_in(beasts) & behind.is_in(beasts),
    )
    # "12 meisjes, 2 begeleiders": a group and another one; "4 personen, 2 kinderen" says of whom.
    groups = ["persons", "folk", "others", "adults"]
    named = (after.is_in(groups) & (behind == "folk")) | ((after == "folk") & behind.is_in(groups))
    another = (second == "andone") & along & (children | pets)
    cases = (
        (third, neighbour("number", 2) + neighbour("number", 4), 5),
        (both & (family | named), neighbour("number", 2), 3),
        (touches & after.is_in(beasts) & (second == "onebeast"), pl.lit(1), 2),
        (couple & (gap() <= TOGETHER) & (second == "others"), next_number, 2),
        (touches & after.is_in(["adults", "others"]) & (second == "onemore"), pl.lit(1), 2),
        (touches & another, pl.lit(1), 3),
        (couple & (after == "andone") & come & (second == "others"), pl.lit(1), 2),
        (touches & after.is_in(["others", "persons", "folk"]) & (second == "andme"), pl.lit(1), 2),
        ((couple | (touches & group)) & (after == "onemore"), pl.lit(1), 1),
        (touches & ~full & (other < plain) & (plain < MANY) & second.is_in(PEOPLE), other, 1),
    )
    more, takes = pl.lit(0), pl.lit(0)
    for case, adds, rows in reversed(cases):
        here = (case & number.is_not_null() & adds.is_not_null()).fill_null(False)
        more, takes = pl.when(here).then(adds).otherwise(more), pl.when(here).then(rows).otherwise(takes)
    summed = matches.with_columns(number=number + more, takes=takes, summed=takes > 0)
    # What is added stands no more for itself; the word behind the first number stays, for it tells what is counted.
    taken = pl.any_horizontal(pl.col("takes").shift(steps, fill_value=0) >= steps for steps in range(1, 6))
    told = (pl.col("takes").shift(1, fill_value=0) > 1) & value.is_in(["adults", "others", "persons", "folk", *beasts])
    return summed.filter(told | ~taken)


def _counted(matches: pl.DataFrame) -> pl.DataFrame:
    """The numbers that count something, with `what` and `rank`, and whether it is `double` beds."""
    after, before = neighbour("value"), pl.when(gap(-1) == 0).then(neighbour("value", -1))
    beside, here = (gap() == 0).fill_null(False), gap() <= NEAR
    alone = pl.col("value") == "double"
    doubled = (here & after.is_in(["double", "doubles"])).fill_null(False) & ~alone
    double = alone | doubled
    here = here | (~pl.col("firm") & (after == "seekers") & (gap() <= WHOEVER) & (gap() > 0)).fill_null(False)
    near = here & after.is_in(list(RANKS)) & ~((after == "free") & (gap() > 1))
    near = near & ~((after.is_in(["fits", "remain"])) & (gap() > 1))
    near = near & ((after != "single") | (pl.col("number") == 1))
    # "3 lege stoelen" are seats.
    empty = (
        near
        & (after == "free")
        & (neighbour("start", 2) < neighbour("stop"))
        & neighbour("value", 2).is_in(["seats", "beds"])
    )
    what = pl.when(double).then(pl.lit("beds")).when(empty).then(neighbour("value", 2)).when(near).then(after)
    total = (beside & after.is_in(["total", "sum"])).fill_null(False)  # "nog 2 dus"
    # "Negen in totaal, 5 groten" are nine, "3 en 2, in totaal 5" are five.
    fewer = (before == "sum") & (neighbour("number", -2) > pl.col("number")).fill_null(False)
    summing = (before.is_in(["total", "sum"]) & ~fewer).fill_null(False)
    told = before.is_in(["for", "fits", "group", "family", "parent", "both", "atmost", "total", "sum"]).fill_null(False)
    # "Six people in all" are six, whoever is counted besides.
    behind = (neighbour("value", 2) == "sum") & (neighbour("start", 2) < neighbour("stop"))
    grown = neighbour("number", 2) > pl.col("number")
    summed = ((beside & (after == "sum") & ~grown.fill_null(False)) | (what.is_not_null() & behind)).fill_null(False)
    freely = (after == "free") & (neighbour("value", 2) == "notafter") & (neighbour("start", 2) - neighbour("stop") < 0)
    priced = (neighbour("value", 2) == "notafter").fill_null(False)  # "voor 2, 25 euro"
    time = beside & ((after == "notafter") | ((after == "number") & told & ~priced) | freely)
    named = (before == "numbered").fill_null(False)
    placed = ((before == "notbefore") | ((before == "upto") & ~pl.col("firm"))).fill_null(False) & ~(
        beside & what.is_in(PEOPLE).fill_null(False)
    )
    # "Mama (91) kan niet mee", "wij zijn 70 en 74".
    aged = (before == "parent") & (what.is_null() | (what == "seekers")) & (pl.col("number") >= GROWN)
    other_aged = neighbour("number").is_not_null() & (gap() < TOGETHER) & ~neighbour("value", 2).is_in(list(RANKS))
    aged = (aged | ((before == "group") & what.is_null() & other_aged.fill_null(True))).fill_null(False)
    parents = ((before == "family") & (what == "others")).fill_null(False)
    partly = matches.filter(pl.col("value") == "each")["row"].implode()
    each = (what == "beds").fill_null(False) & pl.col("row").is_in(partly)
    rank = (
        pl.when(double)
        .then(RANKS["beds"])
        .when((what == "remain") | ((before == "left") & (what.is_not_null() | total)) | summing | summed)
        .then(LEFT)
        .when(pl.col("value") == "pair")
        .then(PAIR)
        .when(pl.col("firm") | told)
        .then(1)
        .otherwise(what.replace_strict(RANKS, default=None, return_dtype=pl.Int32))
    )
    plain = pl.col("value").is_in(["number", "double"]) & ~(what.is_in(UNSURE) & ~told) & ~summing
    wrong = (
        (time.fill_null(False) & ~pl.col("firm"))
        | (placed & ~alone)
        | (named & ~pl.col("firm"))
        | parents
        | each
        | aged
    )
    number = pl.when(doubled | (what == "couples").fill_null(False)).then(pl.col("number") * 2).otherwise("number")
    stop = pl.when(what.is_not_null()).then(pl.max_horizontal("stop", neighbour("stop"))).otherwise("stop")
    counted = matches.select(
        *("row", "start", "firm", "summed"),
        named="value",
        number=number,
        stop=stop,
        what=what,
        rank=rank,
        wrong=wrong,
        double=double,
        plain=plain.fill_null(True),
        told=told,
        room=(before == "for").fill_null(False),
        gone=_gone() & ~what.is_in(list(BEINGS)).fill_null(False),
        group=(before == "group").fill_null(False),
        parent=(before == "parent").fill_null(False)
        & (what.is_in(["others", "persons", "folk", "seekers"]) | what.is_null()),
        both=(before == "both").fill_null(False) & what.is_in(["others", "persons", "folk"]).fill_null(False),
    )
    kept = (~pl.col("wrong") & pl.col("rank").is_not_null()) | pl.col("gone")
    return counted.filter(pl.col("number").is_not_null() & kept)


def _gone() -> pl.Expr:
    """Whether a number is of places that are taken: "taken" comes soon, and no other number and no rest before it."""
    value, here = pl.col("value"), pl.col("number").is_not_null()
    off = here & (gap() == 0) & (neighbour("value") == "off")
    stops = here | value.is_in(["free", "remain", "left", "rest", "taken"])
    what, where = (pl.when(stops).then(each).shift(-1).backward_fill().over("row") for each in (value, pl.col("start")))
    return off.fill_null(False) | (here & (what == "taken") & (where - pl.col("stop") <= GONE)).fill_null(False)

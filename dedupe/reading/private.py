"""Private details: a street with a house number, and a child by name and age.

Owns their form; the words streets and children go by are in `words/private.yaml`. Reads folded wordings, in which a name
is no more than a word, so that a child is only seen where its age stands beside the name.
"""

from __future__ import annotations

import polars as pl


def _either(words: str) -> str:
    """Any of these words, as a pattern; `_` stands for a space."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


NUMBER = r"(?:nr |nummer |no |numero )?[1-9]\d{0,2}(?: ?[a-f]| bis| ter)?"
SUFFIXES = (
    "straat|straatje|laan|steenweg|dreef|plein|kaai|kade|singel|gracht|dijk|strasse|str|gasse|allee|weg|baan|hof|markt"
)
FIRST = r"(?:rue|avenue|chaussee|boulevard|bd|impasse|ruelle|quai|allee|chemin|venelle)"
LAST = r"(?:street|road|avenue|lane|crescent|terrace|drive)"
NAME = r"(?:\p{L}+ ){1,3}"
STREETS = (
    rf"\b((\p{{L}}{{3,}}(?:{SUFFIXES})) {NUMBER})(?: (\p{{L}}+)|$| )",
    rf"\b(({FIRST} {NAME}?\p{{L}}{{3,}}) {NUMBER})(?: (\p{{L}}+)|$| )",
    rf"\b([1-9]\d{{0,2}}(?: ?[a-f]| bis| ter)? ({FIRST} (?:\p{{L}}+ ){{0,3}}?\p{{L}}{{3,}}))(?: (\p{{L}}+)|$| )",
    rf"\b([1-9]\d{{0,2}}[a-f]? ((?:\p{{L}}{{3,}} )?\p{{L}}{{3,}} {LAST}))(?: (\p{{L}}+)|$| )",
)
"""What an address looks like: the address, the street in it, and the word that follows."""
NO_STREETS = _either("""
    arbeitsweg at_the aus_der autobaan autobahn autoweg bahnhof bauernhof friedhof from_the halfweg heenweg
    heimweg hinweg hoofdweg in_the kerkhof luchthof mensen off_the on_the onderweg our overweg people personen
    personnes reisweg rijbaan rijweg ruckweg snelweg spoorweg terugweg that the this uitweg umweg van weg
    ziekenhof
""")
"""Words that end or begin like a street and are none, beside a number."""
COUNTED = _either("""
    auto autos bedden beds? betten cars? children dagen days enfants eur euro familien families familles
    gezinnen h hauser heures? honden hours? houses huizen jours katten kids kinder kinderen km leute lits? m
    maisons man mensen meter metres? min mins? minuten minutes? p people pers personen? personnes? persons?
    plaats(?:en)? places? platz platze? schlafplatze? seats? slaapplaats(?:en)? stunden? tage tenten tentes
    tents u uhr uur voitures? volwassenen zelte
""")
"""What a number counts that is no house number."""

AGE = r"(1[0-7]|[1-9])"
UNIT = r"(?:j|jaar|jr|jarige?|an|ans|year|years|yr|yrs|y|yo|jahre?|maanden|mois|months|monate)"
CHILD = (
    r"(?:dochter(?:tje)?|zoon(?:tje)?|kind(?:je)?|kleuter|baby|kleindochter|kleinzoon|nichtje|neefje|zusje|broertje|meisje|jongen|jongetje"
    r"|fille|fils|enfant|bebe|niece|neveu|soeur|frere|fillette|gamine?|garcon|ado"
    r"|daughter|son|kid|child|toddler|granddaughter|grandson|nephew|sister|brother|girl|boy"
    r"|tochter|sohn|enkelin|enkel|nichte|neffe|schwester|bruder|madchen|junge|kleinkind)"
)
CALLED = r"(?:heet|genaamd|met naam|s appelle|nommee?|prenommee?|called|named|namens|heisst)"
OLD = r"(?:jarige?|year old|yr old|jahrigen?|jahriger|ans)"
CHILDREN = (
    rf"\b({CHILD} (?:{CALLED} )?(\p{{L}}{{2,14}}) {AGE}(?: {UNIT})?)(?: (\p{{L}}+)|$| )",
    rf"\b({CHILD} {CALLED} (\p{{L}}{{2,14}}))(?: (\p{{L}}+)|$| )",
    rf"\b({AGE} {OLD} (?:{CALLED} )?(\p{{L}}{{2,14}}))(?: (\p{{L}}+)|$| )",
)
"""A child by name: the words, and the name among them; the last form has the age before."""
NO_NAMES = _either("""
    a ab about age aged al alleen allein alone als an and ans around at attend au auf aus aux avec beschikbaar
    bij bis boy brengt ca can cherche chez circa daar dan dans das dat de dem den der des die disparu disparue
    dort du dus een ein eine einen en entre environ est et etwa fille for found free frei from fur gaat garcon
    geeft geen gevonden gezocht girl haar has hat heeft her het hier his hun ici im in is ist jaar jongen kan
    kann komt kwijt la le les libre lost maar mag mais max meisje met mijn min missing mit moet moins my needs
    niet nodig nog nu oder of old om on onder ongeveer ons onze ook op or ou our over pas perdu perdue peut plus
    pour que qui retrouve retrouvee samen sans seul seule slaapt slapen sleeps sucht sur te the their to tot
    tussen uit un und une unter van vanaf verloren vermist von voor vrij wacht waiting war wartet was werd who
    wij wil will with wordt zijn zoeken zoekt zu zum zur
""")
"""Words that stand where a name may stand."""
FOLLOWS = _either("""
    a alleen and ans aus avec bij cherche chez de disparue? en est et from has hat heeft is ist j jaar jahre kan
    kwijt lost met missing mit perdu samen slaapt sucht uit und vermisst vermist wacht was with wordt years
    zoekt
""")
"""What follows an age without a unit; a number before anything else may count it."""


def find_addresses(wordings: pl.Series) -> pl.Series:
    """The first address of each wording (a street and a house number, as folded), or null."""
    text = pl.col("wording")
    frame = wordings.to_frame("wording").with_columns(
        text.str.extract_groups(pattern).struct.rename_fields(["whole", "street", "next"]).alias(f"form{form}")
        for form, pattern in enumerate(STREETS)
    )
    found = [
        pl.when(
            pl.col(f"form{form}").struct.field("whole").is_not_null()
            & ~pl.col(f"form{form}").struct.field("street").str.contains(rf"\b{NO_STREETS}\b")
            & ~pl.col(f"form{form}").struct.field("next").fill_null("").str.contains(f"^{COUNTED}$")
        ).then(pl.col(f"form{form}").struct.field("whole"))
        for form in range(len(STREETS))
    ]
    return frame.select(address=pl.coalesce(found))["address"]


def find_children(wordings: pl.Series) -> pl.Series:
    """The words that name a child and tell its age, of each wording, or null."""
    fields = (("whole", "name", "age", "next"), ("whole", "name", "next"), ("whole", "age", "name", "next"))
    frame = wordings.to_frame("wording").with_columns(
        pl.col("wording").str.extract_groups(pattern).struct.rename_fields(names).alias(f"form{form}")
        for form, (pattern, names) in enumerate(zip(CHILDREN, fields, strict=True))
    )
    found = []
    for form in range(len(CHILDREN)):
        part = pl.col(f"form{form}").struct
        named = part.field("whole").is_not_null() & ~part.field("name").str.contains(f"^{NO_NAMES}$|^{CHILD}$")
        if form == 0:
            unit = part.field("whole").str.contains(rf" {UNIT}$")
            named &= unit | part.field("next").is_null() | part.field("next").str.contains(f"^{FOLLOWS}$")
        found.append(pl.when(named).then(part.field("whole")))
    return frame.select(child=pl.coalesce(found))["child"]

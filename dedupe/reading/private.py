"""Private details: a street with a house number, and a child by name and age.

Owns their form; the words streets and children go by are in `words/private.yaml`. Reads folded wordings, in which a name
is no more than a word, so that a child is only seen where its age stands beside the name.
"""

from __future__ import annotations

import polars as pl

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
    rf"\b(\d{{1,3}}(?: ?[a-f]| bis| ter)? ({FIRST} (?:\p{{L}}+ )?\p{{L}}{{3,}}))(?: (\p{{L}}+)|$| )",
    rf"\b(\d{{1,3}}[a-f]? ((?:\p{{L}}{{3,}} )?\p{{L}}{{3,}} {LAST}))(?: (\p{{L}}+)|$| )",
)
"""What an address looks like: the address, the street in it, and the word that follows."""
NO_STREETS = r"\b(?:onderweg|snelweg|halfweg|autoweg|terugweg|heenweg|uitweg|overweg|autobaan|autobahn|rijbaan|spoorweg|weg|reisweg|umweg|heimweg|hinweg|ruckweg|arbeitsweg|rijweg|luchthof|bahnhof|ziekenhof|bauernhof|friedhof|hoofdweg|kerkhof|aus der|on the|in the|at the|from the|off the|people|personen|mensen|personnes|van|the|our|this|that)\b"
"""Words that end or begin like a street and are none, beside a number."""
COUNTED = r"^(?:p|pers|personen?|personnes?|people|persons?|mensen|leute|man|bedden|beds?|betten|lits?|plaats(?:en)?|places?|platze?|platz|slaapplaats(?:en)?|schlafplatze?|seats?|volwassenen|kinderen|enfants|children|kids|kinder|km|m|meter|metres?|min|minuten|minutes?|mins?|uur|u|h|heures?|hours?|stunden?|uhr|dagen|days|jours|tage|auto|autos|cars?|voitures?|huizen|houses|maisons|hauser|gezinnen|families|familles|familien|tenten|tents|tentes|zelte|honden|katten|euro|eur)$"
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
NO_NAMES = r"^(?:van|is|en|of|met|in|op|om|te|de|het|een|die|dat|heeft|kan|mag|moet|zoekt|wil|ook|nog|bij|uit|voor|zijn|haar|hun|onze|mijn|wordt|werd|was|slaapt|komt|gaat|jaar|tot|max|min|maar|niet|geen|als|dan|dus|al|nu|hier|daar|samen|vermist|kwijt|alleen|de|du|des|et|ou|la|le|les|un|une|avec|sans|pour|dans|chez|est|a|au|aux|sur|qui|que|ans|peut|cherche|dort|mais|pas|ici|of|and|or|with|for|the|an|who|at|on|my|our|his|her|their|needs|has|can|will|from|to|aged|age|und|oder|mit|von|im|auf|fur|der|das|den|dem|ein|eine|einen|hat|kann|sucht|ist|war|aus|zu|zum|zur|unter|ab|bis|fille|garcon|meisje|jongen|girl|boy|old|seul|seule|alone|allein|wacht|waiting|attend|wartet|brengt|geeft|slapen|onder|over|tussen|ons|wij|vanaf|moins|plus|entre|about|around|circa|ca|ongeveer|environ|etwa|nodig|zoeken|gezocht|beschikbaar|vrij|libre|free|frei|van|sleeps|lost|missing|gevonden|found|perdu|perdue|disparu|disparue|retrouve|retrouvee|verloren)$"
"""Words that stand where a name may stand."""
FOLLOWS = r"^(?:en|et|and|und|is|heeft|kan|vermist|kwijt|zoekt|est|a|cherche|perdu|disparue?|has|missing|lost|hat|sucht|ist|vermisst|wordt|was|jaar|j|ans|jahre|years|uit|de|from|aus|bij|chez|met|avec|with|mit|slaapt|wacht|samen|alleen)$"
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
            & ~pl.col(f"form{form}").struct.field("street").str.contains(NO_STREETS)
            & ~pl.col(f"form{form}").struct.field("next").fill_null("").str.contains(COUNTED)
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
        named = part.field("whole").is_not_null() & ~part.field("name").str.contains(rf"{NO_NAMES}|^{CHILD}$")
        if form == 0:
            unit = part.field("whole").str.contains(rf" {UNIT}$")
            named &= unit | part.field("next").is_null() | part.field("next").str.contains(FOLLOWS)
        found.append(pl.when(named).then(part.field("whole")))
    return frame.select(child=pl.coalesce(found))["child"]

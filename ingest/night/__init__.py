"""A SYNTHETIC evening after the storm of 18 August 2011, and the pieces it is made of.

Nobody in it exists: people, handles, addresses, numbers and every sentence are invented, links lead to reserved hosts
that cannot exist. It is told as if today's networks had been there in 2011. Knows nothing of what reads it.

    sentences · people · phones    what is said, by whom, at which number
    telling · things               facts become the original post of a thing
    look_alikes                    things that look the same and are not
    changes · habits · copies      how others repeat a thing
    evening                        all of it on one night
"""

from __future__ import annotations

from ingest.night.evening import night

__all__ = ["night"]

"""A Jetstream host fed by a real PDS: what happens there, told on the wire that Jetstream speaks.

There is no Jetstream server to be had for a test. The firehose of a PDS tells the same events, with the records as they
were really written, but packed in another way; here they are unpacked, and given to the loopback host.
"""

from __future__ import annotations

import threading
from typing import Any

from atproto import CAR, FirehoseSubscribeReposClient, models, parse_subscribe_repos_message
from atproto_client.models import get_model_as_dict

from tests.support.jetstream import NSID, JetstreamServer

Events = models.ComAtprotoSyncSubscribeRepos


class Relay:
    """Follows the PDS at `pds` (http://…) while it is entered, and serves all it told from the beginning at `url`."""

    def __init__(self, pds: str) -> None:
        self.jetstream = JetstreamServer()
        self.errors: list[BaseException] = []
        """What could not be translated; `__exit__` fails on them."""
        self._client = FirehoseSubscribeReposClient({"cursor": 0}, base_uri=f"ws{pds.removeprefix('http')}/xrpc")
        self._thread = threading.Thread(target=self._follow, name="firehose", daemon=True)

    def __enter__(self) -> Relay:
        self.jetstream.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop()
        self._thread.join(10)
        self.jetstream.stop()
        assert not self.errors
        assert not self._thread.is_alive()

    @property
    def url(self) -> str:
        return self.jetstream.url

    def _follow(self) -> None:
        self._client.start(self._take, self.errors.append)

    def _take(self, frame: Any) -> None:
        event = parse_subscribe_repos_message(frame)
        if isinstance(event, Events.Commit):
            self.jetstream.put(*_commits(event))
        elif isinstance(event, Events.Account):
            self.jetstream.put({"$type": f"{NSID}#account", "did": event.did, "account": get_model_as_dict(event)})
        elif isinstance(event, Events.Identity):
            self.jetstream.put({"$type": f"{NSID}#identity", "did": event.did, "identity": get_model_as_dict(event)})


def _commits(commit: Any) -> list[dict[str, Any]]:
    """An event for each record that the commit made, changed or took away."""
    blocks = CAR.from_bytes(commit.blocks).blocks
    told = []
    for op in commit.ops:
        collection, _, key = op.path.partition("/")
        event = {"$type": f"{NSID}#commit", "did": commit.repo, "rev": commit.rev}
        event |= {"collection": collection, "rkey": key, "operation": op.action}
        told.append(event | ({"cid": str(op.cid), "record": blocks[op.cid]} if op.cid is not None else {}))
    return told

"""Prints every record of some keys as a line of JSON, with the element names of the broker's documents, until it is stopped.

    python3 tests/interop/print_ticks.py --port 21000 H0UPCNT0:0001 H0BJCNT0:KR103502GA34
"""

from __future__ import annotations

import argparse
import asyncio
import json

from kis_client import Rest, Session

DATA_TIMEOUT = 60


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=21000)
    parser.add_argument("targets", nargs="+", metavar="TR_ID:KEY")
    arguments = parser.parse_args()
    rest = Rest(f"http://{arguments.host}:{arguments.port}")
    approval_key = await rest.approval_key("PRINTERAPPKEY00000000000000000000000", "s" * 180)
    async with Session(f"ws://{arguments.host}:{arguments.port}/tryitout", approval_key) as session:
        for target in arguments.targets:
            reply = await session.register(*target.split(":"))
            if not reply.succeeded:
                raise SystemExit(f"{target}: {reply}")
        printed = 0
        while True:
            await session.until(lambda: len(session.records) > printed, DATA_TIMEOUT, "another record")
            for record in session.records[printed:]:
                print(json.dumps({"tr_id": record.tr_id, "tr_key": record.key, **record.values}, ensure_ascii=False))
                printed += 1


asyncio.run(main())

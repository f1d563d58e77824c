"""Reads stock data like published programs that were written for earlier layouts, and compares it with what the server sends in full.

    python3 tests/interop/earlier_clients.py --port 21000 names:2025,single strict:2024 stride:2024,single names:

Each argument is one client, SHAPE:REVISION; without a revision the records come as the broker sends them.

    names   reads the whole payload as one line with the names of 46, 59 and 26 columns, as pandas.read_csv does for the official samples:
            columns in excess become the index, so that the names belong to the last columns, and of several records to the last
    strict  rejects a payload that does not have the expected number of columns of 46, 59 and 23 for each record, like python-kis
    stride  takes 46 columns after each other for each trade, and the first 59 and 23 of a book or notice, like mojito

A line of JSON for each client: {"client": "names:2025,single", "trades": {"same": 12, "different": 0, "lost": 0}, "books": …}. A
record is the same if its main values (code, time, price, volume …) are those of a record that a client of the full layout got. Lost are
records between a client's first and last that it did not read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import string

import websockets
from kis_client import Rest, decrypt

KEYS = {"H0STCNT0": "005930", "H0STASP0": "005930", "H0STCNI0": "MyHts01"}
KINDS = {"H0STCNT0": "trades", "H0STASP0": "books", "H0STCNI0": "notices"}
MAIN = {  # code, time, price, volume and so on; of a notice also the price of the order, which is the last column
    "H0STCNT0": (0, 1, 2, 12, 13),
    "H0STASP0": (0, 1, 3, 13, 23, 33, 43, 44),
    "H0STCNI0": (2, 8, 9, 10, 11, -1),
}
WIDTHS = {
    "names": {"H0STCNT0": 46, "H0STASP0": 59, "H0STCNI0": 26},
    "strict": {"H0STCNT0": 46, "H0STASP0": 59, "H0STCNI0": 23},
    "stride": {"H0STCNT0": 46, "H0STASP0": 59, "H0STCNI0": 23},
}
FEW = 8
TIME_LIMIT = 60


class Client:
    """One connection, and the main values of the records that its parser finds."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._shape, _, self._revision = text.partition(":")
        self._keys: dict[str, tuple[bytes, bytes]] = {}
        self.registered = 0
        self.received = dict.fromkeys(KEYS, 0)
        self.records: dict[str, list[tuple[str, ...]]] = {tr_id: [] for tr_id in KEYS}

    async def run(self, authority: str) -> None:
        app_key = "PS" + "".join(random.choices(string.ascii_uppercase + string.digits, k=34))
        approval_key = await Rest(f"http://{authority}").approval_key(app_key, "s" * 180)
        path = f"/revision/{self._revision}/tryitout" if self._revision else "/tryitout"
        async with websockets.connect(f"ws://{authority}{path}", ping_interval=None, open_timeout=20) as socket:
            for tr_id, key in KEYS.items():
                await socket.send(json.dumps({
                    "header": {"approval_key": approval_key, "custtype": "P", "tr_type": "1", "content-type": "utf-8"},
                    "body": {"input": {"tr_id": tr_id, "tr_key": key}},
                }))
            async for message in socket:
                if message[0] in "01":
                    self._read(*message.split("|", 3))
                else:
                    await self._control(socket, message)

    async def _control(self, socket, message: str) -> None:
        content = json.loads(message)
        if content["header"]["tr_id"] == "PINGPONG":
            await socket.send(message)
            return
        if content["body"]["rt_cd"] != "0":
            raise SystemExit(f"{self.text}: {message}")
        self.registered += 1
        output = content["body"].get("output") or {}
        if output.get("key"):
            self._keys[content["header"]["tr_id"]] = (output["key"].encode(), output["iv"].encode())

    def _read(self, flag: str, tr_id: str, count: str, payload: str) -> None:
        if flag == "1":
            payload = decrypt(payload, *self._keys[tr_id])
        values = payload.split("^")
        self.received[tr_id] += int(count)
        self.records[tr_id] += [tuple(record[i] for i in MAIN[tr_id]) for record in self._split(tr_id, int(count), values)]

    def _split(self, tr_id: str, count: int, values: list[str]) -> list[list[str]]:
        if self._shape == "full":
            width = len(values) // count
            return [values[i * width:(i + 1) * width] for i in range(count)]
        width = WIDTHS[self._shape][tr_id]
        match self._shape:
            case "names":
                return [values[-width:]]
            case "strict":
                return [values[i * width:(i + 1) * width] for i in range(count)] if len(values) == width * count else []
            case "stride":
                records = count if tr_id == "H0STCNT0" else 1
                return [values[i * width:(i + 1) * width] for i in range(records)]
        raise SystemExit(f"unknown shape {self._shape}")

    def compare(self, full: "Client") -> dict[str, object]:
        report: dict[str, object] = {"client": self.text}
        for tr_id, kind in KINDS.items():
            positions = {record: position for position, record in enumerate(full.records[tr_id])}
            found = [positions[record] for record in self.records[tr_id] if record in positions]
            between = max(found) - min(found) + 1 if found else 0
            report[kind] = {"same": len(found), "different": len(self.records[tr_id]) - len(found), "lost": between - len(set(found))}
        return report


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=21000)
    parser.add_argument("clients", nargs="+", metavar="SHAPE:REVISION")
    arguments = parser.parse_args()
    authority = f"{arguments.host}:{arguments.port}"
    # The client of the full layout starts first and ends last, so that it has every record of the others.
    full = Client("full:")
    runs = [asyncio.create_task(full.run(authority))]
    await until(runs, lambda: full.registered == len(KEYS))
    clients = [Client(text) for text in arguments.clients]
    others = [asyncio.create_task(client.run(authority)) for client in clients]
    runs += others
    await until(runs, lambda: all(count >= FEW for client in clients for count in client.received.values()))
    for run in others:
        run.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    seen = dict(full.received)
    await until(runs[:1], lambda: all(full.received[tr_id] > seen[tr_id] for tr_id in KEYS))
    runs[0].cancel()
    for client in clients:
        print(json.dumps(client.compare(full)))


async def until(runs: list[asyncio.Task], condition) -> None:
    deadline = asyncio.get_running_loop().time() + TIME_LIMIT
    while not condition():
        for run in runs:
            if run.done():
                run.result()
                raise SystemExit("the server closed the connection")
        if asyncio.get_running_loop().time() > deadline:
            raise SystemExit(f"{TIME_LIMIT} s passed")
        await asyncio.sleep(0.02)


asyncio.run(main())

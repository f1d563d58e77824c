"""Connects like published clients of the KIS protocol, and reports how a server treats each of them.

    python3 tests/interop/client_shapes.py --port 21000 answer=reserialized path=/,answer=ping,pings=0.2

Each argument is one client: options separated by commas, all of them optional.

    path=PATH          the path of the WebSocket [/tryitout]
    answer=FORM        how heartbeats are answered: text (the same text), reserialized, reordered, tr_id (only that member),
                       bare (the same, without a header), binary, pong, reserialized-pong, ping, or none
    request=FORM       how requests are written: blanks (like json.dumps), compact, indented, binary (a binary frame)
    header=NAME        the spelling of content-type, e.g. content_type; none omits it
    personalseckey=1   the header has this member, as older samples do
    numbers=1          tr_type and tr_key are JSON numbers
    pings=SECONDS      the library sends pings at this interval, as the websockets package does by default
    pongs=SECONDS      the library sends unsolicited pongs at this interval
    approval=FORM      the body of /oauth2/Approval: json, form, or untyped (JSON with the content type of a form)
    feed=TR_ID:KEY     the registration [H0UPCNT0:1001]

A client stays for three heartbeats, and for data after the last of them. A line of JSON reports the outcome:
{"client": "answer=ping", "outcome": "stayed", "heartbeats": 3, "frames": 41}. Other outcomes are "closed" with the status of
the close frame, "cut" (no close frame), "refused" with a code, and "error".
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import string
import sys
import urllib.parse
import urllib.request

import websockets

HEARTBEATS = 3
TIME_LIMIT = 60
KNOWN = {"path", "answer", "request", "header", "personalseckey", "numbers", "pings", "pongs", "approval", "feed"}
CONTENT_TYPES = {
    "json": "application/json; utf-8", "form": "application/x-www-form-urlencoded", "untyped": "application/x-www-form-urlencoded",
}


class Refused(Exception):
    """The code of a refused request."""


class Client:
    """One client, connected to one server."""

    def __init__(self, host: str, port: int, text: str) -> None:
        self.text = text
        self.heartbeats = 0
        self.frames = 0
        self._pinged = ""
        self._pong = None
        self._authority = f"{host}:{port}"
        self._options = dict(part.split("=", 1) for part in text.split(",") if part)
        if unknown := self._options.keys() - KNOWN:
            raise SystemExit(f"{text}: unknown option {', '.join(unknown)}")

    async def run(self) -> dict[str, object]:
        """Runs the client and returns its outcome."""
        try:
            return self._outcome(await asyncio.wait_for(self._run(), TIME_LIMIT))
        except websockets.ConnectionClosed as error:
            return self._outcome("closed", status=error.rcvd.code) if error.rcvd else self._outcome("cut")
        except Refused as error:
            return self._outcome("refused", code=str(error))
        except Exception as error:  # Any error is an outcome of this client.
            return self._outcome("error", what=f"{type(error).__name__}: {error}")

    async def _run(self) -> str:
        approval_key = await asyncio.to_thread(self._approval_key)
        pings = self._seconds("pings")
        async with websockets.connect(
            f"ws://{self._authority}{self._option('path', '/tryitout')}", ping_interval=pings, ping_timeout=10, open_timeout=20,
        ) as socket:
            pongs = asyncio.create_task(self._send_pongs(socket))
            try:
                await self._send_request(socket, approval_key)
                await self._stay(socket)
            finally:
                pongs.cancel()
        return "stayed"

    async def _stay(self, socket) -> None:
        target = None
        while target is None or self.frames < target:
            message = await socket.recv()
            if message[0] in "01":
                self.frames += 1
                continue
            content = json.loads(message)
            if content["header"]["tr_id"] == "PINGPONG":
                self.heartbeats += 1
                await self._answer(socket, message, content)
                if self.heartbeats == HEARTBEATS:
                    target = self.frames + 1
            elif content["body"]["rt_cd"] != "0":
                raise Refused(content["body"]["msg_cd"])

    async def _answer(self, socket, message: str, content: dict) -> None:
        match self._option("answer", "text"):
            case "text":
                await socket.send(message)
            case "reserialized":
                await socket.send(json.dumps(content))
            case "reordered":
                await socket.send(json.dumps({"header": dict(reversed(content["header"].items()))}))
            case "tr_id":
                await socket.send('{"header":{"tr_id":"PINGPONG"}}')
            case "bare":
                await socket.send('{"tr_id":"PINGPONG"}')
            case "binary":
                await socket.send(message.encode())
            case "pong":
                await socket.pong(message)
            case "reserialized-pong":
                await socket.pong(json.dumps(content))
            case "ping":
                await self._ping(socket, message)
            case "none":
                pass
            case other:
                raise ValueError(f"unknown answer {other}")

    async def _ping(self, socket, message: str) -> None:
        # The times in heartbeats have whole seconds, and the library refuses a ping with the data of one that is not answered yet.
        if self._pong is None or self._pong.done() or message != self._pinged:
            self._pinged = message
            self._pong = await socket.ping(message)

    async def _send_pongs(self, socket) -> None:
        if (seconds := self._seconds("pongs")) is not None:
            while True:
                await asyncio.sleep(seconds)
                await socket.pong(b"")

    async def _send_request(self, socket, approval_key: str) -> None:
        tr_id, tr_key = self._option("feed", "H0UPCNT0:1001").split(":")
        numbers = "numbers" in self._options
        header = {"approval_key": approval_key, "custtype": "P", "tr_type": 1 if numbers else "1"}
        if (content_type := self._option("header", "content-type")) != "none":
            header[content_type] = "utf-8"
        if "personalseckey" in self._options:
            header["personalseckey"] = ""
        request = {"header": header, "body": {"input": {"tr_id": tr_id, "tr_key": int(tr_key) if numbers else tr_key}}}
        match self._option("request", "blanks"):
            case "blanks":
                await socket.send(json.dumps(request))
            case "compact":
                await socket.send(json.dumps(request, separators=(",", ":")))
            case "indented":
                await socket.send(json.dumps(request, indent=4) + "\n")
            case "binary":
                await socket.send(json.dumps(request).encode())
            case other:
                raise ValueError(f"unknown request {other}")

    def _approval_key(self) -> str:
        characters = string.ascii_letters + string.digits
        body = {
            "grant_type": "client_credentials",
            "appkey": "PS" + "".join(random.choices(characters, k=34)),
            "secretkey": "".join(random.choices(characters + "+/", k=180)),
        }
        form = self._option("approval", "json")
        data = urllib.parse.urlencode(body) if form == "form" else json.dumps(body)
        request = urllib.request.Request(f"http://{self._authority}/oauth2/Approval", data.encode(), {"content-type": CONTENT_TYPES[form]})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as response:
            return json.load(response)["approval_key"]

    def _option(self, name: str, default: str) -> str:
        return self._options.get(name, default)

    def _seconds(self, name: str) -> float | None:
        return float(self._options[name]) if name in self._options else None

    def _outcome(self, outcome: str, **details: object) -> dict[str, object]:
        return {"client": self.text, "outcome": outcome, **details, "heartbeats": self.heartbeats, "frames": self.frames}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("clients", nargs="+", metavar="OPTION=VALUE,…")
    arguments = parser.parse_args()
    clients = [Client(arguments.host, arguments.port, text) for text in arguments.clients]
    for outcome in asyncio.as_completed([client.run() for client in clients]):
        print(json.dumps(await outcome), flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

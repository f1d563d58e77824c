"""A client of the KIS real-time protocol in plain Python.

Written from docs/protocol.md alone, so that it shares no error with the C# code.
Requires Debian's python3-websockets and python3-pycryptodome, or the packages of the same names from PyPI.
"""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from enum import Enum

import websockets

try:
    from Cryptodome.Cipher import AES
    from Cryptodome.Util.Padding import unpad
except ImportError:  # PyPI's pycryptodome uses the older name.
    from Crypto.Cipher import AES
    from Crypto.Util.Padding import unpad

INDEX, BOND, NOTICE = "H0UPCNT0", "H0BJCNT0", "H0IFCNI0"
PROGRAM_NXT, PROGRAM_CONSOLIDATED = "H0NXPGM0", "H0UNPGM0"

_PROGRAM_COLUMNS = (
    "MKSC_SHRN_ISCD STCK_CNTG_HOUR SELN_CNQN SELN_TR_PBMN SHNU_CNQN SHNU_TR_PBMN NTBY_CNQN NTBY_TR_PBMN "
    "SELN_RSQN SHNU_RSQN WHOL_NTBY_QTY"
).split()

# Element names as in the broker's documents, in the order of the wire. The first is the key.
COLUMNS: dict[str, list[str]] = {
    INDEX: (
        "bstp_cls_code bsop_hour prpr_nmix prdy_vrss_sign bstp_nmix_prdy_vrss acml_vol acml_tr_pbmn pcas_vol "
        "pcas_tr_pbmn prdy_ctrt oprc_nmix nmix_hgpr nmix_lwpr oprc_vrss_nmix_prpr oprc_vrss_nmix_sign "
        "hgpr_vrss_nmix_prpr hgpr_vrss_nmix_sign lwpr_vrss_nmix_prpr lwpr_vrss_nmix_sign prdy_clpr_vrss_oprc_rate "
        "prdy_clpr_vrss_hgpr_rate prdy_clpr_vrss_lwpr_rate uplm_issu_cnt ascn_issu_cnt stnr_issu_cnt down_issu_cnt "
        "lslm_issu_cnt qtqt_ascn_issu_cnt qtqt_down_issu_cnt tick_vrss"
    ).split(),
    BOND: (
        "STND_ISCD BOND_ISNM STCK_CNTG_HOUR PRDY_VRSS_SIGN PRDY_VRSS PRDY_CTRT STCK_PRPR CNTG_VOL STCK_OPRC STCK_HGPR "
        "STCK_LWPR STCK_PRDY_CLPR BOND_CNTG_ERT OPRC_ERT HGPR_ERT LWPR_ERT ACML_VOL PRDY_VOL CNTG_TYPE_CLS_CODE"
    ).split(),
    PROGRAM_NXT: _PROGRAM_COLUMNS,
    PROGRAM_CONSOLIDATED: _PROGRAM_COLUMNS,
    NOTICE: (
        "CUST_ID ACNT_NO ODER_NO OODER_NO SELN_BYOV_CLS RCTF_CLS ODER_KIND2 STCK_SHRN_ISCD CNTG_QTY CNTG_UNPR "
        "STCK_CNTG_HOUR RFUS_YN CNTG_YN ACPT_YN BRNC_NO ODER_QTY ACNT_NAME CNTG_ISNM ODER_COND ORD_GRP ORD_GRPSEQ ORDER_PRC"
    ).split(),
}


class RestError(Exception):
    """The HTTP status and the error code of a refusal by the REST service."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(f"HTTP {status} {code} {description}")
        self.status = status
        self.code = code


class FrameError(Exception):
    """A message that the protocol does not allow."""


class HeartbeatAnswer(Enum):
    """How a session answers the server's PINGPONG."""

    TEXT = "as a text frame"
    PONG = "as a pong frame"
    NONE = "not at all"


@dataclass(frozen=True)
class Reply:
    """An acknowledgement or a refusal."""

    tr_id: str
    tr_key: str
    rt_cd: str
    code: str
    text: str
    key: str | None
    iv: str | None
    records_before: int
    """The number of records received before it."""

    @property
    def succeeded(self) -> bool:
        return self.rt_cd == "0"

    def __str__(self) -> str:
        return f"rt_cd {self.rt_cd}, {self.code} {self.text!r}, header tr_id {self.tr_id!r}"


@dataclass(frozen=True)
class Record:
    """One record of a data frame."""

    tr_id: str
    values: dict[str, str]
    extra: list[str]
    encrypted: bool

    @property
    def key(self) -> str:
        return self.values[COLUMNS[self.tr_id][0]]

    def __getitem__(self, element: str) -> str:
        return self.values[element]


class Rest:
    """Approval keys and tokens."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    async def approval_key(self, app_key: str, secret: str) -> str:
        body = {"grant_type": "client_credentials", "appkey": app_key, "secretkey": secret}
        return (await self._post("/oauth2/Approval", body))["approval_key"]

    async def token(self, app_key: str, secret: str) -> dict:
        return await self._post("/oauth2/tokenP", {"grant_type": "client_credentials", "appkey": app_key, "appsecret": secret})

    async def _post(self, path: str, body: dict) -> dict:
        while True:
            try:
                return await asyncio.to_thread(self._post_blocking, path, body)
            except RestError as error:
                if error.code != "EGW00201":
                    raise
                # Too many calls per second: retried after a pause.
                await asyncio.sleep(1.1)

    def _post_blocking(self, path: str, body: dict) -> dict:
        request = urllib.request.Request(
            self._base_url + path,
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json; utf-8"},
            method="POST",
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            try:
                content = json.loads(text)
            except ValueError:
                raise RestError(error.code, "", text[:200]) from error
            raise RestError(error.code, content.get("error_code", ""), content.get("error_description", "")) from error


@dataclass
class Session:
    """A WebSocket connection. Requests are sent one at a time, because a refusal does not always name its request."""

    url: str
    approval_key: str
    heartbeat_answer: HeartbeatAnswer = HeartbeatAnswer.TEXT
    records: list[Record] = field(default_factory=list)
    by_key: dict[tuple[str, str], list[Record]] = field(default_factory=dict)
    frames: list[int] = field(default_factory=list)
    """The record count of each data frame."""
    encrypted_payloads: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    heartbeats: list[str] = field(default_factory=list)
    closed: str | None = None
    """Why the connection ended; None while it is open."""

    async def open(self) -> "Session":
        self._replies: list[Reply] = []
        self._keys: dict[str, tuple[bytes, bytes]] = {}
        self._changed = asyncio.Event()
        # The service supports only its own heartbeats, so the pings of the library are disabled. Frames may be large.
        self._socket = await websockets.connect(
            self.url, ping_interval=None, open_timeout=10, close_timeout=3, max_size=8 * 1024 * 1024, compression=None
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aenter__(self) -> "Session":
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def register(self, tr_id: str, tr_key: str) -> Reply:
        return await self.request("1", tr_id, tr_key)

    async def release(self, tr_id: str, tr_key: str) -> Reply:
        return await self.request("2", tr_id, tr_key)

    async def request(self, tr_type: str, tr_id: str, tr_key: str, custtype: str = "P") -> Reply:
        return await self.send(json.dumps({
            "header": {"approval_key": self.approval_key, "custtype": custtype, "tr_type": tr_type, "content-type": "utf-8"},
            "body": {"input": {"tr_id": tr_id, "tr_key": tr_key}},
        }))

    async def send(self, text: str, timeout: float = 10) -> Reply:
        """Sends a request and waits for its answer."""
        expected = len(self._replies)
        await self._socket.send(text)
        await self.until(lambda: len(self._replies) > expected, timeout, "an answer to the request")
        return self._replies[expected]

    async def send_pong(self, payload: bytes) -> None:
        await self._socket.pong(payload)

    async def until(self, condition, timeout: float, what: str) -> None:
        """Waits for a condition on the received data."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not condition():
            if self.closed is not None:
                raise TimeoutError(f"the connection ended ({self.closed}) while waiting for {what}")
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - asyncio.get_running_loop().time())
            except asyncio.TimeoutError:
                if not condition():
                    raise TimeoutError(f"{timeout:g} s passed without {what}; {self._summary()}") from None

    async def until_closed(self, timeout: float, what: str) -> None:
        await asyncio.wait({self._reader}, timeout=timeout)
        if self.closed is None:
            raise TimeoutError(f"{timeout:g} s passed and the connection is still open: {what}")

    def count(self, tr_id: str, key: str) -> int:
        return len(self.by_key.get((tr_id, key), ()))

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                try:
                    await self._process(message)
                except FrameError as error:
                    self.errors.append(str(error))
                self._changed.set()
            self.closed = f"closed by {self._socket.close_code}"
        except websockets.ConnectionClosed as error:
            self.closed = str(error)
        finally:
            self.closed = self.closed or "the reader failed"
            self._changed.set()

    async def _process(self, message: str | bytes) -> None:
        if not isinstance(message, str):
            raise FrameError("a binary message")
        if message[:1] in ("0", "1"):
            self._process_frame(message)
        elif message[:1] == "{":
            await self._process_control(message)
        else:
            raise FrameError(f"a message that is neither control nor data: {message[:40]!r}")

    async def _process_control(self, message: str) -> None:
        try:
            content = json.loads(message)
        except ValueError as error:
            raise FrameError(f"a control message that is not JSON: {error}") from error
        header = content.get("header") or {}
        if header.get("tr_id") == "PINGPONG":
            self.heartbeats.append(message)
            if self.heartbeat_answer is HeartbeatAnswer.TEXT:
                await self._socket.send(message)
            elif self.heartbeat_answer is HeartbeatAnswer.PONG:
                await self._socket.pong(message)
            return
        body = content["body"]
        output = body.get("output") or {}
        reply = Reply(
            header.get("tr_id", ""), header.get("tr_key", ""), body["rt_cd"], body["msg_cd"], body.get("msg1", ""),
            output.get("key"), output.get("iv"), len(self.records),
        )
        if reply.succeeded and reply.key and reply.iv:
            self._keys[reply.tr_id] = (reply.key.encode("ascii"), reply.iv.encode("ascii"))
        self._replies.append(reply)

    # flag|TR_ID|count|payload: a further | is part of the payload.
    def _process_frame(self, message: str) -> None:
        parts = message.split("|", 3)
        if len(parts) != 4:
            raise FrameError(f"a data frame without its separators: {message[:40]!r}")
        flag, tr_id, count_text, payload = parts
        if not (count_text.isascii() and count_text.isdigit()) or int(count_text) < 1:
            raise FrameError(f"{tr_id}: a record count of {count_text!r}")
        if tr_id not in COLUMNS:
            raise FrameError(f"{tr_id}: data without a registration")
        count = int(count_text)
        if flag == "1":
            if tr_id not in self._keys:
                raise FrameError(f"{tr_id}: encrypted, but no acknowledgement had a key")
            self.encrypted_payloads.append(payload)
            payload = decrypt(payload, *self._keys[tr_id])
        for values in split_records(payload, count, len(COLUMNS[tr_id]), tr_id):
            known = len(COLUMNS[tr_id])
            record = Record(tr_id, dict(zip(COLUMNS[tr_id], values)), values[known:], flag == "1")
            self.records.append(record)
            self.by_key.setdefault((tr_id, record.key), []).append(record)
        self.frames.append(count)

    def _summary(self) -> str:
        seen = {}
        for tr_id, key in self.by_key:
            seen[tr_id] = seen.get(tr_id, 0) + len(self.by_key[tr_id, key])
        return f"received: records {seen}, heartbeats {len(self.heartbeats)}, replies {len(self._replies)}, errors {self.errors[:3]}"


def split_records(payload: str, count: int, columns: int, tr_id: str) -> list[list[str]]:
    """Splits a payload into records. All have the same width, which may exceed the known columns."""
    fields = payload.split("^")
    if len(fields) % count and fields[-1] == "" and (len(fields) - 1) % count == 0:
        fields.pop()
    width, rest = divmod(len(fields), count)
    if rest or width < columns:
        raise FrameError(f"{tr_id}: {len(fields)} fields for {count} records of {columns} columns")
    return [fields[i * width:(i + 1) * width] for i in range(count)]


def decrypt(payload: str, key: bytes, iv: bytes) -> str:
    """Decrypts AES-256-CBC with PKCS#7 padding. Key and IV are the characters in the acknowledgement."""
    try:
        plain = AES.new(key, AES.MODE_CBC, iv).decrypt(base64.b64decode(payload, validate=True))
        return unpad(plain, AES.block_size).decode("utf-8")
    except ValueError as error:
        raise FrameError(f"an encrypted payload cannot be decrypted: {error}") from error

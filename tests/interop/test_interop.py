"""Tests a server of the KIS protocol with a client in another language.

    python3 tests/interop/test_interop.py --port 21000

Prints a line per check, `ok …` or `FAIL …`, and a last line with the counts. The exit code is 0 only if every check passes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import string
import sys
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation

try:
    from kis_client import (
        BOND, COLUMNS, INDEX, NOTICE, PROGRAM_CONSOLIDATED, PROGRAM_NXT,
        FrameError, HeartbeatAnswer, Record, Reply, Rest, RestError, Session, decrypt,
    )
except ImportError as error:
    print(f"FAIL the client cannot start: {error}; install Debian's python3-websockets and python3-pycryptodome", flush=True)
    sys.exit(3)

TIME_LIMIT = 60
DATA_TIMEOUT = 20
HEARTBEAT_TIMEOUT = 40
SESSION_LIMIT = 41
STOCKS = [
    "005930", "000660", "373220", "207940", "005380", "068270", "000270", "105560", "035420",
    "005490", "055550", "012330", "051910", "028260", "006400", "086790", "035720", "032830",
]
BOND_CODE = "KR103502GA34"


class Checks:
    """Prints and counts the results of checks."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self._started = time.monotonic()

    def that(self, holds: bool, what: str, actual: object = "") -> bool:
        self.passed += holds
        self.failed += not holds
        detail = f" -- {actual}" if not holds and actual != "" else ""
        print(f"{'ok  ' if holds else 'FAIL'} {what}{detail}", flush=True)
        return holds

    def refused(self, reply: Reply, code: str, what: str) -> None:
        self.that(not reply.succeeded and reply.rt_cd in ("1", "9") and reply.code == code, f"{what}: refused with {code}", reply)

    def accepted(self, reply: Reply, code: str, what: str) -> None:
        self.that(reply.succeeded and reply.code == code, f"{what}: {code}", reply)

    def clean(self, session: Session, what: str) -> None:
        self.that(not session.errors, f"{what}: every message was valid", session.errors[:3])

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._started


class Interop:
    """The scenarios. Each has its own app key, so that they can run in parallel."""

    def __init__(self, host: str, port: int, checks: Checks, is_gateway: bool, is_lenient: bool, has_notices: bool) -> None:
        self._rest = Rest(f"http://{host}:{port}")
        self._socket = f"ws://{host}:{port}/tryitout"
        self._checks = checks
        self._is_gateway = is_gateway
        self._is_lenient = is_lenient
        self._has_notices = has_notices

    async def run(self) -> None:
        scenarios: list[Callable[[], Awaitable[None]]] = [
            self.credentials, self.feeds, self.notices_of_two_accounts if self._has_notices else self.refused_notices,
            self.limit, self.refusals,
            self.concurrent_sessions if self._is_gateway else self.second_session,
            self.malformed_requests, self.tolerated_pong if self._is_lenient else self.unsolicited_pong,
            lambda: self.heartbeat(HeartbeatAnswer.TEXT), lambda: self.heartbeat(HeartbeatAnswer.PONG),
            (lambda: self.heartbeat(HeartbeatAnswer.NONE)) if self._is_lenient else self.unanswered_heartbeat,
        ]
        await asyncio.gather(*(self._guard(scenario) for scenario in scenarios))

    async def _guard(self, scenario: Callable[[], Awaitable[None]]) -> None:
        name = getattr(scenario, "__name__", "").strip("<>").replace("_", " ").replace("lambda", "heartbeat")
        try:
            await scenario()
        except asyncio.CancelledError:
            self._checks.that(False, f"{name}: completes within {TIME_LIMIT} s", "stopped by the overall time limit")
            raise
        except Exception as error:  # A failed scenario is a finding and does not end the others.
            self._checks.that(False, f"{name}: completes", f"{type(error).__name__}: {error}")

    async def credentials(self) -> None:
        app_key, secret = credentials()
        token = await self._rest.token(app_key, secret)
        self._checks.that(
            bool(token.get("access_token")) and token.get("token_type") == "Bearer", "tokenP issues a bearer token", sorted(token),
        )
        first = await self._rest.approval_key(app_key, secret)
        self._checks.that(bool(first), "Approval issues an approval key")
        try:
            await self._rest.approval_key("no app key", secret)
            self._checks.that(False, "an invalid app key gets no approval key")
        except RestError as error:
            self._checks.that(400 <= error.status < 500 and error.code == "EGW00103", "an invalid app key: refused with EGW00103", error)

    async def feeds(self) -> None:
        checks = self._checks
        hts_id = "MyHts01"
        async with await self._session(path="") as session:
            keys = [
                (INDEX, "0001"), (INDEX, "1001"), (INDEX, "2001"), (BOND, BOND_CODE), *([(NOTICE, hts_id)] if self._has_notices else []),
                *((feed, stock) for stock in STOCKS[:4] for feed in (PROGRAM_NXT, PROGRAM_CONSOLIDATED)),
            ]
            for tr_id, key in keys:
                reply = await session.register(tr_id, key)
                if not (reply.succeeded and reply.code == "OPSP0000" and (reply.tr_id, reply.tr_key) == (tr_id, key)):
                    checks.that(False, f"{tr_id} {key} is acknowledged", reply)
                if tr_id == NOTICE:
                    checks.that(
                        len(reply.key or "") == 32 and len(reply.iv or "") == 16,
                        "the acknowledgement of the notice has a key of 32 and an IV of 16 characters",
                    )
            await session.until(lambda: all(session.count(*key) >= 2 for key in keys), DATA_TIMEOUT, "two records of every registration")
            checks.that(True, f"all {len(keys)} registrations on one connection receive records")
            await session.until(lambda: max(session.frames) > 1, DATA_TIMEOUT, "a frame of several records")
            checks.that(True, "frames of several records arrive")
            notices = session.by_key[NOTICE, hts_id] if self._has_notices else []
            if self._has_notices:
                await session.until(
                    lambda: filled_orders(notices) & ordered_quantities(notices).keys(), DATA_TIMEOUT,
                    "the acceptance of an order and a fill of it",
                )
            # Venues are compared across a change of the second, so a short session has to wait for one.
            await session.until(lambda: compare_venues(session.records)[0] >= 10, DATA_TIMEOUT, "ten consolidated records after one of NXT")
            records = list(session.records)

        for tr_id, check in (
            (INDEX, find_index_error), (BOND, find_bond_error), (PROGRAM_NXT, find_program_error),
            (PROGRAM_CONSOLIDATED, find_program_error), (NOTICE, find_notice_error),
        ):
            mine = [r for r in records if r.tr_id == tr_id]
            wrong = [f"{what} in {r.values}" for r in mine if (what := check(r))]
            checks.that(not wrong, f"{tr_id}: {len(mine)} records of {len(COLUMNS[tr_id])} columns are consistent", wrong[:1])
        checks.that(not any(r.extra for r in records), "no record is wider than its document")
        checks.that({(r.tr_id, r.key) for r in records} == set(keys), "every record belongs to a registration")
        checks.that(all(r.encrypted == (r.tr_id == NOTICE) for r in records), "only notices are encrypted")
        compared, wrong = compare_venues(records)
        checks.that(not wrong, f"NXT never exceeds the consolidated amounts ({compared} comparisons)", wrong[:1])
        if self._has_notices:
            checks.that(
                fills_follow_acceptance(notices), "an order is accepted before it is filled, and its fills never exceed its quantity",
                [n.values for n in notices][:4],
            )
        checks.clean(session, "feeds")

    async def notices_of_two_accounts(self) -> None:
        async with await self._session() as anna, await self._session() as boris:
            replies = [await anna.register(NOTICE, "anna01"), await boris.register(NOTICE, "BORIS2")]
            for session, hts_id in ((anna, "anna01"), (boris, "BORIS2")):
                await session.until(lambda s=session, h=hts_id: s.count(NOTICE, h) > 0, DATA_TIMEOUT, f"a notice for {hts_id}")
        self._checks.that(replies[0].key != replies[1].key, "two connections get different notice keys")
        self._checks.that(
            {r.key for r in anna.records} == {"anna01"} and {r.key for r in boris.records} == {"BORIS2"},
            "notices are sent only to their own HTS ID, which is case-sensitive",
        )
        notices = anna.encrypted_payloads
        self._checks.that(
            all(can_decrypt(replies[0], n) and not can_decrypt(replies[1], n) for n in notices),
            "the key of a connection does not decrypt notices of another",
        )
        self._checks.clean(anna, "the notices of the first account")
        self._checks.clean(boris, "the notices of the second account")

    async def refused_notices(self) -> None:
        async with await self._session() as session:
            self._checks.refused(await session.register(NOTICE, "anna01"), "OPSP8991", "an order notice, which this server does not have")
            self._checks.accepted(await session.register(INDEX, "0001"), "OPSP0000", "a registration after it")
            await session.until(lambda: session.count(INDEX, "0001") > 0, DATA_TIMEOUT, "its data")
            self._checks.clean(session, "a session with a refused notice")

    async def limit(self) -> None:
        checks = self._checks
        keys = [
            (INDEX, "0001"), (INDEX, "1001"), (INDEX, "2001"), (BOND, BOND_CODE),
            (NOTICE, "limit41") if self._has_notices else (PROGRAM_NXT, "000100"),
        ]
        keys += [(feed, stock) for stock in STOCKS for feed in (PROGRAM_NXT, PROGRAM_CONSOLIDATED)]
        assert len(keys) == SESSION_LIMIT
        one_more = (PROGRAM_NXT, "003550")
        async with await self._session() as session:
            replies = [await session.register(*key) for key in keys]
            checks.that(
                all(r.code == "OPSP0000" for r in replies), f"{SESSION_LIMIT} registrations are accepted",
                [str(r) for r in replies if r.code != "OPSP0000"][:2],
            )
            checks.refused(await session.register(*one_more), "OPSP0008", f"registration {SESSION_LIMIT + 1}")

            freed = (INDEX, "0001")
            await session.until(lambda: session.count(*freed) >= 2, DATA_TIMEOUT, "records of the registration to be released")
            released = await session.release(*freed)
            checks.accepted(released, "OPSP0001", "releasing one")
            retried = await session.register(*one_more)
            checks.accepted(retried, "OPSP0000", "the freed slot can be used again")
            # Long enough that the released key would have had several records at its rate so far.
            others = released.records_before + max(200, 8 * released.records_before // max(1, session.count(*freed)))
            await session.until(
                lambda: len(session.records) >= others and session.count(*one_more) > 0, DATA_TIMEOUT,
                "records of the other registrations",
            )
            late = [r for r in session.records[released.records_before:] if (r.tr_id, r.key) == freed]
            checks.that(
                not late, f"a released key receives no more data ({len(session.records) - released.records_before} other records since)",
                len(late),
            )
            checks.clean(session, "a full session")

    async def second_session(self) -> None:
        app_key, secret = credentials()
        approval_key = await self._rest.approval_key(app_key, secret)
        async with Session(self._socket, approval_key) as first:
            await first.register(INDEX, "0001")
            await first.until(lambda: first.count(INDEX, "0001") > 0, DATA_TIMEOUT, "the first session's data")
            async with Session(self._socket, approval_key) as second:
                reply = await second.register(INDEX, "1001")
                self._checks.refused(reply, "OPSP8996", "a second session with the same app key")
                self._checks.that(reply.tr_id == "(null)", "its refusal has the TR ID (null)", reply)
            before = first.count(INDEX, "0001")
            await first.until(lambda: first.count(INDEX, "0001") > before + 2, DATA_TIMEOUT, "more of the first session's data")
            self._checks.that(not second.records, "the second session receives no data while the first continues")
            self._checks.clean(first, "the first session")
        async with Session(self._socket, approval_key) as third:
            reply = await third.register(INDEX, "1001")
        self._checks.accepted(reply, "OPSP0000", "after a clean close the app key can be used again")

    async def concurrent_sessions(self) -> None:
        approval_key = await self._rest.approval_key(*credentials())
        async with Session(self._socket, approval_key) as first, Session(self._socket, approval_key) as second:
            for session in (first, second):
                self._checks.accepted(await session.register(INDEX, "0001"), "OPSP0000", "one of two sessions with the same app key")
            for session in (first, second):
                await session.until(lambda: session.count(INDEX, "0001") > 2, DATA_TIMEOUT, "the data of both sessions")
                self._checks.clean(session, "one of two sessions with the same app key")

    async def refusals(self) -> None:
        checks = self._checks
        async with await self._session(path="/" + BOND) as session:
            for tr_id, key in ((INDEX, "1"), (BOND, "KR10"), (PROGRAM_NXT, "SAMSUNG!"), (PROGRAM_CONSOLIDATED, "5930")):
                checks.refused(await session.register(tr_id, key), "OPSP8992", f"{tr_id} with the malformed key {key}")
            checks.refused(await session.register("H0NOSUCH", "005930"), "OPSP8991", "an unknown TR ID")
            twice = (NOTICE, "twice01") if self._has_notices else (INDEX, "0001")
            first = await session.register(*twice)
            again = await session.register(*twice)
            checks.accepted(first, "OPSP0000", "a registration")
            checks.refused(again, "OPSP0002", "the same registration again")
            checks.that(again.rt_cd == "1" and not again.key and not again.iv, "this refusal has rt_cd 1 and no new key", again.rt_cd)
            await session.until(lambda: session.count(*twice) > 0, DATA_TIMEOUT, "its data")
            checks.that(True, "the first registration remains: its data can be read")
            checks.accepted(await session.release(*twice), "OPSP0001", "its release")
            checks.refused(await session.release(*twice), "OPSP0003", "the same release again")
            checks.clean(session, "refusals")
        async with Session(self._socket, "00000000-0000-0000-0000-000000000000") as unknown:
            checks.refused(await unknown.register(INDEX, "0001"), "OPSP0011", "an unknown approval key")

    async def malformed_requests(self) -> None:
        checks = self._checks
        async with await self._session() as session:
            checks.refused(await session.request("7", INDEX, "0001"), "OPSP8997", "a tr_type of 7")
            checks.refused(await session.request("1", INDEX, "0001", custtype="X"), "OPSP8998", "a custtype of X")
            checks.refused(await session.send("{ this is not JSON"), "OPSP9999", "a request that is not JSON")
            reply = await session.register(INDEX, "0001")
            checks.accepted(reply, "OPSP0000", "a valid request after malformed ones")

    async def unsolicited_pong(self) -> None:
        async with await self._session() as session:
            await session.register(INDEX, "0001")
            await session.until(lambda: session.count(INDEX, "0001") > 0, DATA_TIMEOUT, "data")
            await session.send_pong(b"")
            await session.until_closed(10, "the service drops a client that sends unsolicited pongs")
            self._checks.that(session.closed is not None, "an unsolicited pong ends the connection")

    async def tolerated_pong(self) -> None:
        async with await self._session() as session:
            await session.register(INDEX, "0001")
            await session.send_pong(b"")
            before = session.count(INDEX, "0001")
            await session.until(lambda: session.count(INDEX, "0001") > before + 2, DATA_TIMEOUT, "data after the pong")
            self._checks.clean(session, "a session that sends an unsolicited pong")

    async def heartbeat(self, answer: HeartbeatAnswer) -> None:
        checks = self._checks
        async with await self._session(answer) as session:
            await session.register(INDEX, "0001")
            await session.until(lambda: session.count(INDEX, "0001") > 0, DATA_TIMEOUT, "data")
            # The service may send heartbeats only on quiet sessions, so this one becomes quiet.
            await session.release(INDEX, "0001")
            await session.until(lambda: len(session.heartbeats) >= 2, HEARTBEAT_TIMEOUT, "two heartbeats")
            checks.that(True, f"heartbeats answered {answer.value} are followed by more")
            await session.register(INDEX, "0001")
            before = session.count(INDEX, "0001")
            await session.until(lambda: session.count(INDEX, "0001") > before, DATA_TIMEOUT, "data after the heartbeats")
            checks.that(session.closed is None, f"a session that answers heartbeats {answer.value} continues")
            checks.clean(session, f"heartbeats answered {answer.value}")

    async def unanswered_heartbeat(self) -> None:
        async with await self._session(HeartbeatAnswer.NONE) as session:
            await session.register(INDEX, "0001")
            await session.release(INDEX, "0001")
            await session.until_closed(HEARTBEAT_TIMEOUT, "the service ends a session that does not answer heartbeats")
            self._checks.that(len(session.heartbeats) > 0, "the service ends a session that does not answer heartbeats", session.closed)

    async def _session(self, answer: HeartbeatAnswer = HeartbeatAnswer.TEXT, path: str = "") -> Session:
        return Session(self._socket + path, await self._rest.approval_key(*credentials()), answer)


def credentials() -> tuple[str, str]:
    """An app key and a secret in the broker's format: 36 and 180 characters."""
    characters = string.ascii_letters + string.digits
    return "PS" + "".join(random.choices(characters, k=34)), "".join(random.choices(characters, k=180))


def number(record: Record, element: str) -> Decimal:
    return Decimal(record[element])


def find_error(record: Record, time_element: str, texts: set[str]) -> str | None:
    text = record[time_element]
    if len(text) != 6 or not text.isdigit() or not (int(text[:2]) < 24 and int(text[2:4]) < 60 and int(text[4:]) < 60):
        return f"{time_element} is not a valid HHMMSS"
    for element, value in record.values.items():
        try:
            if element not in texts and value:
                Decimal(value)
        except InvalidOperation:
            return f"{element} is not a number"
    return None


def has_wrong_sign(sign: str, change: Decimal) -> bool:
    return sign not in {1: "12", 0: "3", -1: "45"}[(change > 0) - (change < 0)]


def find_index_error(record: Record) -> str | None:
    price = number(record, "prpr_nmix")
    if has_wrong_sign(record["prdy_vrss_sign"], number(record, "bstp_nmix_prdy_vrss")):
        return "sign and change disagree"
    if not number(record, "nmix_lwpr") <= price <= number(record, "nmix_hgpr"):
        return "the value is outside the day's range"
    return find_error(record, "bsop_hour", {"bstp_cls_code"})


def find_bond_error(record: Record) -> str | None:
    if not any("가" <= c <= "힣" for c in record["BOND_ISNM"]):
        return "the name is not Korean"
    if has_wrong_sign(record["PRDY_VRSS_SIGN"], number(record, "PRDY_VRSS")):
        return "sign and change disagree"
    if not number(record, "STCK_LWPR") <= number(record, "STCK_PRPR") <= number(record, "STCK_HGPR"):
        return "the price is outside the day's range"
    if not number(record, "HGPR_ERT") <= number(record, "BOND_CNTG_ERT") <= number(record, "LWPR_ERT"):
        return "the yield is outside the day's range"
    return find_error(record, "STCK_CNTG_HOUR", {"STND_ISCD", "BOND_ISNM", "CNTG_TYPE_CLS_CODE"})


def find_program_error(record: Record) -> str | None:
    for sell, buy, net in (
        ("SELN_CNQN", "SHNU_CNQN", "NTBY_CNQN"), ("SELN_TR_PBMN", "SHNU_TR_PBMN", "NTBY_TR_PBMN"),
        ("SELN_RSQN", "SHNU_RSQN", "WHOL_NTBY_QTY"),
    ):
        if number(record, buy) - number(record, sell) != number(record, net):
            return f"{net} is not {buy} minus {sell}"
    return find_error(record, "STCK_CNTG_HOUR", {"MKSC_SHRN_ISCD"})


def find_notice_error(record: Record) -> str | None:
    if record["SELN_BYOV_CLS"] not in ("01", "02") or record["CNTG_YN"] not in ("1", "2") or record["ACPT_YN"] not in ("1", "2", "3"):
        return "an unknown code"
    numeric = {"CNTG_QTY", "CNTG_UNPR", "ODER_QTY", "ORDER_PRC"}
    return find_error(record, "STCK_CNTG_HOUR", set(COLUMNS[NOTICE]) - numeric)


def compare_venues(records: list[Record]) -> tuple[int, list[str]]:
    """Compares each consolidated record with the venue's last one of an earlier second. Amounts only grow during the day."""
    amounts = ("SELN_CNQN", "SELN_TR_PBMN", "SHNU_CNQN", "SHNU_TR_PBMN")
    compared, wrong = 0, []
    venue: dict[str, list[Record]] = {}
    for record in records:
        if record.tr_id == PROGRAM_NXT:
            venue.setdefault(record.key, []).append(record)
        elif record.tr_id == PROGRAM_CONSOLIDATED:
            earlier = [r for r in venue.get(record.key, ()) if r["STCK_CNTG_HOUR"] < record["STCK_CNTG_HOUR"]]
            if earlier:
                compared += 1
                wrong += [
                    f"{record.key} {a}: NXT {earlier[-1][a]}, consolidated {record[a]}" for a in amounts if number(
                        earlier[-1], a,
                    ) > number(record, a)
                ]
    return compared, wrong


def ordered_quantities(notices: list[Record]) -> dict[str, int]:
    return {n["ODER_NO"]: int(n["CNTG_QTY"]) for n in notices if n["CNTG_YN"] == "1"}


def filled_orders(notices: list[Record]) -> set[str]:
    return {n["ODER_NO"] for n in notices if n["CNTG_YN"] == "2"}


def fills_follow_acceptance(notices: list[Record]) -> bool:
    """Ignores orders placed before the session started, because only their fills were received."""
    ordered = ordered_quantities(notices)
    filled: dict[str, int] = {}
    seen: set[str] = set()
    for notice in notices:
        order = notice["ODER_NO"]
        if notice["CNTG_YN"] == "1":
            if order in filled:
                return False
            seen.add(order)
        elif order in seen:
            filled[order] = filled.get(order, 0) + int(notice["CNTG_QTY"])
    return bool(filled) and all(quantity <= ordered[order] for order, quantity in filled.items())


def can_decrypt(reply: Reply, payload: str) -> bool:
    """Whether a notice can be decrypted with the key of an acknowledgement."""
    try:
        decrypt(payload, reply.key.encode("ascii"), reply.iv.encode("ascii"))
        return True
    except FrameError:
        return False


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway", action="store_true", help="allow several sessions of an app key, as the gateway does")
    parser.add_argument("--lenient", action="store_true", help="expect that unanswered heartbeats and unsolicited pongs are tolerated")
    parser.add_argument(
        "--without-notices", action="store_true", help="expect that order notices are refused, as by a gateway that reads from a cluster",
    )
    arguments = parser.parse_args()

    checks = Checks()
    try:
        await asyncio.wait_for(
            Interop(arguments.host, arguments.port, checks, arguments.gateway, arguments.lenient, not arguments.without_notices).run(),
            TIME_LIMIT,
        )
    except asyncio.TimeoutError:
        checks.that(False, f"all scenarios complete within {TIME_LIMIT} s")
    print(f"interop: {checks.passed} ok, {checks.failed} failed, {checks.elapsed:.1f} s", flush=True)
    return 1 if checks.failed or not checks.passed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

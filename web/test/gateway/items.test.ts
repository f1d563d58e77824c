import { expect, test } from "vitest";
import { idOf, readItem } from "../../src/gateway/items";

// The examples of docs/gateway-http.md.
const examples = [
  [
    "record",
    '{"id":"98e490ff7dda-3","trId":"H0UPCNT0","key":"0001","receivedAt":"2026-11-22T04:11:31.5+09:00",' +
      '"timestamp":"2026-11-22T09:00:00+09:00","price":5731.23}',
    "98e490ff7dda-3",
  ],
  [
    "record",
    '{"snapshot":true,"trId":"H0UPCNT0","key":"0001","receivedAt":"2026-11-22T04:11:38.8+09:00","timestamp":null,"price":null}',
    undefined,
  ],
  [
    "gap",
    '{"id":"98e490ff7dda-170","gap":{"trId":"H0UPCNT0","key":"0001","from":null,"to":null,"reason":"connectionLost",' +
      '"frames":null,"missedVolume":722600}}',
    "98e490ff7dda-170",
  ],
  [
    "gap",
    '{"gap":{"trId":"H0UPCNT0","key":"0001","from":null,"to":null,"reason":"queueOverflow","frames":70,"missedVolume":1}}',
    undefined,
  ],
  [
    "interruption",
    '{"id":"98e490ff7dda-169","interruption":{"trId":"H0UPCNT0","key":"0001","at":"2026-11-22T04:12:10.4+09:00",' +
      '"reason":"connectionLost"}}',
    "98e490ff7dda-169",
  ],
  [
    "malformed",
    '{"id":"17d44f6a7c7b-762479","error":"not valid UTF-8 (byte 1453)","trId":"H0UPCNT0","key":null,"raw":"0|H0UPCNT0"}',
    "17d44f6a7c7b-762479",
  ],
  ["subscribed", '{"subscribed":{"trId":"H0UPCNT0","key":"0001","registered":true}}', undefined],
  ["unsubscribed", '{"unsubscribed":{"trId":"H0UPCNT0","key":"0001"}}', undefined],
  ["refused", '{"refused":{"trId":"H0UPCNT0","key":"0001","code":null,"reason":"the stream is not subscribed to this key"}}', undefined],
  ["refused", '{"refused":{"reason":"invalid message"}}', undefined],
  ["resumed", '{"resumed":{"after":"98e490ff7dda-34","complete":true}}', undefined],
  ["heartbeat", '{"heartbeat":{"at":"2026-11-22T04:15:01.5+09:00"}}', undefined],
  ["end", '{"end":{"reason":"the gateway stops"}}', undefined],
  ["unknown", '{"somethingNew":{"at":"2026-11-22T04:15:01.5+09:00"}}', undefined],
] as const;

test.each(examples)("reads a %s: %s", (kind, text, id) => {
  const item = readItem(text);
  expect(item.kind).toBe(kind);
  expect(idOf(item)).toBe(id);
});

test("reads a record unchanged", () => {
  const item = readItem(examples[0][1]);
  expect(item).toEqual({ kind: "record", record: JSON.parse(examples[0][1]) });
});

test("reads the members of other items", () => {
  expect(readItem(examples[2][1])).toMatchObject({ gap: { key: "0001", reason: "connectionLost", missedVolume: 722600 } });
  expect(readItem(examples[4][1])).toMatchObject({ interruption: { key: "0001", reason: "connectionLost" } });
  expect(readItem(examples[8][1])).toMatchObject({ refused: { key: "0001", reason: "the stream is not subscribed to this key" } });
  expect(readItem(examples[10][1])).toMatchObject({ complete: true });
  expect(readItem(examples[12][1])).toMatchObject({ reason: "the gateway stops" });
});

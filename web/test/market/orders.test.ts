import { expect, test } from "vitest";
import { eventOf, maskAccount, Orders } from "../../src/market/orders";
import { orderRecord } from "./records";

test.each([
  ["accepted", { kind: "order", acceptance: "accepted", refusal: "none" }],
  ["confirmed", { kind: "order", acceptance: "confirmed", refusal: null }],
  ["cancelled", { kind: "order", acceptance: "cancelled", refusal: "none" }],
  ["filled", { kind: "fill", acceptance: "accepted", refusal: "none" }],
  ["rejected", { kind: "order", acceptance: "accepted", refusal: "refused" }],
  ["rejected", { kind: "fill", acceptance: null, refusal: "9" }],
  ["other", { kind: "order", acceptance: null, refusal: null }],
  ["other", { kind: "order", acceptance: "7", refusal: "none" }],
] as const)("the event is %s: %o", (event, what) => {
  expect(eventOf(orderRecord(what))).toBe(event);
});

test.each([
  ["1234567890", "••••••••90"],
  ["12345", "•••45"],
  ["1234", "••••"],
  ["1", "•"],
  ["", ""],
  [null, ""],
])("the account %s is masked as %s", (account, shown) => {
  expect(maskAccount(account)).toBe(shown);
});

test("keeps only the newest notices, newest first, and counts all", () => {
  const orders = new Orders(3);
  for (let i = 1; i <= 10; i++) orders.add(orderRecord({ orderNumber: String(i) }));
  expect(orders.all.map(({ number, record }) => [number, record.orderNumber])).toEqual([
    [10, "10"],
    [9, "9"],
    [8, "8"],
  ]);
  expect(orders.total).toBe(10);
});

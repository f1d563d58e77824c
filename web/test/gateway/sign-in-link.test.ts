import { expect, test } from "vitest";
import { readSignInCode } from "../../src/gateway/sign-in-link";

test.each([
  ["", null, ""],
  ["#watch=index:0001", null, "watch=index:0001"],
  ["#signin=abc_-1", "abc_-1", ""],
  ["#signin=abc&watch=index:0001", "abc", "watch=index:0001"],
  ["#watch=index:0001&signin=abc", "abc", "watch=index:0001"],
  ["#signin=", "", ""],
])("the code of %s is %s", (hash, code, rest) => {
  expect(readSignInCode(hash)).toEqual({ code, rest });
});

// Connects with npm's ws to the bare address, like TypeScript clients of the KIS protocol, and stays for three heartbeats and for
// data after the last of them. Then prints "stayed"; otherwise prints what happened, with exit code 1.
//
//   node tests/interop/node_client.mjs 21000 [text|pong|none]
//
// Requires web/node_modules, which the build of the dashboard installs.
import { createRequire } from "node:module";

const WebSocket = createRequire(new URL("../../web/package.json", import.meta.url))("ws");
const [port, answer = "text"] = process.argv.slice(2);
const requiredHeartbeats = 3;
const timeLimit = 60_000;

const end = (code, text) => {
  console.log(text);
  process.exit(code);
};

setTimeout(() => end(1, `no outcome within ${timeLimit} ms`), timeLimit);

const appkey = "NODE" + Math.random().toString(36).slice(2).padEnd(32, "0");
const response = await fetch(`http://127.0.0.1:${port}/oauth2/Approval`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ grant_type: "client_credentials", appkey, secretkey: "s".repeat(180) }),
});
const { approval_key } = await response.json();

let heartbeats = 0;
let frames = 0;
const socket = new WebSocket(`ws://127.0.0.1:${port}`);
socket.on("open", () =>
  socket.send(
    JSON.stringify({
      header: { approval_key, custtype: "P", tr_type: "1", "content-type": "utf-8" },
      body: { input: { tr_id: "H0UPCNT0", tr_key: "0001" } },
    }),
  ),
);
socket.on("message", (data) => {
  const text = data.toString();
  if (text.startsWith("0|")) {
    frames++;
    if (heartbeats >= requiredHeartbeats) end(0, `stayed: ${heartbeats} heartbeats, ${frames} frames`);
    return;
  }

  if (JSON.parse(text).header.tr_id !== "PINGPONG") return;
  heartbeats++;
  if (answer === "text") socket.send(text);
  if (answer === "pong") socket.pong(text);
});
socket.on("error", (error) => end(1, `error: ${error.message}`));
socket.on("close", (code) => end(1, `closed with ${code} after ${heartbeats} heartbeats`));

/** Addresses as people type them. */
import { expect, test } from "vitest";
import { listenAddress, webAddress, webSocketAddress } from "../../src/words/addresses";

test.each([
  ["127.0.0.1:3001", "ws://127.0.0.1:3001"],
  [" localhost:3001 ", "ws://localhost:3001"],
  ["http://host.example:3001/path", "ws://host.example:3001/path"],
  ["HTTPS://host.example", "wss://host.example"],
  ["wss://host.example", "wss://host.example"],
  ["ｗｓ：／／127。0。0。1：3001", "ws://127.0.0.1:3001"],
  ["ws://127.0.0.1:3001\u200b", "ws://127.0.0.1:3001"],
  ["", ""],
  ["  ", ""],
])("%j is dialled as %s", (typed, address) => {
  expect(webSocketAddress(typed)).toBe(address);
});

test.each([
  ["sign.example/api/sign", "https://sign.example/api/sign"],
  ["127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["localhost/sign", "http://localhost/sign"],
  ["sign.example:8080/sign", "http://sign.example:8080/sign"],
  ["sign.example:443", "https://sign.example:443"],
  ["sign.example:8443/api?x=1", "https://sign.example:8443/api?x=1"],
  ["192.168.1.5/sign", "http://192.168.1.5/sign"],
  ["[::1]/sign", "http://[::1]/sign"],
  ["127.0.0.1:8443", "https://127.0.0.1:8443"],
  ["http：//sign.example", "http://sign.example"],
  ["https://sign.example", "https://sign.example"],
  ["", ""],
])("%j is asked as %s", (typed, address) => {
  expect(webAddress(typed)).toBe(address);
});

test.each([
  ["6700", "127.0.0.1:6700"],
  [":6700", "127.0.0.1:6700"],
  ["：6700", "127.0.0.1:6700"],
  ["localhost:6700", "127.0.0.1:6700"],
  ["ws://127.0.0.1:6700/", "127.0.0.1:6700"],
  ["127.0.0.1：6700 ", "127.0.0.1:6700"],
  ["[::1]:6700", "[::1]:6700"],
  ["0.0.0.0:6700", "0.0.0.0:6700"],
])("%j is listened on as %s", (typed, address) => {
  expect(listenAddress(typed)).toBe(address);
});

"""A OneBot v11 server that is not ours: the Python `websockets` package, steered by a test.

The test writes commands to stdin and reads reports from stdout, one JSON object a line. The first
report is `{"report": "listening", "port": N}`. Every command is acknowledged with
`{"report": "done", "do": …}` once it has taken effect; then there are `connected`, `refused`, `answered`,
`disconnected` and `action` as they happen. The program ends when stdin does.

Commands (`do` names them):

say     `text`, `user`?           a friend writes in the group
emit    `event`                   sends any event, with `time` and `self_id` if they are absent
raw     `text`                    sends a text frame as it is
binary  `hex`                     sends a binary frame
answer  `how`, `seconds`?         from now on answers `once`, `never`, `twice`, `late` (after `seconds`),
                                  `shuffled` (out of order), or as a NapCat `stream`
token   `token`, `refusal`?       from now on wants this token (null: none) and refuses a wrong one as
                                  `lagrange` (403, empty), `napcat` (1403, close) or `llbot` (1403, close 1008)
beat    `seconds`                 heartbeats at this distance for connections that follow
drop                              cuts every connection without a Close frame
close   `code`                    closes every connection properly
"""

import asyncio
import contextlib
import json
import random
import sys
import threading
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import onebot_answers as onebot

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""Above the 50 MB that OneBot frames reach with images in them."""

SHUFFLE_SECONDS = 0.03
"""Within this time the answers of `shuffled` pass each other."""

WRONG_TOKEN = {"status": "failed", "retcode": 1403, "data": None, "message": "token验证失败", "echo": None}


def report(kind: str, **fields: object) -> None:
    """Tells the test what happened."""
    line = json.dumps({"report": kind, **fields}, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode())
    sys.stdout.buffer.flush()


class ScriptedUpstream:
    """The server's connections, and how it is to behave towards them."""

    def __init__(self) -> None:
        self.connections: set[ServerConnection] = set()
        self.tasks: set[asyncio.Task] = set()
        self.how = "once"
        self.late_seconds = 0.0
        self.token: str | None = None
        self.refusal = "lagrange"
        self.beat_seconds = 30.0

    # The protocol

    def knows(self, request: Request) -> bool:
        """Whether the request carries the right token."""
        if self.token is None:
            return True
        query = parse_qs(urlsplit(request.path).query).get("access_token", [])
        return request.headers.get("Authorization") == f"Bearer {self.token}" or self.token in query

    def before_upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuses as Lagrange does: before the upgrade, and without a word."""
        if self.refusal != "lagrange" or self.knows(request):
            return None
        report("refused", how="lagrange")
        refusal = connection.respond(HTTPStatus.FORBIDDEN, "")
        del refusal.headers["Content-Type"]
        return refusal

    async def serve(self, connection: ServerConnection) -> None:
        """One connection, from its upgrade to its end."""
        request = connection.request
        if not self.knows(request):
            await connection.send(json.dumps(WRONG_TOKEN, ensure_ascii=False))
            report("refused", how=self.refusal)
            await connection.close(1008 if self.refusal == "llbot" else 1000)
            return
        self.connections.add(connection)
        report("connected", path=request.path, headers={name.lower(): value for name, value in request.headers.items()})
        beating = asyncio.create_task(self.beat(connection))
        try:
            with contextlib.suppress(ConnectionClosed):
                await connection.send(json.dumps(onebot.lifecycle()))
                async for frame in connection:
                    self.start(self.react(connection, frame))
        finally:
            beating.cancel()
            self.connections.discard(connection)
            report("disconnected", code=connection.close_code)

    async def beat(self, connection: ServerConnection) -> None:
        """Sends heartbeats until it is cancelled."""
        every = self.beat_seconds
        while True:
            await asyncio.sleep(every)
            await connection.send(json.dumps(onebot.heartbeat(every)))

    async def react(self, connection: ServerConnection, frame: str | bytes) -> None:
        """Answers one action in the way that was asked for."""
        action = json.loads(frame)
        report("action", action=action.get("action"), params=action.get("params"), echo=action.get("echo"))
        how, late_seconds = self.how, self.late_seconds
        frames = onebot.stream(action) if how == "stream" else [onebot.response(action)]
        if how == "never":
            return
        if how == "twice":
            frames *= 2
        if how == "late":
            await asyncio.sleep(late_seconds)
        if how == "shuffled":
            await asyncio.sleep(random.uniform(0, SHUFFLE_SECONDS))
        for answer in frames:
            with contextlib.suppress(ConnectionClosed):
                await connection.send(json.dumps(answer, ensure_ascii=False))
        report("answered", how=how, action=action.get("action"))

    def start(self, work: object) -> None:
        """Runs a coroutine beside the others, and keeps it from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # The test's commands

    async def obey(self, command: dict) -> None:
        """Carries out one command."""
        do = command["do"]
        if do == "say":
            user = command.get("user", next(iter(onebot.FRIENDS)))
            await self.send_all(json.dumps(onebot.group_message(user, command["text"]), ensure_ascii=False))
        elif do == "emit":
            fields = dict(command["event"])
            event = onebot.event(fields.pop("post_type"), **fields)
            await self.send_all(json.dumps(event, ensure_ascii=False))
        elif do == "raw":
            await self.send_all(command["text"])
        elif do == "binary":
            await self.send_all(bytes.fromhex(command["hex"]))
        elif do == "answer":
            self.how, self.late_seconds = command["how"], command.get("seconds", 0.0)
        elif do == "token":
            self.token, self.refusal = command["token"], command.get("refusal", self.refusal)
        elif do == "beat":
            self.beat_seconds = command["seconds"]
        elif do == "drop":
            for connection in tuple(self.connections):
                connection.transport.abort()
        elif do == "close":
            for connection in tuple(self.connections):
                await connection.close(command["code"])
        else:
            raise ValueError(f"unknown command `{do}`")
        report("done", do=do)

    async def send_all(self, frame: str | bytes) -> None:
        """Sends a frame on every connection that still takes one."""
        for connection in tuple(self.connections):
            with contextlib.suppress(ConnectionClosed):
                await connection.send(frame)


def read_commands(loop: asyncio.AbstractEventLoop, commands: asyncio.Queue) -> None:
    """Hands stdin's lines to the loop, and `None` at its end.

    A thread does it because asyncio cannot read a pipe on Windows' standard loop.
    """
    for line in sys.stdin.buffer:
        loop.call_soon_threadsafe(commands.put_nowait, json.loads(line))
    loop.call_soon_threadsafe(commands.put_nowait, None)


async def main() -> None:
    """Serves on a free port of the loopback address until stdin ends."""
    upstream = ScriptedUpstream()
    commands: asyncio.Queue = asyncio.Queue()
    reader = (asyncio.get_running_loop(), commands)
    threading.Thread(target=read_commands, args=reader, daemon=True).start()
    async with serve(
        upstream.serve,
        "127.0.0.1",
        0,
        process_request=upstream.before_upgrade,
        max_size=MAX_FRAME_BYTES,
        ping_interval=None,
    ) as server:
        report("listening", port=server.sockets[0].getsockname()[1])
        while (command := await commands.get()) is not None:
            await upstream.obey(command)


asyncio.run(main())

"""A bot on aiocqhttp as AstrBot uses it: it waits for perpetua, and answers every message with its name and the text.

The interop tests start it as a client of a node: a `reverse` one, or a `post` one, whose events it answers by quick
operations. It reads its settings from the environment:

BOT_NAME    what its answers begin with
BOT_PORT    the port of the loopback address on which it waits, at `/ws`
BOT_TOKEN   the access token that it asks for; absent: none
BOT_SECRET  what posted events are signed with, at `/`; absent: nothing is posted to it

It prints one line for each thing a test waits for: `ready <self_id>` for each connection that has begun,
`heard <text>` for a message, `failed <error>` when an action cannot be called. Logs go to stderr.
"""

import asyncio
import os
import sys

from aiocqhttp import ApiNotAvailable, CQHttp, Event


def tell(*words: object) -> None:
    """Prints one line for the test, at once and in UTF-8 on every system."""
    sys.stdout.buffer.write((" ".join(map(str, words)) + "\n").encode())
    sys.stdout.buffer.flush()


name = os.environ["BOT_NAME"]
bot = CQHttp(
    use_ws_reverse=True,
    import_name="bot",
    api_timeout_sec=180,
    access_token=os.environ.get("BOT_TOKEN", ""),
    secret=os.environ.get("BOT_SECRET", ""),
)


@bot.on_meta_event("lifecycle.connect")
async def connected(event: Event) -> None:
    tell("ready", event.self_id)


@bot.on_meta_event("lifecycle.enable")
async def posted(event: Event) -> None:
    tell("ready", event.self_id)


@bot.on_message
async def answer(event: Event) -> dict[str, object] | None:
    if event.user_id == event.self_id:
        return None
    text = "".join(part["data"]["text"] for part in event.message if part["type"] == "text")
    tell("heard", text)
    if os.environ.get("BOT_SECRET"):
        return {"reply": f"{name}: {text}"}
    try:
        await bot.send(event, f"{name}: {text}")
    except ApiNotAvailable:
        tell("failed", "ApiNotAvailable")
    return None


async def never() -> None:
    await asyncio.Event().wait()


async def main() -> None:
    await bot.run_task(host="127.0.0.1", port=int(os.environ["BOT_PORT"]), shutdown_trigger=never)


asyncio.run(main())

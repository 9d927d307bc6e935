"""A NoneBot2 bot that answers every message with its name and the text it read.

The interop tests start it as a client of a node, which it dials, or which dials it, or posts events to it. It reads its
settings from the environment:

BOT_NAME    what its answers begin with
BOT_TOKEN   the access token; absent: none is sent or asked for
BOT_DRIVER  the NoneBot2 driver under test: `~aiohttp` or `~websockets`, which dial, `~fastapi`, which waits, or
            `~fastapi+~httpx`, which also calls
BOT_URL     the WebSocket address of its client entry, for those that dial
BOT_PORT    the port of the loopback address on which it waits, at `/onebot/v11/ws` and `/onebot/v11/http`
BOT_SECRET  what posted events are signed with
BOT_ROOTS   as JSON, where each account is called over HTTP

It prints one line for each thing a test waits for: `ready <self_id>` once NoneBot counts the bot as
connected, `gone <self_id>` when it no longer does, `heard <text>` for a message. Logs go to stderr.
"""

import json
import os
import sys

import nonebot
from nonebot.adapters.onebot.v11 import Adapter, Bot, MessageEvent
from nonebot.log import default_format, logger


def tell(*words: object) -> None:
    """Prints one line for the test, at once and in UTF-8 on every system."""
    sys.stdout.buffer.write((" ".join(map(str, words)) + "\n").encode())
    sys.stdout.buffer.flush()


name = os.environ["BOT_NAME"]

logger.remove()
logger.add(sys.stderr, level="DEBUG", format=default_format)

nonebot.init(
    driver=os.environ["BOT_DRIVER"],
    host="127.0.0.1",
    port=int(os.environ.get("BOT_PORT", "8080")),
    onebot_ws_urls=[url] if (url := os.environ.get("BOT_URL")) else [],
    onebot_access_token=os.environ.get("BOT_TOKEN"),
    onebot_secret=os.environ.get("BOT_SECRET"),
    onebot_api_roots=json.loads(os.environ.get("BOT_ROOTS", "{}")),
)
driver = nonebot.get_driver()
driver.register_adapter(Adapter)


@driver.on_bot_connect
async def connected(bot: Bot) -> None:
    tell("ready", bot.self_id)


@driver.on_bot_disconnect
async def disconnected(bot: Bot) -> None:
    tell("gone", bot.self_id)


@nonebot.on_message().handle()
async def answer(bot: Bot, event: MessageEvent) -> None:
    if event.user_id == event.self_id:
        return
    text = event.get_plaintext()
    tell("heard", text)
    await bot.send(event, f"{name}: {text}")


nonebot.run()

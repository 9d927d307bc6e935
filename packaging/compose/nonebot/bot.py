"""A NoneBot2 that perpetua connects to; it repeats what `/echo` is told."""

from pathlib import Path

import nonebot
from nonebot.adapters.onebot.v11 import Adapter

nonebot.init(
    driver="~fastapi",
    host="0.0.0.0",
    port=8080,
    onebot_access_token=Path("/run/secrets/onebot-token").read_text().strip(),
)
nonebot.get_driver().register_adapter(Adapter)
nonebot.load_builtin_plugin("echo")

if __name__ == "__main__":
    nonebot.run()

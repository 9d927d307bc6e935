"""What the scripted upstream knows and says: one account, its friends and one group, in OneBot v11."""

import time

SELF_ID = 20002
"""The account's id. Tests read it from `get_login_info`, so nothing but this file depends on it."""

GROUP_ID = 30003
NICKNAME = "scripted"
FRIENDS = {40001: "Ada", 40002: "Grace"}

_next_message_id = -2147483000
"""Ids count up from a negative number, as upstreams that hash their ids do send negative ones."""


class Refused(Exception):
    """An action that this upstream answers with `failed`."""

    def __init__(self, retcode: int, message: str) -> None:
        super().__init__(message)
        self.retcode = retcode


def _member(user_id: int) -> dict:
    return {
        "group_id": GROUP_ID,
        "user_id": user_id,
        "nickname": FRIENDS.get(user_id, NICKNAME),
        "card": "",
        "sex": "unknown",
        "age": 0,
        "role": "member",
        "join_time": 1700000000,
        "last_sent_time": 1700000000,
    }


def _message_id() -> int:
    global _next_message_id
    _next_message_id += 1
    return _next_message_id


def _sent(_params: dict) -> dict:
    return {"message_id": _message_id()}


_GROUP = {"group_id": GROUP_ID, "group_name": "scripted group", "member_count": 3, "max_member_count": 200}

_ANSWERS = {
    "get_login_info": lambda _: {"user_id": SELF_ID, "nickname": NICKNAME},
    "get_status": lambda _: {"online": True, "good": True},
    "get_version_info": lambda _: {
        "app_name": "scripted-upstream",
        "app_version": "1.0.0",
        "protocol_version": "v11",
    },
    "get_friend_list": lambda _: [
        {"user_id": user_id, "nickname": nickname, "remark": ""} for user_id, nickname in FRIENDS.items()
    ],
    "get_stranger_info": lambda p: {
        "user_id": int(p["user_id"]),
        "nickname": FRIENDS.get(int(p["user_id"]), "stranger"),
        "sex": "unknown",
        "age": 0,
    },
    "get_group_list": lambda _: [_GROUP],
    "get_group_info": lambda _: _GROUP,
    "get_group_member_info": lambda p: _member(int(p["user_id"])),
    "get_group_member_list": lambda _: [_member(user_id) for user_id in (SELF_ID, *FRIENDS)],
    "send_msg": _sent,
    "send_group_msg": _sent,
    "send_private_msg": _sent,
    "delete_msg": lambda _: None,
    "can_send_image": lambda _: {"yes": True},
    "can_send_record": lambda _: {"yes": False},
}


def answer(action: object, params: dict) -> object:
    """The `data` of an action's answer.

    Raises Refused for an action this upstream does not have.
    """
    if not isinstance(action, str) or action not in _ANSWERS:
        raise Refused(1404, f"no such action: {action}")
    return _ANSWERS[action](params)


def response(action: dict) -> dict:
    """The whole answer to an action frame, with the frame's echo if it has one."""
    body: dict = {"status": "ok", "retcode": 0}
    try:
        body["data"] = answer(action.get("action"), action.get("params") or {})
    except Refused as refusal:
        body |= {
            "status": "failed",
            "retcode": refusal.retcode,
            "data": None,
            "message": str(refusal),
            "wording": str(refusal),
        }
    if "echo" in action:
        body["echo"] = action["echo"]
    return body


def stream(action: dict, parts: int = 3) -> list[dict]:
    """The frames with which NapCat answers one of its stream actions: several for one echo, the last says so."""
    frames = []
    for index in range(parts):
        last = index == parts - 1
        data = (
            {"type": "response", "data_type": "data_complete", "total": parts - 1}
            if last
            else {"type": "stream", "data_type": "data_chunk", "index": index, "data": "AAAA"}
        )
        frames.append(
            {
                "status": "ok",
                "retcode": 0,
                "data": data,
                "message": "",
                "wording": "",
                "echo": action.get("echo"),
                "stream": "stream-action",
            }
        )
    return frames


def event(post_type: str, **fields: object) -> dict:
    """An event of this account, now."""
    return {"time": int(time.time()), "self_id": SELF_ID, "post_type": post_type, **fields}


def lifecycle() -> dict:
    """The event that opens a connection."""
    return event("meta_event", meta_event_type="lifecycle", sub_type="connect")


def heartbeat(every_seconds: float) -> dict:
    """A heartbeat that, like a real core's, says `online` whatever happens."""
    return event(
        "meta_event",
        meta_event_type="heartbeat",
        interval=int(every_seconds * 1000),
        status={"online": True, "good": True},
    )


def group_message(user_id: int, text: str) -> dict:
    """A message that a friend wrote in the group."""
    return event(
        "message",
        message_type="group",
        sub_type="normal",
        message_id=_message_id(),
        group_id=GROUP_ID,
        user_id=user_id,
        anonymous=None,
        message=[{"type": "text", "data": {"text": text}}],
        raw_message=text,
        font=0,
        sender={"user_id": user_id, "nickname": FRIENDS.get(user_id, "stranger"), "card": "", "role": "member"},
    )

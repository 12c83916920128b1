"""Setting Slack up: the app's manifest, and a live check that says what is missing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from base.errors import ChatError
from base.text import clean_text
from chat.errors import Refused
from chat.outbox.web_api import BotTransport
from chat.outbox.webhook import WebhookTransport
from chat.settings import Settings

SCOPES = {
    "chat:write": "to post and edit messages",
    "files:write": "to upload the pictures of squares",
    "files:read": "to read squares attached to a message",
    "users:read": "to tell members from guests and people of other workspaces",
    "channels:read": "to know the public channels it is in",
    "groups:read": "to know the private channels it is in",
    "channels:history": "to hear commands in public channels, and to see whether a message arrived",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
    "im:write": "to answer in a direct message what was asked where it may not post",
    "app_mentions:read": "to hear @squarm",
    "commands": "for /mols",
}
"""What the bot token must allow, and what for."""

MANIFEST = f"""\
display_information:
  name: squarm
  description: Orthogonal Latin squares from a swarm of Raspberry Pis
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: squarm
    always_online: true
  slash_commands:
    - command: /mols
      description: Ask the swarm for orthogonal Latin squares
      usage_hint: 10 x5, status, nodes, jobs, cancel JOB, help
      should_escape: false
oauth_config:
  scopes:
    bot:
{chr(10).join(f"      - {scope}" for scope in SCOPES)}
settings:
  event_subscriptions:
    bot_events:
      - app_home_opened
      - app_mention
      - message.channels
      - message.groups
      - message.im
  interactivity:
    is_enabled: true
  org_deploy_enabled: false
  socket_mode_enabled: true
  token_rotation_enabled: false
"""


@dataclass(frozen=True, slots=True)
class SetupCheck:
    """One thing that was looked at, in a sentence."""

    good: bool
    sentence: str


async def check(settings: Settings) -> AsyncIterator[SetupCheck]:
    """Look at each token and channel, live; one finding after the other."""
    if not settings.bot_token:
        transport = WebhookTransport(settings)
        try:
            await transport.check()
            yield SetupCheck(True, "The webhook answers.")
        except ChatError as error:
            yield SetupCheck(False, str(error))
        return
    bot = BotTransport(settings)
    try:
        async for finding in _check_bot(settings, bot):
            yield finding
    finally:
        await bot.close()


async def _check_bot(settings: Settings, bot: BotTransport) -> AsyncIterator[SetupCheck]:
    try:
        who = await bot.call(bot.client.auth_test)
    except ChatError as error:
        yield SetupCheck(False, str(error))
        return
    name, team = (clean_text(str(who.get(key) or "?"), 60) for key in ("user", "team"))
    yield SetupCheck(True, f"The bot_token is good: @{name} in {team}.")
    granted = {scope.strip() for scope in str(who.headers.get("x-oauth-scopes") or "").split(",")}
    for scope, purpose in SCOPES.items():
        if granted != {""} and scope not in granted:
            yield SetupCheck(
                False,
                f"The app lacks the scope {scope}, {purpose}: add it under OAuth & Permissions, "
                "then reinstall the app.",
            )
    yield await _app_token(settings, bot)
    told = (channel for channel in (settings.alerts, settings.digest) if channel)
    for channel in dict.fromkeys((settings.channel, *settings.answering, *told)):
        yield await _channel(channel, bot)


async def _app_token(settings: Settings, bot: BotTransport) -> SetupCheck:
    if not settings.app_token:
        return SetupCheck(True, "There is no app_token: squarm shares, and takes no commands.")
    try:
        token = settings.app_token.reveal()
        await bot.call(bot.client.apps_connections_open, app_token=token)
    except ChatError as error:
        why = str(error).replace("bot_token", "app_token").rstrip(".")
        return SetupCheck(
            False,
            f"The app_token does not open a connection ({why}): it needs the scope "
            "connections:write, and Socket Mode turned on.",
        )
    return SetupCheck(True, "The app_token is good: commands can come in.")


async def _channel(channel: str, bot: BotTransport) -> SetupCheck:
    try:
        place = await bot.channel_id(channel)
        about = await bot.call(bot.client.conversations_info, channel=place)
        if not (about.get("channel") or {}).get("is_member"):
            raise Refused(f"The bot is not in {channel}: say /invite @squarm there.")
    except ChatError as error:
        return SetupCheck(False, str(error))
    return SetupCheck(True, f"The bot is in {channel}.")

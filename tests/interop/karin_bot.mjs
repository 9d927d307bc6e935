// A Karin bot that waits for a node and answers every message with its name and the text it read.
//
// The interop tests start it as a reverse client of a node. It reads its settings from the environment:
//
// BOT_NAME    what its answers begin with
// BOT_PORT    the port of the loopback address on which it waits, at `/onebot/v11/ws`
// BOT_TOKEN   the access token that it asks for; absent: none
// BOT_FOLDER  an empty folder, where Karin keeps its settings, data and logs
//
// It prints one line for each thing a test waits for: `ready <self_id>` once Karin counts the bot as connected,
// `gone <self_id>` when it no longer does, `heard <text>` for a message. Logs go to stderr.
import { writeFileSync } from 'node:fs'

const { BOT_NAME: name, BOT_PORT: port, BOT_TOKEN: token = '', BOT_FOLDER: folder } = process.env

// Karin's own log lines go to stdout, which is for the test.
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = process.stderr.write.bind(process.stderr)

function tell(...words) {
  write(words.join(' ') + '\n')
}

// Karin finds its settings from the folder in which it was started, and what its `.env` says outranks the environment.
process.chdir(folder)
writeFileSync('package.json', '{ "name": "bot", "private": true, "type": "module" }')
writeFileSync(
  '.env',
  [
    `HTTP_PORT=${port}`,
    'HTTP_HOST=127.0.0.1',
    'HTTP_AUTH_KEY=for-its-own-pages',
    `WS_SERVER_AUTH_KEY=${token}`,
    'REDIS_ENABLE=false',
    'RUNTIME=node',
  ].join('\n'),
)

const { start, hooks, Bot, BOT_CONNECT, BOT_DISCONNECT } = await import('node-karin')

// Karin's own console is a bot, too, and there from the start.
const isAccount = (bot) => /^\d+$/.test(bot.selfId)
Bot.on(BOT_CONNECT, (bot) => isAccount(bot) && tell('ready', bot.selfId))
Bot.on(BOT_DISCONNECT, (bot) => isAccount(bot) && tell('gone', bot.selfId))

hooks.message(async (event, next) => {
  if (event.userId !== event.selfId) {
    tell('heard', event.msg)
    await event.reply(`${name}: ${event.msg}`)
  }
  next()
})

await start()

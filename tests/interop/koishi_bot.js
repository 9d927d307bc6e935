// A Koishi bot that answers every message with its name and the text it read.
//
// The interop tests start it as a client of a node, which it dials, or calls over HTTP, or which dials it. It reads its
// settings from the environment:
//
// BOT_NAME     what its answers begin with
// BOT_URL      the address of its client entry, where it dials or calls
// BOT_PORT     the port of the loopback address on which it waits, at `/onebot`; then it asks for no token
// BOT_TOKEN    the access token of that entry; absent: none is sent
// BOT_PROTOCOL how it connects, `ws` or `http`; absent: `ws`
// BOT_SECRET   what events are signed with that are posted to `BOT_PORT`, at `/onebot`, where it calls over HTTP
// BOT_SAYS_IN  a group in which it says its name once it is online; absent: it says nothing by itself
// BOT_SELF_ID  the account's id, which Koishi wants to know before it connects
//
// It prints one line for each thing a test waits for: `ready <self_id>` once Koishi counts the bot as
// online, `gone <self_id>` when it no longer does, `heard <text>` for a message. Logs go to stderr.
'use strict'

// Koishi's own log lines go to `console.log`; stdout is for the test.
console.log = console.error

const { Context, Universal } = require('koishi')
const { default: onebot } = require('koishi-plugin-adapter-onebot')
const { default: http } = require('@koishijs/plugin-http')
const { default: server } = require('@koishijs/plugin-server')

const { BOT_NAME: name, BOT_URL: endpoint, BOT_PORT: port, BOT_TOKEN: token, BOT_SELF_ID: selfId } = process.env
const { BOT_PROTOCOL: protocol = 'ws', BOT_SAYS_IN: group, BOT_SECRET: secret } = process.env

function tell(...words) {
  process.stdout.write(words.join(' ') + '\n')
}

const app = new Context()
app.plugin(http)
app.plugin(server, { host: '127.0.0.1', port: port && Number(port) })
app.plugin(onebot, endpoint ? { protocol, selfId, token, endpoint, secret } : { protocol: 'ws-reverse', selfId })

let online = false
app.on('bot-status-updated', (bot) => {
  const now = bot.status === Universal.Status.ONLINE
  if (now === online) return
  online = now
  tell(now ? 'ready' : 'gone', bot.selfId)
  if (now && group) bot.sendMessage(group, `${name} is here`)
})

app.on('message', async (session) => {
  if (session.userId === session.selfId) return
  tell('heard', session.content)
  await session.send(`${name}: ${session.content}`)
})

app.start()

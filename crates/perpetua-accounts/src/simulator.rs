//! Drives a simulator: the hub's actions, people's words, and those who watch.

mod looking;
mod translate;

use perpetua_hub::AskedAction;
use perpetua_proxy::{AccountHandle, Clock, Embedded, EmbeddedLink, EmbeddedSettings};
use perpetua_schema::{
    ChatEvent, ChatFrame, ChatFrames, ChatHistory, ChatPage, ChatPicture, ErrorCode, Event,
    PictureContent, RpcError, Said, Say, World,
};
use perpetua_simulator::{
    ClientAction, Outcome, Record, RecordedLine, SimulatedEvent, Simulator, SimulatorError,
    Timestamp,
};
use perpetua_words::rpc as words;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::events::Events;

/// Commands that may wait; each is a person's or a script's, and is answered before the next.
const COMMANDS: usize = 64;

/// What people make a simulator do.
enum Command {
    Say(Say, oneshot::Sender<Result<Said, SimulatorError>>),
    Simulate(SimulatedEvent, oneshot::Sender<Result<(), SimulatorError>>),
    Look(Look),
}

/// What people want to see.
enum Look {
    World(oneshot::Sender<Result<World, SimulatorError>>),
    History(
        ChatHistory,
        oneshot::Sender<Result<ChatPage, SimulatorError>>,
    ),
    Picture(u64, oneshot::Sender<Result<PictureContent, SimulatorError>>),
    Frames(u64, oneshot::Sender<Result<Vec<ChatFrame>, SimulatorError>>),
}

/// A handle to a running simulator.
#[derive(Clone, Debug)]
pub struct SimulatorHandle(mpsc::Sender<Command>);

impl SimulatorHandle {
    /// Someone says something.
    pub async fn say(&self, say: Say) -> Result<Said, RpcError> {
        self.ask(|reply| Command::Say(say, reply)).await
    }

    /// Something happens.
    pub async fn simulate(&self, event: ChatEvent) -> Result<(), RpcError> {
        self.ask(|reply| Command::Simulate(translate::event(event), reply))
            .await
    }

    /// Who lives there.
    pub async fn world(&self) -> Result<World, RpcError> {
        self.ask(|reply| Command::Look(Look::World(reply))).await
    }

    /// What was said in a chat.
    pub async fn history(&self, call: ChatHistory) -> Result<ChatPage, RpcError> {
        self.ask(|reply| Command::Look(Look::History(call, reply)))
            .await
    }

    /// A picture in a message.
    pub async fn picture(&self, call: ChatPicture) -> Result<PictureContent, RpcError> {
        self.ask(|reply| Command::Look(Look::Picture(call.picture, reply)))
            .await
    }

    /// The frames that belong to a line.
    pub async fn frames(&self, call: ChatFrames) -> Result<Vec<ChatFrame>, RpcError> {
        self.ask(|reply| Command::Look(Look::Frames(call.line, reply)))
            .await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, SimulatorError>>) -> Command,
    ) -> Result<T, RpcError> {
        let stopped = || RpcError::new(ErrorCode::NotSupported, words::SimulatorStopped);
        let (reply, answer) = oneshot::channel();
        self.0.send(command(reply)).await.map_err(|_| stopped())?;
        let outcome = answer.await.map_err(|_| stopped())?;
        outcome.map_err(|error| RpcError::new(ErrorCode::NotFound, &error))
    }
}

/// Runs the simulator of one account until cancelled.
#[derive(Debug)]
pub(crate) struct SimulatorTask {
    simulator: Simulator,
    record: Record,
    /// The world as those who watch were told of it.
    world: World,
    /// The simulator's revision of that.
    revision: u64,
    account: AccountHandle,
    clock: Clock,
    watchers: Events,
    commands: mpsc::Receiver<Command>,
}

impl SimulatorTask {
    /// A new world; the seed makes its message ids.
    pub(crate) fn new(
        account: AccountHandle,
        clock: Clock,
        seed: u64,
        watchers: Events,
    ) -> (Self, SimulatorHandle) {
        let (sender, commands) = mpsc::channel(COMMANDS);
        let simulator = Simulator::new(seed);
        let task = Self {
            world: translate::world(&simulator),
            revision: simulator.revision(),
            simulator,
            record: Record::default(),
            account,
            clock,
            watchers,
            commands,
        };
        (task, SimulatorHandle(sender))
    }

    pub(crate) async fn run(mut self, cancel: CancellationToken) {
        // It answers at once or not at all, so there is nothing to find out by asking.
        let settings = EmbeddedSettings {
            self_id: Some(self.simulator.self_id()),
            probes: None,
        };
        let upstream = Embedded::new(self.account.clone(), settings);
        upstream.set_link(EmbeddedLink::Open);
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                Some(command) = self.commands.recv() => self.obey(command, &upstream),
                action = upstream.next_asked_action() => self.act(action, &upstream),
            }
        }
    }

    fn obey(&mut self, command: Command, upstream: &Embedded) {
        let now = self.now();
        // Whoever asked and has left does not miss the answer.
        match command {
            Command::Say(say, reply) => {
                let said = self.say(&say, now).map(|(said, outcome)| {
                    self.let_out(&outcome, upstream, now);
                    said
                });
                let _asker_left = reply.send(said);
            }
            Command::Simulate(event, reply) => {
                let done = self.simulator.simulate(event, now);
                let done = done.map(|outcome| self.let_out(&outcome, upstream, now));
                let _asker_left = reply.send(done);
            }
            Command::Look(look) => self.show(look),
        }
    }

    fn say(&mut self, say: &Say, now: Timestamp) -> Result<(Said, Outcome), SimulatorError> {
        let chat = self.simulator.find_chat(&say.chat)?;
        let speaker = say
            .speaker
            .as_deref()
            .map(|word| self.simulator.find_person(word))
            .transpose()?;
        let (message_id, outcome) = self.simulator.say(&chat, speaker, &say.text, now)?;
        Ok((Said { message_id }, outcome))
    }

    /// What people did becomes events for clients and lines for those who watch.
    fn let_out(&mut self, outcome: &Outcome, upstream: &Embedded, now: Timestamp) {
        let mut delivered_to = Vec::new();
        for frame in &outcome.frames {
            for client in upstream.send_told(frame) {
                if !delivered_to.contains(&client) {
                    delivered_to.push(client);
                }
            }
        }
        let lines = self.record.people_did(outcome, &delivered_to, now);
        self.publish(lines);
    }

    /// Does what a client, or the hub, asks for.
    fn act(&mut self, action: AskedAction, upstream: &Embedded) {
        let asked = self.now();
        let frame = action.frame.into_bytes();
        // The hub's frames are text; anything else would be answered by nobody.
        let frame = std::str::from_utf8(&frame).unwrap_or_default();
        let outcome = self.simulator.handle(frame, asked);
        for frame in &outcome.frames {
            upstream.send(frame);
        }
        if let Some(asker) = action.asker {
            let action = ClientAction {
                client: asker.client,
                echo: asker.echo.as_deref(),
                frame,
                asked,
                answered: self.now(),
            };
            let lines = self.record.client_did(&action, &outcome);
            self.publish(lines);
        }
    }

    fn publish(&mut self, lines: Vec<RecordedLine>) {
        let account = || self.account.name().to_owned();
        // Whoever hears of somebody new can ask who it is.
        if self.revision != self.simulator.revision() {
            self.revision = self.simulator.revision();
            let world = translate::world(&self.simulator);
            if world != self.world {
                self.world = world;
                self.watchers
                    .send(Event::WorldChanged { account: account() });
            }
        }
        for line in lines {
            let shown = Box::new(translate::line(line));
            let account = account();
            self.watchers.send(Event::Shown { account, shown });
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.clock.now().unix_milliseconds())
    }
}

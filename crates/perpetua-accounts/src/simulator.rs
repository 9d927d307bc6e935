//! Drives a simulator: the hub's actions, people's words, and those who watch.

mod translate;

use perpetua_proxy::{AccountHandle, Clock, Embedded, EmbeddedLink, EmbeddedSettings};
use perpetua_schema::{ChatEvent, ErrorCode, Event, RpcError, Said, Say};
use perpetua_simulator::{Outcome, SimulatedEvent, Simulator, SimulatorError, Timestamp};
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
        let task = Self {
            simulator: Simulator::new(seed),
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
                action = upstream.next_action() => {
                    let outcome = self.handle(&action);
                    self.publish(outcome, &upstream);
                }
            }
        }
    }

    fn obey(&mut self, command: Command, upstream: &Embedded) {
        let now = self.now();
        // Whoever asked and has left does not miss the answer.
        match command {
            Command::Say(say, reply) => {
                let said = self.say(&say, now).map(|(said, outcome)| {
                    self.publish(outcome, upstream);
                    said
                });
                let _asker_left = reply.send(said);
            }
            Command::Simulate(event, reply) => {
                let done = self.simulator.simulate(event, now);
                let _asker_left = reply.send(done.map(|outcome| self.publish(outcome, upstream)));
            }
        }
    }

    fn handle(&mut self, action: &[u8]) -> Outcome {
        // The hub's frames are text; anything else would be answered by nobody.
        let text = std::str::from_utf8(action).unwrap_or_default();
        self.simulator.handle(text, self.now())
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

    fn publish(&self, outcome: Outcome, upstream: &Embedded) {
        for frame in outcome.frames {
            upstream.send(&frame);
        }
        for shown in outcome.shown {
            let account = self.account.name().to_owned();
            let shown = translate::line(shown);
            self.watchers.send(Event::Shown { account, shown });
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.clock.now().unix_milliseconds())
    }
}

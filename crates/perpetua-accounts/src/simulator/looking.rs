//! What people look at: who lives in a simulator, and what was said there.

use perpetua_schema::{ChatHistory, ChatPage, PictureContent};
use perpetua_simulator::SimulatorError;

use super::{Look, SimulatorTask, translate};

impl SimulatorTask {
    /// Whoever asked and has left does not miss the answer.
    pub(super) fn show(&self, look: Look) {
        match look {
            Look::World(reply) => {
                let _asker_left = reply.send(Ok(self.world.clone()));
            }
            Look::History(asked, reply) => {
                let _asker_left = reply.send(self.history(&asked));
            }
            Look::Picture(number, reply) => {
                let picture = self.simulator.picture(number);
                let content = picture.map(|url| PictureContent {
                    data_url: url.to_string(),
                });
                let _asker_left = reply.send(content);
            }
            Look::Frames(line, reply) => {
                let frames = self.record.frames(line);
                let frames =
                    frames.map(|frames| frames.into_iter().map(translate::frame).collect());
                let _asker_left = reply.send(frames);
            }
        }
    }

    fn history(&self, asked: &ChatHistory) -> Result<ChatPage, SimulatorError> {
        let chat = translate::chat(asked.chat);
        let page = self.record.page(chat, asked.before, asked.limit);
        // A group that has ended is no chat any longer; what was said in it can still be read.
        if page.lines.is_empty() && !page.more {
            self.simulator.check_chat(chat)?;
        }
        Ok(ChatPage {
            lines: page.lines.into_iter().map(translate::line).collect(),
            more: page.more,
        })
    }
}

//! An account that is online with two frameworks: where most stories begin.

use anyhow::Result;
use fake_core::{PATIENCE, RunningCore, Scenario};
use perpetua_e2e::{Node, Settings};

use crate::bots::Bots;
use perpetua_e2e::world::{World, confirming};

/// Everything, running.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) node: Node,
    pub(crate) core: RunningCore,
    pub(crate) bots: Bots,
}

impl Scene {
    /// From nothing to online.
    pub(crate) async fn online() -> Result<Self> {
        Self::online_as(&confirming(), |settings| settings).await
    }

    /// The same with this scenario and changed settings.
    pub(crate) async fn online_as(
        scenario: &Scenario,
        change: impl FnOnce(Settings) -> Settings,
    ) -> Result<Self> {
        let world = World::with(scenario, change).await?;
        let node = world.node().await?;
        let core = world.online().await?;
        let mut bots = Bots::start(&world, &node).await?;
        bots.ready().await?;
        let mut scene = Self {
            world,
            node,
            core,
            bots,
        };
        scene.works("the beginning.").await?;
        Ok(scene)
    }

    /// Waits until the core has ended and another has taken its place; it is the scene's core then.
    pub(crate) async fn comes_back(&mut self) -> Result<()> {
        self.core.ended(PATIENCE).await?;
        self.core = self.world.online().await?;
        Ok(())
    }

    /// Someone writes and both frameworks answer, without having lost their connections since the beginning.
    pub(crate) async fn works(&mut self, text: &str) -> Result<()> {
        self.bots.answer(&mut self.core, text).await?;
        self.bots.stayed()
    }
}

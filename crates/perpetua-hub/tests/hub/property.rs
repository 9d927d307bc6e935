//! Any interleaving, against the model.

use proptest::prelude::*;

use crate::{
    operation::{Operation, Pick, operation, settings},
    world::World,
};

/// Long enough that queues of a dozen frames fill, drain and fill again.
const MOST_OPERATIONS: usize = 150;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    /// No response is lost, doubled or misdelivered; every action ends once; every connection sees
    /// the events in order and a count of those it missed; nothing remains when all have left.
    #[test]
    fn every_interleaving_is_as_the_model_says(
        clients in prop::collection::vec(settings(), 1..4),
        starts_online: bool,
        managed: bool,
        operations in prop::collection::vec(operation(), 1..MOST_OPERATIONS),
    ) {
        let mut world = World::new();
        for (client, settings) in (0..Pick::MAX).zip(clients) {
            world.run(&Operation::SetClient { client, settings });
        }
        world.run(&Operation::SetManaged(managed));
        if starts_online {
            world.run(&Operation::Open);
            world.run(&Operation::LearnAccount(20_002));
        }
        for operation in &operations {
            world.run(operation);
        }
        world.finish();
    }
}

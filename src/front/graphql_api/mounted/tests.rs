//! Laws that the engine keeps as a whole.

mod one_by_one;
mod world;

use std::sync::OnceLock;

use proptest::prelude::*;
use tokio::runtime::Builder;

use world::{Choices, Universe};

/// The gateway is compiled once for all cases: plans and hints of one case meet those of others.
static STAGE: OnceLock<world::Stage> = OnceLock::new();

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn running_by_level_is_like_running_one_by_one(
        data in prop::collection::vec(any::<u8>(), 0..400),
        asked in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let stage = STAGE.get_or_init(world::Stage::open);
        let universe = Universe::choose(&mut Choices::new(&data));
        let operation = one_by_one::Operation::choose(&mut Choices::new(&asked));
        let expected = one_by_one::run(&operation, &universe);
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let (answer, paths) = runtime.block_on(stage.answer(&operation.text(), &operation.variables(), universe));
        prop_assert_eq!(&answer, &expected.data, "{}", operation.text());
        prop_assert_eq!(&paths, &expected.errors, "{}", operation.text());
    }
}

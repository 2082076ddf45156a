//! Tables and properties of the decision. A [`World`](world::World) is one invitation with everything around it.

mod brake;
mod deleting;
mod health;
mod inviting;
mod namespaces;
mod ownership;
mod past;
mod people;
mod policies;
mod properties;
mod refusals;
mod rehearsals;
mod resends;
mod settling;
mod states;
mod syncing;
mod texts;
pub mod world;

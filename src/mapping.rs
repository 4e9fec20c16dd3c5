//! A [`Mapping`] shapes one [`Context`] into one document: a YAML tree with VTL leaves today,
//! templates and modules beside it later.
//!
//! Knows neither GraphQL nor sources: it is handed a context and gives back a document.
//! What is compiled is checked at load: an unknown name is a fault of the file that says it, not of
//! the request that meets it.

pub mod context;
mod mention;
mod place;
mod tree;
mod vtl;

pub use context::{ConnectionView, Context, Outcome, Reads};
pub(crate) use mention::{Mention, Subject, mentions};
pub use place::CallerRead;
pub(crate) use place::query_parameters;
pub use tree::{Mapping, MappingError, Rendered};

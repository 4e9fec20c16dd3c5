//! A request document while it is read: its members, and what is wrong with them.

use std::{borrow::Cow, ops::Range};

use super::{Operation, Order, Page, Read};
use crate::{
    json::View,
    source::keyvalue::{
        attribute::{self, At},
        key::Key,
        projection::Projection,
        refusal::Refusal,
        table::Table,
    },
};

/// A request document while it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'r> {
    pub(super) view: View<'r>,
}

impl<'r> Request<'r> {
    pub(super) fn of(view: View<'r>) -> Self {
        Request { view }
    }

    /// A member; absent and null are the same, as a mapping writes either.
    pub(super) fn optional(self, name: &str) -> Option<View<'r>> {
        self.view.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn required(self, name: &str) -> Result<View<'r>, Refusal> {
        self.optional(name).ok_or_else(|| missing(name))
    }

    pub(super) fn text(self, name: &str) -> Result<Cow<'r, str>, Refusal> {
        let value = self.required(name)?;
        value
            .as_str()
            .ok_or_else(|| attribute::wrong_kind("STRING", value, At::Member(&At::Root, name)))
    }

    pub(super) fn bool(self, name: &str) -> Result<Option<bool>, Refusal> {
        let Some(value) = self.optional(name) else {
            return Ok(None);
        };
        match value.as_bool() {
            Some(bool) => Ok(Some(bool)),
            None => Err(attribute::wrong_kind(
                "BOOLEAN",
                value,
                At::Member(&At::Root, name),
            )),
        }
    }

    /// Refuses members that the operation does not have, or does not have yet.
    pub(super) fn admit(
        self,
        operation: &str,
        known: &[&str],
        later: &[&str],
    ) -> Result<(), Refusal> {
        for (name, value) in self.view.entries() {
            let name = name.as_ref();
            if matches!(name, "version" | "operation") || known.contains(&name) {
                continue;
            }
            if !later.contains(&name) {
                return Err(attribute::unsupported(At::Member(&At::Root, name)));
            }
            if !value.is_null() {
                return Err(Refusal::NotYet(format!("`{name}` of {operation}")));
            }
        }
        Ok(())
    }

    pub(super) fn admit_at(self, at: At<'_>, known: &[&str]) -> Result<(), Refusal> {
        for (name, _) in attribute::members(self.view, at)? {
            if !known.contains(&name.as_ref()) {
                return Err(attribute::unsupported(At::Member(&at, &name)));
            }
        }
        Ok(())
    }

    pub(super) fn projection(self, at: At<'_>) -> Result<Option<Projection>, Refusal> {
        self.optional("projection")
            .map(|given| Projection::parse(given, At::Member(&at, "projection")))
            .transpose()
    }

    pub(super) fn order(self, name: &str) -> Result<Order, Refusal> {
        Ok(match self.bool(name)? {
            Some(false) => Order::Backward,
            _ => Order::Forward,
        })
    }

    /// `select`, as far as it says what is answered anyway.
    pub(super) fn select(self) -> Result<(), Refusal> {
        if self.optional("select").is_none() {
            return Ok(());
        }
        let has_projection = self.optional("projection").is_some();
        match self.text("select")?.as_ref() {
            "ALL_ATTRIBUTES" if !has_projection => Ok(()),
            "SPECIFIC_ATTRIBUTES" if has_projection => Ok(()),
            other => Err(Refusal::NotYet(format!("`select: {other}` here"))),
        }
    }

    pub(super) fn limit(self) -> Result<usize, Refusal> {
        let Some(value) = self.optional("limit") else {
            return Ok(usize::MAX);
        };
        let Some(limit) = value.as_i64() else {
            let at = At::Member(&At::Root, "limit");
            return Err(attribute::wrong_kind("NUMBER", value, at));
        };
        match usize::try_from(limit) {
            Ok(limit @ 1..) => Ok(limit),
            _ => Err(Refusal::Invalid(format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy \
                 constraint: Member must have value greater than or equal to 1"
            ))),
        }
    }

    /// The page of a range that `limit` and `nextToken` ask for.
    pub(super) fn page(
        self,
        purpose: &'static str,
        range: Option<Range<Key>>,
        order: Order,
        table: &Table,
    ) -> Result<Operation, Refusal> {
        self.bool("consistentRead")?;
        let range = match self.optional("nextToken") {
            Some(_) => {
                let last = table.tokens.redeem(purpose, &self.text("nextToken")?)?;
                range.map(|range| behind(range, last, order)).transpose()?
            }
            None => range,
        };
        Ok(Operation::Read(Read::Page(Page {
            range,
            order,
            limit: self.limit()?,
            projection: self.projection(At::Root)?,
            purpose,
        })))
    }
}

/// A member that must be there is not.
pub(super) fn missing(name: &str) -> Refusal {
    Refusal::Document(format!("Value for field '$[{name}]' not found."))
}

/// What is left of a range behind the last key of a page.
fn behind(range: Range<Key>, mut last: Key, order: Order) -> Result<Range<Key>, Refusal> {
    if !range.contains(&last) {
        return Err(Refusal::Invalid(
            "The provided starting key is outside query boundaries based on provided conditions"
                .into(),
        ));
    }
    Ok(match order {
        Order::Forward => {
            last.push(0);
            last..range.end
        }
        Order::Backward => range.start..last,
    })
}

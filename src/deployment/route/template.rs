//! The path at the source of a route that is passed through: text in which `{id}` stands for what the
//! client sent.

/// A path with places for a route's parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PathTemplate {
    pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    /// The parameter of this number.
    Value(usize),
}

impl PathTemplate {
    /// Compiles `/items/{id}`; `names` are the route's parameters. `None`: it is not sound, which was
    /// reported when the file was read.
    pub(super) fn compile(text: &str, names: &[Box<str>]) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            let number = names.iter().position(|known| **known == *name)?;
            pieces.push(Piece::Text(before.into()));
            pieces.push(Piece::Value(number));
            rest = after;
        }
        pieces.push(Piece::Text(rest.into()));
        Some(PathTemplate { pieces })
    }

    /// The path for these values, which are put in as they were sent. The source looks at what comes
    /// out, because two harmless parts may make a harmful whole.
    pub(crate) fn fill(&self, values: &[&str]) -> String {
        let mut path = String::with_capacity(64);
        for piece in &self.pieces {
            path.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Value(number) => values.get(*number).copied().unwrap_or_default(),
            });
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::PathTemplate;

    fn fill(text: &str, names: &[&str], values: &[&str]) -> Option<String> {
        let names: Vec<Box<str>> = names.iter().map(|name| Box::from(*name)).collect();
        PathTemplate::compile(text, &names).map(|template| template.fill(values))
    }

    #[test]
    fn values_stand_as_they_were_sent() {
        let path = fill("/v1/{id}/x/{proxy}", &["id", "proxy"], &["a%2Fb", "c//d"]);
        assert_eq!(path.as_deref(), Some("/v1/a%2Fb/x/c//d"));
    }

    #[test]
    fn a_path_may_have_no_place_or_the_same_one_twice() {
        assert_eq!(fill("/", &["id"], &["7"]).as_deref(), Some("/"));
        assert_eq!(fill("/{id}-{id}", &["id"], &["7"]).as_deref(), Some("/7-7"));
    }

    #[test]
    fn a_parameter_that_the_route_has_not_makes_no_template() {
        assert_eq!(fill("/{ids}", &["id"], &["7"]), None);
    }
}

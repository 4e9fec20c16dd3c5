//! `route: GET /products/{id}`

use http::Method;

use crate::config::{
    fields::{Decoded, Wrong},
    nearest::did_you_mean,
    route::{RouteKey, Segment},
    unit,
    yaml::Node,
};

/// The methods that routes have, and the word for all of them.
const METHODS: [&str; 8] = [
    "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY",
];

const HELP: &str =
    "write `GET /products/{id}`, `ANY /files/{path+}`, or `$default` in an `http` api";

// === impl RouteKey ===

impl RouteKey {
    /// See: apigateway.md 2.1 (path parts).
    pub(super) fn decode(node: &Node) -> Decoded<Self> {
        let text = unit::word(node)?;
        if text == "$default" {
            return Ok(RouteKey::Default);
        }
        let Some((method, path)) = text.split_once(' ') else {
            return Err(Wrong::expected("a method and a path", node, HELP));
        };
        let method = match self::method(method)? {
            "ANY" => None,
            method => Some(
                method
                    .parse::<Method>()
                    .map_err(|_| Wrong::expected("a method and a path", node, HELP))?,
            ),
        };
        let path = self::path(path.trim_start())?;
        Ok(RouteKey::Path { method, path })
    }

    /// Whether both take the same requests, whatever their parameters are called.
    pub(super) fn is_like(&self, other: &RouteKey) -> bool {
        match (self, other) {
            (RouteKey::Default, RouteKey::Default) => true,
            (
                RouteKey::Path { method, path },
                RouteKey::Path {
                    method: other_method,
                    path: other_path,
                },
            ) => {
                method == other_method
                    && path.len() == other_path.len()
                    && path.iter().zip(other_path).all(|(a, b)| a.is_like(b))
            }
            _ => false,
        }
    }

    /// The names of its parameters.
    pub(crate) fn parameters(&self) -> Vec<&str> {
        match self {
            RouteKey::Default => Vec::new(),
            RouteKey::Path { path, .. } => path.iter().filter_map(Segment::parameter).collect(),
        }
    }

    /// Whether it takes nothing but requests that change nothing.
    pub(super) fn only_reads(&self) -> bool {
        match self {
            RouteKey::Default => false,
            RouteKey::Path { method, .. } => method
                .as_ref()
                .is_some_and(|method| matches!(*method, Method::GET | Method::HEAD)),
        }
    }
}

/// As it is written in `route:`.
impl std::fmt::Display for RouteKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let RouteKey::Path { method, path } = self else {
            return f.write_str("$default");
        };
        f.write_str(method.as_ref().map_or("ANY", Method::as_str))?;
        f.write_str(if path.is_empty() { " /" } else { " " })?;
        for segment in path {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Parameter(name) => write!(f, "/{{{name}}}")?,
                Segment::Greedy(name) => write!(f, "/{{{name}+}}")?,
            }
        }
        Ok(())
    }
}

fn method(word: &str) -> Decoded<&str> {
    if METHODS.contains(&word) {
        return Ok(word);
    }
    let listed = METHODS.map(|method| format!("`{method}`")).join(", ");
    let help = did_you_mean(word, METHODS).unwrap_or_else(|| format!("known are {listed}"));
    Err(Wrong::new(
        format!("must begin with a method, not `{word}`"),
        help,
    ))
}

fn path(text: &str) -> Decoded<Vec<Segment>> {
    let Some(rest) = text.strip_prefix('/') else {
        let wrong = format!("must have a path that begins with `/`, not `{text}`");
        return Err(Wrong::new(wrong, format!("write `/{text}`")));
    };
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    if rest.ends_with('/') {
        let help = format!("write `/{}`; it takes both", rest.trim_end_matches('/'));
        return Err(Wrong::new("must not end with `/`", help));
    }
    let segments: Vec<Segment> = rest.split('/').map(segment).collect::<Decoded<_>>()?;
    let mut names: Vec<&str> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let Some(name) = segment.parameter() else {
            continue;
        };
        if names.contains(&name) {
            let wrong = format!("has the parameter `{{{name}}}` twice");
            return Err(Wrong::new(wrong, "give each a name of its own"));
        }
        if matches!(segment, Segment::Greedy(_)) && index + 1 < segments.len() {
            let wrong = format!("goes on behind `{{{name}+}}`, which takes all that follows");
            let help = format!("write `{{{name}}}` for one segment, or end with it");
            return Err(Wrong::new(wrong, help));
        }
        names.push(name);
    }
    Ok(segments)
}

fn segment(text: &str) -> Decoded<Segment> {
    let Some(name) = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        return literal(text);
    };
    let (name, is_greedy) = match name.strip_suffix('+') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if name.is_empty() || !name.chars().all(is_allowed) {
        return Err(Wrong::new(
            format!("has the parameter `{text}`, whose name is none"),
            "name it with letters, digits, `_`, `-` and `.`",
        ));
    }
    Ok(match is_greedy {
        true => Segment::Greedy(name.to_owned()),
        false => Segment::Parameter(name.to_owned()),
    })
}

fn literal(text: &str) -> Decoded<Segment> {
    if text.is_empty() {
        return Err(Wrong::new(
            "has an empty segment in its path",
            "write one `/` between segments",
        ));
    }
    if text.contains(['{', '}']) {
        return Err(Wrong::new(
            format!("has the segment `{text}`, which is part text and part parameter"),
            "make a parameter the whole segment: `/{name}/`",
        ));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.,:".contains(c);
    if !text.chars().all(is_allowed) || matches!(text, "." | "..") {
        return Err(Wrong::new(
            format!("has the segment `{text}`, which no path may have"),
            "write letters, digits, `_`, `-`, `.`, `,` and `:`, or a parameter",
        ));
    }
    Ok(Segment::Literal(text.to_owned()))
}

// === impl Segment ===

impl Segment {
    fn parameter(&self) -> Option<&str> {
        match self {
            Segment::Literal(_) => None,
            Segment::Parameter(name) | Segment::Greedy(name) => Some(name),
        }
    }

    fn is_like(&self, other: &Segment) -> bool {
        match (self, other) {
            (Segment::Literal(first), Segment::Literal(second)) => first == second,
            (Segment::Parameter(_), Segment::Parameter(_))
            | (Segment::Greedy(_), Segment::Greedy(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::{
        Span,
        diagnostic::FileId,
        yaml::{Data, Node},
    };

    fn parse(text: &str) -> Decoded<RouteKey> {
        RouteKey::decode(&Node {
            span: Span::new(FileId(0), 0..0),
            data: Data::String {
                text: text.to_owned(),
                verbatim: None,
            },
        })
    }

    #[test]
    fn routes_print_as_they_are_written() {
        for text in [
            "$default",
            "GET /",
            "ANY /{proxy+}",
            "POST /shops/{shop}/orders,new:v1.0_a-b",
            "DELETE /a/{b-c.d}/{e+}",
        ] {
            let route = parse(text).expect(text);
            assert_eq!(route.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_route_is_refused() {
        for text in [
            "",
            "/",
            "GET",
            "GET products",
            "get /products",
            "FETCH /products",
            "GET /products/",
            "GET //",
            "GET /a//b",
            "GET /a/../b",
            "GET /a b",
            "GET /a?b=c",
            "GET /a%20b",
            "GET /pre{id}",
            "GET /{id}/{id}",
            "GET /{all+}/{id}",
            "GET /{}",
            "GET /{+}",
            "GET /{a b}",
            "$connect",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn routes_are_alike_whatever_their_parameters_are_called() {
        let is_like = |first: &str, second: &str| {
            let (first, second) = (parse(first).expect(first), parse(second).expect(second));
            first.is_like(&second)
        };
        assert!(is_like("GET /a/{b}/{c+}", "GET /a/{x}/{y+}"));
        assert!(!is_like("GET /a/{b}", "POST /a/{b}"));
        assert!(!is_like("GET /a/{b}", "ANY /a/{b}"));
        assert!(!is_like("GET /a/{b}", "GET /a/{b+}"));
        assert!(!is_like("GET /a/b", "GET /a/{b}"));
        assert!(!is_like("GET /a", "GET /a/{b}"));
        assert!(!is_like("GET /", "$default"));
    }

    proptest! {
        #[test]
        fn what_is_read_prints_as_it_was_written(text in "(GET|ANY) (/[a-z{}+.]{0,5}){1,4}") {
            if let Ok(route) = parse(&text) {
                prop_assert_eq!(route.to_string(), text);
            }
        }
    }
}

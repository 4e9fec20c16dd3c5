//! Which route is found: the table of the reference, its priorities, and a naive matcher as measure.

use proptest::prelude::*;

use super::*;

fn key(text: &str) -> RouteKey {
    if text == "$default" {
        return RouteKey::Default;
    }
    let (method, path) = text.split_once(' ').expect("a method and a path");
    let segment = |segment: &str| match segment
        .strip_prefix('{')
        .and_then(|it| it.strip_suffix('}'))
    {
        None => Segment::Literal(segment.to_owned()),
        Some(name) => match name.strip_suffix('+') {
            None => Segment::Parameter(name.to_owned()),
            Some(name) => Segment::Greedy(name.to_owned()),
        },
    };
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    RouteKey::Path {
        method: (method != "ANY").then(|| method.parse().expect("a method")),
        path: segments.map(segment).collect(),
    }
}

fn router(flavor: Flavor, routes: &[&str]) -> Router {
    let mut router = Router::new(flavor);
    for (number, route) in routes.iter().enumerate() {
        router.insert(&key(route), number);
    }
    router
}

/// What is found for `GET /path`, as the route was written, and its values.
fn found(flavor: Flavor, routes: &[&str], request: &str) -> String {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let method: Method = method.parse().expect("a method");
    match router(flavor, routes).find(&method, path) {
        Outcome::Found(number, values) if values.is_empty() => routes[number].to_owned(),
        Outcome::Found(number, values) => format!("{} [{}]", routes[number], values.join(" ")),
        Outcome::WrongMethod => "wrong method".to_owned(),
        Outcome::NoRoute => "no route".to_owned(),
    }
}

fn rest(routes: &[&str], request: &str) -> String {
    found(Flavor::Rest, routes, request)
}

fn http(routes: &[&str], request: &str) -> String {
    found(Flavor::Http, routes, request)
}

/// See: apigateway.md 2.2.
#[test]
fn the_table_of_http_routes_holds() {
    let routes = [
        "GET /pets/dog/1",
        "GET /pets/dog/{id}",
        "GET /pets/{proxy+}",
        "ANY /{proxy+}",
        "$default",
    ];
    assert_eq!(http(&routes, "GET /pets/dog/1"), "GET /pets/dog/1");
    assert_eq!(http(&routes, "GET /pets/dog/2"), "GET /pets/dog/{id} [2]");
    assert_eq!(
        http(&routes, "GET /pets/cat/1"),
        "GET /pets/{proxy+} [cat/1]"
    );
    assert_eq!(http(&routes, "POST /test/5"), "ANY /{proxy+} [test/5]");
    assert_eq!(http(&routes, "GET /"), "$default");
    // Only routes with a fitting method take part.
    assert_eq!(
        http(&routes, "POST /pets/dog/1"),
        "ANY /{proxy+} [pets/dog/1]"
    );
}

#[test]
fn in_http_apis_the_path_decides_before_the_method() {
    let routes = ["ANY /pets/dog/1", "GET /pets/{proxy+}"];
    assert_eq!(http(&routes, "GET /pets/dog/1"), "ANY /pets/dog/1");
    let routes = ["GET /x/{proxy+}", "GET /{a}/b"];
    assert_eq!(http(&routes, "GET /x/b"), "GET /{a}/b [x]");
    assert_eq!(rest(&routes, "GET /x/b"), "GET /x/{proxy+} [b]");
}

#[test]
fn at_each_level_a_literal_comes_before_a_parameter_before_the_rest() {
    let routes = [
        "GET /{all+}",
        "GET /{a}",
        "GET /b",
        "GET /b/{all+}",
        "GET /{a}/c",
    ];
    for find in [rest, http] {
        assert_eq!(find(&routes, "GET /b"), "GET /b");
        assert_eq!(find(&routes, "GET /x"), "GET /{a} [x]");
        assert_eq!(find(&routes, "GET /x/c"), "GET /{a}/c [x]");
        assert_eq!(find(&routes, "GET /x/y"), "GET /{all+} [x/y]");
        assert_eq!(find(&routes, "GET /b/y/z"), "GET /b/{all+} [y/z]");
    }
}

#[test]
fn a_branch_that_leads_nowhere_is_left_again() {
    let routes = ["GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e", "GET /{all+}"];
    for find in [rest, http] {
        assert_eq!(find(&routes, "GET /a/b/d"), "GET /a/{x}/d [b]");
        assert_eq!(find(&routes, "GET /a/b/e"), "GET /{y}/b/e [a]");
        assert_eq!(find(&routes, "GET /a/b/f"), "GET /{all+} [a/b/f]");
    }
}

#[test]
fn an_exact_method_comes_before_any() {
    let routes = ["ANY /a", "GET /a"];
    for find in [rest, http] {
        assert_eq!(find(&routes, "GET /a"), "GET /a");
        assert_eq!(find(&routes, "POST /a"), "ANY /a");
        assert_eq!(find(&routes, "HEAD /a"), "ANY /a");
    }
}

#[test]
fn the_method_of_the_best_path_decides_in_rest_apis() {
    let routes = ["POST /a", "GET /{proxy+}"];
    assert_eq!(rest(&routes, "GET /a"), "wrong method");
    assert_eq!(http(&routes, "GET /a"), "GET /{proxy+} [a]");
}

#[test]
fn head_is_not_served_by_get() {
    assert_eq!(rest(&["GET /a"], "HEAD /a"), "wrong method");
    assert_eq!(http(&["GET /a"], "HEAD /a"), "no route");
    assert_eq!(http(&["GET /a", "HEAD /a"], "HEAD /a"), "HEAD /a");
}

#[test]
fn only_rest_apis_ignore_a_slash_at_the_end() {
    let routes = ["GET /a", "GET /a/{id}"];
    assert_eq!(rest(&routes, "GET /a/"), "GET /a");
    assert_eq!(rest(&routes, "GET /a/1/"), "GET /a/{id} [1]");
    assert_eq!(http(&routes, "GET /a/"), "no route");
    assert_eq!(http(&routes, "GET /a/1/"), "no route");
}

#[test]
fn the_rest_of_a_path_is_at_least_one_segment_and_keeps_its_slashes() {
    let routes = ["GET /{proxy+}"];
    for find in [rest, http] {
        assert_eq!(find(&routes, "GET /"), "no route");
        assert_eq!(find(&routes, "GET //a"), "no route");
        assert_eq!(find(&routes, "GET /p//q"), "GET /{proxy+} [p//q]");
        assert_eq!(
            find(&routes, "GET /a%2Fb/c%20d"),
            "GET /{proxy+} [a%2Fb/c%20d]"
        );
    }
}

#[test]
fn a_parameter_is_not_empty() {
    let routes = ["GET /a/{id}/b"];
    assert_eq!(rest(&routes, "GET /a//b"), "no route");
    assert_eq!(http(&routes, "GET /a//b"), "no route");
}

#[test]
fn escapes_lead_past_no_literal() {
    let routes = ["GET /admin", "GET /{proxy+}"];
    for find in [rest, http] {
        assert_eq!(find(&routes, "GET /%61dmin"), "GET /admin");
        assert_eq!(find(&routes, "GET /%61d%6Din"), "GET /admin");
        assert_eq!(find(&routes, "GET /admin%2F"), "GET /{proxy+} [admin%2F]");
        assert_eq!(find(&routes, "GET /Admin"), "GET /{proxy+} [Admin]");
    }
}

#[test]
fn the_root_is_with_and_without_a_slash() {
    for find in [rest, http] {
        assert_eq!(find(&["GET /"], "GET /"), "GET /");
        assert_eq!(find(&["GET /"], "GET "), "GET /");
    }
}

// === The naive matcher ===

/// How good a match is, the least is the best: a number for each segment of the route.
fn rank(path: &[Segment], segments: &[&str]) -> Option<Vec<u8>> {
    let mut rank = Vec::new();
    for (index, segment) in path.iter().enumerate() {
        let here = segments.get(index).filter(|it| !it.is_empty())?;
        match segment {
            Segment::Literal(name) if name != here => return None,
            Segment::Literal(_) => rank.push(0),
            Segment::Parameter(_) => rank.push(1),
            Segment::Greedy(_) => {
                rank.push(2);
                return Some(rank);
            }
        }
    }
    (path.len() == segments.len()).then_some(rank)
}

fn naive(flavor: Flavor, routes: &[RouteKey], method: &Method, path: &str) -> Option<usize> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = match flavor {
        Flavor::Rest => path.strip_suffix('/').unwrap_or(path),
        Flavor::Http => path,
    };
    let segments: Vec<&str> = match path {
        "" => Vec::new(),
        path => path.split('/').collect(),
    };
    let fits = |of: &Option<Method>| of.as_ref().is_none_or(|of| of == method);
    let candidates = routes.iter().enumerate().filter_map(|(number, route)| {
        let RouteKey::Path { method: of, path } = route else {
            return None;
        };
        if flavor == Flavor::Http && !fits(of) {
            return None;
        }
        let rank = rank(path, &segments)?;
        let is_greedy = flavor == Flavor::Http && rank.contains(&2);
        // In REST apis a route of the best path that does not fit still keeps the others out.
        let method = if fits(of) { u8::from(of.is_none()) } else { 2 };
        Some((is_greedy, rank, method, number))
    });
    match candidates.min() {
        Some((_, _, 2, _)) => None,
        Some((_, _, _, number)) => Some(number),
        None => routes.iter().position(|route| *route == RouteKey::Default),
    }
}

fn any_route() -> impl Strategy<Value = String> {
    let method = prop::sample::select(vec!["GET", "POST", "ANY"]);
    let segment = prop::sample::select(vec!["a", "b", "{x}"]);
    let path = prop::collection::vec(segment, 0..4);
    (method, path, any::<bool>()).prop_map(|(method, path, greedy)| {
        let mut path = path.join("/");
        if greedy {
            path += "/{rest+}";
        }
        format!("{method} /{}", path.trim_start_matches('/'))
    })
}

proptest! {
    #[test]
    fn the_tree_finds_what_a_list_finds(
        routes in prop::collection::hash_set(any_route(), 1..12),
        default in any::<bool>(),
        method in prop::sample::select(vec![Method::GET, Method::POST, Method::HEAD]),
        path in "(/[abc]?){0,5}",
    ) {
        for flavor in [Flavor::Rest, Flavor::Http] {
            let mut routes: Vec<RouteKey> = routes.iter().map(|route| key(route)).collect();
            if default && flavor == Flavor::Http {
                routes.push(RouteKey::Default);
            }
            let mut router = Router::new(flavor);
            for (number, route) in routes.iter().enumerate() {
                router.insert(route, number);
            }
            let found = match router.find(&method, &path) {
                Outcome::Found(number, values) => {
                    if let RouteKey::Path { path, .. } = &routes[number] {
                        let names = path.iter().filter(|it| !matches!(it, Segment::Literal(_)));
                        prop_assert_eq!(names.count(), values.len());
                    }
                    Some(number)
                }
                Outcome::WrongMethod | Outcome::NoRoute => None,
            };
            prop_assert_eq!(found, naive(flavor, &routes, &method, &path), "{:?} {:?}", flavor, routes);
        }
    }
}

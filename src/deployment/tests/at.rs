//! Which api a request is for.

use std::{collections::HashMap, fs};

use crate::{
    cluster::Cluster,
    deployment::{Deployments, load},
};

/// Deployments of these names, paths and hosts.
fn deployments(apis: &[(&str, &str, &str)]) -> Deployments {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "sources: { local: { type: none } }\napis:\n".to_owned();
    for (name, path, hosts) in apis {
        text += &format!(
            "  {name}: {{ type: graphql, path: {path}, {hosts} schema: s.graphql, resolvers: r }}\n"
        );
    }
    fs::create_dir(folder.path().join("r")).unwrap();
    for (name, text) in [
        ("loomgate.yaml", text.as_str()),
        ("s.graphql", "type Query { a: String }"),
        ("r/Query.a.yaml", "source: local\nrequest: { payload: a }"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().join("loomgate.yaml");
    let (loaded, faults) = load(&path, HashMap::new(), &Cluster::alone());
    let loaded = loaded.unwrap_or_else(|| panic!("{}", faults.render(false)));
    loaded.deployments
}

/// The name of the api and the rest of the path, or dashes.
fn found(deployments: &Deployments, host: &str, path: &str) -> String {
    let host = (!host.is_empty()).then_some(host);
    match deployments.at(host, path) {
        Some((deployment, below)) => format!("{} {below}", deployment.name),
        None => "-".to_owned(),
    }
}

#[test]
fn the_longest_path_wins_and_ends_at_a_slash() {
    let apis = deployments(&[
        ("all", "/", ""),
        ("shop", "/shop", ""),
        ("admin", "/shop/admin", ""),
    ]);
    for (path, expected) in [
        ("/", "all /"),
        ("/other", "all /other"),
        ("/shop", "shop "),
        ("/shop/", "shop /"),
        ("/shop/a/b", "shop /a/b"),
        ("/shopping", "all /shopping"),
        ("/shop/admin", "admin "),
        ("/shop/admin/x", "admin /x"),
        ("/shop/administrator", "shop /administrator"),
        ("/SHOP", "all /SHOP"),
    ] {
        assert_eq!(found(&apis, "", path), expected, "{path}");
    }
}

#[test]
fn where_no_path_fits_there_is_nothing() {
    let apis = deployments(&[("shop", "/shop", "")]);
    for path in ["/", "/sho", "/shopp", "", "*", "/healthz"] {
        assert_eq!(found(&apis, "", path), "-", "{path}");
    }
}

#[test]
fn hosts_are_compared_without_case_and_port() {
    let apis = deployments(&[("shop", "/", "host: Shop.Example.com,")]);
    for host in [
        "shop.example.com",
        "SHOP.example.COM",
        "shop.example.com:4000",
        "shop.example.com:",
        "shop.example.com.",
    ] {
        assert_eq!(found(&apis, host, "/a"), "shop /a", "{host}");
    }
    for host in [
        "",
        "example.com",
        "shop.example.com.evil",
        "xshop.example.com",
        "shop.example.com:x",
    ] {
        assert_eq!(found(&apis, host, "/a"), "-", "{host}");
    }
}

#[test]
fn a_star_stands_for_one_name_or_several() {
    let apis = deployments(&[("tenants", "/", "host: \"*.example.com\",")]);
    assert_eq!(found(&apis, "a.example.com", "/"), "tenants /");
    assert_eq!(found(&apis, "a.b.example.com:443", "/"), "tenants /");
    for host in [
        "example.com",
        ".example.com",
        "aexample.com",
        "a.example.org",
    ] {
        assert_eq!(found(&apis, host, "/"), "-", "{host}");
    }
}

#[test]
fn of_equal_paths_the_api_that_names_the_host_wins() {
    let apis = deployments(&[
        ("any", "/graphql", ""),
        ("tenants", "/graphql", "host: \"*.example.com\","),
        ("other", "/graphql", "host: [a.example.org, b.example.org],"),
        ("deep", "/graphql/deep", ""),
    ]);
    for (host, path, expected) in [
        ("a.example.com", "/graphql", "tenants "),
        ("b.example.org:80", "/graphql/x", "other /x"),
        ("c.example.org", "/graphql", "any "),
        ("", "/graphql", "any "),
        ("a.example.com", "/graphql/deep", "deep "),
    ] {
        assert_eq!(found(&apis, host, path), expected, "{host} {path}");
    }
}

#[test]
fn an_address_of_version_six_is_a_host_too() {
    let apis = deployments(&[("any", "/", "")]);
    assert_eq!(found(&apis, "[::1]:4000", "/"), "any /");
    assert_eq!(found(&apis, "[::1]", "/"), "any /");
}

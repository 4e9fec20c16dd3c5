use super::*;

fn path(path: &str) -> Result<String, &'static str> {
    let mut target = String::from("/base");
    append_path(&mut target, path).map(|()| target)
}

#[test]
fn what_does_not_belong_into_a_path_is_encoded() {
    for (given, written) in [
        ("/", "/base/"),
        ("/users/1", "/base/users/1"),
        (
            "/a b/ü/\"<>`{}[]^|",
            "/base/a%20b/%C3%BC/%22%3C%3E%60%7B%7D%5B%5D%5E%7C",
        ),
        ("/a:b@c!$&'()*+,;=-._~", "/base/a:b@c!$&'()*+,;=-._~"),
        ("/100%", "/base/100%25"),
        ("/%zz%4", "/base/%25zz%254"),
        ("/%41%2f%C3%BC", "/base/%41%2f%C3%BC"),
        ("/.../..a/a../.a", "/base/.../..a/a../.a"),
        ("//example.com", "/base//example.com"),
    ] {
        assert_eq!(path(given).as_deref(), Ok(written), "{given}");
    }
}

#[test]
fn what_could_make_it_another_path_is_refused() {
    for given in [
        "",
        "users",
        "/a?b=c",
        "/a#b",
        "/a\\b",
        "/a%5cb",
        "/a\nb",
        "/a\u{7f}",
        "/a%0d%0ab",
        "/a%00",
        "/..",
        "/.",
        "/a/../b",
        "/a/./b",
        "/a/%2e%2e/b",
        "/a/.%2E",
        "/a/%2e",
        "/a%2f..%2fb",
        "/a/%252e%252e/b",
        "/a/..;x=1/b",
        "/a/%2e%2e%3bx/b",
    ] {
        assert!(path(given).is_err(), "{given}");
    }
}

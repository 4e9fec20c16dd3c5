//! Plans as `explain` shows them.

use super::{deployment, plan};

const SCHEMA: &str = "
type Query { users: [User!]! search(term: String): [Hit] node: Node me: User version: String }
type Mutation { rename(name: String!): User touch: Int }
union Hit = User | Post
interface Node { id: ID! author: User }
type User implements Node { id: ID! name: String! author: User posts: [[Post!]] best: Post }
type Post implements Node { id: ID! title: String author: User near: [Node!]! }
";

const RESOLVERS: [(&str, &str); 9] = [
    ("Query.users", "request: { payload: [] }"),
    (
        "Query.search",
        "request: { payload: $ctx.args.term }\ncache: { ttl: 1m }",
    ),
    ("Query.node", "request: { payload: {} }"),
    (
        "Query.me",
        "request: { payload: $ctx.request.headers.x-user }",
    ),
    (
        "Mutation.rename",
        "request: { payload: { name: $ctx.args.name } }",
    ),
    ("Mutation.touch", "request: { payload: 1 }"),
    (
        "Post.author",
        "request: { payload: $keys }\nbatch: { key: $ctx.source.authorId, group_by: id }",
    ),
    (
        "User.best",
        "request: { payload: $ctx.source.bestId }\ncache: { ttl: 5s, keys: [$ctx.source.bestId] }",
    ),
    (
        "User.posts",
        "request: { payload: $keys }\nbatch: { key: $ctx.source.id, order: true, max: 50 }",
    ),
];

#[test]
fn plans() {
    let api = deployment(SCHEMA, "depth: 9, resolvers: 6, aliases: 5", &RESOLVERS);
    let cases = [
        (
            "properties and nested resolvers",
            "{ users { id name best { title author { name } } } }",
        ),
        (
            "a batch below a batch",
            "{ users { posts { author { posts { title } } } } }",
        ),
        (
            "an alias and a cached field with an argument",
            "{ found: search(term: \"x\") { __typename } }",
        ),
        (
            "a union",
            "{ search { ... on User { name best { id } } ... on Post { title } } }",
        ),
        (
            "an interface, with a resolver for one type only",
            "{ node { id author { id } } }",
        ),
        (
            "abstract types within each other",
            "{ node { ... on Post { near { author { id } ... on Post { near { id } } } } } }",
        ),
        (
            "fields of one key are merged in the order they come",
            "{ me { id } version me { name id best { id } } }",
        ),
        (
            "fragments, each once",
            "{ me { ...A ...B ...A } } fragment A on User { name ...B } fragment B on Node { id ... on Post { title } }",
        ),
        (
            "skip and include",
            "query($a: Boolean!, $b: Boolean = true) { me @skip(if: $a) { id } version @include(if: $a) users @include(if: $b) { id ... @skip(if: $a) { name } } }",
        ),
        (
            "a mutation",
            "mutation { rename(name: \"x\") { id best { id } } touch }",
        ),
        (
            "introspection",
            "{ __typename it: __type(name: \"Node\") { name } }",
        ),
        (
            "too deep",
            "{ users { posts { author { posts { author { posts { author { posts { author { id } } } } } } } } } }",
        ),
        (
            "too many resolvers",
            "{ me { best { author { posts { author { best { id } } } } } } users { id } }",
        ),
        (
            "too many aliases",
            "{ a: me { id } b: me { id } c: me { id } d: me { id } e: me { id } f: me { id } }",
        ),
    ];
    let mut text = String::new();
    for (name, query) in cases {
        let variables = if query.contains("$a") {
            r#"{"a": true}"#
        } else {
            "{}"
        };
        text.push_str(&format!(
            "# {name}\n{query}\n\n{}\n",
            plan(&api, query, variables)
        ));
    }
    insta::assert_snapshot!(text);
}

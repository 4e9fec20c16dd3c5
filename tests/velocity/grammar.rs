//! Templates made up from the grammar: most of them say something, and all of them say it oddly.

use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
};

/// A template.
pub(crate) fn template() -> impl Strategy<Value = String> {
    vec(part(), 0..8).prop_map(|parts| parts.concat())
}

fn part() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => text(),
        4 => reference(),
        2 => set(),
        1 => odd(),
        1 => evaluated(),
        1 => arithmetic(),
        1 => method(),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let block = vec(inner, 0..4).prop_map(|parts| parts.concat());
        prop_oneof![
            (condition(), block.clone(), block.clone(), any::<bool>()).prop_map(
                |(condition, yes, no, line)| {
                    let end = if line { "\n" } else { "" };
                    format!("#if({condition}){end}{yes}#else{end} {no}#end{end}")
                }
            ),
            (list(), block.clone())
                .prop_map(|(list, body)| format!("#foreach($i in {list})$i{body}#end")),
            block
                .clone()
                .prop_map(|body| format!("#define($d)\n{body}#end\n$d")),
            (block.clone(), value())
                .prop_map(|(body, value)| format!("#macro(m $p)[$p]{body}#end\n#m({value})")),
            (block.clone(), block, value()).prop_map(|(outer, body, value)| {
                format!("#macro(w $p){outer}<$bodyContent>$p#end\r\n#@w({value}){body}#end")
            }),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        ".",
        "b.c",
        "5",
        "é",
        "(x)",
        "[0]",
        "{y}",
        "!",
        "\"",
        "'",
        ",",
        "-",
        "\\",
        "\\\\",
        "## c\n",
        "#* c *#",
        "#[[ $a ]]#",
    ]);
    vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

/// Signs in places where they may mean something else.
fn odd() -> impl Strategy<Value = String> {
    let sign = select(vec![
        "$ ",
        "$5",
        "$!5",
        "#5",
        "# ",
        "$$",
        "#zz",
        "#zz()",
        "#zz($text)\n",
        "\\$text",
        "\\\\$text",
        "\\$zz",
        "\\#if",
        "\\#zz",
        "\\#set($x = 1)",
        "\\\\#set($x = 1)",
        "${ ",
        "$[",
        "#{zz}",
        "#q",
        "#zz.",
        "$text.",
        "$text.zz",
        "${text}",
        "#break",
        "$text[0]",
        "$map.b.c[1]",
        "\\#end",
        "\\\\$x",
        "\\$!text",
        "\\${text}",
        "\\\\\\$text",
        "#*$text*#",
        "#set(#*c*#$x = 1)",
        "#if(#*c*#$yes)y#end",
        "\r\n",
    ]);
    vec(sign, 1..3).prop_map(|signs| signs.concat())
}

/// A text that becomes a template when it runs.
fn evaluated() -> impl Strategy<Value = String> {
    reference().prop_map(|reference| {
        let text = reference.replace('\'', "''");
        format!("#set($t = 'e {text} #if($yes)y#end')#evaluate($t)")
    })
}

/// Whole numbers where they stop fitting 32 and 64 bits. No fractions: how many digits of a large
/// one Java prints depends on its version.
fn arithmetic() -> impl Strategy<Value = String> {
    let edge = select(vec![
        "2147483647",
        "-2147483648",
        "$long",
        "9223372036854775807",
        "-9223372036854775808",
        "4294967296",
        "$zero",
        "-1",
        "3",
    ]);
    let operator = select(vec!["+", "-", "*", "/", "%"]);
    (edge.clone(), operator, edge)
        .prop_map(|(left, operator, right)| format!("#set($n = {left} {operator} {right})$!n;"))
}

/// What texts and lists can do with arguments.
fn method() -> impl Strategy<Value = String> {
    select(vec![
        "$text.substring(4)",
        "$text.substring(1, 3)",
        "$text.substring(99)",
        "$text.indexOf('a')",
        "$text.replace('a', 'b')",
        "$text.replaceAll('[aeiou]', '<$0>')",
        "$text.split(' ')[1]",
        "$text.toUpperCase().charAt(0)",
        "$quote.length()",
        "$text.startsWith(\"Ada\")",
        "$words.contains('a')",
        "$words.indexOf('zz')",
        "$list.subList(0, 2)",
        "$map.containsKey('a')",
        "$map.getOrDefault('q', [1..3])",
        "#set($r = [1..3])$r.add(4)$r",
        "#set($r = [3..1])#set($r[-1] = 9)$r",
        "#set($r = [3..1])#set($r[5] = 9)$r",
    ])
    .prop_map(str::to_owned)
}

fn reference() -> impl Strategy<Value = String> {
    let root = select(vec![
        "text", "number", "double", "long", "list", "words", "map", "people", "x", "i", "zz",
        "bare",
    ]);
    let link = select(vec![
        "",
        "",
        "",
        ".a",
        ".b",
        ".name",
        "[0]",
        "['a']",
        ".size()",
        ".get(0)",
        ".get('a')",
        ".length()",
        ".toString()",
        ".zz",
        ".isEmpty()",
        ".keySet()",
        ".equals($text)",
    ]);
    let shape = select(vec![
        ("$", ""),
        ("$", ""),
        ("$!", ""),
        ("${", "}"),
        ("$!{", "}"),
    ]);
    (root, vec(link, 0..3), shape)
        .prop_map(|(root, links, (open, close))| format!("{open}{root}{}{close}", links.concat()))
}

fn set() -> impl Strategy<Value = String> {
    let blanks = select(vec!["", " ", "\n", "  "]);
    let target = prop_oneof![
        4 => (select(vec!["$x", "$y"]), expression()),
        // No reference: it may be what the map is in, and no map of ours holds itself.
        2 => (select(vec!["$bare.new", "$bare['k']"]), constant()),
    ];
    (blanks, target).prop_map(|(blank, (target, value))| {
        format!("{blank}#set({blank}{target} = {value}{blank}){blank}")
    })
}

fn constant() -> impl Strategy<Value = String> {
    select(vec!["1", "'t'", "[1, 'a']", "{'k': 1.5}", "true"]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => reference(),
        2 => (-20..20_i32).prop_map(|number| number.to_string()),
        1 => select(vec!["1.5", "-0.25", "2.0", "1e2", "true", "false"]).prop_map(str::to_owned),
        2 => text().prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        1 => reference().prop_map(|reference| {
            // A quote in a quoted template would end it.
            format!("\"a {} b\"", reference.replace('"', "\"\""))
        }),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            vec(inner, 0..3).prop_map(|values| {
                let entries = values.iter().enumerate();
                let entries: Vec<String> = entries
                    .map(|(key, value)| format!("'k{key}': {value}"))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

fn expression() -> impl Strategy<Value = String> {
    let operator = select(vec!["+", "-", "*", "/", "%"]);
    prop_oneof![
        4 => value(),
        1 => (number(), operator.clone(), number())
            .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
        1 => (number(), operator.clone(), number(), operator, number())
            .prop_map(|(a, first, b, second, c)| format!("{a} {first} ({b} {second} {c})")),
        1 => condition(),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (-9..9_i32).prop_map(|number| number.to_string()),
        select(vec![
            "$number",
            "$double",
            "$long",
            "$whole",
            "$zero",
            "2147483647",
            "1.5"
        ])
        .prop_map(str::to_owned),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        reference(),
        Just("true".to_owned()),
        Just("false".to_owned()),
        (
            number(),
            select(vec!["==", "!=", "<", "<=", ">", ">=", "eq", "lt", "ge"]),
            number()
        )
            .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
        (value(), select(vec!["==", "!="]), value())
            .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|operand| format!("!({operand})")),
            (inner.clone(), select(vec!["&&", "||", "and", "or"]), inner)
                .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})")),
        ]
    })
}

fn list() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "$list",
            "$words",
            "$none",
            "$zz",
            "$map",
            "$map.keySet()",
            "[1..3]",
            "[$number..5]"
        ])
        .prop_map(str::to_owned),
        vec(value(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
    ]
}

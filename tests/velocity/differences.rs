//! Where Loomgate does something else on purpose.

/// Templates, and why they differ.
pub(crate) const INTENDED: &[(&str, &str)] = &[
    ("a#return b", "AppSync has `#return`, Velocity does not"),
    (
        "a#return($text) b",
        "AppSync has `#return`, Velocity does not",
    ),
    (
        "#include x",
        "AppSync has no `#include`: told at load, not when it runs",
    ),
    (
        "#if($no)a#elsif($yes)b#end",
        "Velocity prints the misspelled directive; we ask what was meant",
    ),
    (
        "#forEach($i in $list)$i",
        "Velocity prints the misspelled directive; we ask what was meant",
    ),
    (
        "#foreach($i, $list)$i#end",
        "Velocity prints nothing for a loop without `in`; we say what is wrong",
    ),
    (
        "#foreach('i' in $list)x#end",
        "Velocity loops without a name; we say what is wrong",
    ),
    (
        "#define('d')x#end",
        "Velocity defines what nothing can refer to; we say what is wrong",
    ),
    (
        "#macro(m)M#end#if($no)#m(x)#end",
        "Velocity looks at the arguments of a macro when it calls it; we at load",
    ),
    ("#literal()#end", "Velocity fails with a null pointer"),
    (
        "#literal()a ## b\n#end",
        "Velocity leaves comments out of what it prints as it is written",
    ),
    (
        "#set($x = \"ab#* c\")$x",
        "Velocity cuts off the last character, which it takes for a blank of its own",
    ),
    (
        "#set($bare.new = [$bare])",
        "a map of ours cannot hold itself: whoever prints it would never end",
    ),
];

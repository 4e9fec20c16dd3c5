//! Literals, calculations, and what can be done with values.

pub(crate) const LITERALS: &[&str] = &[
    "#set($x = [1, 2, 'a', [3], {'b': 4}])$x",
    "#set($x = [])$x#set($y = {})$y#set($z = { })$z",
    "#set($x = [ ])$x",
    "#set($x = [1,])$x",
    "#set($x = {'a': 1,})$x",
    "#set($x = {'z': 1, 'a': {'b': $text}, $text: 2, 3: 4})$x",
    "#set($x = {a: 1})$x",
    "#set( $x = {\n \"a\" : 1 ,\n\r\n \"b\" : [ 1 ,\n 2 ] }\n )\n$x",
    "#set($x = {'a': $text})$x#set($x = {'a': ${text}})$x#set($x = {'a': $text.length()})$x",
    "#set($x = [1..3])$x#set($x = [ 3 .. 1 ])$x#set($x = [$zero..$number])$x#set($x = [1..$list.size()])$x",
    "#set($x = [1.0..3])$x",
    "#set($x = ['a'..3])$x",
    "#set($x = 1.)$x#set($x = .5)$x#set($x = -1.5e3)$x#set($x = 1e3)$x#set($x = 1.0E-2)$x",
    "#set($x = 2147483647)$x#set($x = 2147483648)$x#set($x = -2147483648)$x",
    "#set($x = 99999999999999999999)$x",
    "#set($x = true)$x#set($x = false)$x",
    "#set($x = [true, $zz, null])$x",
];

pub(crate) const QUOTED: &[&str] = &[
    "#set($x = 'it''s')$x#set($x = \"a\"\"b\")$x#set($x = '')[$x]#set($x = \"\")[$x]",
    "#set($x = 'a\\nb\\'')$x",
    "#set($x = \"a\\\"b\")$x",
    "#set($x = \"a\\\\\")$x",
    "#set($x = \"\\u0041\\u00e9\\n\")$x#set($x = '\\u0041')$x",
    "#set($x = \"\\u0024text $text\")$x#set($x = \"\\u0024text\")$x",
    "#set($x = \"C:\\users\")$x",
    "#set($x = \"$text\")$x#set($x = '$text')$x#set($x = \"$zz\")$x#set($x = \"$!zz\")[$x]",
    "#set($x = \"$text.length() ${map.a}b $map.b.c[0]\")$x",
    "#set($x = \"$map.get('a') $map.get(\"\"a\"\")\")$x",
    "#set($x = \"#if($yes)a#else b#end\")$x",
    "#set($x = \"#foreach($i in $list)$i,#end\")$x",
    "#set($x = \"#set($y = 1)\")[$x]$y",
    "#set($x = \"#set($y = \"\"a\"\")$y\")[$x]",
    "#set($x = \"5$\")$x#set($x = \"#\")$x#set($x = \"$!\")$x#set($x = \"a #b\")$x",
    "#set($x = \"\\$text \\$zz\")$x",
    "#set($x = \"$text ## a\")$x.",
    "#set($x = \"$text ## a\nb\")$x.",
    "#set($x = \"a\nb $text\r\nc\")$x",
    "#set($x = \"#end\")$x",
    "#set($x = \"#[[a\")$x",
    "#set($x = \"#macro(m)M#end\")#m()$x",
];

pub(crate) const ARITHMETIC: &[&str] = &[
    "#set($x = 1 + 2 * 3 - 4)$x#set($x = (1 + 2) * 3)$x#set($x = 7 / 2)$x#set($x = -7 / 2)$x",
    "#set($x = 7 % 3)$x#set($x = -7 % 3)$x#set($x = 1 + 2 * 3 % 2)$x",
    "#set($x = 7 / 2.0)$x#set($x = $double + 1)$x#set($x = $double * 2)$x#set($x = $whole + 1)$x",
    "#set($x = 1 / 0)[$x]#set($x = 1 % 0)[$x]",
    "#set($x = $zz + 1)[$x]#set($x = $text + 1)[$x]#set($x = 1 + $text)[$x]",
    "#set($x = 2147483647 + 1)$x#set($x = $long + 1)$x#set($x = 9223372036854775807 + 1)$x",
    "#set($x = 2147483647 * 2)$x#set($x = -2147483648 - 1)$x",
    "#set($x = $number - 1)$x#set($x = $number -1)$x",
    "#set($x = $number-1)[$x]",
    "#set($x = 1-1)$x",
    "#set($x = $number+1)$x#set($x = $number*2)$x#set($x = $number/2)$x#set($x = $number%2)$x",
    "#set($x = 'a' + 'b')$x#set($x = 'a' + $number)$x",
];

pub(crate) const COMPARISON: &[&str] = &[
    "#if(1 == 1.0)a#end#if(1 == '1')b#end#if('a' == 'a')c#end#if($zz == $yy)d#end#if($text == $zz)e#end",
    "#if(1 != 2)a#end#if('a' != 'b')b#end#if($text != $zz)c#end",
    "#if(1 < 2)a#end#if(2 <= 2)b#end#if(3 > 2)c#end#if(2 >= 3)d#end#if(1.5 < 2)e#end#if($long > 1)f#end",
    "#if(1 lt 2 and 2 le 2 and 3 gt 2 and 3 ge 3 and 1 eq 1 and 1 ne 2)a#end",
    "#if('a' < 'b')a#else b#end",
    "#if($zz < 1)a#else b#end",
    "#if($list == [3, 1, 2])a#else b#end#if($yes == true)c#end#if($none == $none)d#end",
    "#set($x = 1 == 1)$x#set($x = 1 == 1 == true)$x#set($x = !$yes)$x#set($x = $zz && $yes)$x",
    "#set($x = !(1 == 1) || true and false)$x#set($x = ! ! true)$x",
];

pub(crate) const SETTING: &[&str] = &[
    "#set($x = $zz)[$x]#set($x = 1)#set($x = $zz)[$x]",
    "#set($map.a = 2)$map.a#set($map.new = 3)$map.new#set($map.b.c = 4)$map.b",
    "#set($map['k'] = 1)$map.k#set($list[0] = 9)$list",
    "#set($map.zz.y = 1)[$map.zz]",
    "#set($text.x = 1)$text",
    "#set(${x} = 1)[$x]#set($!y = 1)[$y]#set(\\$z = 1)[$z]",
    "#set($x = $list)$x.add(4)$list",
    "#set($x = {})$x.put('a', 1)#set($x.b = 2)$x",
];

pub(crate) const TEXTS: &[&str] = &[
    "$text.length() $text.toUpperCase() $text.toLowerCase() $text.substring(4) $text.substring(0, 3)",
    "$text.contains('Love') $text.startsWith('Ada') $text.endsWith('x') $text.indexOf('a') $text.lastIndexOf('a')",
    "$text.replace('a', 'o') $text.replaceAll('[aeiou]', '*') $text.replaceFirst('a', 'o')",
    "$text.split(' ')[0] $text.split(' ').size() $text.trim() $text.concat('!') $text.isEmpty() $empty.isEmpty()",
    "$text.equals('Ada Lovelace') $text.equalsIgnoreCase('ada lovelace') $text.compareTo('B') $text.matches('.*a.*')",
    "$text.charAt(0) $text.hashCode() $text.zz() $!text.zz()",
    "$text.substring(99)",
    "$number.toString() $number.intValue() $double.intValue() $long.toString() $number.equals(7) $number.compareTo(3)",
    "$yes.toString() $yes.equals(true) $yes.booleanValue()",
];

pub(crate) const LISTS: &[&str] = &[
    "$list.size() $list.get(0) $list.isEmpty() $none.isEmpty() $list.contains(1) $list.indexOf(2) $list.empty",
    "$list.add(4)$list $list.remove(0)$list $list.set(0, 'x')$list $list.addAll([5, 6])$list",
    "$list.clear()$list.size()",
    "$list.subList(0, 2) $list.containsAll([1, 2]) $list.toString() $list.equals([3, 1, 2])",
    "$list.get(9)",
    "$list[9]",
    "$mixed.size() $mixed.get(2) $!mixed.get(2) $mixed[5].a",
];

pub(crate) const MAPS: &[&str] = &[
    "$map.size() $map.get('a') $map.containsKey('a') $map.containsKey('zz') $map.containsValue(1) $map.isEmpty()",
    "$map.keySet() $map.values() $map.entrySet()",
    "$map.put('k', 1)[$map.k] $!map.put('l', 1) $map.put('k', 2)",
    "$map.remove('a')$map $bare.putAll({'a': 1})$bare",
    "$map.put('n', null)[$map.n]$map.containsKey('n')",
    "$map.get('zz') $!map.get('zz') $map.getOrDefault('zz', 5)",
    "$map.keySet().size() $map.keySet().contains('a') $map.toString()",
    "$map.clear()$map.isEmpty()",
];

use super::*;

fn kind(text: &str) -> NodeKind {
    Pattern::parse(text).unwrap().root.kind
}

fn set(text: &str) -> UnitSet {
    match kind(text) {
        NodeKind::Set(set) => set,
        other => panic!("{text}: {other:?}"),
    }
}

fn fault(text: &str) -> (usize, String) {
    let error = Pattern::parse(text).unwrap_err();
    (error.at, error.message)
}

#[test]
fn classes() {
    let units = |text: &str| {
        text.encode_utf16()
            .map(|unit| (unit, unit))
            .collect::<UnitSet>()
    };
    assert_eq!(set("[]"), UnitSet::empty());
    assert!(set("[]").is_empty() && !set("[\\0]").is_empty());
    assert_eq!(set("[^]"), UnitSet::full());
    assert_eq!(set("[a-c]"), units("abcABC"));
    assert_eq!(set("[a-]"), units("aA-"));
    assert_eq!(set("[a-\\d]"), UnitSet::digits().union(&units("aA-")));
    assert_eq!(set("[\\d-z]"), UnitSet::digits().union(&units("zZ-")));
    assert_eq!(set("[\\b\\B\\-\\c1\\c_]"), units("\u{8}bB-\u{11}\u{1F}"));
    assert_eq!(set("[\\c]"), units("\\cC"));
    assert_eq!(set("[\\c*]"), units("\\cC*"));
    assert_eq!(set("[\\8\\101]"), units("8aA"));
    assert_eq!(set("[\\k]"), units("kK"));
    assert_eq!(set("\\D"), UnitSet::digits().complement());
    assert_eq!(set("[😀]"), units("😀"));
    assert_eq!(set("[a-😀]").ranges().last(), Some(&(0xDE00, 0xDE00)));
    assert_eq!(set("[\\W\\w]"), UnitSet::full());
    assert_eq!(set("[^\\W]"), UnitSet::word());
    assert_eq!(set("[^a]"), units("aA").complement());
}

#[test]
fn escapes() {
    for (text, unit) in [
        ("\\cJ", 0x0A),
        ("\\0", 0),
        ("\\x0d", 0x0D),
        ("\\u000D", 0x0D),
        ("\\377", 0xFF),
        ("\\1", 1),
        ("\\v", 0x0B),
        ("\\f", 0x0C),
        ("\\.", 0x2E),
        ("\\8", 0x38),
        ("\\ud83d", 0xD83D),
    ] {
        assert_eq!(set(text), UnitSet::singleton(unit).fold(), "{text}");
    }
    for (text, parts) in [
        ("\\xz", 2),
        ("\\u00", 3),
        ("\\c", 2),
        ("\\18", 2),
        ("\\400", 2),
        ("\\😀", 2),
        ("{,5}", 4),
        ("a{", 2),
    ] {
        match kind(text) {
            NodeKind::Concat(nodes) => assert_eq!(nodes.len(), parts, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_quantifier_repeats_half_a_character() {
    let NodeKind::Concat(parts) = kind("😀+") else {
        panic!("two code units");
    };
    assert_eq!(parts[0].kind, NodeKind::Set(UnitSet::singleton(0xD83D)));
    assert!(matches!(
        &parts[1].kind,
        NodeKind::Repeat {
            min: 1,
            max: None,
            ..
        }
    ));
    assert_eq!(parts[1].span, Span::new(0, 5));
}

#[test]
fn back_references_are_to_groups_anywhere() {
    assert!(matches!(kind("\\2(a)(b)"), NodeKind::Concat(parts)
        if parts[0].kind == NodeKind::Backreference(vec![2])));
    assert!(matches!(kind("\\k<x>(?<x>a)"), NodeKind::Concat(parts)
        if parts[0].kind == NodeKind::Backreference(vec![1])));
    assert!(matches!(kind("\\2(a)[(]"), NodeKind::Concat(parts)
        if parts[0].kind == NodeKind::Set(UnitSet::singleton(2))));
    assert!(matches!(kind("[a](b)\\1"), NodeKind::Concat(parts)
        if parts[2].kind == NodeKind::Backreference(vec![1])));
    assert_eq!(Pattern::parse("(?:a)(b)(?<c>d)\\(").unwrap().captures, 2);
}

/// Each is read so by V8.
#[test]
fn names_are_those_of_ecmascript() {
    for (name, same) in [
        ("a1", "a1"),
        ("$_\u{200C}\u{200D}", "$_\u{200C}\u{200D}"),
        ("\u{e9}", "\\u00e9"),
        ("a\\u0062", "ab"),
        ("\\u{62}c", "bc"),
        ("\\ud835\\udc9c1", "\u{1D49C}1"),
    ] {
        let text = format!("(?<{name}>x)\\k<{same}>");
        assert!(
            matches!(kind(&text), NodeKind::Concat(parts)
            if parts[1].kind == NodeKind::Backreference(vec![1])),
            "{text}"
        );
    }
    for name in [
        "",
        "1",
        "a-b",
        "\u{200C}a",
        "\\x61",
        "\\u{}",
        "\\u{61",
        "\\u{110000}",
        "\\ud835",
        "\\ud835\\u0061",
        "a\\",
    ] {
        assert_eq!(fault(&format!("(?<{name}>x)")).0, 3, "{name}");
    }
}

#[test]
fn counts_are_limited_as_in_v8() {
    assert!(matches!(
        kind("a{3000000000,99999999999}?"),
        NodeKind::Repeat {
            min: INFINITE,
            max: None,
            greediness: Greediness::Lazy,
            ..
        }
    ));
}

#[test]
fn spans_are_bytes() {
    let pattern = Pattern::parse("é(?:b|[c-d])+").unwrap();
    let NodeKind::Concat(parts) = &pattern.root.kind else {
        panic!("a sequence");
    };
    assert_eq!(parts[0].span, Span::new(0, 2));
    assert_eq!(parts[1].span, Span::new(2, 14));
    let NodeKind::Repeat { node, .. } = &parts[1].kind else {
        panic!("a repetition");
    };
    assert_eq!(node.span, Span::new(2, 13));
}

#[test]
fn faults_are_located() {
    for (text, at) in [
        ("ab**", 3),
        ("é{1}{2}", 5),
        ("a|*", 2),
        ("^*", 1),
        ("x(?<=a)*", 7),
        ("a)b", 1),
        ("a(b", 1),
        ("a[b", 1),
        ("a\\", 1),
        ("[\\", 1),
        ("a[cb-a]", 3),
        ("[😀-😂]", 1),
        ("a{2,1}", 1),
        ("a(?i:b)", 1),
        ("(?<1>a)", 3),
        ("(?<a>x)\\k", 7),
        ("(?<a>x)\\k<b>", 7),
        ("(?<a>x)(?<a>y)", 7),
        ("(?<a>x)[\\k]", 8),
    ] {
        assert_eq!(fault(text).0, at, "{text}");
    }
}

#[test]
fn depth_and_length_are_limited() {
    let nested = |depth| format!("{}a{}", "(?:".repeat(depth), ")*".repeat(depth));
    assert!(Pattern::parse(&nested(250)).is_ok());
    assert_eq!(fault(&nested(251)).0, 3 * 250);
    assert!(Pattern::parse(&"(?:a)".repeat(300)).is_ok(), "not nested");
    assert!(Pattern::parse(&"(".repeat(60_000)).is_err());
    // As many groups as V8 takes.
    let most = (1 << 15) - 1;
    assert!(Pattern::parse(&"()".repeat(most)).is_ok());
    assert_eq!(fault(&"()".repeat(most + 1)).0, 2 * most);
    assert!(Pattern::parse(&"a".repeat(MAX_LENGTH)).is_ok());
    assert_eq!(fault(&"a".repeat(MAX_LENGTH + 1)).0, MAX_LENGTH);
}

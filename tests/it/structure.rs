//! The rules of the code that a compiler does not check: layers, tidiness, registries.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use agent_spm::model::pipeline::PipelineFile;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a directory, by path from the root, with its text.
fn rust_files(directory: &str) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(root().join(directory))
        .into_iter()
        .map(|entry| entry.expect("the sources can be walked").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{directory} holds no Rust files");
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("below the root");
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            (name.display().to_string(), text)
        })
        .collect()
}

/// The library's files.
fn library() -> Vec<(String, String)> {
    let files = rust_files("src").into_iter();
    files
        .filter(|(name, _)| !name.starts_with("src/bin/"))
        .collect()
}

/// A text without comments and without what follows `#[cfg(test)]`.
fn code(text: &str) -> String {
    let production = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = production
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The layer of each top-level module, from the list in the library's documentation.
fn layers() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("the library exists");
    let mut layers = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//! ")) {
        let Some((number, modules)) = line.split_once(". ") else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        let modules = modules.split(':').next().unwrap_or_default();
        for module in modules.split(", ") {
            layers.insert(module.trim_matches('`').to_owned(), number);
        }
    }
    layers
}

#[test]
fn every_module_has_a_layer() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("the library exists");
    let declared = text.lines().filter_map(|line| {
        let line = line
            .strip_prefix("pub mod ")
            .or_else(|| line.strip_prefix("mod "));
        line?.strip_suffix(';')
    });
    let mut declared: Vec<&str> = declared.collect();
    declared.sort_unstable();
    let layers = layers();
    let listed: Vec<&str> = layers.keys().map(String::as_str).collect();
    assert_eq!(
        listed, declared,
        "the list in src/lib.rs names other modules"
    );
}

#[test]
fn modules_name_only_earlier_layers() {
    let layers = layers();
    let mut crossed = Vec::new();
    // What only tests hold may name everything, as in `code`.
    for (file, text) in library()
        .into_iter()
        .filter(|(file, _)| !file.ends_with("/tests.rs"))
    {
        let path = file.strip_prefix("src/").expect("in src");
        let module = path.split(['/', '.']).next().expect("a module");
        let Some(&own) = layers.get(module) else {
            assert_eq!(module, "lib", "{file} belongs to no layer");
            continue;
        };
        for (number, line) in code(&text).lines().enumerate() {
            for named in line.split("crate::").skip(1) {
                let named = named
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next();
                let Some(named) = named.filter(|named| *named != module) else {
                    continue;
                };
                match layers.get(named) {
                    Some(&other) if other < own => {}
                    _ => crossed.push(format!("{file}:{}: {module} names {named}", number + 1)),
                }
            }
            assert!(
                !line.contains("crate::{"),
                "{file}:{}: name one module a line, so that layers can be checked",
                number + 1
            );
        }
    }
    assert!(
        crossed.is_empty(),
        "layers are crossed:\n{}",
        crossed.join("\n")
    );
}

/// What the library leaves to the command line, or to the module named beside it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("std::fs", "src/source"),
    ("fs::File", "src/source"),
    ("File::open", "src/source"),
    ("cap_std", "src/source"),
    ("cap_tempfile", "src/source"),
    ("subtle::", "src/signing/mac.rs"),
    ("hmac::", "src/signing/mac.rs"),
    ("ed25519_dalek", "src/signing/ed25519.rs"),
    ("walkdir::", "src/source"),
    ("NamedTempFile", "src/source"),
    ("std::env", ""),
    ("env::var", ""),
    ("println!", ""),
    ("eprintln!", ""),
    ("print!(", ""),
    ("io::stdout", ""),
    ("io::stderr", ""),
    ("process::exit", ""),
    ("SystemTime", ""),
    ("Instant::now", ""),
    ("is_control()", "src/report/escape.rs"),
    ("escape_unicode", "src/report/escape.rs"),
];

#[test]
fn the_library_leaves_the_shell_to_the_shell() {
    let mut found = Vec::new();
    for (file, text) in library() {
        for (number, line) in code(&text).lines().enumerate() {
            for (token, home) in ELSEWHERE {
                let at_home = !home.is_empty() && file.starts_with(home);
                if line.contains(token) && !at_home {
                    found.push(format!("{file}:{}: `{token}`", number + 1));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "not in the library:\n{}",
        found.join("\n")
    );
}

#[test]
fn sources_are_tidy() {
    let mut untidy = Vec::new();
    for (file, text) in rust_files("src").into_iter().chain(rust_files("tests")) {
        let mut complain = |line: usize, what: &str| untidy.push(format!("{file}:{line}: {what}"));
        if file.ends_with("/mod.rs") {
            complain(1, "name the file after the module");
        }
        if !text.starts_with("//! ") && !file.ends_with("/tests.rs") {
            complain(1, "says not what the module owns");
        }
        let production = code(&text)
            .lines()
            .filter(|line| !line.trim().is_empty())
            .count();
        if file.starts_with("src/") && production > 500 {
            complain(1, "is longer than 500 lines of code");
        }
        for (number, line) in text.lines().enumerate() {
            let unfinished = [
                concat!("TO", "DO"),
                concat!("FIX", "ME"),
                concat!("to", "do!("),
            ];
            if unfinished.iter().any(|mark| line.contains(mark)) {
                complain(number + 1, "is unfinished");
            }
            if line.contains(concat!("#[al", "low(")) {
                complain(number + 1, "use #[expect(…, reason = …)]");
            }
            if line.ends_with(' ') {
                complain(number + 1, "ends with white space");
            }
        }
    }
    assert!(untidy.is_empty(), "{}", untidy.join("\n"));
}

/// The names of a directory's entries, without their extension.
fn stems(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(directory)).expect("the directory exists");
    let mut stems: Vec<String> = entries
        .map(|entry| {
            let path = entry.expect("the directory can be listed").path();
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    stems.sort();
    stems.dedup();
    stems
}

#[test]
fn shapes_are_registered_implemented_and_shown() {
    let mut registered: Vec<&str> = agent_spm::import::SHAPES
        .iter()
        .map(|shape| shape.name())
        .collect();
    registered.sort_unstable();

    let implemented: Vec<String> = library()
        .into_iter()
        .filter(|(file, text)| file.starts_with("src/import/") && text.contains("impl Shape for"))
        .map(|(file, _)| {
            let stem = file
                .trim_start_matches("src/import/")
                .trim_end_matches(".rs");
            stem.replace('_', "-")
        })
        .collect();
    assert_eq!(registered, implemented, "files in src/import");
    assert_eq!(
        registered,
        stems("testdata/import"),
        "fixtures in testdata/import"
    );

    let readme = fs::read_to_string(root().join("README.md")).expect("README.md exists");
    let mut shown: Vec<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| shape |"))
        .skip(2)
        .map_while(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    shown.sort_unstable();
    assert_eq!(registered, shown, "the table of shapes in README.md");
}

#[test]
fn lints_are_registered_implemented_and_tried() {
    let registered: Vec<&str> = agent_spm::lint::LINTS.iter().map(|lint| lint.id).collect();
    let mut sorted = registered.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(registered, sorted, "the registry is in the order of ids");

    let mut implemented: Vec<String> = library()
        .into_iter()
        .filter(|(file, _)| file.starts_with("src/lint/rules/"))
        .filter(|(_, text)| text.contains("\nlint! {\n"))
        .map(|(file, _)| {
            let stem = file.trim_start_matches("src/lint/rules/");
            stem.trim_end_matches(".rs").replace('_', "-")
        })
        .collect();
    implemented.sort();
    assert_eq!(registered, implemented, "files in src/lint/rules");
    assert_eq!(
        registered,
        stems("testdata/lint"),
        "fixtures in testdata/lint"
    );
}

#[test]
fn plugins_are_registered_implemented_and_shown() {
    let implemented: Vec<String> = stems("src/pipeline/plugins")
        .into_iter()
        .map(|stem| stem.replace('_', "-"))
        .collect();
    let fixtures: Vec<String> = stems("testdata/plugins")
        .into_iter()
        .filter(|stem| stem != "policy")
        .collect();
    assert_eq!(implemented, fixtures, "fixtures in testdata/plugins");

    let schema = agent_spm::document::schema::json_schema::<PipelineFile>();
    let entry = &schema["$defs"]["PluginEntry"]["properties"];
    let entry = entry.as_object().expect("plugins have options");
    let mut configurable: Vec<&str> = entry.keys().map(String::as_str).collect();
    configurable.sort_unstable();
    assert_eq!(implemented, configurable, "members of `PluginEntry`");

    let mut rows = String::new();
    for (file, text) in library() {
        let Some(plugin) = file.strip_prefix("src/pipeline/plugins/") else {
            continue;
        };
        let Some(plugin) = plugin
            .strip_suffix(".rs")
            .filter(|name| !name.contains('/'))
        else {
            continue;
        };
        let name = plugin.replace('_', "-");
        let manual: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .collect();
        let manual = manual.join("\n");
        for part in [
            &format!(" `{name}`: "),
            "**What.**",
            "**Why.**",
            &format!(" - {name}:"),
        ] {
            assert!(manual.contains(part), "{file}: the manual lacks `{part}`");
        }
        rows += &plugin_row(&name, &manual);
    }
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).expect("README.md exists");
    let head = "| plugin | does | codes |\n| --- | --- | --- |\n";
    let (before, rest) = readme.split_once(head).expect("a table of plugins");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let expected = format!("{before}{head}{rows}\n{after}");
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(&path, expected).expect("writes");
    }
    assert!(
        readme == expected,
        "the table of plugins in README.md is not current; `UPDATE=1` rewrites it"
    );
}

/// The row of a plugin in the README, of the first sentence of its manual and the codes there.
fn plugin_row(name: &str, manual: &str) -> String {
    let summary = manual.split("**What.**").next().unwrap_or_default();
    let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
    let summary = summary.strip_prefix(&format!("`{name}`: "));
    let does = summary.map(|text| text.trim_end_matches('.'));
    let quoted = manual.split('`').skip(1).step_by(2);
    let is_code = |word: &&str| {
        word.contains('_') && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    };
    let mut codes: Vec<String> = Vec::new();
    for code in quoted.filter(is_code).map(|code| format!("`{code}`")) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let does = does.unwrap_or_default();
    format!(
        "| [`{name}`](src/pipeline/plugins/{}.rs) | {does} | {} |\n",
        name.replace('-', "_"),
        codes.join(", ")
    )
}

#[test]
fn export_formats_are_registered_implemented_and_shown() {
    let mut registered: Vec<&str> = agent_spm::export::FORMATS
        .iter()
        .map(|format| format.name())
        .collect();
    registered.sort_unstable();
    assert_eq!(
        registered,
        stems("testdata/export"),
        "fixtures in testdata/export"
    );

    // A file has a format and its variants, whose names begin like its own.
    let implemented: Vec<String> = library()
        .into_iter()
        .filter(|(file, text)| file.starts_with("src/export/") && text.contains("impl Format for"))
        .map(|(file, _)| {
            let stem = file.trim_start_matches("src/export/");
            stem.trim_end_matches(".rs").to_owned()
        })
        .collect();
    for file in &implemented {
        assert!(registered.contains(&file.as_str()), "src/export/{file}.rs");
    }
    for name in &registered {
        let file = implemented
            .iter()
            .any(|file| name.starts_with(file.as_str()));
        assert!(file, "no file in src/export has {name}");
    }

    let readme = fs::read_to_string(root().join("README.md")).expect("README.md exists");
    for format in agent_spm::export::FORMATS {
        let row = format!("| `{}` | {} |", format.name(), format.about());
        assert!(readme.contains(&row), "README.md lacks the row `{row}`");
    }
}

#[test]
fn dependencies_are_justified() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml exists");
    let mut section = "";
    let mut unjustified = Vec::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        } else if section.ends_with("dependencies") && line.contains('=') && !line.contains(" # ") {
            unjustified.push(line);
        }
    }
    assert!(
        unjustified.is_empty(),
        "say why:\n{}",
        unjustified.join("\n")
    );
}

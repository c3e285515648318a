//! What is generated from the code is compared with the repository: completions, manual pages,
//! schemas, tables of the README. `UPDATE=1 cargo test` rewrites them.

use std::fs;
use std::path::Path;

use agent_spm::import;
use clap::{CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::man::document_page;
use crate::schema::Kind;

/// Compares a file of the repository with what it should hold, or rewrites it.
fn compare(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().expect("a directory")).expect("the directory is made");
        return fs::write(&file, expected).expect("the file is written");
    }
    let actual = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        actual == expected,
        "{path} is not what the code generates; run `UPDATE=1 cargo test`"
    );
}

/// Makes sure that a directory holds these files and no others.
fn compare_names(directory: &str, mut expected: Vec<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut names: Vec<String> = fs::read_dir(path)
        .expect("the directory exists")
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected, "files in {directory}");
}

#[test]
fn completions_are_current() {
    let mut names = Vec::new();
    for shell in Shell::value_variants() {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Cli::command(), "agent-spm", &mut script);
        let name = format!("agent-spm.{shell}");
        let script = String::from_utf8(script).expect("UTF-8");
        compare(&format!("completions/{name}"), &script);
        names.push(name);
    }
    compare_names("completions", names);
}

#[test]
fn manual_pages_are_current() {
    let mut names = Vec::new();
    let mut page = |name: String, text: Vec<u8>| {
        let text = String::from_utf8(text).expect("UTF-8");
        compare(&format!("man/{name}"), &text);
        names.push(name);
    };
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    for subcommand in command.get_subcommands() {
        let title = format!("agent-spm-{}", subcommand.get_name());
        let subcommand = subcommand.clone().display_name(&title);
        let mut text = Vec::new();
        Man::new(subcommand)
            .title(&title)
            .render(&mut text)
            .expect("renders");
        page(format!("{title}.1"), text);
    }
    let mut text = Vec::new();
    Man::new(command).render(&mut text).expect("renders");
    page("agent-spm.1".to_owned(), text);
    for kind in Kind::value_variants() {
        let title = format!("agent-spm-{}", kind.name());
        page(
            format!("{title}.5"),
            document_page(&title, &kind.schema()).into_bytes(),
        );
    }
    compare_names("man", names);
}

#[test]
fn schemas_are_current() {
    let mut names = Vec::new();
    for kind in Kind::value_variants() {
        let name = format!("{}.json", kind.name());
        let text = agent_spm::report::json::render(&kind.schema()).expect("renders");
        compare(&format!("testdata/schema/{name}"), &text);
        names.push(name);
    }
    compare_names("testdata/schema", names);
}

#[test]
fn the_readme_lists_every_shape() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).expect("README.md exists");
    let (before, rest) = readme
        .split_once("| shape |")
        .expect("README.md has a table of shapes");
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let rows: String = import::SHAPES
        .iter()
        .map(|shape| format!("| `{}` | {} |\n", shape.name(), shape.title()))
        .collect();
    let expected = format!("{before}| shape | what is read |\n| --- | --- |\n{rows}\n{after}");
    compare("README.md", &expected);
}

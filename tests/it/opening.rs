//! Attacks on the door for files that a decision depends on: each fixture is made in a fresh
//! directory, and each must be refused at once.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use agent_spm::source::{BaseDir, OpenError, read_limited};
use tempfile::TempDir;

const INSIDE: &[u8] = b"inside";
const SECRET: &[u8] = b"outside";
const LIMIT: usize = 100;

/// `base/` with a file, and a secret beside it.
struct World {
    root: TempDir,
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        fs::create_dir_all(root.path().join("base/dir")).expect("directories");
        fs::create_dir(root.path().join("outside")).expect("a directory");
        fs::write(root.path().join("base/file"), INSIDE).expect("a file");
        fs::write(root.path().join("base/dir/file"), INSIDE).expect("a file");
        fs::write(root.path().join("outside/file"), SECRET).expect("a file");
        Self { root }
    }

    fn base(&self) -> PathBuf {
        self.root.path().join("base")
    }

    fn outside(&self) -> PathBuf {
        self.root.path().join("outside")
    }

    fn open(&self) -> BaseDir {
        BaseDir::open(&self.base()).expect("the base directory opens")
    }

    fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, OpenError> {
        self.open().read(path.as_ref(), LIMIT)
    }

    #[track_caller]
    fn refuses(&self, path: impl AsRef<Path>, code: &str) -> OpenError {
        let error = self
            .read(path.as_ref())
            .expect_err("the path must be refused");
        assert_eq!(error.code(), code, "{error}");
        error
    }
}

#[test]
fn files_inside_are_read() {
    let world = World::new();
    for path in ["file", "dir/file", "./dir/../file", "dir//file"] {
        assert_eq!(world.read(path).expect(path), INSIDE);
    }
}

#[test]
fn an_absolute_path_inside_is_read() {
    let world = World::new();
    assert_eq!(
        world.read(world.base().join("dir/file")).expect("inside"),
        INSIDE
    );
    // Also by the directory's other name.
    let alias = world.root.path().join("alias");
    symlink(world.base(), &alias).expect("a link");
    let base = BaseDir::open(&alias).expect("the base directory opens");
    for name in [alias.join("file"), world.base().join("file")] {
        assert_eq!(base.read(&name, LIMIT).expect("inside"), INSIDE);
    }
}

#[test]
fn links_that_stay_inside_are_followed() {
    let world = World::new();
    symlink("dir/file", world.base().join("link")).expect("a link");
    symlink("dir", world.base().join("dirlink")).expect("a link");
    symlink("../file", world.base().join("dir/up")).expect("a link");
    for path in ["link", "dirlink/file", "dir/up"] {
        assert_eq!(world.read(path).expect(path), INSIDE);
    }
}

#[test]
fn parent_directories_do_not_leave() {
    let world = World::new();
    for path in [
        "../outside/file",
        "dir/../../outside/file",
        "./../outside/file",
        "..",
        "../base/file",
    ] {
        world.refuses(path, "outside-base-dir");
    }
}

#[test]
fn absolute_paths_outside_are_refused_with_help() {
    let world = World::new();
    let error = world.refuses(world.outside().join("file"), "outside-base-dir");
    assert!(error.help().is_some_and(|help| help.contains("--base-dir")));
    // Begins with the base directory's name, and is not in it.
    world.refuses(world.base().join("../outside/file"), "outside-base-dir");
    let sibling = world.root.path().join("base-other");
    fs::create_dir(&sibling).expect("a directory");
    fs::write(sibling.join("file"), SECRET).expect("a file");
    world.refuses(sibling.join("file"), "outside-base-dir");
    world.refuses("/etc/passwd", "outside-base-dir");
}

#[test]
fn links_out_are_refused() {
    let world = World::new();
    let base = world.base();
    symlink("../outside/file", base.join("relative")).expect("a link");
    symlink(world.outside().join("file"), base.join("absolute")).expect("a link");
    symlink(world.outside(), base.join("directory")).expect("a link");
    symlink("relative", base.join("chain")).expect("a link");
    symlink("/proc/self/root/etc/passwd", base.join("magic")).expect("a link");
    // Absolute links are refused even when they come back.
    symlink(base.join("file"), base.join("back")).expect("a link");
    for path in [
        "relative",
        "absolute",
        "directory/file",
        "chain",
        "magic",
        "back",
    ] {
        world.refuses(path, "outside-base-dir");
    }
}

#[test]
fn loops_of_links_end() {
    let world = World::new();
    symlink("loop", world.base().join("loop")).expect("a link");
    world.refuses("loop", "cannot-read");
}

#[test]
fn special_files_are_refused_without_blocking() {
    let world = World::new();
    let base = world.base();
    let fifo = base.join("fifo");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, mode).expect("a named pipe");
    let _listener = UnixListener::bind(base.join("socket")).expect("a socket");
    for (path, kind) in [
        ("dir", "a directory"),
        (".", "a directory"),
        ("fifo", "a named pipe"),
        ("socket", "a socket"),
    ] {
        let error = world.refuses(path, "not-a-regular-file");
        assert!(error.to_string().contains(kind), "{error}");
    }
    let devices = BaseDir::open(Path::new("/dev")).expect("the devices");
    for path in ["null", "zero"] {
        match devices.read(Path::new(path), LIMIT) {
            Err(OpenError::NotRegular { kind, .. }) => assert!(kind.contains("device"), "{kind}"),
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn size_is_limited_to_the_byte() {
    let world = World::new();
    fs::write(world.base().join("full"), vec![b'x'; LIMIT]).expect("a file");
    fs::write(world.base().join("over"), vec![b'x'; LIMIT + 1]).expect("a file");
    assert_eq!(
        world.read("full").expect("as large as allowed").len(),
        LIMIT
    );
    world.refuses("over", "too-large");
    let sparse = fs::File::create(world.base().join("sparse")).expect("a file");
    sparse.set_len(10 << 30).expect("a sparse file");
    world.refuses("sparse", "too-large");
}

#[test]
fn a_file_that_says_it_is_empty_is_limited_too() {
    // Files of /proc have length 0 and are not.
    let proc = BaseDir::open(Path::new("/proc/self"));
    if let Ok(proc) = proc {
        let error = proc
            .read(Path::new("maps"), LIMIT)
            .expect_err("longer than its length");
        assert_eq!(error.code(), "too-large");
    }
}

#[test]
fn streams_are_limited_to_the_byte() {
    let name = Path::new("-");
    assert_eq!(
        read_limited(&[7_u8; LIMIT][..], name, LIMIT).expect("as large as allowed"),
        [7_u8; LIMIT]
    );
    let error = read_limited(std::io::repeat(7), name, LIMIT).expect_err("endless");
    assert_eq!(error.code(), "too-large");
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let world = World::new();
    symlink("vanished", world.base().join("dangling")).expect("a link");
    for path in ["vanished", "dir/vanished", "dangling", ""] {
        world.refuses(path, "not-found");
    }
    world.refuses("file/x", "cannot-read");
    let error = BaseDir::open(&world.root.path().join("nowhere")).expect_err("no directory");
    assert_eq!(error.code(), "not-found");
    let error = BaseDir::open(&world.base().join("file")).expect_err("no directory");
    assert_eq!(error.code(), "cannot-read");
}

#[test]
fn a_name_with_nul_is_refused() {
    let world = World::new();
    world.refuses("file\0.json", "invalid-name");
}

#[test]
fn a_replaced_base_directory_changes_nothing() {
    let world = World::new();
    let base = world.open();
    fs::rename(world.base(), world.root.path().join("moved")).expect("a rename");
    symlink(world.outside(), world.base()).expect("a link");
    assert_eq!(base.read(Path::new("file"), LIMIT).expect("inside"), INSIDE);
}

/// Swaps a file, and a directory, with links to outside as fast as it can: whatever the moment, a
/// reader sees the inside or a refusal.
#[cfg(target_os = "linux")]
#[test]
fn racing_renames_never_show_the_outside() {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    const READS: usize = 20_000;
    let world = World::new();
    let base = world.base();
    symlink("../outside/file", base.join("file-link")).expect("a link");
    symlink("../outside", base.join("dir-link")).expect("a link");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for (one, other) in [("file", "file-link"), ("dir", "dir-link")] {
                    renameat_with(
                        CWD,
                        base.join(one),
                        CWD,
                        base.join(other),
                        RenameFlags::EXCHANGE,
                    )
                    .expect("an exchange");
                }
            }
        });
        let reader = world.open();
        let (mut inside, mut outside) = (0, 0);
        for _ in 0..READS {
            for path in ["file", "dir/file"] {
                match reader.read(Path::new(path), LIMIT) {
                    Ok(bytes) if bytes == INSIDE => inside += 1,
                    Ok(_) => outside += 1,
                    Err(_) => {}
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
        assert!(inside > 0, "no read succeeded");
        assert_eq!(outside, 0, "the outside was read");
    });
}

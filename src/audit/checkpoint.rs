//! A checkpoint: how many records a log had, and the root over them. Owns its text; who signed
//! it is for [`signing::note`](crate::signing::note) to say.

use base64ct::{Base64, Encoding as _};

use super::merkle::Hash;

/// What follows a log's name in that of the file of its checkpoints.
pub const CHECKPOINT_SUFFIX: &str = ".checkpoint";

/// How many records a log had, and the root over them.
///
/// Source: C2SP `tlog-checkpoint`, v1.0.0: three lines of origin, size and root in base64. Further
/// lines may follow and are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's own name.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let root = Base64::encode_string(&self.root);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads a text; `None` if it is no checkpoint.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?;
        let size = lines.next()?;
        // Decimal digits without a zero or a sign before them: one spelling for one number.
        let value: u64 = size.parse().ok()?;
        (value.to_string() == size).then_some(())?;
        let root = Base64::decode_vec(lines.next()?).ok()?;
        Some(Self {
            origin: origin.to_owned(),
            size: value,
            root: root.try_into().ok()?,
        })
    }
}

/// The notes of a sidecar, whatever they are: they are separated by an empty line, and each has
/// one between its text and its signatures.
pub fn notes(sidecar: &str) -> impl Iterator<Item = &str> {
    let mut rest = sidecar;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let signatures = rest.find("\n\n").map(|at| at + 2)?;
        let after = rest.split_at_checked(signatures)?.1;
        let end = after.find("\n\n").map(|at| signatures + at + 1);
        let (note, others) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        rest = others.strip_prefix('\n').unwrap_or(others);
        Some(note)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_written() {
        let checkpoint = Checkpoint {
            origin: "log".to_owned(),
            size: 20_852_163,
            root: [7; 32],
        };
        let text = checkpoint.text();
        assert_eq!(Checkpoint::parse(&text), Some(checkpoint.clone()));
        let extended = format!("{text}further\n");
        assert_eq!(Checkpoint::parse(&extended), Some(checkpoint));
    }

    #[test]
    fn a_sidecar_is_split_into_notes() {
        let split = |text| notes(text).collect::<Vec<_>>();
        assert_eq!(split("a\nb\n\nS\n"), ["a\nb\n\nS\n"]);
        assert_eq!(split("a\n\nS\nS\n\nb\n\nS\n"), ["a\n\nS\nS\n", "b\n\nS\n"]);
        assert_eq!(split(""), [""; 0]);
        assert_eq!(split("a\n\nS\n\nb"), ["a\n\nS\n"]);
    }

    #[test]
    fn other_texts_are_none() {
        let root = Base64::encode_string(&[7; 32]);
        let good = format!("log\n1\n{root}\n");
        assert!(Checkpoint::parse(&good).is_some());
        for text in [
            String::new(),
            format!("log\n1\n{root}"),
            format!("\n1\n{root}\n"),
            format!("log\n01\n{root}\n"),
            format!("log\n+1\n{root}\n"),
            format!("log\n-1\n{root}\n"),
            format!("log\n18446744073709551616\n{root}\n"),
            format!("log\n1\n{}\n", Base64::encode_string(&[7; 31])),
            "log\n1\n".to_owned(),
        ] {
            assert_eq!(Checkpoint::parse(&text), None, "{text:?}");
        }
    }
}

//! What was found in one call or result. Owns counting it, naming it and showing it redacted; knows
//! no rules.

use std::fmt::Write as _;

use crate::classify::{Class, Classifier, Kind, redacted};
use crate::model::pipeline::egress::{ClassName, CustomPattern, MAX_CUSTOM_PATTERNS};

/// How many different findings of a kind are shown.
const SAMPLES: usize = 3;
/// How many findings of a kind are looked at for samples.
const SAMPLED: u64 = 16;

/// A set of kinds of data: those of [`Kind::BUILT_IN`] from bit 0, [`KindSet::LABELLED`], and
/// custom patterns from bit 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KindSet(u128);

impl KindSet {
    /// Data that the call's labels tell of.
    pub(super) const LABELLED: Self = Self(1 << 63);

    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Custom(number) => Self(1_u128.checked_shl(64 + u32::from(number)).unwrap_or(0)),
            kind => {
                let mut kinds = Kind::BUILT_IN.iter();
                let place = kinds.position(|other| *other == kind);
                Self(place.map_or(0, |place| 1 << place))
            }
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Its members one by one, in a fixed order.
    pub(super) fn members(self) -> impl Iterator<Item = Self> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let lowest = rest & rest.wrapping_neg();
            rest ^= lowest;
            (lowest != 0).then_some(Self(lowest))
        })
    }
}

/// What kinds are called.
pub(super) struct Labels {
    /// Name and class of each custom pattern.
    custom: Vec<(String, ClassName)>,
}

impl Labels {
    /// # Errors
    /// If there are too many patterns.
    pub(super) fn new(custom: &[CustomPattern]) -> Result<Self, String> {
        if custom.len() > MAX_CUSTOM_PATTERNS {
            return Err(format!(
                "there are more than {MAX_CUSTOM_PATTERNS} custom patterns"
            ));
        }
        let custom = custom.iter().map(|custom| {
            let class = custom.classification.unwrap_or(ClassName::Custom);
            (custom.name.clone(), class)
        });
        Ok(Self {
            custom: custom.collect(),
        })
    }

    /// What a rule means by a class, a kind or the name of a custom pattern.
    pub(super) fn meant(&self, classification: &str) -> Option<KindSet> {
        let custom = (0..)
            .zip(&self.custom)
            .map(|(number, _)| Kind::Custom(number));
        let all = Kind::BUILT_IN.into_iter().chain(custom);
        let meant = all.filter(|kind| {
            classification == self.class(*kind) || classification == self.kind(*kind)
        });
        let meant = meant.fold(KindSet::default(), |set, kind| set.with(KindSet::of(kind)));
        // A class that nothing belongs to, as `CUSTOM` without patterns, is known all the same.
        (!meant.is_empty() || classification == "CUSTOM").then_some(meant)
    }

    fn class(&self, kind: Kind) -> &str {
        match kind.class() {
            Class::Pii => "PII",
            Class::Pci => "PCI",
            Class::Secret => "SECRET",
            Class::Phi => "PHI",
            Class::Custom(number) => match self.custom.get(usize::from(number)) {
                Some((_, ClassName::Pii)) => "PII",
                Some((_, ClassName::Pci)) => "PCI",
                Some((_, ClassName::Secret)) => "SECRET",
                Some((_, ClassName::Phi)) => "PHI",
                Some((_, ClassName::Custom)) | None => "CUSTOM",
            },
        }
    }

    fn kind(&self, kind: Kind) -> &str {
        match kind {
            Kind::Custom(number) => {
                let custom = self.custom.get(usize::from(number));
                custom.map_or("custom", |(name, _)| name)
            }
            kind => kind.name(),
        }
    }
}

/// What was found.
#[derive(Default)]
pub(super) struct Findings {
    found: Vec<Found>,
    /// Whether the call's labels tell of data that rules are about.
    pub(super) labelled: bool,
}

/// Findings of one kind.
struct Found {
    kind: Kind,
    count: u64,
    /// Redacted, all different.
    samples: Vec<String>,
}

impl Findings {
    /// Adds what is in a text that belongs to `key`.
    pub(super) fn add(&mut self, classifier: &Classifier, text: &[u8], key: Option<&[u8]>) {
        classifier.classify(text, key, &mut |found| {
            let known = self.found.iter_mut().find(|known| known.kind == found.kind);
            let known = match known {
                Some(known) => known,
                None => {
                    self.found.push(Found {
                        kind: found.kind,
                        count: 0,
                        samples: Vec::new(),
                    });
                    let Some(last) = self.found.last_mut() else {
                        return;
                    };
                    last
                }
            };
            known.count += 1;
            if known.count <= SAMPLED && known.samples.len() < SAMPLES {
                let sample = redacted(found.kind, text.get(found.range).unwrap_or_default());
                if !known.samples.contains(&sample) {
                    known.samples.push(sample);
                }
            }
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty() && !self.labelled
    }

    /// The kinds that were found.
    pub(super) fn kinds(&self) -> KindSet {
        let labelled = if self.labelled {
            KindSet::LABELLED
        } else {
            KindSet::default()
        };
        let found = self.found.iter();
        found.fold(labelled, |set, found| set.with(KindSet::of(found.kind)))
    }

    /// How many there are of each class in `kinds`, and samples.
    pub(super) fn describe(&self, labels: &Labels, kinds: KindSet) -> String {
        let shown = |found: &&Found| kinds.intersects(KindSet::of(found.kind));
        let mut found: Vec<&Found> = self.found.iter().filter(shown).collect();
        found.sort_by_key(|found| found.kind);
        let mut classes: Vec<&str> = Vec::new();
        for found in &found {
            let class = labels.class(found.kind);
            if !classes.contains(&class) {
                classes.push(class);
            }
        }
        let mut text = String::new();
        for class in classes {
            let of_class = || {
                found
                    .iter()
                    .filter(|found| labels.class(found.kind) == class)
            };
            let count: u64 = of_class().map(|found| found.count).sum();
            let kinds: Vec<String> = of_class()
                .map(|found| {
                    let name = labels.kind(found.kind);
                    format!("{name} `{}`", found.samples.join("`, `"))
                })
                .collect();
            let comma = if text.is_empty() { "" } else { ", " };
            // A string takes all that is written to it.
            let _ = write!(text, "{comma}{count} {class} ({})", kinds.join(", "));
        }
        if text.is_empty() {
            text.push_str("labelled data");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pipeline::egress::CLASSIFICATIONS;

    #[test]
    fn options_know_every_class_and_kind() {
        let labels = Labels::new(&[]).expect("few patterns");
        for classification in CLASSIFICATIONS {
            assert!(labels.meant(classification).is_some(), "{classification}");
        }
        let names = Kind::BUILT_IN.map(|kind| [labels.class(kind), labels.kind(kind)]);
        for name in names.as_flattened() {
            assert!(CLASSIFICATIONS.contains(name), "{name}");
        }
        assert_eq!(labels.meant("pii"), None);
    }

    #[test]
    fn each_kind_is_a_member_of_its_own() {
        let all = Kind::BUILT_IN.map(KindSet::of);
        let custom = [0, 1, 63].map(|number| KindSet::of(Kind::Custom(number)));
        let mut union = KindSet::LABELLED;
        for kind in all.into_iter().chain(custom) {
            assert!(!kind.is_empty() && !kind.intersects(union));
            union = union.with(kind);
        }
        assert_eq!(union.members().count(), 24);
        assert!(KindSet::of(Kind::Custom(64)).is_empty());
    }
}

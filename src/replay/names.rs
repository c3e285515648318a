//! Names that come up again and again, each kept once. Owns their numbers, and which of them the
//! numbers of each worker are.

use std::collections::HashMap;

use super::read::{self, Lines};
use super::requests;

/// Names by number.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Box<str>, u32, foldhash::fast::RandomState>,
    names: Vec<Box<str>>,
}

impl Names {
    /// The number of a name, from 0 in the order in which they came up.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        // A log has far fewer names than that.
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }
}

/// The names of a log. The first is empty, and stands for no plugin.
#[derive(Debug, Default)]
pub(super) struct LogNames {
    all: Names,
    /// The numbers of the names that each worker knows, by its own numbers.
    workers: Vec<Vec<u32>>,
}

impl LogNames {
    /// Forgets the workers, whose numbers begin anew.
    pub(super) fn begin_input(&mut self) {
        self.workers.clear();
    }

    /// Gives numbers to the names that came up for the first time in some lines.
    pub(super) fn adopt(&mut self, lines: &Lines) {
        let (worker, fresh) = lines.fresh();
        self.all.number("");
        if self.workers.len() <= worker {
            self.workers.resize(worker + 1, Vec::new());
        }
        if let Some(numbers) = self.workers.get_mut(worker) {
            numbers.extend(fresh.iter().map(|name| self.all.number(name)));
        }
    }

    /// The numbers of the names of an event of lines that `worker` has read.
    pub(super) fn of(&self, worker: usize, names: &read::Names) -> requests::Names {
        let numbers = self.workers.get(worker).map_or(&[][..], Vec::as_slice);
        let number = |own: u32| numbers.get(own as usize).copied().unwrap_or_default();
        requests::Names {
            agent: number(names.agent),
            tool: number(names.tool),
            environment: number(names.environment),
            code: number(names.code),
            plugin: names.plugin.map_or(0, number),
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> &Names {
        &self.all
    }
}

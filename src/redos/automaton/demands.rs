//! What is asked of the code units beyond the next. Owns lists of sets, numbered; the same list has
//! the same number.

use super::super::hash::Map;
use super::super::labels::{Label, Labels};

/// The number of a list of sets, one for each code unit.
pub(super) type Demand = u32;

/// All lists met so far.
pub(super) struct Demands {
    lists: Vec<Vec<Label>>,
    numbers: Map<Vec<Label>, Demand>,
}

impl Demands {
    /// Nothing is asked.
    pub(super) const NOTHING: Demand = 0;

    pub(super) fn new() -> Self {
        let mut demands = Self {
            lists: Vec::new(),
            numbers: Map::default(),
        };
        demands.of(Vec::new());
        demands
    }

    /// The number of a list.
    pub(super) fn of(&mut self, list: Vec<Label>) -> Demand {
        if let Some(&demand) = self.numbers.get(&list) {
            return demand;
        }
        let demand = self.lists.len() as Demand;
        self.lists.push(list.clone());
        self.numbers.insert(list, demand);
        demand
    }

    fn list(&self, demand: Demand) -> &[Label] {
        let list = self.lists.get(demand as usize);
        list.map(Vec::as_slice).unwrap_or_default()
    }

    /// What is asked of the next code unit, and of the ones after it.
    pub(super) fn split(&mut self, demand: Demand) -> (Label, Demand) {
        match self.list(demand) {
            [] => (Labels::ALL, Self::NOTHING),
            &[first, ref rest @ ..] => {
                let rest = rest.to_vec();
                (first, self.of(rest))
            }
        }
    }

    /// What both ask.
    pub(super) fn both(&mut self, a: Demand, b: Demand, labels: &mut Labels) -> Demand {
        if a == b || b == Self::NOTHING {
            return a;
        }
        if a == Self::NOTHING {
            return b;
        }
        let (a, b) = (self.list(a), self.list(b));
        let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
        let mut both = long.to_vec();
        for (slot, &other) in both.iter_mut().zip(short) {
            *slot = labels.meet(*slot, other);
        }
        self.of(both)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::labels::Edge;
    use super::*;

    #[test]
    fn demands_are_met_one_code_unit_at_a_time() {
        let mut labels = Labels::new(3);
        let [ab, bc, b] = [3, 6, 2].map(|bits| labels.of(&[bits], Edge::Forbidden));
        let mut demands = Demands::new();
        let one = demands.of(vec![ab, bc]);
        let other = demands.of(vec![bc]);
        let both = demands.both(one, other, &mut labels);
        assert_eq!(both, demands.both(other, one, &mut labels));
        let (first, rest) = demands.split(both);
        assert_eq!(first, b);
        assert_eq!(demands.split(rest), (bc, Demands::NOTHING));
        assert_eq!(demands.split(Demands::NOTHING).0, Labels::ALL);
        assert_eq!(demands.both(one, Demands::NOTHING, &mut labels), one);
        assert_eq!(demands.both(Demands::NOTHING, one, &mut labels), one);
    }
}

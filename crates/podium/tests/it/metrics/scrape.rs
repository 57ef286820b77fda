//! The text format 0.0.4, read as strictly as it is written down.

use std::collections::{BTreeMap, BTreeSet};

pub type Labels = BTreeMap<String, String>;

/// A scrape, understood.
#[derive(Debug)]
pub struct Scrape {
    /// The kind of each metric.
    pub kinds: BTreeMap<String, String>,
    /// The value of each series.
    pub series: BTreeMap<(String, Labels), f64>,
}

impl Scrape {
    /// Reads it, and finds fault with whatever scrapers may stumble over.
    pub fn of(text: &str) -> Self {
        assert!(text.ends_with('\n') && !text.contains("\n\n"), "{text}");
        let (mut kinds, mut series) = (BTreeMap::new(), BTreeMap::new());
        let mut helped = BTreeSet::new();
        let mut family = String::new();
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').expect("words of help");
                assert!(!words.trim().is_empty() && helped.insert(name.to_owned()), "{line}");
                family = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a kind");
                assert_eq!(name, family, "the kind stands below the help: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            } else {
                let (name, labels, value) = sample(line);
                let base = ["_bucket", "_sum", "_count"]
                    .iter()
                    .find_map(|end| name.strip_suffix(end))
                    .filter(|_| kinds.get(&family).is_some_and(|kind| kind == "histogram"));
                assert_eq!(base.unwrap_or(&name), family, "a series below its metric: {line}");
                assert!(value.is_finite() && (value >= 0.0 || kinds[&family] == "gauge"), "{line}");
                assert!(series.insert((name, labels), value).is_none(), "twice: {line}");
            }
        }
        assert_eq!(helped.len(), kinds.len());
        Self { kinds, series }
    }

    /// All series of a name.
    pub fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = (&'s Labels, f64)> + 's {
        let named = self.series.iter().filter(move |((of, _), _)| of == name);
        named.map(|((_, labels), value)| (labels, *value))
    }

    /// The sum of the series of a name that have these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let fits = |of: &Labels| {
            labels.iter().all(|(label, value)| of.get(*label).is_some_and(|is| is == value))
        };
        self.named(name).filter(|(of, _)| fits(of)).map(|(_, value)| value).sum()
    }

    /// The values that a label of a name has.
    pub fn values(&self, name: &str, label: &str) -> BTreeSet<String> {
        self.named(name).filter_map(|(labels, _)| labels.get(label).cloned()).collect()
    }

    /// Whether nothing that only grows is less than it was.
    pub fn assert_not_below(&self, before: &Self) {
        for ((name, labels), value) in &before.series {
            if before.kinds.get(name).is_some_and(|kind| kind == "counter") {
                let now = self.series.get(&(name.clone(), labels.clone()));
                assert!(now.is_some_and(|now| now >= value), "{name} {labels:?}: {value} {now:?}");
            }
        }
    }

    /// Whether by each dimension the usage adds up to the whole.
    pub fn assert_adds_up(&self) {
        for what in ["tokens", "cache_tokens", "requests", "failed_requests", "spend_usd"] {
            let whole = self.sum(&format!("podium_usage_{what}_total"), &[]);
            for subject in ["team", "model", "provider"] {
                let sum = self.sum(&format!("podium_{subject}_{what}_total"), &[]);
                assert!((sum - whole).abs() < 1e-6, "{what} by {subject}: {sum} of {whole}");
            }
        }
    }
}

/// Name, labels and value of a line.
fn sample(line: &str) -> (String, Labels, f64) {
    let end = line.find(['{', ' ']).expect("a value");
    let (name, mut rest) = line.split_at(end);
    assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_0123456789".contains(&byte)));
    let mut labels = Labels::new();
    if let Some(of) = rest.strip_prefix('{') {
        rest = of;
        loop {
            let (label, after) = rest.split_once("=\"").expect("a label");
            let (value, after) = quoted(after);
            assert!(labels.insert(label.to_owned(), value).is_none(), "twice: {line}");
            rest = match after.strip_prefix(',') {
                Some(more) => more,
                None => {
                    rest = after.strip_prefix('}').expect("an end");
                    break;
                }
            };
        }
    }
    let value = rest.strip_prefix(' ').expect("a value behind one blank");
    (name.to_owned(), labels, value.parse().expect("a number"))
}

/// A quoted text without its escapes, and what stands behind it.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match letters.next().expect("an escape").1 {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                other => panic!("no escape: {other}"),
            }),
            letter => value.push(letter),
        }
    }
    panic!("no end: {text}");
}

use proptest::prelude::*;

use super::*;

const ALL: [bool; PLACES] = [true; PLACES];

fn sums(of_first: i64) -> Sums {
    std::array::from_fn(|place| Some(if place == 0 { of_first } else { 0 }))
}

fn begun(most: usize, names: &[(&str, i64)]) -> Series {
    let by_key = names.iter().map(|(name, tokens)| (Arc::from(*name), sums(*tokens))).collect();
    let mut series = Series::new(most);
    series.begin(Reading { by_key, whole: sums(0), of_others: ALL });
    series
}

fn change(series: &mut Series, changes: &[(&str, i64)]) {
    series.add(changes.iter().map(|(name, more)| (Arc::from(*name), sums(*more))).collect());
}

fn shown(series: &Series) -> Vec<(String, u64)> {
    let of = |(key, counts): (Option<&Arc<str>>, [Option<u64>; PLACES])| {
        (key.map_or_else(|| OTHER.to_owned(), |key| key.to_string()), counts[0].expect("told"))
    };
    series.shown().map(of).collect()
}

fn is(name: &str, count: u64) -> (String, u64) {
    (name.to_owned(), count)
}

#[test]
fn the_greatest_have_series_and_the_rest_is_other() {
    let mut series = begun(2, &[("a", 5), ("b", 9), ("c", 7)]);
    change(&mut series, &[("a", 1), ("b", 2), ("c", 4), ("d", 8)]);
    assert_eq!(shown(&series), [is("b", 2), is("c", 4), is(OTHER, 9)]);
}

#[test]
fn who_comes_later_has_a_series_from_the_next_time_on() {
    let mut series = begun(2, &[("a", 5)]);
    change(&mut series, &[("late", 10)]);
    assert_eq!(shown(&series), [is("a", 0), is("late", 0), is(OTHER, 10)]);
    change(&mut series, &[("late", 3), ("too late", 1)]);
    assert_eq!(shown(&series), [is("a", 0), is("late", 3), is(OTHER, 11)]);
}

#[test]
fn a_name_that_looks_like_the_rest_is_a_part_of_it() {
    let mut series = begun(5, &[("other", 100), ("a", 1)]);
    change(&mut series, &[("other", 4), ("a", 2)]);
    assert_eq!(shown(&series), [is("a", 2), is(OTHER, 4)]);
}

#[test]
fn what_is_taken_back_is_held_and_caught_up_with() {
    let mut series = begun(5, &[("a", 1), ("b", 1)]);
    change(&mut series, &[("a", 10), ("b", 10)]);
    change(&mut series, &[("a", -4)]);
    assert_eq!(shown(&series), [is("a", 10), is("b", 10), is(OTHER, 0)]);
    change(&mut series, &[("a", 5)]);
    assert_eq!(shown(&series), [is("a", 11), is("b", 10), is(OTHER, 0)]);
}

#[test]
fn what_moves_from_one_to_another_waits_until_the_sum_allows_it() {
    let mut series = begun(5, &[("a", 1), ("b", 1)]);
    change(&mut series, &[("a", 10), ("b", 10)]);
    change(&mut series, &[("a", -4), ("b", 4)]);
    assert_eq!(shown(&series), [is("a", 10), is("b", 10), is(OTHER, 0)]);
    change(&mut series, &[("a", 4)]);
    assert_eq!(shown(&series), [is("a", 10), is("b", 14), is(OTHER, 0)]);
}

#[test]
fn what_is_not_told_is_neither_shown_nor_counted() {
    let mut tally = Tally::told(std::array::from_fn(|place| place == 1));
    tally.add(&[Some(5); PLACES]);
    allot([&mut tally]);
    assert_eq!(tally.shown(), std::array::from_fn(|place| (place == 1).then_some(5)));
}

proptest! {
    /// Whatever is booked, taken back and moved, no series goes down, and together they are the
    /// greatest that all were together.
    #[test]
    fn series_only_grow_and_add_up(
        most in 0_usize..4,
        steps in prop::collection::vec(prop::collection::vec((0_usize..6, -50_i64..100), 1..5), 1..30),
    ) {
        const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "other"];
        let mut series = begun(most, &[("a", 3), ("b", 2)]);
        let (mut before, mut truth, mut greatest) = (shown(&series), 0_i64, 0_i64);
        for step in steps {
            let mut changes = HashMap::new();
            for (name, more) in step {
                *changes.entry(NAMES[name]).or_insert(0) += more;
            }
            let changes: Vec<(&str, i64)> = changes.into_iter().collect();
            change(&mut series, &changes);
            truth += changes.iter().map(|(_, more)| more).sum::<i64>();
            greatest = greatest.max(truth);
            let now = shown(&series);
            for (name, count) in &before {
                prop_assert!(now.iter().any(|(of, is)| of == name && is >= count), "{name}");
            }
            let sum: u64 = now.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(i64::try_from(sum).unwrap(), greatest);
            prop_assert!(now.len() <= most + 1);
            before = now;
        }
    }
}

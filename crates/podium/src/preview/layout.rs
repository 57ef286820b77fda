//! Where everything is: the board, a team, usage over time.

use super::canvas::{
    ACCENT, Anchor, Area, Canvas, INK, MEDALS, MUTED, OTHERS, PAPER, SLOTS, SUNKEN,
};
use super::fonts::{Fonts, Type};
use super::{HEIGHT, WIDTH, words};
use crate::services::{ActivitySeries, Preview, PreviewContent, Ranked};
use crate::usage::{Measure, Value};

const MARGIN: f32 = 56.0;
const INNER: f32 = WIDTH as f32 - 2.0 * MARGIN;
const RIGHT: f32 = WIDTH as f32 - MARGIN;
const BOTTOM: f32 = HEIGHT as f32 - 40.0;

const TITLE: Type = Type { size: 60.0, weight: 800 };
const SUBTITLE: Type = Type { size: 30.0, weight: 500 };
const ROW: Type = Type { size: 32.0, weight: 600 };
const FIGURE: Type = Type { size: 38.0, weight: 800 };
const SMALL: Type = Type { size: 24.0, weight: 500 };
const MARK: Type = Type { size: 26.0, weight: 800 };

/// Where what differs begins.
const CONTENT: f32 = 232.0;
const ROWS: usize = 5;
const ROW_HEIGHT: f32 = 66.0;

/// The picture as SVG.
pub(super) fn picture(fonts: &Fonts, preview: &Preview) -> String {
    let mut canvas = Canvas::new(fonts);
    frame(&mut canvas, preview);
    let measure = preview.measure;
    match &preview.content {
        PreviewContent::Board { ranked, total } => {
            let title = format!("Leaderboard by {}", lower(measure));
            head(&mut canvas, &title, &in_all(measure, *total));
            board(&mut canvas, measure, ranked);
        }
        PreviewContent::Team { name, rank, figures, tokens } => {
            let place = rank.map_or_else(
                || "No usage in these days".to_owned(),
                |(rank, of)| format!("No. {rank} of {of} by {}", lower(measure)),
            );
            head(&mut canvas, name, &place);
            team(&mut canvas, figures, tokens);
        }
        PreviewContent::Time { series, total } => {
            head(&mut canvas, &format!("{} over time", measure.label), &in_all(measure, *total));
            over_time(&mut canvas, series);
        }
    }
    canvas.finish()
}

fn lower(measure: &Measure) -> String {
    // "USD" stays as it is.
    if measure.label.starts_with("USD") {
        measure.label.to_owned()
    } else {
        measure.label.to_lowercase()
    }
}

fn in_all(measure: &Measure, total: Value) -> String {
    format!("{} in all", words::value(measure, total))
}

/// What every picture has: whose it is, of which days, and as of when.
fn frame(canvas: &mut Canvas<'_>, preview: &Preview) {
    canvas.icon(MARGIN, 40.0, 48.0);
    canvas.text((MARGIN + 64.0, 75.0), Anchor::Start, MARK, ACCENT, ("Podium", 200.0));
    let period = format!("{} · {}", words::days(preview.days), preview.tz);
    canvas.text((RIGHT, 75.0), Anchor::End, SMALL, MUTED, (&period, INNER - 300.0));
    let state = if preview.complete { "complete" } else { "not complete" };
    let as_of = format!("As of {} · {state}", words::moment(preview.now));
    canvas.text((RIGHT, BOTTOM), Anchor::End, SMALL, MUTED, (&as_of, INNER / 2.0 + 60.0));
}

fn head(canvas: &mut Canvas<'_>, title: &str, below: &str) {
    canvas.text((MARGIN, 158.0), Anchor::Start, TITLE, INK, (title, INNER));
    canvas.text((MARGIN, 204.0), Anchor::Start, SUBTITLE, MUTED, (below, INNER));
}

fn board(canvas: &mut Canvas<'_>, measure: &Measure, ranked: &[Ranked]) {
    if ranked.is_empty() {
        nothing(canvas);
        return;
    }
    let values = ranked.iter().map(|team| team.value);
    let most = values.fold(0.0_f64, f64::max);
    for (at, team) in ranked.iter().take(ROWS).enumerate() {
        let y = CONTENT + 8.0 + at as f32 * ROW_HEIGHT;
        let share = if most > 0.0 { (team.value / most).clamp(0.0, 1.0) } else { 0.0 };
        let room = Area { x: MARGIN + 64.0, y, width: INNER - 64.0, height: ROW_HEIGHT - 12.0 };
        canvas.fill(Area { width: room.width * share as f32, ..room }, 12.0, SUNKEN);
        let medal = MEDALS.get(team.rank - 1).copied().unwrap_or(PAPER);
        canvas.fill(Area { x: MARGIN, width: room.height, ..room }, room.height / 2.0, medal);
        let line = y + 38.0;
        let middle = MARGIN + room.height / 2.0;
        let rank = team.rank.to_string();
        canvas.text((middle, line), Anchor::Middle, MARK, INK, (&rank, room.height));
        let value = words::number(measure, team.value);
        let at_end = (RIGHT - 18.0, line);
        let used = canvas.text(at_end, Anchor::End, ROW, INK, (&value, INNER / 2.0));
        let left = room.width - used - 60.0;
        canvas.text((room.x + 18.0, line), Anchor::Start, ROW, INK, (&team.name, left));
    }
    let more = ranked.len().saturating_sub(ROWS);
    if more > 0 {
        let text =
            if more == 1 { "and 1 more team".to_owned() } else { format!("and {more} more teams") };
        canvas.text((MARGIN, BOTTOM), Anchor::Start, SMALL, MUTED, (&text, INNER / 3.0));
    }
}

fn nothing(canvas: &mut Canvas<'_>) {
    let text = ("No usage in these days yet", INNER);
    canvas.text((MARGIN, CONTENT + 70.0), Anchor::Start, FIGURE, MUTED, text);
}

fn team(canvas: &mut Canvas<'_>, figures: &[(&'static Measure, Value)], tokens: &[Value]) {
    let gap = 20.0;
    let count = figures.len().max(1) as f32;
    let width = (INNER - gap * (count - 1.0)) / count;
    for (at, (measure, value)) in figures.iter().enumerate() {
        let x = MARGIN + at as f32 * (width + gap);
        canvas.fill(Area { x, y: CONTENT + 8.0, width, height: 112.0 }, 16.0, SUNKEN);
        let room = width - 40.0;
        let at = |y| (x + 20.0, CONTENT + y);
        canvas.text(at(48.0), Anchor::Start, SMALL, MUTED, (measure.label, room));
        let value = words::value(measure, *value);
        canvas.text(at(98.0), Anchor::Start, FIGURE, INK, (&value, room));
    }
    let area = Area { x: MARGIN, y: CONTENT + 152.0, width: INNER, height: 160.0 };
    columns(canvas, area, &[(ACCENT, tokens)]);
}

/// What a series is of, bucket by bucket.
fn values(series: &ActivitySeries) -> &[Value] {
    series.values.values().next().map_or(&[], Vec::as_slice)
}

fn over_time(canvas: &mut Canvas<'_>, series: &[ActivitySeries]) {
    if series.is_empty() {
        nothing(canvas);
        return;
    }
    let shown = if series.len() <= SLOTS.len() + 1 { series.len() } else { SLOTS.len() };
    let mut stack: Vec<(&str, String, Vec<Value>)> = series[..shown]
        .iter()
        .zip(SLOTS.into_iter().chain([OTHERS]))
        .map(|(series, colour)| (colour, series.name.clone(), values(series).to_vec()))
        .collect();
    let others = &series[shown..];
    if !others.is_empty() {
        let sums = (0..stack[0].2.len()).map(|bucket| {
            let of_bucket = others.iter().filter_map(|series| values(series)[bucket].number());
            Value::Amount(of_bucket.sum())
        });
        stack.push((OTHERS, format!("{} others", others.len()), sums.collect()));
    }
    let legend = 330.0;
    let area = Area { x: MARGIN, y: CONTENT + 8.0, width: INNER - legend - 30.0, height: 310.0 };
    let bars: Vec<(&str, &[Value])> =
        stack.iter().map(|(colour, _, values)| (*colour, &values[..])).collect();
    columns(canvas, area, &bars);
    for (at, (colour, name, _)) in stack.iter().enumerate() {
        let y = area.y + 14.0 + at as f32 * 48.0;
        let x = RIGHT - legend;
        canvas.fill(Area { x, y, width: 24.0, height: 24.0 }, 6.0, colour);
        canvas.text((x + 38.0, y + 21.0), Anchor::Start, SMALL, INK, (name, legend - 38.0));
    }
}

/// A column for each bucket, its parts one upon the other; what is not known is left empty.
fn columns(canvas: &mut Canvas<'_>, area: Area, stack: &[(&str, &[Value])]) {
    let buckets = stack.iter().map(|(_, values)| values.len()).max().unwrap_or_default();
    let of_bucket = |bucket: usize| {
        let parts = stack.iter().filter_map(move |(colour, values)| {
            let number = values.get(bucket)?.number()?.max(0.0);
            Some((*colour, number))
        });
        parts.collect::<Vec<_>>()
    };
    let sum = |bucket| of_bucket(bucket).iter().map(|(_, number)| number).sum::<f64>();
    let most = (0..buckets).map(sum).fold(0.0_f64, f64::max);
    canvas.fill(Area { y: area.y + area.height, height: 2.0, ..area }, 0.0, MUTED);
    if most <= 0.0 {
        return;
    }
    let step = area.width / buckets as f32;
    for bucket in 0..buckets {
        let mut y = area.y + area.height;
        for (colour, number) in of_bucket(bucket) {
            let height = (number / most) as f32 * area.height;
            y -= height;
            let x = area.x + bucket as f32 * step;
            let width = (step * 0.8).max(0.5);
            canvas.fill(Area { x, y, width, height }, 0.0, colour);
        }
    }
}

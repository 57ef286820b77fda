//! The answer to any question: columns and rows, ready for every format.

mod filters;
mod rows;
mod told;

pub use filters::Named;
pub use told::{SheetBucket, SheetCompare, SheetJson};

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use self::rows::SheetRow;
use super::{Meta, Question, period_before};
use crate::access::{Scope, Subject};
use crate::query::{BucketState, ListedTeam, Query, Table};
use crate::store::Error;
use crate::usage::{Columns, Day, DayRange, Dimension, Grain, Measure, Metrics, Sum, Unit, Value};

/// A question of somebody's own.
#[derive(Clone, Debug)]
pub struct SheetQuestion {
    /// How usage is told apart by time.
    pub grain: Grain,
    /// In hours instead, where they are few and all known.
    pub prefers_hours: bool,
    /// The dimensions by which it is told apart.
    pub by: Vec<Dimension>,
    /// What counts, by ids or names.
    pub filters: Vec<(Dimension, Named)>,
    /// What is told, one measure at least.
    pub measures: Vec<&'static Measure>,
    /// What comes first; afterwards time, then most of the first measure, then ids.
    pub order: Vec<Order>,
    /// So many rows; so many groups where usage is told apart by time and dimensions.
    pub limit: Option<usize>,
    /// Whether the others follow together.
    pub rest: bool,
    /// Whether groups without usage have rows as well.
    pub zeros: bool,
    /// What is told beside it.
    pub compare: Compare,
    /// With more rows there is no answer.
    pub most_rows: usize,
}

impl SheetQuestion {
    /// Whether anything of the answer is shown in this scope.
    pub fn is_shown(&self, scope: &Scope) -> bool {
        let filtered: Vec<Dimension> = self.filters.iter().map(|(of, _)| *of).collect();
        scope.shows(Subject {
            by: &self.by,
            filtered: &filtered,
            columns: Columns::needed(&self.measures),
            with_times: self.measures.iter().any(|measure| measure.is_of_times()),
            is_total: self.grain == Grain::Total,
            may_hide: true,
        })
    }
}

/// Rows in the order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// The column.
    pub by: OrderBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What rows can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// Time.
    Bucket,
    /// The names of a dimension, by its place in the question.
    Dimension(usize),
    /// A measure, by its place in the question.
    Measure(usize),
}

/// The days beside which usage is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compare {
    /// None.
    No,
    /// The days as many before.
    Previous,
    /// The same up to the same moment, where the days asked for have not ended yet.
    PreviousToNow,
    /// These.
    Days(DayRange),
}

impl Compare {
    /// The days, beside those asked for.
    pub fn days(self, asked: DayRange) -> Option<DayRange> {
        match self {
            Self::No => None,
            Self::Previous | Self::PreviousToNow => Some(period_before(asked)),
            Self::Days(days) => Some(days),
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Column {
    /// Its name, unlike every other.
    pub name: String,
    /// What it tells.
    pub kind: ColumnKind,
    /// What its cells are.
    #[serde(rename = "type")]
    pub cells: CellType,
    /// The unit of its numbers: `tokens`, `requests`, `usd`, `percent` or `ms`.
    #[schema(value_type = Option<String>)]
    pub unit: Option<Unit>,
}

/// What a column tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// The bucket.
    Time,
    /// The name or id of a dimension's value.
    Dimension,
    /// A measure.
    Measure,
    /// A measure in the days of the comparison.
    Compare,
}

/// What the cells of a column are; each may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CellType {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A moment.
    Instant,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell<'a> {
    /// Not known, or none.
    Null,
    /// Text.
    Text(&'a str),
    /// A whole number.
    Count(i64),
    /// A number.
    Amount(f64),
    /// A moment.
    Instant(Timestamp),
}

/// Columns and rows of any kind, for the formats.
pub trait Grid {
    /// The columns.
    fn columns(&self) -> &[Column];

    /// How many rows there are.
    fn row_count(&self) -> usize;

    /// A row's cells, in the order of the columns.
    fn cells(&self, row: usize) -> Vec<Cell<'_>>;

    /// What the column of time is, where there is one.
    fn time_type(&self) -> TimeType;

    /// The first day of a row's bucket.
    fn date(&self, _row: usize) -> Option<Day> {
        None
    }

    /// When a row's bucket begins; nothing where that is not known.
    fn instant(&self, _row: usize) -> Option<Timestamp> {
        None
    }
}

impl From<Value> for Cell<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Unknown => Self::Null,
            Value::Count(count) => Self::Count(count),
            Value::Amount(amount) => Self::Amount(amount),
        }
    }
}

/// What time is in a sheet, where it has a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeType {
    /// The first day of each bucket.
    Date,
    /// The moment at which each bucket begins.
    Instant,
    /// Names of hours.
    Name,
}

/// What the cells of a column are read from.
#[derive(Clone, Copy, Debug)]
enum Reading {
    Bucket,
    Name(usize),
    Id(usize),
    Measure(&'static Measure),
    Before(&'static Measure),
    Rank,
}

/// The column of ranks, where the tokens themselves are not told.
const RANK: &str = "rank";
/// What the rest of the rows is called.
const OTHERS: &str = "Others";

/// The answer.
#[derive(Debug)]
pub struct Sheet {
    columns: Vec<Column>,
    readings: Vec<Reading>,
    by: Vec<Dimension>,
    measures: Vec<&'static Measure>,
    grain: Grain,
    table: Table,
    /// What the days of the comparison used.
    before: Option<Before>,
    /// The names of the dimensions' values, by code.
    names: Vec<Vec<Option<String>>>,
    rows: Vec<SheetRow>,
    /// The teams that have rows whatever they used.
    listed: Vec<ListedTeam>,
    /// How many groups the rows of the others are of.
    others: usize,
    meta: Meta,
}

#[derive(Debug)]
struct Before {
    days: DayRange,
    until: Option<Timestamp>,
    is_complete: bool,
    table: Table,
    names: Vec<Vec<Option<String>>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
    /// There are more rows than may be told at once.
    #[error(
        "there would be more than {0} rows; ask for fewer days, dimensions or a limit, or for \
         format=csv, ndjson or parquet"
    )]
    Rows(usize),
}

/// With a limit, so many rows are looked at to choose from.
const MOST_LIMITED_ROWS: usize = 300_000;

/// Answers a question.
pub async fn sheet(question: Question<'_>, asked: &SheetQuestion) -> Result<Sheet, SheetError> {
    let (filter, warnings) = filters::resolve(question, &asked.filters).await?;
    let grain = if asked.prefers_hours { question.hours_or_days() } else { asked.grain };
    let days = if grain == Grain::Total { question.range } else { question.asked };
    let most_rows = match asked.limit {
        Some(_) => asked.most_rows.max(MOST_LIMITED_ROWS),
        None => asked.most_rows,
    };
    let query = Query {
        days,
        zone: question.zone.clone(),
        grain,
        by: asked.by.clone(),
        filter,
        measures: asked.measures.clone(),
        scope: question.scope.clone(),
        may_hide: true,
        until: None,
        most_rows,
    };
    let table = question.ask(&query).await?;
    let listed = rows::listed(&table.teams, asked, &query.filter);
    let most_zeros = if asked.zeros { listed.len().max(1) * table.buckets.len() } else { 0 };
    if table.is_cut || most_zeros > most_rows {
        return Err(SheetError::Rows(asked.most_rows));
    }
    let before = before(question, asked, &query).await?;
    let mut meta = Meta::of(question, &table);
    meta.warnings = warnings;
    meta.scope = meta.scope.map(|scope| scope.hiding(&table, &query.measures));
    if asked.by.contains(&Dimension::Team) {
        let deleted = table.teams.iter().filter(|team| team.deleted);
        meta.deleted_teams = deleted.map(|team| team.team_id.to_string()).collect();
    }
    let names = names(question, &asked.by, &table);
    let mut sheet = Sheet {
        columns: Vec::new(),
        readings: Vec::new(),
        by: asked.by.clone(),
        measures: query.measures,
        grain,
        table,
        before,
        names,
        rows: Vec::new(),
        listed,
        others: 0,
        meta,
    };
    sheet.add_columns();
    (sheet.rows, sheet.others) = rows::in_order(&sheet, asked);
    if sheet.rows.len() > asked.most_rows {
        return Err(SheetError::Rows(asked.most_rows));
    }
    Ok(sheet)
}

async fn before(
    question: Question<'_>,
    asked: &SheetQuestion,
    query: &Query,
) -> Result<Option<Before>, SheetError> {
    let Some(days) = asked.compare.days(question.asked) else { return Ok(None) };
    let is_running = asked.compare == Compare::PreviousToNow
        && question.asked.contains(Day::at(question.view.now, question.zone));
    let until = if is_running { question.moment_before(days) } else { None };
    let table = question.ask(&Query { days, until, ..query.clone() }).await?;
    if table.is_cut {
        return Err(SheetError::Rows(asked.most_rows));
    }
    let names = names(question, &asked.by, &table);
    Ok(Some(Before { days, until, is_complete: question.is_known(days), table, names }))
}

/// What the values of the dimensions are called, by code.
fn names(question: Question<'_>, by: &[Dimension], table: &Table) -> Vec<Vec<Option<String>>> {
    let of = |(place, dimension): (usize, &Dimension)| {
        table.ids(place).iter().map(|id| question.name_of(table, *dimension, id)).collect()
    };
    by.iter().enumerate().map(of).collect()
}

impl Grid for Sheet {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn row_count(&self) -> usize {
        self.rows.len()
    }

    fn cells(&self, row: usize) -> Vec<Cell<'_>> {
        let row = &self.rows[row];
        self.readings.iter().map(|reading| self.cell(row, *reading)).collect()
    }

    fn time_type(&self) -> TimeType {
        match self.grain {
            Grain::Quarter | Grain::Hour => TimeType::Instant,
            Grain::HourOfDay | Grain::WeekdayHour => TimeType::Name,
            _ => TimeType::Date,
        }
    }

    fn date(&self, row: usize) -> Option<Day> {
        Some(self.table.buckets[self.rows[row].bucket].days.first())
    }

    fn instant(&self, row: usize) -> Option<Timestamp> {
        self.table.buckets[self.rows[row].bucket].start
    }
}

impl Sheet {
    fn add_columns(&mut self) {
        let mut columns = Vec::new();
        if self.grain != Grain::Total {
            columns.push((text("bucket", ColumnKind::Time), Reading::Bucket));
        }
        for (place, dimension) in self.by.iter().enumerate() {
            let info = dimension.info();
            columns.push((text(info.name_column, ColumnKind::Dimension), Reading::Name(place)));
            columns.extend(info.id.map(|id| (text(id, ColumnKind::Dimension), Reading::Id(place))));
        }
        let of = |measure: &'static Measure, kind, name: String| Column {
            name,
            kind,
            cells: if measure.is_count() { CellType::Integer } else { CellType::Number },
            unit: Some(measure.unit),
        };
        for measure in self.measures.iter().copied() {
            let column = of(measure, ColumnKind::Measure, measure.name.to_owned());
            columns.push((column, Reading::Measure(measure)));
        }
        for measure in self.measures.iter().copied().filter(|_| self.before.is_some()) {
            let column = of(measure, ColumnKind::Compare, format!("previous_{}", measure.name));
            columns.push((column, Reading::Before(measure)));
        }
        if self.table.is_ranked() {
            let (name, kind) = (RANK.to_owned(), ColumnKind::Measure);
            let column = Column { name, kind, cells: CellType::Integer, unit: None };
            columns.push((column, Reading::Rank));
        }
        (self.columns, self.readings) = columns.into_iter().unzip();
    }

    fn cell(&self, row: &SheetRow, reading: Reading) -> Cell<'_> {
        match reading {
            Reading::Bucket => Cell::Text(&self.table.buckets[row.bucket].name),
            Reading::Name(place) => self.name(row, place).map_or(Cell::Null, Cell::Text),
            Reading::Id(place) => self.id(row, place).map_or(Cell::Null, Cell::Text),
            Reading::Measure(measure) => self.value(row, measure).into(),
            Reading::Before(measure) => self.value_before(row, measure).into(),
            Reading::Rank => {
                let rank = row.now.and_then(|now| self.table.rank(now));
                rank.map_or(Cell::Null, |rank| Cell::Count(rank.into()))
            }
        }
    }

    fn name(&self, row: &SheetRow, place: usize) -> Option<&str> {
        let before = self.before.as_ref();
        match (row.now, row.before) {
            _ if row.others.is_some() => Some(OTHERS),
            _ if row.is_filled() => row.team(self).map(|team| &*team.name),
            (Some(now), _) => self.names[place][self.table.code(now, place)].as_deref(),
            (None, Some(then)) => {
                before.and_then(|b| b.names[place][b.table.code(then, place)].as_deref())
            }
            (None, None) => None,
        }
    }

    fn id(&self, row: &SheetRow, place: usize) -> Option<&str> {
        if row.is_filled() {
            return row.team(self).map(|team| &*team.team_id);
        }
        match (row.now, row.before, &self.before) {
            (Some(now), _, _) => Some(self.table.id(now, place)),
            (None, Some(then), Some(before)) => Some(before.table.id(then, place)),
            _ => None,
        }
    }

    fn value(&self, row: &SheetRow, measure: &Measure) -> Value {
        let state = self.table.buckets[row.bucket].state;
        if row.now.is_none() && self.is_hidden(&self.table, row, measure) {
            return Value::Unknown;
        }
        let is_empty =
            row.is_filled() || row.others.as_ref().is_some_and(|others| others.0.is_zero());
        if is_empty && state == BucketState::Unknown {
            return Value::Unknown;
        }
        let nothing = Metrics::default();
        let metrics = row.others.as_ref().map(|others| &others.0);
        match (row.now, metrics) {
            (Some(now), _) => self.table.value(now, measure),
            (None, metrics) => measure.value(Sum {
                metrics: metrics.unwrap_or(&nothing),
                all: &self.table.total,
                times: None,
            }),
        }
    }

    /// Whether a measure is not told of a row that the table itself does not have.
    fn is_hidden(&self, table: &Table, row: &SheetRow, measure: &Measure) -> bool {
        let of_team = self.by.iter().position(|dimension| *dimension == Dimension::Team);
        let team = of_team.filter(|_| row.others.is_none()).and_then(|place| self.id(row, place));
        team.map_or_else(|| table.hides(measure), |team| table.hides_of_team(team, measure))
    }

    fn value_before(&self, row: &SheetRow, measure: &Measure) -> Value {
        let Some(before) = &self.before else { return Value::Unknown };
        if row.before.is_none() && self.is_hidden(&before.table, row, measure) {
            return Value::Unknown;
        }
        let nothing = Metrics::default();
        match (row.before, &row.others) {
            (Some(then), _) => before.table.value(then, measure),
            (None, others) => measure.value(Sum {
                metrics: others.as_ref().map_or(&nothing, |others| &others.1),
                all: &before.table.total,
                times: None,
            }),
        }
    }
}

fn text(name: &str, kind: ColumnKind) -> Column {
    Column { name: name.to_owned(), kind, cells: CellType::String, unit: None }
}

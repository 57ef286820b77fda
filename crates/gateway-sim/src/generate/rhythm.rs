//! How busy the hours of a day are.

use jiff::civil::Date;

use crate::spec::Spec;

/// The ups and downs of a UTC day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rhythm {
    /// By how many hours the day is later than that of offices in Europe.
    later_by: u32,
    /// Whether one hour turns into the next one by and by.
    is_smooth: bool,
    /// Whether most is done in the last hour, as everybody wants to be done.
    quickens: bool,
}

/// The hour of offices in which a workshop ends; what is done then rises to what the next one begins with.
const LAST_HOUR: usize = 16;
const AFTER: usize = LAST_HOUR + 1;
const MOST: f64 = 1.5;

impl Rhythm {
    pub(crate) fn on(spec: &Spec, date: Date) -> Rhythm {
        let workshop = spec.workshop;
        Rhythm {
            later_by: workshop.map_or(0, |workshop| workshop.later_by),
            is_smooth: workshop.is_some(),
            quickens: workshop.is_some_and(|workshop| workshop.is_on(spec, date)),
        }
    }

    /// How busy a moment is, in hours since midnight UTC, compared with the busiest ordinary hour.
    pub(crate) fn weight(self, hours: f64) -> f64 {
        let of_offices = (hours - f64::from(self.later_by)).rem_euclid(24.0);
        let (hour, into) = (of_offices as usize, of_offices.fract());
        if !self.is_smooth {
            return self.hour_weight(hour);
        }
        let (now, next) = (self.hour_weight(hour), self.hour_weight(hour + 1));
        now + (next - now) * into
    }

    /// What is done of a day by an hour, in busiest hours.
    pub(crate) fn done_by(self, hours: f64) -> f64 {
        const STEP: f64 = 0.05;
        let whole = (0..(hours / STEP) as usize).map(|step| step as f64 * STEP);
        let done: f64 = whole.map(|at| self.weight(at) * STEP).sum();
        done + self.weight(hours) * (hours % STEP)
    }

    /// Offices in Europe; in a workshop more and more until it ends, and little after it.
    fn hour_weight(self, hour: usize) -> f64 {
        const WEIGHTS: [f64; 24] = [
            0.05, 0.04, 0.04, 0.04, 0.06, 0.12, 0.35, 0.70, 0.95, 1.00, 0.95, 0.75, 0.80, 0.95,
            1.00, 0.90, 0.65, 0.40, 0.25, 0.20, 0.18, 0.14, 0.10, 0.07,
        ];
        let hour = hour % 24;
        match hour {
            LAST_HOUR if self.quickens => 1.25,
            AFTER if self.quickens => MOST,
            _ => WEIGHTS[hour],
        }
    }

    /// The greatest weight there is.
    pub(crate) fn most(self) -> f64 {
        if self.quickens { MOST } else { 1.0 }
    }
}

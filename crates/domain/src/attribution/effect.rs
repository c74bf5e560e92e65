//! Did the fix help: the effect of a case, measured against a control, and said in words that need no statistics to be read.

use crate::statistics::{Daily, Estimate, Level, SeriesError, interrupted, rise};
use crate::understanding::Localized;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EffectMethod))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Interrupted time series with a control.
    Interrupted,
    /// Too young a problem for that: the daily rates of before and after, without a control.
    Compared,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = CaseVerdict))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// At least as much less as was aimed at, and more than chance makes.
    Reached,
    NotReached,
}

/// The effect of a fix. Shares: −0.38 is 38 % less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Measured {
    pub method: Method,
    pub effect: Estimate,
    /// What the other problems did meanwhile.
    #[cfg_attr(feature = "schema", schema(required))]
    pub control: Option<Estimate>,
    pub per_day_before: f64,
    pub per_day_after: f64,
    pub days_before: u32,
    pub days_after: u32,
    /// What would have come on each day after the fix without it.
    pub expected: Vec<f64>,
    pub verdict: Verdict,
}

/// Days on each side that a mere comparison needs.
const LEAST_DAYS: usize = 3;

/// Measures a fix on whole days, the day of the fix left out. `after` is the first day after it, `less_percent` the target.
///
/// # Errors
/// Where there are too few days, or nothing was counted before the fix.
pub fn measure(days: &[Daily], after: i64, control: &[u64], less_percent: u8) -> Result<Measured, SeriesError> {
    let split = days.partition_point(|d| d.day < after);
    let (before, later) = days.split_at(split);
    let per_day = |days: &[Daily]| days.iter().map(|d| d.count).sum::<u64>() as f64 / days.len().max(1) as f64;
    let count = |days: &[Daily]| u32::try_from(days.len()).unwrap_or(u32::MAX);
    let verdict = |effect: &Estimate| {
        let is_reached = effect.value <= -f64::from(less_percent) / 100.0 && effect.high < 0.0;
        if is_reached { Verdict::Reached } else { Verdict::NotReached }
    };
    match interrupted(days, after, Some(control), Level::P95) {
        Ok(change) => Ok(Measured {
            method: Method::Interrupted,
            effect: change.effect,
            control: change.control,
            per_day_before: change.per_day_before,
            per_day_after: change.per_day_after,
            days_before: count(before),
            days_after: count(later),
            expected: change.expected,
            verdict: verdict(&change.effect),
        }),
        Err(SeriesError::TooShort { .. } | SeriesError::Fit(_)) if before.len() >= LEAST_DAYS && later.len() >= LEAST_DAYS => {
            if before.iter().all(|d| d.count == 0) {
                return Err(SeriesError::Silent);
            }
            let too_short = SeriesError::TooShort { before: before.len(), after: later.len() };
            let effect = rise(before, later, Level::P95).ok_or(too_short)?.ratio.map(|ratio| ratio - 1.0);
            Ok(Measured {
                method: Method::Compared,
                effect,
                control: None,
                per_day_before: per_day(before),
                per_day_after: per_day(later),
                days_before: count(before),
                days_after: count(later),
                expected: vec![per_day(before); later.len()],
                verdict: verdict(&effect),
            })
        }
        Err(error) => Err(error),
    }
}

/// In words, such as 「修复后每天咨询少了约 38%（95% 区间 25%–49%），同期其他问题没有明显变化。」 `what` is what was counted, in both languages.
pub fn say(measured: &Measured, what: &Localized) -> Localized {
    let Estimate { value, low, high } = measured.effect;
    let percent = |share: f64| format!("{:.0}%", share.abs() * 100.0);
    let (own_zh, own_en) = if high < 0.0 {
        // Less: the low end of the share is the larger fall.
        (
            format!("修复后每天{}少了约 {}（95% 区间 {}–{}）", what.zh_cn, percent(value), percent(high), percent(low)),
            format!(
                "{} a day fell by about {} after the fix (95% interval {}–{})",
                what.en,
                percent(value),
                percent(high),
                percent(low)
            ),
        )
    } else if low > 0.0 {
        (
            format!("修复后每天{}反而多了约 {}（95% 区间 {}–{}）", what.zh_cn, percent(value), percent(low), percent(high)),
            format!(
                "{} a day rose by about {} after the fix (95% interval {}–{})",
                what.en,
                percent(value),
                percent(low),
                percent(high)
            ),
        )
    } else {
        let (most_zh, most_en) = (
            format!("最多少 {}、最多多 {}", percent(low), percent(high)),
            format!("from {} less to {} more", percent(low), percent(high)),
        );
        (
            format!("修复后每天{}没有可靠的变化（95% 区间：{most_zh}）", what.zh_cn),
            format!("{} a day did not change beyond chance after the fix (95% interval: {most_en})", what.en),
        )
    };
    let (rest_zh, rest_en) = match &measured.control {
        None => {
            ("历史太短，没有和其他问题对照".to_owned(), "there is too little history to compare with other problems".to_owned())
        }
        Some(control) if control.holds(0.0) => {
            ("同期其他问题没有明显变化".to_owned(), "other problems did not change meanwhile".to_owned())
        }
        Some(control) if control.high < 0.0 => (
            format!("同期其他问题也少了约 {}，已经扣除", percent(control.value)),
            format!("other problems fell by about {} as well, which is taken off", percent(control.value)),
        ),
        Some(control) => (
            format!("同期其他问题多了约 {}，已经扣除", percent(control.value)),
            format!("other problems rose by about {}, which is taken off", percent(control.value)),
        ),
    };
    Localized::new(format!("{own_zh}，{rest_zh}。"), format!("{own_en}; {rest_en}."))
}

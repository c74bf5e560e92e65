//! How well the lender works today, and how a transfer moves on in that weather. Pure: time and weather are arguments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How disbursements or repayments go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferWeather {
    /// Done within seconds.
    #[default]
    Normal,
    /// Done within minutes.
    Slow,
    /// Never answers by itself: transfers stay where they are until the weather changes.
    Silent,
    /// Fails within seconds.
    Failing,
}

/// How the HTTP API itself behaves; the sandbox endpoints are spared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum ApiWeather {
    #[default]
    Normal,
    /// Every answer comes `delay_ms` late.
    Slow { delay_ms: u64 },
    /// Every request is answered 503 and not carried out.
    Down,
    /// Every request is carried out, and answered 200 with a body of the wrong shape.
    Nonsense,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Weather {
    pub api: ApiWeather,
    pub disbursement: TransferWeather,
    pub repayment: TransferWeather,
}

/// Where money on its way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferState {
    Submitted,
    Processing,
    Succeeded,
    Failed,
}

/// How long a transfer waits before it is taken up, and then before it ends.
struct Pace {
    take_up_ms: i64,
    finish_ms: i64,
}

const SECONDS: Pace = Pace { take_up_ms: 1_000, finish_ms: 2_000 };
const MINUTES: Pace = Pace { take_up_ms: 60_000, finish_ms: 240_000 };

/// The next state of a transfer that entered `state` at `since_ms`, with the instant it gets there; nothing where it
/// stays. Instants are counted from `since_ms`, so a store that slept through the change catches up exactly.
pub fn next_state(state: TransferState, since_ms: i64, weather: TransferWeather, now_ms: i64) -> Option<(TransferState, i64)> {
    let (pace, end) = match weather {
        TransferWeather::Normal => (SECONDS, TransferState::Succeeded),
        TransferWeather::Slow => (MINUTES, TransferState::Succeeded),
        TransferWeather::Failing => (SECONDS, TransferState::Failed),
        TransferWeather::Silent => return None,
    };
    let (next, at_ms) = match state {
        TransferState::Submitted => (TransferState::Processing, since_ms + pace.take_up_ms),
        TransferState::Processing => (end, since_ms + pace.finish_ms),
        TransferState::Succeeded | TransferState::Failed => return None,
    };
    (at_ms <= now_ms).then_some((next, at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use TransferState::*;
    use TransferWeather::*;

    #[test]
    fn a_transfer_moves_at_the_pace_of_the_weather() {
        for (state, weather, waited_ms, want) in [
            (Submitted, Normal, 999, None),
            (Submitted, Normal, 1_000, Some((Processing, 1_000))),
            (Processing, Normal, 9_000, Some((Succeeded, 2_000))),
            (Submitted, Slow, 59_999, None),
            (Submitted, Slow, 60_000, Some((Processing, 60_000))),
            (Processing, Slow, 240_000, Some((Succeeded, 240_000))),
            (Processing, Failing, 2_000, Some((Failed, 2_000))),
            (Submitted, Silent, i64::MAX, None),
            (Processing, Silent, i64::MAX, None),
            (Succeeded, Normal, i64::MAX, None),
            (Failed, Normal, i64::MAX, None),
        ] {
            assert_eq!(next_state(state, 0, weather, waited_ms), want, "{state:?} in {weather:?} after {waited_ms} ms");
        }
    }
}

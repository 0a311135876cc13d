//! What a window, a study or a search takes, estimated before it begins, and what it may take.

mod estimate;

use std::time::Duration;

pub use self::estimate::{drawing, one, search, study, window};
use super::Settings;
use crate::num::room;
use crate::sim::settings::row::{self, Kind};

/// Memory and time of one core.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Bytes.
    pub bytes: f64,
    /// So many more, at most, where numbers leave float64 and have an exponent each.
    pub wide: f64,
    /// Seconds.
    pub seconds: f64,
}

impl Cost {
    /// More than this is asked for before it is computed: a gigabyte, ten seconds.
    const MUCH: Self = Self {
        bytes: 1e9,
        wide: 0.0,
        seconds: 10.0,
    };

    /// Whether the system has the memory, as far as that is known before it is used: for all that its
    /// numbers may take, and for what an estimate misses.
    ///
    /// # Errors
    /// One sentence with what it takes.
    pub fn room(self) -> Result<(), String> {
        self.room_beside(0)
    }

    /// As [`Cost::room`], where so many bytes of it are laid out already.
    ///
    /// # Errors
    /// As [`Cost::room`].
    pub fn room_beside(self, laid_out: usize) -> Result<(), String> {
        /// An estimate may be so much too small, and what is written of numbers takes some megabytes.
        const MORE: f64 = 1.33;
        const BESIDE: f64 = 2.4e7;
        let most = MORE * (self.bytes + self.wide) + BESIDE;
        if room::is_there(most - laid_out as f64) {
            return Ok(());
        }
        let [usual, most] = [self.bytes, self.bytes + self.wide].map(bytes_text);
        let wide = if usual == most {
            String::new()
        } else {
            format!(", or up to {most} where numbers leave float64")
        };
        Err(format!(
            "there is no memory for it, which takes about {usual}{wide}"
        ))
    }

    /// Whether it is so much, and more than another, that it is asked for.
    pub fn is_heavy_beside(self, other: Self) -> bool {
        // What differs by less than this is no news.
        const MORE: f64 = 1.05;
        let over = |mine: f64, much: f64, theirs: f64| mine > much.max(MORE * theirs);
        over(self.bytes, Self::MUCH.bytes, other.bytes)
            || over(self.seconds, Self::MUCH.seconds, other.seconds)
    }
}

/// `80 MB`, `4 GB`.
fn bytes_text(bytes: f64) -> String {
    match bytes {
        bytes if bytes < 1e9 => format!("{:.0} MB", (bytes / 1e6).ceil()),
        bytes => format!("{:.0} GB", bytes / 1e9),
    }
}

impl std::fmt::Display for Cost {
    /// `about 4 GB and 90 s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = bytes_text(self.bytes);
        let time = match self.seconds {
            seconds if seconds < 100.0 => format!("{:.0} s", seconds.ceil()),
            seconds => format!("{:.0} min", seconds / 60.0),
        };
        write!(f, "about {bytes} and {time}")
    }
}

impl std::ops::Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            wide: self.wide + other.wide,
            seconds: self.seconds + other.seconds,
        }
    }
}

/// What each of them may take; nothing for as much as it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Bytes, `--limit-memory`.
    pub bytes: Option<f64>,
    /// Seconds of a core, `--limit-work`.
    pub seconds: Option<f64>,
}

impl Budget {
    /// After so long a window is ended although its estimate fitted: on a slower or busy machine.
    pub fn patience(&self) -> Option<Duration> {
        const SLOWER: f64 = 10.0;
        self.seconds
            .map(|most| Duration::from_secs_f64(SLOWER * most))
    }

    /// The threads that a map or a training may have of so many: one, where work is limited.
    pub const fn threads(&self, all: usize) -> usize {
        if self.seconds.is_some() { 1 } else { all }
    }

    fn allows(&self, cost: Cost) -> bool {
        self.bytes.is_none_or(|most| cost.bytes + cost.wide <= most)
            && self.seconds.is_none_or(|most| cost.seconds <= most)
    }

    /// Whether something fits that is no window.
    ///
    /// # Errors
    /// One sentence with what it takes, and the limit.
    pub fn admit(&self, what: &str, cost: Cost) -> Result<(), String> {
        if self.allows(cost) {
            return Ok(());
        }
        Err(format!(
            "{what} is too large here: it takes {cost}, more than fits {}",
            self.over(cost)
        ))
    }

    /// Whether settings fit, by what they cost.
    ///
    /// # Errors
    /// One sentence with the setting that is too large, and the largest that fits.
    pub fn check(
        &self,
        settings: &Settings,
        cost: impl Fn(&Settings) -> Cost,
    ) -> Result<(), String> {
        if self.allows(cost(settings)) {
            return Ok(());
        }
        let smaller = SIZES.into_iter().filter_map(|name| {
            let Kind::Whole { get, set, .. } = &row::find::<Settings>(name)?.kind else {
                return None;
            };
            let fits = |n: u64| {
                let mut other = settings.clone();
                set(&mut other, n);
                self.allows(cost(&other))
            };
            let value = get(settings);
            Some((name, value, largest(value, fits)?))
        });
        // Of those that would do alone, the one that has to give the least.
        let part = |&(_, value, largest): &(_, u64, u64)| largest as f64 / value as f64;
        let over = self.over(cost(settings));
        Err(match smaller.max_by(|a, b| part(a).total_cmp(&part(b))) {
            Some((name, value, largest)) => {
                format!("{name} {value} is too large here: at most {largest} fits {over}")
            }
            None => format!("hidden, inputs and steps are too large here to fit {over}"),
        })
    }

    /// The limit that a cost goes beyond, in words.
    fn over(&self, cost: Cost) -> String {
        match (self.bytes, self.seconds) {
            (Some(most), _) if cost.bytes + cost.wide > most => {
                format!("into {:.0} MB (--limit-memory)", most / 1e6)
            }
            (_, Some(most)) => format!("into {most} s of a core (--limit-work)"),
            (_, None) => String::new(),
        }
    }
}

/// The settings by which a window grows.
const SIZES: [&str; 3] = ["steps", "hidden", "inputs"];

/// The largest value below one that is too large.
fn largest(too_large: u64, fits: impl Fn(u64) -> bool) -> Option<u64> {
    // A window has at least two steps.
    let (mut low, mut high) = (2, too_large);
    if low >= high || !fits(low) {
        return None;
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Variant;
    use crate::cell::{CellKind, Init, init};
    use crate::io::Named;
    use crate::sim::preset::embedded::FILES;
    use crate::sim::{Against, Data, Side, StudyRequest};

    fn window(settings: &Settings) -> Cost {
        super::window(settings, &Data::default())
    }

    const VISITOR: Budget = Budget {
        bytes: Some(2e8),
        seconds: Some(2.0),
    };

    fn settings(hidden: usize, inputs: usize, steps: usize) -> Settings {
        Settings {
            hidden,
            inputs,
            steps,
            ..Settings::default()
        }
    }

    #[test]
    fn presets_fit_and_giants_do_not() {
        for file in FILES {
            let preset = file.read().expect("it is whole");
            let fits = VISITOR.check(&preset.settings, window);
            assert_eq!(fits, Ok(()), "{}", file.name);
        }
        assert_eq!(VISITOR.check(&settings(64, 8, 1000), window), Ok(()));
        let mut giant = settings(512, 512, 20_000);
        giant.cells[0].variant = Variant::Fgr;
        assert!(window(&giant).bytes > 2e9 && window(&giant).seconds > 60.0);
        assert!(VISITOR.check(&giant, window).is_err());
        let anything = Budget::default();
        assert_eq!(anything.check(&giant, window), Ok(()));
    }

    /// Two models of the user's have each its own size, and settings that of the first.
    #[test]
    fn each_model_is_as_large_as_it_is() {
        let weights = |hidden, inputs| {
            let drawn = init::draw(CellKind::Lstm, hidden, inputs, Init::PyTorch, false, 7);
            Named {
                source: "model.pt".to_owned(),
                value: drawn.expect("it converges").0,
            }
        };
        let with = |own, other| Data {
            parameters: Some(own),
            against: Some(Against {
                parameters: other,
                sequence: None,
                reverse: false,
                labels: ["A", "B"].map(str::to_owned),
                said: String::new(),
            }),
            ..Data::default()
        };
        let mut small = settings(4, 2, 1000);
        small.cells = [CellKind::Lstm.into(); 2];
        let of = |hidden, inputs| one(small.cells[0], &settings(hidden, inputs, 1000));
        let beside = with(weights(4, 2), weights(64, 9));
        assert_eq!(super::window(&small, &beside), of(4, 2) + of(64, 9));
        let [left, right] =
            Side::BOTH.map(|side| study(&small, &beside, StudyRequest::Detach { side }).seconds);
        assert!(right > 20.0 * left, "{left} and {right}");
    }

    #[test]
    fn what_takes_much_is_asked_for_unless_it_takes_no_more_than_now() {
        let small = window(&Settings::default());
        assert!(!small.is_heavy_beside(Cost::default()));
        let large = window(&settings(512, 8, 20_000));
        assert!(large.is_heavy_beside(small) && !large.is_heavy_beside(large));
        let cost = |bytes, seconds| Cost {
            bytes,
            wide: 0.0,
            seconds,
        };
        assert!(cost(2e9, 1.0).is_heavy_beside(small) && cost(1e6, 11.0).is_heavy_beside(small));
        assert!(!cost(0.9e9, 9.0).is_heavy_beside(small));
        assert_eq!(cost(4.2e9, 89.5).to_string(), "about 4 GB and 90 s");
        assert_eq!(cost(1.5e6, 600.0).to_string(), "about 2 MB and 10 min");
    }

    /// What the sentence calls the largest fits, and the next larger does not.
    #[test]
    fn the_sentence_names_what_is_too_large_and_the_largest_that_fits() {
        for (asked, name) in [
            (settings(8, 8, 200_000), "steps"),
            (settings(512, 8, 2_000), "hidden"),
            (settings(32, 60_000, 2_000), "inputs"),
        ] {
            let said = VISITOR.check(&asked, window).unwrap_err();
            assert!(said.starts_with(&format!("{name} ")), "{said}");
            let most = said.split("at most ").nth(1).unwrap();
            let most: u64 = most.split(' ').next().unwrap().parse().unwrap();
            let Kind::Whole { set, .. } = &row::find::<Settings>(name).unwrap().kind else {
                panic!("{name} is a whole number");
            };
            let with = |n: u64| {
                let mut other = asked.clone();
                set(&mut other, n);
                VISITOR.check(&other, window)
            };
            assert_eq!(with(most), Ok(()), "{said}");
            assert!(with(most + 1).is_err(), "{said}");
        }
    }

    #[test]
    fn studies_and_searches_have_their_own_limits() {
        let large = settings(200, 8, 200);
        assert_eq!(VISITOR.check(&large, window), Ok(()));
        let side = Side::Right;
        let spectrum = |s: &Settings| study(s, &Data::default(), StudyRequest::Spectrum { side });
        let said = VISITOR.check(&large, spectrum).unwrap_err();
        assert!(said.contains("2 s of a core (--limit-work)"), "{said}");
        assert!(
            VISITOR
                .check(&large, |s| search(s, &Data::default()))
                .is_err()
        );
        let hops = |s: &Settings| {
            study(
                s,
                &Data::default(),
                StudyRequest::Hops { side, orders: 200 },
            )
        };
        assert_eq!(VISITOR.check(&settings(32, 8, 200), hops), Ok(()));
    }
}

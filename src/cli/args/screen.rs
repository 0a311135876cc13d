//! How the screen is drawn, and what may be done on it.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::values::{Auto, COLORS, FPS, IDLE, LIMIT, MARKERS, SWITCH, one_of, whole};
use crate::ui::look::{Depth, Marker};

/// Colours, characters, keys and limits of the screen.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Screen")]
pub struct ScreenArgs {
    /// Colours: auto, never, 16, 256 or rgb [default: auto]
    #[arg(long, value_name = "COLORS", hide_possible_values = true, value_parser = one_of(COLORS))]
    pub color: Option<Auto<Depth>>,
    /// Palette: auto, dark, light, contrast, mono, a .toml file, or the name of one of your own (see
    /// rnntop themes) [default: auto]
    #[arg(long, value_name = "THEME", value_hint = ValueHint::AnyPath)]
    pub theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long, conflicts_with = "marker")]
    pub ascii: bool,
    /// Characters of curves: auto, octant, braille, block or ascii [default: auto]
    #[arg(long, value_name = "MARKER", hide_possible_values = true, value_parser = one_of(MARKERS))]
    pub marker: Option<Auto<Marker>>,
    /// The mouse: on or off; off, the terminal's own selection works [default: off]
    #[arg(long, value_name = "SWITCH", hide_possible_values = true, value_parser = one_of(SWITCH))]
    pub mouse: Option<bool>,
    /// Keys of your own (see rnntop keys) [default: keys.toml in the configuration folder]
    #[arg(long, value_name = "FILE.toml", value_hint = ValueHint::FilePath)]
    pub keys: Option<PathBuf>,
    /// Frames per second at most, 1 to 60
    #[arg(long, value_name = "N", value_parser = whole(FPS))]
    pub fps: Option<u64>,
    /// Draw curves at once, without the gradient seen to travel back
    #[arg(long)]
    pub still: bool,
    /// For public demos: no file is read or written, and the program cannot be suspended
    #[arg(long)]
    pub read_only: bool,
    /// End after so many seconds without a key
    #[arg(long, value_name = "SECONDS", value_parser = whole(IDLE))]
    pub idle_timeout: Option<u64>,
    /// A window, a study or a search may take so many MB of memory [with --read-only: 200]
    #[arg(long, value_name = "MB", value_parser = whole(LIMIT))]
    pub limit_memory: Option<u64>,
    /// A window, a study or a search may take so many seconds of a core [with --read-only: 2]
    #[arg(long, value_name = "SECONDS", value_parser = whole(LIMIT))]
    pub limit_work: Option<u64>,
    /// End after so many seconds, whatever is going on
    #[arg(long, value_name = "SECONDS", value_parser = whole(IDLE))]
    pub limit_time: Option<u64>,
}

impl ScreenArgs {
    /// The first option of these that was given.
    pub fn given(&self) -> Option<&'static str> {
        let all = [
            ("--color", self.color.is_some()),
            ("--theme", self.theme.is_some()),
            ("--ascii", self.ascii),
            ("--marker", self.marker.is_some()),
            ("--mouse", self.mouse.is_some()),
            ("--keys", self.keys.is_some()),
            ("--fps", self.fps.is_some()),
            ("--still", self.still),
            ("--read-only", self.read_only),
            ("--idle-timeout", self.idle_timeout.is_some()),
            ("--limit-memory", self.limit_memory.is_some()),
            ("--limit-work", self.limit_work.is_some()),
            ("--limit-time", self.limit_time.is_some()),
        ];
        all.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }
}

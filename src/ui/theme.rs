//! Roles and their styles.
//!
//! Panels name what a thing is, never a colour. Every palette is written for 16 colours first; the
//! background is always the terminal's own, and so is the colour of text. What recedes is dimmed
//! rather than grey, because the grey of 16 colours is invisible in some palettes. Without colours
//! everything is said by bold, reverse and dim, and always also by a sign or a word.

pub mod file;
mod nearest;
mod palette;

use ratatui::style::{Modifier, Style};

use crate::flow::{Path, Standing, Verdict};
use crate::ui::colours::{Colours, Shades};
use crate::ui::look::{Depth, ThemeName};

/// What a piece of the picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// A number or word that matters.
    Strong,
    /// Axes, units, explanations.
    Quiet,
    /// The line around a panel.
    Border,
    /// The name of the program and of the panel in focus.
    Focus,
    /// A key that can be pressed.
    Key,
    /// The selected row or screen.
    Selected,
    /// Smaller than |δ_T| by a factor of two or more.
    Vanish,
    /// Between.
    Stable,
    /// Larger than |δ_T| by a factor of two or more.
    Explode,
    /// A failure.
    Error,
    /// The curve of the total.
    Total,
    /// The cursor.
    Cursor,
}

/// Each role in the order of [`Role`]: its name in a file, and how it differs from ordinary text beside its
/// colour, which is the terminal's own in every built-in theme unless [`palette`] has one of that name.
const ROLES: [(&str, Modifier); 13] = [
    ("text", Modifier::empty()),
    ("strong", Modifier::BOLD),
    ("quiet", Modifier::DIM),
    ("border", Modifier::DIM),
    ("focus", Modifier::BOLD),
    ("key", Modifier::BOLD),
    ("selected", Modifier::BOLD.union(Modifier::REVERSED)),
    ("vanish", Modifier::empty()),
    ("stable", Modifier::empty()),
    ("explode", Modifier::BOLD),
    ("error", Modifier::BOLD),
    ("total", Modifier::BOLD),
    ("cursor", Modifier::BOLD),
];

impl From<Verdict> for Role {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Vanishing => Self::Vanish,
            Verdict::Stable => Self::Stable,
            Verdict::Exploding => Self::Explode,
        }
    }
}

impl From<Standing> for Role {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Settled(verdict) => verdict.into(),
            Standing::NearEdge => Self::Stable,
        }
    }
}

/// The steps of a heat map away from zero in either direction.
pub const HEAT_STEPS: i8 = 7;

/// A palette in as many colours as the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Theme {
    /// A built-in theme: of the user's own, the one that it inherits from.
    name: ThemeName,
    depth: Depth,
    /// What the user colours differently.
    own: Option<&'static Colours>,
}

impl Theme {
    /// The theme of this name on a terminal with these colours. `own` is the user's, which only
    /// that name asks for; when there is none, it means the dark theme.
    pub fn new(name: ThemeName, depth: Depth, own: Option<&'static Colours>) -> Self {
        if name == ThemeName::Mono || depth == Depth::Mono {
            return Self {
                name: ThemeName::Mono,
                depth: Depth::Mono,
                own: None,
            };
        }
        let own = own.filter(|_| name == ThemeName::Own);
        let name = match (name, own) {
            (ThemeName::Own, Some(own)) => own.base,
            (ThemeName::Own, None) => ThemeName::Dark,
            (name, _) => name,
        };
        Self { name, depth, own }
    }

    /// Whether there are no colours, so that glyphs must say everything.
    pub fn is_mono(self) -> bool {
        self.depth == Depth::Mono
    }

    /// Whether the heat map needs shades because there are too few colours for its steps.
    pub fn needs_shades(self) -> bool {
        self.depth <= Depth::Ansi16
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let (name, mut modifier) = ROLES[role as usize];
        if self.name == ThemeName::Contrast {
            // High contrast dims nothing.
            modifier.remove(Modifier::DIM);
        }
        let style = match role {
            Role::Vanish => self.ink(palette::VANISH),
            Role::Explode => self.ink(palette::EXPLODE),
            Role::Error => self.ink(palette::ERROR),
            _ => self.foreground(self.own.and_then(|own| own.role(name))),
        };
        style.add_modifier(modifier)
    }

    /// The style of a path: the same everywhere.
    pub fn path(self, path: Path) -> Style {
        let index = match path {
            Path::Carousel | Path::Leak => palette::CAROUSEL,
            Path::Block | Path::Candidate => palette::BLOCK,
            Path::Input | Path::PeepholeInput | Path::GateInput | Path::Reset => palette::INPUT,
            Path::Forget | Path::PeepholeForget | Path::GateForget | Path::Update => {
                palette::FORGET
            }
            Path::Output | Path::PeepholeOutput | Path::GateOutput => palette::OUTPUT,
            Path::Recurrent => palette::RECURRENT,
            Path::Loss | Path::Above => return Style::new(),
        };
        self.ink(index)
    }

    /// The style of one step of the heat map, from −7 (vanished) over 0 (as large as |δ_T|) to +7.
    pub fn heat(self, step: i8) -> Style {
        let step = step.clamp(-HEAT_STEPS, HEAT_STEPS);
        let index = (step + HEAT_STEPS) as usize;
        let own = self.own.and_then(|own| own.heat);
        if self.depth == Depth::Ansi16 && own.is_none() {
            return match step {
                0 => Style::new(),
                ..0 => self.style(Role::Vanish),
                _ => self.style(Role::Explode),
            };
        }
        let heat = own.as_ref().unwrap_or(palette::heat(self.name));
        let style = self.foreground(Some(heat[index]));
        // As the built-in themes have it where a colour alone must say which way.
        if self.depth == Depth::Ansi16 && step > 0 {
            style.add_modifier(Modifier::BOLD)
        } else {
            style
        }
    }

    /// Text in one of the palette's colours, or in the user's in its place.
    fn ink(self, index: usize) -> Style {
        let own = self.own.and_then(|own| own.role(palette::NAMES[index]));
        self.foreground(own.or_else(|| Some(palette::row(self.name)?[index])))
    }

    /// Text in a colour as this terminal shows it; plain where it shows none.
    fn foreground(self, shades: Option<Shades>) -> Style {
        let place = match self.depth {
            Depth::Mono => return Style::new(),
            Depth::Ansi16 => 0,
            Depth::Ansi256 => 1,
            Depth::Rgb => 2,
        };
        shades.map_or(Style::new(), |Shades(colours)| {
            Style::new().fg(nearest::shown(colours[place], self.depth))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    /// Every role, in the order of their names.
    pub(super) const ALL: [Role; 13] = [
        Role::Text,
        Role::Strong,
        Role::Quiet,
        Role::Border,
        Role::Focus,
        Role::Key,
        Role::Selected,
        Role::Vanish,
        Role::Stable,
        Role::Explode,
        Role::Error,
        Role::Total,
        Role::Cursor,
    ];

    #[test]
    fn names_stand_in_the_order_of_the_roles() {
        for (role, (name, _)) in ALL.into_iter().zip(ROLES) {
            assert_eq!(format!("{role:?}").to_lowercase(), name);
        }
    }

    type Linear = [f64; 3];

    /// xterm's colours, which most terminals' 16 are near to or more legible than.
    fn srgb(colour: Color) -> Option<[u8; 3]> {
        match colour {
            Color::Rgb(r, g, b) => Some([r, g, b]),
            Color::Indexed(i) => Some(nearest::rgb(i)),
            _ => nearest::NAMED
                .iter()
                .find(|(_, named, _)| *named == colour)
                .map(|(.., rgb)| *rgb),
        }
    }

    fn linear(rgb: [u8; 3]) -> Linear {
        rgb.map(|v| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    /// Contrast ratio of WCAG 2.
    fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
        let luminance = |c| {
            let [r, g, b] = linear(c);
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (a, b) = (luminance(a), luminance(b));
        a.max(b) / a.min(b)
    }

    fn lab([r, g, b]: Linear) -> [f64; 3] {
        let f = |v: f64| {
            if v > 0.008_856 {
                v.cbrt()
            } else {
                7.787 * v + 16.0 / 116.0
            }
        };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// Full deuteranopia and protanopia after Machado et al. 2009, and undisturbed sight.
    const EYES: [(&str, [[f64; 3]; 3]); 3] = [
        (
            "undisturbed",
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        ),
        (
            "deuteranopia",
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
        ),
        (
            "protanopia",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
    ];

    fn seen(eye: &[[f64; 3]; 3], rgb: [u8; 3]) -> [f64; 3] {
        let v = linear(rgb);
        lab(eye.map(|row| {
            row.iter()
                .zip(v)
                .map(|(m, x)| m * x)
                .sum::<f64>()
                .clamp(0.0, 1.0)
        }))
    }

    /// How far two colours are apart for an eye.
    fn apart(eye: &[[f64; 3]; 3], a: [u8; 3], b: [u8; 3]) -> f64 {
        let squares = seen(eye, a).into_iter().zip(seen(eye, b));
        squares.map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
    }

    pub(super) const PATHS: [Path; 6] = [
        Path::Carousel,
        Path::Block,
        Path::Input,
        Path::Forget,
        Path::Output,
        Path::Recurrent,
    ];
    const DEPTHS: [Depth; 3] = [Depth::Ansi16, Depth::Ansi256, Depth::Rgb];

    #[test]
    fn contrast_on_its_background() {
        for (name, ground) in [
            (ThemeName::Dark, [0; 3]),
            (ThemeName::Contrast, [0; 3]),
            (ThemeName::Light, [255; 3]),
        ] {
            for depth in DEPTHS {
                let theme = Theme::new(name, depth, None);
                // xterm's own bright blue is 4.43 on black; the 16 are the user's to choose.
                let text = match (name, depth) {
                    (ThemeName::Contrast, _) => 6.9,
                    (_, Depth::Ansi16) => 4.4,
                    _ => 4.5,
                };
                let styles = ALL
                    .iter()
                    .map(|&r| (format!("{r:?}"), theme.style(r)))
                    .chain(PATHS.iter().map(|&p| (format!("{p:?}"), theme.path(p))));
                for (what, style) in styles {
                    if let Some(rgb) = style.fg.and_then(srgb) {
                        let c = contrast(rgb, ground);
                        assert!(c >= text, "{name:?} {depth:?} {what}: {c:.2} < {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn colour_blind_eyes_tell_the_paths_apart() {
        for name in [ThemeName::Dark, ThemeName::Light, ThemeName::Contrast] {
            for depth in [Depth::Ansi256, Depth::Rgb] {
                let theme = Theme::new(name, depth, None);
                let inks: Vec<_> = PATHS[..5]
                    .iter()
                    .map(|&p| (p, srgb(theme.path(p).fg.unwrap()).unwrap()))
                    .collect();
                for (eye, matrix) in &EYES {
                    for (i, &(p, a)) in inks.iter().enumerate() {
                        for &(q, b) in &inks[..i] {
                            let d = apart(matrix, a, b);
                            assert!(
                                d >= 20.0,
                                "{name:?} {depth:?} {eye}: {p:?} and {q:?} are {d:.1} apart"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn vanishing_and_exploding_differ_for_every_eye() {
        for name in [ThemeName::Dark, ThemeName::Light, ThemeName::Contrast] {
            for depth in DEPTHS {
                let theme = Theme::new(name, depth, None);
                let ink = |role| srgb(theme.style(role).fg.unwrap()).unwrap();
                for (eye, matrix) in &EYES {
                    let d = apart(matrix, ink(Role::Vanish), ink(Role::Explode));
                    assert!(d >= 40.0, "{name:?} {depth:?} {eye}: {d:.1}");
                }
            }
        }
    }

    /// The hue of a colour as undisturbed eyes see it, in degrees.
    fn hue(rgb: [u8; 3]) -> f64 {
        let [_, a, b] = seen(&EYES[0].1, rgb);
        b.atan2(a).to_degrees().rem_euclid(360.0)
    }

    /// The colour of the carousel must not say "vanishing", and the colour of block not "exploding".
    #[test]
    fn hues_of_paths_are_not_hues_of_verdicts() {
        for name in [ThemeName::Dark, ThemeName::Light, ThemeName::Contrast] {
            for depth in DEPTHS {
                let theme = Theme::new(name, depth, None);
                for path in PATHS {
                    // The colour of text is no hue.
                    let Some(ink) = theme.path(path).fg.and_then(srgb) else {
                        continue;
                    };
                    for role in [Role::Vanish, Role::Explode] {
                        let verdict = srgb(theme.style(role).fg.unwrap()).unwrap();
                        let turned = (hue(ink) - hue(verdict)).abs();
                        let turned = turned.min(360.0 - turned);
                        let at = format!("{name:?} {depth:?}: {path:?} and {role:?}");
                        assert!(turned >= 20.0, "{at} are {turned:.0}° apart");
                        let d = apart(&EYES[0].1, ink, verdict);
                        assert!(d >= 30.0, "{at} are {d:.1} apart");
                    }
                }
            }
        }
    }

    #[test]
    fn backgrounds_are_the_terminals_own() {
        for name in [
            ThemeName::Dark,
            ThemeName::Light,
            ThemeName::Contrast,
            ThemeName::Mono,
        ] {
            for depth in [Depth::Mono, Depth::Ansi16, Depth::Ansi256, Depth::Rgb] {
                let theme = Theme::new(name, depth, None);
                let styles = ALL
                    .iter()
                    .map(|&r| theme.style(r))
                    .chain(PATHS.iter().map(|&p| theme.path(p)))
                    .chain((-8..=8).map(|s| theme.heat(s)));
                for style in styles {
                    assert_eq!(style.bg, None);
                    let grey = [Color::Black, Color::White, Color::Gray, Color::DarkGray];
                    assert!(!style.fg.is_some_and(|c| grey.contains(&c)));
                    assert!(!theme.is_mono() || style.fg.is_none());
                }
            }
        }
    }
}

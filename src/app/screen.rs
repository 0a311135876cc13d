//! The screens: one list, and a folder for each with everything of it.
//!
//! What a screen is, [`Room`](crate::app::room::Room) says; a screen's own file has the one of it.

pub mod explain;
pub mod flow;
pub mod gates;
pub mod hops;
pub mod layers;
pub mod paths;
pub mod phase;
pub mod presets;
pub mod settings;
pub mod spectrum;
pub mod train;

/// The one list, in the order of the title line: each screen with its module, its key, the type of
/// what it keeps and that of its own actions, where it has such.
macro_rules! screens {
    ($make:ident) => {
        $make! {
            /// Both cells side by side, the paths at the cursor, the three controls.
            Flow = flow '1' [State] [Action];
            /// Every path over the window.
            Paths = paths '2' [] [];
            /// Activations of the gates over the window.
            Gates = gates '3' [] [];
            /// The parameter list.
            Settings = settings '4' [State] [];
            /// The presets.
            Presets = presets '5' [State] [];
            /// How often the gradient crossed a recurrent matrix.
            Hops = hops '6' [State] [];
            /// Eigenvalues, singular values and exponents of the focused cell.
            Spectrum = spectrum '7' [State] [Action];
            /// A path at the cursor, in formulas and numbers.
            Explain = explain '8' [State] [Action];
            /// All layers of the user's model.
            Layers = layers '9' [State] [Action];
            /// A network that learns, or two.
            Train = train 'T' [State] [Action];
            /// Where in a plane of two settings the gradient vanishes and explodes.
            Phase = phase 'P' [State] [Action];
        }
    };
}
pub(in crate::app) use screens;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $module:ident $key:literal [$($state:ident)?] [$($action:ident)?];)*) => {
        /// A screen's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Screen {
            $($(#[$doc])* $name,)*
        }

        impl Screen {
            /// In the order of the title line.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in the title line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($module),)*
                }
            }

            /// The heading of its own keys.
            pub const fn heading(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("on ", stringify!($module)),)*
                }
            }

            /// Its key, unless the user has another.
            pub const fn key(self) -> char {
                match self {
                    $(Self::$name => $key,)*
                }
            }
        }

        /// What each screen keeps for itself.
        #[derive(Debug, Default)]
        pub struct States {
            $($(#[doc = concat!("Of the screen ", stringify!($module), ".")]
            pub $module: $module::$state,)?)*
        }

        /// What can be done on one screen only.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum Own {
            $($(#[doc = concat!("On the screen ", stringify!($module), ".")]
            $name($module::$action),)?)*
        }

        impl Own {
            /// The screen on which it can be done.
            pub const fn screen(self) -> Screen {
                match self {
                    $($(Self::$name(action) => {
                        let _: $module::$action = action;
                        Screen::$name
                    })?)*
                }
            }
        }
    };
}
screens!(names);

#[allow(
    clippy::derivable_impls,
    reason = "the list has no place for the attribute"
)]
impl Default for Screen {
    /// Where the program begins, and where leaving another screen leads.
    fn default() -> Self {
        Self::Flow
    }
}

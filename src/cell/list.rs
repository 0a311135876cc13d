//! What follows from the list of the cells.

/// Makes of the list of cells the enum of their kinds, the cell whose kind is known only when the
/// program runs, and the macro `with_cell!`, which does something with any of them.
macro_rules! cells {
    // `$d` is a dollar sign for the macro that the macro makes.
    (($d:tt) $($(#[$doc:meta])* $kind:ident,)*) => {
        /// Which recurrent cell.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum CellKind {
            $($(#[$doc])* $kind,)*
        }

        impl CellKind {
            /// Every cell.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$kind),*];
            /// Every cell by its name.
            pub const WORDS: [(&'static str, Self); Self::COUNT] =
                [$(($kind::SPEC.name, Self::$kind)),*];
            const COUNT: usize = [$(stringify!($kind)),*].len();

            /// What the cell says about itself.
            pub const fn spec(self) -> &'static Spec {
                match self {
                    $(Self::$kind => $kind::SPEC,)*
                }
            }
        }

        /// One of the cells.
        #[derive(Clone, Debug)]
        pub enum AnyCell {
            $($(#[$doc])* $kind($kind),)*
        }

        impl AnyCell {
            /// The cell that these parameters are of.
            pub fn new(parameters: Parameters, options: Options) -> Self {
                match parameters.kind {
                    $(CellKind::$kind => Self::$kind($kind::build(parameters, options)),)*
                }
            }
        }

        /// Does something with an [`AnyCell`]; it is compiled for each cell: one choice for a whole
        /// window, none within it.
        macro_rules! with_cell {
            ($d any:expr, $d cell:ident => $d what:expr) => {
                match $d any {
                    $($crate::cell::AnyCell::$kind($d cell) => $d what,)*
                }
            };
        }
        pub(crate) use with_cell;
    };
}
pub(super) use cells;

//! Every screen's room, from the one list.

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::has::Has;
use crate::app::keys::key::Key;
use crate::app::keys::row::{Binding, act, row};
use crate::app::room::Room;
use crate::app::screen::{self, Own, Screen, screens};
use crate::app::state::App;

macro_rules! rooms {
    ($($(#[$doc:meta])* $name:ident = $module:ident $key:literal [$($state:ident)?] [$($action:ident)?];)*) => {
        impl Screen {
            /// Everything of the screen.
            pub const fn room(self) -> &'static Room {
                match self {
                    $(Self::$name => &screen::$module::ROOM,)*
                }
            }
        }

        /// The keys that lead to the screens.
        pub static KEYS: &[Binding] = &[row(
            "screens",
            "screen",
            concat!($(", ", stringify!($module)),*).split_at(2).1,
            Has::SCREEN,
            (22, 19),
            &[$(act(
                concat!("screen_", stringify!($module)),
                concat!("show the screen ", stringify!($module)),
                &[Key::Char($key)],
                Action::Show(Screen::$name),
            )),*],
        )];

        impl Own {
            /// Does it.
            pub(super) fn act(self, app: &mut App) -> Effect {
                match self {
                    $($(Self::$name(action) => {
                        let action: screen::$module::$action = action;
                        screen::$module::act(app, action)
                    })?)*
                }
            }
        }
    };
}
screens!(rooms);

//! The keys of the training.

use super::state::Action::{
    self, Again, Clipping, Cursor, Demonstrate, Differ, Extend, Look, Other, Pair, Rate, Save, Surface, Threshold, Undo,
};
use crate::app::action::Action::Own;
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, End, Home, Left, Right, ShiftLeft, ShiftRight, Tab};
use crate::app::keys::row::{Binding, FAR, act, one, row};
use crate::app::screen;
use crate::app::screen::Screen;

const HERE: Has = Has::only(Screen::Train);

const fn own(action: Action) -> crate::app::action::Action {
    Own(screen::Own::Train(action))
}

/// In the order in which they are listed.
pub static KEYS: &[Binding] = &[
    row("train", "η", "lower, raise the learning rate from the next update on", HERE, (2, 2), &[
        act("rate_down", "lower the learning rate", &[Char('r')], own(Rate(-1))),
        act("rate_up", "raise the learning rate", &[Char('R')], own(Rate(1))),
    ]),
    row("train", "clip", "lower, raise the clipping threshold of the training", HERE, (3, 3), &[
        act("training_clip_down", "lower the clipping threshold of the training", &[Char('c')], own(Threshold(-1))),
        act("training_clip_up", "raise the clipping threshold of the training", &[Char('C')], own(Threshold(1))),
    ]),
    row("train", "mode", "the next clipping of the training: off, norm, value", HERE, (4, 4), &[one("training_clip_mode", &[Char('v')], own(Clipping))]),
    row("train", "undo", "take the last change of η or clipping back", HERE, (5, 5), &[act("undo_training", "undo the last change of η or clipping", &[Char('u')], own(Undo))]),
    row("train", "demo", "the demonstration: an explosion wrecks a run, and clipping saves the one beside it", HERE, (1, 1), &[
        act("demonstration", "the demonstration: an explosion wrecks a run", &[Char('d')], own(Demonstrate)),
    ]),
    row("train", "A/B", "two runs that differ in clipping, cell, forget bias, initialisation or η; then one", HERE, (7, 7), &[
        act("differ", "two runs that differ in the next thing, or one again", &[Char('b')], own(Differ)),
    ]),
    row("train", "run", "the other run, for the keys that change one", HERE, (8, 8), &[one("other_run", &[Tab, Char('w')], own(Other))]),
    row("train", "look", "look into the network at this moment, on the live screens", HERE, (9, 9), &[act("look_inside", "look into the network at this moment", &[Char('i')], own(Look))]),
    row("train", "save", "save weights, settings and state; inspect, PyTorch and --resume read them", HERE, (10, 10), &[act("save_training", "save weights, settings and state of the training", &[Char('s')], own(Save))]),
    row("train", "surface", "the error surface of one unit over 50 steps, and back; η and θ are its descents'", HERE, (6, 6), &[
        act("error_surface", "the error surface of one unit, and back", &[Char('e')], own(Surface)),
        act("error_surface_pair", "the next two parameters of the error surface", &[Char('p')], own(Pair)),
    ]),
    row("train", "longer", "as many updates again", HERE, (11, 11), &[one("train_longer", &[Char('+')], own(Extend))]),
    row("train", "again", "begin anew from the first weights", HERE, (12, 12), &[one("train_again", &[Char('B')], own(Again))]),
    row("train", "cursor", "read the numbers of an earlier, a later update", HERE, (13, 13), &[
        act("update_back", "read the numbers of an earlier update", &[Left, Char('h')], own(Cursor(-1))),
        act("update_on", "read the numbers of a later update", &[Right, Char('l')], own(Cursor(1))),
    ]),
    row("train", "ten", "ten columns earlier, later", HERE, (0, 0), &[
        act("updates_back", "read the numbers ten columns earlier", &[ShiftLeft, Char('H')], own(Cursor(-10))),
        act("updates_on", "read the numbers ten columns later", &[ShiftRight, Char('L')], own(Cursor(10))),
    ]),
    row("train", "first, newest", "read the numbers of the first update, of the newest", HERE, (0, 0), &[
        act("update_first", "read the numbers of the first update", &[Home, Char('g')], own(Cursor(-FAR))),
        act("update_newest", "read the numbers of the newest update, as it comes", &[End, Char('G')], own(Cursor(FAR))),
    ]),
];

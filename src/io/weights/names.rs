//! `PyTorch`'s names of the tensors of recurrent modules.

use crate::words::quote;

/// What a tensor is to its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    WeightIh,
    WeightHh,
    BiasIh,
    BiasHh,
    Projection,
    PeepholeI,
    PeepholeF,
    PeepholeO,
}

impl Role {
    pub(super) const PEEPHOLES: [Self; 3] = [Self::PeepholeI, Self::PeepholeF, Self::PeepholeO];

    /// `PyTorch`'s names of the tensors, without layer, in the order of the roles.
    const NAMES: [(Self, &str); 8] = [
        (Self::WeightIh, "weight_ih"),
        (Self::WeightHh, "weight_hh"),
        (Self::BiasIh, "bias_ih"),
        (Self::BiasHh, "bias_hh"),
        (Self::Projection, "weight_hr"),
        (Self::PeepholeI, "weight_peephole_i"),
        (Self::PeepholeF, "weight_peephole_f"),
        (Self::PeepholeO, "weight_peephole_o"),
    ];

    /// `PyTorch`'s name of the tensor, without layer.
    pub(super) const fn name(self) -> &'static str {
        Self::NAMES[self as usize].1
    }
}

/// The last part of a tensor's name, taken apart: `weight_hh`, `_l1`, `_reverse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leaf {
    pub(super) layer: usize,
    pub(super) reverse: bool,
    pub(super) role: Role,
}

impl Leaf {
    /// `None` when no recurrent module has a tensor of this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (name, reverse) = match name.strip_suffix("_reverse") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (name, layer) = match name.rsplit_once("_l") {
            Some((name, layer)) => (name, layer.parse().ok()?),
            None => (name, 0),
        };
        let (role, _) = Role::NAMES.into_iter().find(|(_, own)| *own == name)?;
        Some(Self {
            layer,
            reverse,
            role,
        })
    }
}

/// Whether the last part of a name is that of recurrent weights.
pub(super) fn is_recurrent(name: &str) -> bool {
    Leaf::parse(name).is_some_and(|leaf| leaf.role == Role::WeightHh)
}

/// The name of what a module has under a name.
pub(super) fn joined(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}.{name}")
    }
}

/// A module as a place in messages.
pub(super) fn module_place(name: &str) -> String {
    format!("module {}", quote(name))
}

/// The module's prefix, with its final dot, and the last part of a tensor's name.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    name.rfind('.')
        .map_or(("", name), |dot| name.split_at(dot + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let leaf = |role, layer, reverse| {
            Some(Leaf {
                layer,
                reverse,
                role,
            })
        };
        assert_eq!(Leaf::parse("weight_hh_l0"), leaf(Role::WeightHh, 0, false));
        assert_eq!(Leaf::parse("weight_hh"), leaf(Role::WeightHh, 0, false));
        assert_eq!(
            Leaf::parse("bias_ih_l12_reverse"),
            leaf(Role::BiasIh, 12, true)
        );
        assert_eq!(
            Leaf::parse("weight_peephole_f_l0"),
            leaf(Role::PeepholeF, 0, false)
        );
        assert_eq!(
            Leaf::parse("weight_peephole_o"),
            leaf(Role::PeepholeO, 0, false)
        );
        for other in [
            "weight",
            "weight_hh_lx",
            "weight_hh_l",
            "weight_hh_l-1",
            "xweight_hh",
            "",
        ] {
            assert_eq!(Leaf::parse(other), None, "{other}");
        }
        assert_eq!(split_name("a.b.weight_hh"), ("a.b.", "weight_hh"));
        assert_eq!(split_name("weight_hh"), ("", "weight_hh"));
    }
}

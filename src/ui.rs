//! Pure drawing of a view: theme, layout, widgets, one file per panel.

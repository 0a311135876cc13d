#[path = "../tests/common/live.rs"]
#[allow(dead_code)]
mod live;
use gradtop::app::state::Depth;
use gradtop::cell::CellKind;
use gradtop::ui::view::View;
fn main() {
    for preset in ["why", "power-law"] {
        let mut l = live::Live::new(preset, Depth::Rgb);
        let mut old: Option<Vec<Vec<Option<f64>>>> = None;
        for _ in 0..14 {
            let v = View::new(&l.app);
            let f = v.flow(CellKind::Lstm).unwrap();
            let mut new = vec![v.total(CellKind::Lstm)];
            new.extend(f.paths.iter().map(|p| v.path(CellKind::Lstm, p)));
            print!(
                "{preset} axis {:.1} {:.1} totals {:?} ",
                v.low, v.high, v.totals
            );
            if let Some(old) = &old {
                for (o, n) in old.iter().zip(&new) {
                    let mut d: Vec<f64> =
                        (0..150).filter_map(|t| Some(n[t]? - o[t + 1]?)).collect();
                    d.sort_by(f64::total_cmp);
                    if d.is_empty() {
                        continue;
                    }
                    print!(
                        " [{:.2} {:.2} {:.2}]",
                        d[d.len() / 10],
                        d[d.len() / 2],
                        d[d.len() * 9 / 10]
                    );
                }
            }
            println!();
            old = Some(new);
            l.step();
        }
    }
}

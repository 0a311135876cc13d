//! `rnntop sweep` as a shell sees it: columns, shards, what is left of an interrupted run, and sentences.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");

/// A plane of 30 points that takes no time.
const SMALL: &str = "--cell lstm --hidden 2 --steps 10 --x rho=0.2:3:6 --y forget-bias=-1:4:5";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The command in a folder, without the variables of a Slurm job that runs these tests.
fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("sweep").args(arguments.split_whitespace());
    command.stdin(Stdio::null()).current_dir(folder);
    for name in rnntop::sweep::shard::SLURM {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Path, arguments: &str) -> Output {
    command(folder, arguments).output().unwrap()
}

/// Runs without a word on standard error; standard output.
fn quiet(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{arguments}: {said}"
    );
    without_provenance(&output)
}

/// What standard output has beside the last column, which says in its first row what was swept.
fn without_provenance(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let Some((names, rows)) = text.split_once(",provenance\n") else {
        return text;
    };
    let mut plain = format!("{names}\n");
    for (row, line) in rows.lines().enumerate() {
        let end = if row == 0 { ",\"rnntop " } else { "," };
        plain += &line[..line.rfind(end).unwrap()];
        plain.push('\n');
    }
    plain
}

/// The one sentence of a run that ends with status 2.
fn complaint(folder: &Path, arguments: &str) -> String {
    sentence(&run(folder, arguments), 2)
}

fn sentence(output: &Output, status: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said.strip_prefix("rnntop: ").unwrap().trim_end().to_owned()
}

fn bytes(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Whatever else these tests have shown to be in the folder, there is no journal.
fn no_journal(folder: &Path) {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names
        .filter(|name| name.to_string_lossy().contains(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn columns_are_named_as_the_options_and_rows_go_by_x_then_y_then_seed() {
    let folder = folder("sweep-contract");
    let arguments = "--cell lstm --init orthogonal --hidden 4 --signal zero --x rho=0.2:1.8:3 \
                     --y forget-bias=0:4:2 --seeds 2 --out FILE.csv";
    let said = quiet(&folder, arguments);
    assert!(said.starts_with("12 windows in "), "{said}");
    let text = bytes(&folder, "FILE.csv");
    let mut lines = text.lines();
    let columns = "rho,forget-bias,seed,factor_per_step,log10_growth,lyapunov_max,cause";
    assert_eq!(lines.next(), Some(columns));
    let keys: Vec<String> = lines
        .map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        keys[..5],
        ["0.2 0 7", "0.2 0 8", "0.2 4 7", "0.2 4 8", "1 0 7"]
    );
    assert_eq!(keys.len(), 12);
    // At rest, r is at most f + ρ/4 of an orthogonal R_z, and λ_1 not below ln r.
    for line in text.lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let number = |k: usize| row[k].parse::<f64>().unwrap();
        let f = 1.0 / (1.0 + (-number(1)).exp());
        let r = number(3);
        assert!(r <= (f + number(0) / 4.0) * (1.0 + 1e-12), "{line}");
        assert!((number(4) - 200.0 * r.log10()).abs() < 1e-9, "{line}");
        let explodes = number(4) > 2f64.log10();
        assert_eq!(
            row[6],
            if explodes { "block" } else { "carousel" },
            "{line}"
        );
    }
    no_journal(&folder);
    // What stands beside it is the same sweep again, with every setting.
    quiet(&folder, "FILE.toml --out again.csv");
    assert_eq!(bytes(&folder, "again.csv"), text);
    assert_eq!(bytes(&folder, "again.toml"), bytes(&folder, "FILE.toml"));
    // Without a file it is printed, and nothing else is.
    assert_eq!(quiet(&folder, "FILE.toml"), text);
    assert_eq!(quiet(&folder, "FILE.toml --threads 3 --out -"), text);
}

#[test]
fn shards_join_to_the_same_bytes() {
    let folder = folder("sweep-shards");
    for (name, more) in [
        ("seeds", "--seeds 3"),
        ("quantiles", "--seeds 3 --quantiles 0.25,0.5,1"),
    ] {
        quiet(
            &folder,
            &format!("{SMALL} {more} --out {name}.csv --out {name}.json"),
        );
        for count in [2, 7] {
            let mut files = String::new();
            let mut rows = Vec::new();
            for index in (1..=count).rev() {
                let file = format!("{name}-{index}-{count}.csv");
                quiet(
                    &folder,
                    &format!("{SMALL} {more} --shard {index}/{count} --out {file}"),
                );
                rows.push(bytes(&folder, &file).lines().count() - 1);
                files.extend([file.as_str(), " "]);
            }
            // Balanced: no part has two points more than another.
            let (low, high) = (rows.iter().min().unwrap(), rows.iter().max().unwrap());
            assert!(
                high - low <= 3 && rows.iter().sum::<usize>() == 90,
                "{rows:?}"
            );
            let merged = format!("{name}-{count}-merged");
            quiet(
                &folder,
                &format!("merge {files} --out {merged}.csv --out {merged}.json"),
            );
            for end in ["csv", "json", "toml"] {
                let whole = bytes(&folder, &format!("{name}.{end}"));
                assert_eq!(
                    bytes(&folder, &format!("{merged}.{end}")),
                    whole,
                    "{merged}.{end}"
                );
            }
            assert_eq!(
                quiet(&folder, &format!("merge {files}")),
                bytes(&folder, &format!("{name}.csv"))
            );
        }
    }
}

/// The README's lines for many machines, one after the other where the sweep's own file lies.
#[test]
fn the_parts_of_the_readme_join_where_the_sweep_lies() {
    let readme = include_str!("../../README.md");
    let after = |begin: &str, end: &str| {
        let (_, rest) = readme.split_once(begin).unwrap();
        rest.split_once(end).unwrap().0
    };
    let part = after("--resume-failed rnntop sweep ", " ::: {1..8}");
    let merge = after("    rnntop sweep merge part-*.csv --out ", "\n");
    let folder = folder("sweep-readme");
    quiet(&folder, &format!("{SMALL} --out map.csv"));
    let want = bytes(&folder, "map.csv");
    fs::remove_file(folder.join("map.csv")).unwrap();
    for k in 1..=8 {
        quiet(&folder, &part.replace("{}", &k.to_string()));
    }
    let parts: Vec<String> = (1..=8).map(|k| format!("part-{k}.csv")).collect();
    quiet(&folder, &format!("merge {} --out {merge}", parts.join(" ")));
    assert_eq!(bytes(&folder, merge), want);
}

#[test]
fn quantiles_are_those_of_the_seeds() {
    let folder = folder("sweep-quantiles");
    let plane = "--hidden 3 --steps 10 --x rho=2 --y amplitude=1 --seeds 4";
    let rows = quiet(&folder, plane);
    let column = |text: &str, k: usize| -> Vec<String> {
        let lines = text.lines().skip(1);
        lines
            .map(|line| line.split(',').nth(k).unwrap().to_owned())
            .collect()
    };
    let quantiles = quiet(&folder, &format!("{plane} --quantiles 0,0.5,0.75,1"));
    assert!(
        quantiles.starts_with("rho,amplitude,quantile,factor_per_step,"),
        "{quantiles}"
    );
    assert_eq!(column(&quantiles, 2), ["0", "0.5", "0.75", "1"]);
    for k in 3..6 {
        let numbers =
            |text| -> Vec<f64> { column(text, k).iter().map(|x| x.parse().unwrap()).collect() };
        let mut seeds = numbers(&rows);
        seeds.sort_by(f64::total_cmp);
        let [a, b, c, d] = seeds[..] else {
            panic!("{seeds:?}")
        };
        // As in numpy: numpy.quantile([a, b, c, d], 0.75) is c + (d - c)/4.
        let want = [a, b.midpoint(c), c + (d - c) / 4.0, d];
        for (found, want) in numbers(&quantiles).into_iter().zip(want) {
            assert!((found - want).abs() < 1e-12, "{quantiles}");
        }
    }
}

#[test]
fn json_has_every_setting() {
    let folder = folder("sweep-json");
    let plane = "--cell gru --hidden 2 --steps 10 --x init=pytorch,orthogonal --y amplitude=0.5,2";
    quiet(&folder, &format!("{plane} --out a.json"));
    let all: Value = serde_json::from_str(&bytes(&folder, "a.json")).unwrap();
    let sweep = &all["sweep"];
    assert_eq!(all["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&sweep["cell"], &sweep["seeds"]),
        (&json!("gru"), &json!(1))
    );
    assert_eq!(sweep["x"], "init=pytorch,orthogonal");
    assert_eq!(
        (&sweep["settings"]["hidden"], &sweep["settings"]["seed"]),
        (&json!(2), &json!(7))
    );
    assert_eq!(sweep["settings"]["gate_scale"]["output"], 1);
    let points = all["points"].as_array().unwrap();
    assert_eq!(points.len(), 4);
    assert_eq!(
        (&points[1]["init"], &points[1]["amplitude"]),
        (&json!("pytorch"), &json!(2))
    );
    assert!(points[1]["factor_per_step"].as_f64().unwrap() > 0.0);
    // What is not there is a word here, as JSON has no such numbers.
    quiet(
        &folder,
        "--cell rnn --loss mse --signal sine --steps 5 --x rho=1 --y amplitude=0 --out b.json",
    );
    let all: Value = serde_json::from_str(&bytes(&folder, "b.json")).unwrap();
    assert_eq!(all["points"][0]["log10_growth"], "nan");
    assert_eq!(all["points"][0]["cause"], "undefined");
}

/// A picture has its axes, what its colours say, and what was swept; of a wide one, only so much.
#[test]
fn a_picture_says_what_it_shows() {
    let folder = folder("sweep-picture");
    let plane =
        "--hidden 2 --steps 10 --signal zero --x rho=0.2:3:6 --y forget-bias=-1:4:5 --seeds 3";
    quiet(&folder, &format!("{plane} --out a.svg --out a.csv"));
    let svg = bytes(&folder, "a.svg");
    for text in [
        "lstm, log10 of the factor over T steps",
        "spectral radius ρ (rho)",
        "forget bias (forget-bias)",
        "hidden 2, steps 10, signal zero; median of 3 seeds",
        "<polyline",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    // 30 points, 60 steps of the colour bar, and the paper.
    assert_eq!(svg.matches("<rect").count(), 91);
    quiet(&folder, "merge a.csv --out b.svg --show cause");
    let svg = bytes(&folder, "b.svg");
    for text in ["lstm, cause", "block", "carousel", "none"] {
        assert!(svg.contains(text), "{text}");
    }
    // An axis of words.
    let plane = "--hidden 2 --steps 10 --x init=pytorch,keras --y hidden=1,2,8 --show factor";
    quiet(
        &folder,
        &format!("{plane} --no-lyapunov --out c.svg --out c.csv"),
    );
    let svg = bytes(&folder, "c.svg");
    assert!(svg.contains("pytorch") && svg.contains("factor per step r"));
    assert!(
        bytes(&folder, "c.csv")
            .lines()
            .nth(1)
            .unwrap()
            .contains(",nan,")
    );
    assert!(bytes(&folder, "c.toml").contains("\nlyapunov = false\n"));
}

/// Every point has the colour of its own share: the rows of the same sweep are counted here. Half of a
/// picture's points would change theirs if seeds that only grow a little counted.
#[test]
fn a_picture_shows_the_share_of_seeds_that_explode() {
    let folder = folder("sweep-share");
    let plane = "--hidden 4 --steps 30 --init gaussian --signal zero --x rho=1,2,3 --y forget-bias=1,2 --seeds 4";
    quiet(
        &folder,
        &format!("{plane} --out a.svg --out a.csv --show exploding"),
    );
    let (svg, csv) = (bytes(&folder, "a.svg"), bytes(&folder, "a.csv"));
    assert!(svg.contains("lstm, share of seeds that explode") && svg.contains("; 4 seeds"));
    let growth: Vec<f64> = csv
        .lines()
        .skip(1)
        .map(|row| row.split(',').nth(4).unwrap().parse().unwrap())
        .collect();
    let shares: Vec<usize> = growth
        .chunks(4)
        .map(|seeds| {
            seeds
                .iter()
                .filter(|growth| **growth > 2f64.log10())
                .count()
        })
        .collect();
    // Blue, pale and orange, and what lies between them.
    let colours = ["2166AC", "8CAFD2", "F7F7F7", "E7AC83", "D6600F"];
    let fills: Vec<&str> = svg
        .split("<rect")
        .skip(2)
        .map(|rect| rect.split_once("fill=\"#").unwrap().1.get(..6).unwrap())
        .take(6)
        .collect();
    let want: Vec<&str> = shares.iter().map(|share| colours[*share]).collect();
    assert_eq!(fills, want, "{shares:?}");
    let different: std::collections::HashSet<&usize> = shares.iter().collect();
    assert!(different.len() > 2, "{shares:?}");
    let few = growth
        .chunks(4)
        .map(|seeds| seeds.iter().filter(|x| **x > 0.0).count());
    assert_ne!(few.collect::<Vec<_>>(), shares);
    // The numbers of quantiles do not say it.
    assert_eq!(
        complaint(
            &folder,
            &format!("{plane} --quantiles 0.5 --out b.svg --show exploding")
        ),
        "--show exploding: expected a row for every seed, found quantiles"
    );
}

/// A PNG has every colour that the SVG fills with, the text of axes and caption in ink, and the sweep's file
/// inside.
#[test]
fn a_png_shows_what_the_svg_shows() {
    let folder = folder("sweep-png");
    quiet(
        &folder,
        &format!("{SMALL} --out a.png --out a.svg --out a.csv"),
    );
    let file = std::io::BufReader::new(fs::File::open(folder.join("a.png")).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let shown = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((shown.width, shown.height), (1800, 1280));
    let text = &reader.info().utf8_text[0];
    assert_eq!(text.keyword, "Description");
    assert_eq!(text.get_text().unwrap(), bytes(&folder, "a.toml"));
    let count = |colour: [u8; 3]| pixels.chunks(3).filter(|pixel| *pixel == colour).count();
    let svg = bytes(&folder, "a.svg");
    let mut colours: Vec<&str> = svg
        .split("fill=\"#")
        .skip(1)
        .map(|rest| &rest[..6])
        .collect();
    colours.sort_unstable();
    colours.dedup();
    assert!(colours.len() > 50);
    for colour in colours {
        let value = u32::from_str_radix(colour, 16).unwrap();
        let [_, r, g, b] = value.to_be_bytes();
        assert!(count([r, g, b]) > 100, "#{colour}");
    }
    // The titles of the axes and the caption, each where it belongs, are drawn with a font.
    let ink = |x: std::ops::Range<usize>, y: std::ops::Range<usize>| {
        let dark = |(x, y): (usize, usize)| pixels[3 * (1800 * y + x)] < 128;
        y.flat_map(|y| x.clone().map(move |x| (x, y)))
            .filter(|at| dark(*at))
            .count()
    };
    for (x, y) in [
        (20..60, 300..900),
        (600..1000, 1150..1200),
        (20..900, 1215..1260),
    ] {
        assert!(ink(x.clone(), y.clone()) > 300, "{x:?} {y:?}");
    }
}

/// Parquet has the CSV's columns with the numbers to the last bit, and the sweep's file inside.
#[test]
fn parquet_has_the_numbers_of_the_csv() {
    use parquet::basic::Type;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::{Field, RowAccessor as _};
    let folder = folder("sweep-parquet");
    let plane = "--hidden 2 --steps 10 --signal zero --x hidden=1,2 --y forget=0.5,1 --seeds 2";
    let words =
        "--cell rnn --loss mse --signal sine --steps 5 --x init=pytorch,keras --y amplitude=0,0.5";
    for (name, plane, types) in [
        ("a", plane, [Type::INT64, Type::DOUBLE, Type::INT64]),
        ("b", words, [Type::BYTE_ARRAY, Type::DOUBLE, Type::INT64]),
    ] {
        quiet(
            &folder,
            &format!("{plane} --out {name}.parquet --out {name}.csv"),
        );
        let file = fs::File::open(folder.join(format!("{name}.parquet"))).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let about = reader.metadata().file_metadata();
        let stored = about.key_value_metadata().unwrap();
        let value = |key: &str| {
            stored
                .iter()
                .find(|its| its.key == key)
                .unwrap()
                .value
                .clone()
                .unwrap()
        };
        assert_eq!(
            value("rnntop.sweep"),
            bytes(&folder, &format!("{name}.toml"))
        );
        assert_eq!(value("rnntop.version"), env!("CARGO_PKG_VERSION"));
        let columns = about.schema_descr().columns();
        let csv = bytes(&folder, &format!("{name}.csv"));
        let mut lines = csv.lines();
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        assert_eq!(names.join(","), lines.next().unwrap());
        for (column, wanted) in columns.iter().zip(types) {
            assert_eq!(column.physical_type(), wanted, "{}", column.name());
        }
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let texts: Vec<&str> = lines.next().unwrap().split(',').collect();
            for (k, (_, field)) in row.get_column_iter().enumerate() {
                let same = match field {
                    Field::Long(x) => texts[k] == x.to_string(),
                    Field::Double(x) => {
                        texts[k].parse::<f64>().unwrap().to_bits() == x.to_bits()
                            || x.is_nan() && texts[k] == "nan"
                    }
                    Field::Str(text) => texts[k] == text,
                    _ => false,
                };
                assert!(same, "{field:?}, and not {}", texts[k]);
            }
            assert!(row.get_double(3).is_ok());
        }
        assert_eq!(lines.next(), None);
    }
}

/// Waits until the journal has so many bytes, or the program has ended.
fn wait_for(journal: &Path, size: u64, child: &mut Child) {
    while fs::metadata(journal).map_or(0, |file| file.len()) < size
        && child.try_wait().unwrap().is_none()
    {
        sleep(Duration::from_millis(1));
    }
}

/// A second signal, which comes while the results are written, leaves no half of them.
#[test]
fn asked_twice_it_leaves_nothing_half_written() {
    let folder = folder("sweep-twice");
    let plane = "--cell rnn --hidden 1 --steps 2 --signal zero --x rho=0.2:3:150 --y amplitude=0:4:100 \
                 --resume --out a.csv";
    let half = || {
        let names = fs::read_dir(&folder).unwrap().flatten();
        let mut names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.find(|name| name.starts_with(".rnntop-"))
    };
    let mut met = false;
    // The journal of a sweep that is killed while it writes its results is complete.
    for signal in std::iter::once(Signal::KILL).chain([Signal::INT; 20]) {
        let mut child = command(&folder, plane)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while half().is_none() && child.try_wait().unwrap().is_none() {}
        while child.try_wait().unwrap().is_none() {
            let _ = kill_process(Pid::from_child(&child), signal);
        }
        let status = child.wait().unwrap();
        if signal == Signal::KILL {
            if let Some(name) = half() {
                fs::remove_file(folder.join(name)).unwrap();
            }
            continue;
        }
        assert_eq!(half(), None);
        if status.signal() == Some(Signal::INT.as_raw()) {
            met = true;
            break;
        }
        // It was faster, and did all.
        assert_eq!(status.code(), Some(0));
        fs::remove_file(folder.join("a.csv")).unwrap();
    }
    assert!(met, "the signals always came too late");
}

/// Whenever it is killed, and whatever of the last line is lost then, what `--resume` makes of it is what
/// was never interrupted.
#[test]
fn a_sweep_that_was_killed_goes_on_to_the_same_bytes() {
    let folder = folder("sweep-killed");
    let plane =
        "--cell lstm --hidden 8 --steps 100 --seeds 2 --x rho=0.2:3:14 --y forget-bias=-1:4:9";
    quiet(&folder, &format!("{plane} --out whole.csv"));
    let mut rng = StdRng::seed_from_u64(23);
    let journal = folder.join("a.csv.part");
    let mut kills = 0;
    for round in 0..6 {
        let arguments = format!("{plane} --out a.csv --resume --threads {}", 1 + round % 3);
        let mut child = command(&folder, &arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let done = fs::metadata(&journal).map_or(1200, |file| file.len());
        wait_for(&journal, done + rng.random_range(1..1500), &mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        if !journal.exists() {
            break;
        }
        kills += 1;
        assert!(!folder.join("a.csv").exists());
        // A power cut takes some bytes more.
        let bytes = fs::read(&journal).unwrap();
        let lost = rng.random_range(0..60).min(bytes.len());
        fs::write(&journal, &bytes[..bytes.len() - lost]).unwrap();
    }
    assert!(kills > 2, "killed {kills} times only");
    let said = quiet(&folder, &format!("{plane} --out a.csv --resume"));
    assert!(said.contains(" were there"), "{said}");
    assert_eq!(bytes(&folder, "a.csv"), bytes(&folder, "whole.csv"));
    assert_eq!(bytes(&folder, "a.toml"), bytes(&folder, "whole.toml"));
    no_journal(&folder);
    // Complete, it is left alone.
    let before = fs::metadata(folder.join("a.csv"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(quiet(&folder, &format!("{plane} --out a.csv --resume")), "");
    assert_eq!(
        fs::metadata(folder.join("a.csv"))
            .unwrap()
            .modified()
            .unwrap(),
        before
    );
}

#[test]
fn a_signal_ends_it_with_a_sentence_and_keeps_what_is_done() {
    let folder = folder("sweep-signal");
    let plane = "--cell lstm --hidden 6 --steps 100 --x rho=0.2:3:100 --y amplitude=0:4:100";
    // What is swept takes some 1800 bytes; with more, windows are under way. The journal has a byte as soon as
    // there is anything to keep.
    for (signal, status, begun) in [(Signal::INT, 130, 4000), (Signal::TERM, 143, 1)] {
        let arguments = format!("{plane} --out {status}.csv");
        let mut child = command(&folder, &arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for(
            &folder.join(format!("{status}.csv.part")),
            begun,
            &mut child,
        );
        kill_process(Pid::from_child(&child), signal).unwrap();
        let said = sentence(&child.wait_with_output().unwrap(), status);
        assert!(said.starts_with("interrupted after "), "{said}");
        let end = format!(" of 10000 windows; they are in {status}.csv.part, and --resume goes on");
        assert!(said.ends_with(&end), "{said}");
    }
    assert_eq!(
        complaint(&folder, &format!("{plane} --out 130.csv")),
        "130.csv.part: an interrupted sweep; give --resume to go on with it or --force to begin anew"
    );
    assert_eq!(
        complaint(&folder, &format!("{plane} --out 130.csv --resume --seed 8")),
        "130.csv.part: expected seed = 8, found seed = 7: it is of another sweep"
    );
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = folder("sweep-exists");
    let plane = "--cell rnn --hidden 2 --steps 5 --x rho=1,2 --y amplitude=1";
    for name in ["a.csv", "b.toml", "c.json"] {
        fs::write(folder.join(name), "mine").unwrap();
    }
    for (out, file) in [
        ("a.csv", "a.csv"),
        ("b.csv", "b.toml"),
        ("c.json", "c.json"),
    ] {
        let sentence = format!("{file}: the file exists already; give --force to overwrite it");
        assert_eq!(
            complaint(&folder, &format!("{plane} --out {out}")),
            sentence
        );
        assert_eq!(bytes(&folder, file), "mine");
    }
    assert_eq!(
        complaint(&folder, &format!("{plane} --out a.csv --resume")),
        "a.toml: expected # rnntop 0.1.0, found nothing: it is of another sweep"
    );
    quiet(&folder, &format!("{plane} --out a.csv --force"));
    assert_eq!(
        complaint(&folder, &format!("{plane} --seed 6 --out a.csv --resume")),
        "a.toml: expected seed = 6, found seed = 7: it is of another sweep"
    );
    assert_eq!(
        complaint(&folder, "merge a.csv --out c.json"),
        "c.json: the file exists already; give --force to overwrite it"
    );
    // Of a part that is not there its own name is told, and not that of the file which belongs to it.
    assert_eq!(
        complaint(&folder, "merge none.csv a.csv"),
        "none.csv: there is no such file or folder"
    );
    assert_eq!(
        complaint(&folder, "--x rho=0:1 --y forget=0:1:3"),
        "--x: rho: expected LO:HI:N, N values from LO to HI, found '0:1'"
    );
}

#[test]
fn a_task_of_a_slurm_array_finds_its_part() {
    let folder = folder("sweep-slurm");
    let slurm = |text: &str, [id, count, min, max, step]: [u32; 5]| {
        let mut command = command(&folder, &format!("{SMALL} --shard {text}"));
        let values = [id, count, min, max, step].map(|value| value.to_string());
        command
            .envs(rnntop::sweep::shard::SLURM.into_iter().zip(values))
            .output()
            .unwrap()
    };
    let shard = |text: &str| quiet(&folder, &format!("{SMALL} --shard {text}"));
    for (text, variables, part) in [
        ("slurm", [2, 4, 0, 3, 1], "3/4"),
        ("slurm", [1, 4, 1, 7, 2], "1/4"),
        ("slurm", [7, 4, 1, 7, 2], "4/4"),
        ("slurm/4", [2, 1, 2, 2, 1], "3/4"),
        ("slurm/4", [3, 2, 1, 3, 2], "4/4"),
    ] {
        let output = slurm(text, variables);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        assert_eq!(
            without_provenance(&output),
            shard(part),
            "{text} {variables:?}"
        );
    }
    for (text, variables, said) in [
        (
            "slurm",
            [3, 3, 1, 7, 1],
            "--shard slurm: expected an array that is an even range, as in --array=0-7, found 3 tasks from 1 to 7 with step 1",
        ),
        (
            "slurm/4",
            [4, 1, 4, 4, 1],
            "--shard slurm/4: expected tasks of 0 to 3, as in --array=0-3, found 4",
        ),
        (
            "slurm/0",
            [0, 1, 0, 0, 1],
            "--shard: expected slurm or slurm/N with N from 1, found 'slurm/0'",
        ),
    ] {
        assert_eq!(sentence(&slurm(text, variables), 2), said);
    }
    // One task, alone: that may be meant, and may be a task of a larger array.
    let output = slurm("slurm", [2, 1, 2, 2, 1]);
    assert_eq!(
        sentence(&output, 0),
        "--shard slurm: this array has one task, which computes the whole sweep; a task of a larger array \
         that is submitted again needs --shard slurm/N"
    );
    assert_eq!(without_provenance(&output), quiet(&folder, SMALL));
    assert_eq!(
        complaint(&folder, &format!("{SMALL} --shard slurm")),
        "SLURM_ARRAY_TASK_ID: expected a whole number, as in an array job, found none"
    );
}

/// Two parts of the small plane, and what can be wrong with them.
#[test]
fn what_is_wrong_with_shards_is_named() {
    let folder = folder("sweep-merge");
    for index in 1..=3 {
        quiet(
            &folder,
            &format!("{SMALL} --shard {index}/3 --out {index}.csv"),
        );
    }
    quiet(
        &folder,
        &format!("{SMALL} --shard 2/3 --rho 1 --seed 8 --out other.csv"),
    );
    assert_eq!(
        complaint(&folder, "merge 1.csv 3.csv"),
        "merge: expected 30 rows, found 20: the first that is missing is rho 0.2, forget-bias 0.25, seed 7; \
         there is no file of 2/3"
    );
    assert_eq!(
        complaint(&folder, "merge 1.csv 2.csv 3.csv 1.csv"),
        "1.csv has rho 0.2, forget-bias -1, seed 7 twice"
    );
    assert_eq!(
        complaint(&folder, "merge 1.csv other.csv 3.csv"),
        "other.csv: expected seed = 7 as in 1.csv, found seed = 8: it is of another sweep"
    );
    let copy = |from: &str, to: &str, edit: &dyn Fn(String) -> String| {
        fs::write(
            folder.join(format!("{to}.csv")),
            edit(bytes(&folder, &format!("{from}.csv"))),
        )
        .unwrap();
        fs::copy(
            folder.join(format!("{from}.toml")),
            folder.join(format!("{to}.toml")),
        )
        .unwrap();
    };
    copy("1", "same", &|text| text);
    assert_eq!(
        complaint(&folder, "merge 1.csv 2.csv 3.csv same.csv"),
        "1.csv and same.csv overlap: both have rho 0.2, forget-bias -1, seed 7"
    );
    let first = bytes(&folder, "1.csv").lines().nth(1).unwrap().to_owned();
    let r = first.split(',').nth(3).unwrap().to_owned();
    copy("1", "differs", &|text| text.replacen(&r, "0.5", 1));
    assert_eq!(
        complaint(&folder, "merge 1.csv 2.csv 3.csv differs.csv"),
        format!(
            "1.csv and differs.csv differ at rho 0.2, forget-bias -1, seed 7: factor_per_step is {r} and 0.5"
        )
    );
    copy("1", "word", &|text| text.replacen(&r, "fast", 1));
    let said = complaint(&folder, "merge word.csv 2.csv 3.csv");
    assert!(
        said.starts_with("word.csv, line 2: expected three numbers and a cause, found fast,"),
        "{said}"
    );
    copy("1", "stray", &|text| text.replacen("\n0.2,", "\n0.3,", 1));
    assert_eq!(
        complaint(&folder, "merge stray.csv 2.csv 3.csv"),
        "stray.csv, line 2: expected a point of the sweep, found 0.3,-1,7"
    );
    copy("1", "columns", &|text| {
        text.replacen("forget-bias", "bias", 1)
    });
    let said = complaint(&folder, "merge columns.csv 2.csv 3.csv");
    assert!(
        said.starts_with("columns.csv: expected the columns rho,forget-bias,seed,"),
        "{said}"
    );
    fs::remove_file(folder.join("2.toml")).unwrap();
    assert_eq!(
        complaint(&folder, "merge 1.csv 2.csv 3.csv"),
        "2.toml: there is no such file or folder"
    );
}

/// An axis over what the cell does not have, or does not use, is refused.
#[test]
fn an_axis_that_would_change_nothing_is_refused() {
    let folder = folder("sweep-axis");
    for (arguments, sentence) in [
        (
            "--cell gru --x peephole-size=0,1 --y steps=9",
            "peephole-size: expected a cell that has it, found gru",
        ),
        (
            "--x peephole-size=0,1 --y steps=9",
            "peephole-size: expected peepholes on, found peepholes off",
        ),
        (
            "--cell indrnn --x mix=0,1 --y steps=9",
            "mix: expected a cell that has it, found indrnn",
        ),
        (
            "--init pytorch --x mix=0,1 --y steps=9",
            "mix: expected init orthogonal, found another init",
        ),
    ] {
        assert_eq!(complaint(&folder, arguments), sentence);
    }
}

#[test]
fn a_wrong_sweep_gets_one_sentence() {
    let folder = folder("sweep-bad");
    let spec = |text: &str| fs::write(folder.join("s.toml"), text).unwrap();
    for (arguments, sentence) in [
        (
            "",
            "expected an axis x such as --x rho=0.5:2:101, found none",
        ),
        (
            "--x rho=0:1:3",
            "expected an axis y such as --y rho=0.5:2:101, found none",
        ),
        (
            "--x rho=0:1:0 --y steps=9",
            "--x: rho: expected 1 to 10000 values, found 0 in '0:1:0'",
        ),
        (
            "--x roh=0:1:2 --y steps=9",
            "--x: there is no setting 'roh'; did you mean rho?",
        ),
        (
            "--cell rnn --x forget=0,1 --y steps=9",
            "forget: expected a cell that has it, found rnn",
        ),
        (
            "--x rho=0:1:9999 --y amplitude=0:1:9999",
            "rho x amplitude x seeds: expected at most 2000000 windows, found 99980001",
        ),
        (
            "--x rho=1 --y steps=9 --out a.xlsx",
            "--out: expected a name that ends in .csv, .json, .parquet, .svg or .png, found a.xlsx",
        ),
        (
            "--x rho=1 --y steps=9 --shard 3/2",
            "--shard: expected I/N with I from 1 to N, slurm or slurm/N, found '3/2'",
        ),
        (
            "--x rho=1 --y steps=9 --shard 1/2",
            "--shard: expected at most 1 parts, one for each point, found 2",
        ),
        (
            "--x rho=1,2 --y steps=9 --shard 1/2 --out a.json",
            "--out: expected FILE.csv for the part 1/2 of a sweep, found a.json",
        ),
        (
            "--x rho=1 --y steps=9 --quantiles 0.5,0.1",
            "--quantiles: expected ascending numbers from 0 to 1, such as 0.25,0.5,0.75, found '0.5,0.1'",
        ),
        (
            "--x rho=1 --y steps=9 --seeds 0",
            "--seeds: expected a whole number from 1 to 10000, found 0",
        ),
        (
            "--x rho=1 --y steps=9 --cells gru,rnn",
            "expected --cell, since a sweep is of one cell, found --cells",
        ),
        (
            "--x rho=1 --y steps=9 --cell gru --variant nfg",
            "--variant: expected an lstm, the only cell with variants, found gru",
        ),
        (
            "nothing",
            "sweep: expected larger or a .toml file, found 'nothing'",
        ),
        (
            "nothing.toml",
            "nothing.toml: there is no such file or folder",
        ),
    ] {
        assert_eq!(complaint(&folder, arguments), sentence, "{arguments}");
    }
    for (text, sentence) in [
        (
            "z = 1",
            "s.toml, line 1: z: there is no such field; did you mean x?",
        ),
        (
            "x = 1",
            "s.toml, line 1: x: expected a text in quotation marks, found 1",
        ),
        (
            "seeds = 1\nx = 'rho=5:1:2'",
            "s.toml, line 2: x: rho: expected LO below HI and 2 values or more (or LO = HI and 1), found '5:1:2'",
        ),
        (
            "cell = 'lstn'",
            "s.toml, line 1: cell: expected rnn, lstm, gru, mingru, minlstm, lru or indrnn, found 'lstn'",
        ),
        (
            "quantiles = [0.5, 2]",
            "s.toml, line 1: quantiles: expected ascending numbers from 0 to 1, such as 0.25,0.5,0.75, found a list",
        ),
        (
            "[settings]\nhiden = 3",
            "s.toml, line 2: settings.hiden: there is no such field; did you mean hidden?",
        ),
    ] {
        spec(text);
        assert_eq!(complaint(&folder, "s.toml"), sentence);
    }
}

/// Beside standard output there is no file that could say it.
#[test]
fn what_is_printed_says_where_it_comes_from_and_is_made_again_from_that() {
    let folder = folder("printed");
    let output = run(&folder, SMALL);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().next_back(),
        Some("provenance")
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let said = rows[0].iter().next_back().unwrap();
    assert!(said.starts_with(&format!(
        "rnntop {}, no preset, seed ",
        env!("CARGO_PKG_VERSION")
    )));
    assert!(
        rows[1..]
            .iter()
            .all(|row| row.iter().next_back() == Some(""))
    );
    let (_, again) = said.split_once("; again: rnntop sweep ").unwrap();
    assert_eq!(run(&folder, again).stdout, output.stdout);
    // A file has it in the .toml beside it, and is read by merge.
    quiet(&folder, &format!("{SMALL} --out map.csv"));
    let file = fs::read_to_string(folder.join("map.csv")).unwrap();
    assert_eq!(file, without_provenance(&output));
}

//! Files that other programs write are read as they were meant, damaged ones never panic, and
//! results are written whole or not at all.

// The helpers of tests are tests, too.
use crate::common::parameters::{load_parameters, parse_parameters};
use std::fs;
use std::path::Path;

use half::{bf16, f16};
use ndarray::{Array1, Array2, Array3, ShapeBuilder, array};
use ndarray_npy::{WritableElement, WriteNpyExt};
use proptest::prelude::*;
use rnntop::cell::CellKind;
use rnntop::io::arrays::parse_sequence;
use rnntop::io::{
    InputError, OutputError, Sequence, load_matrix, load_sequence, load_vector, write_new,
};
use rnntop::words::sanitise;
use safetensors::tensor::{Dtype, TensorView};

/// Tensors with these names and shapes, their elements 1, 2, 3, … in the given type.
fn counting(tensors: &[(&str, &[usize])], dtype: Dtype) -> Vec<u8> {
    let mut next = 0.0;
    let data: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| {
            let element = |_| {
                next += 1.0;
                encode(next, dtype)
            };
            (0..shape.iter().product()).flat_map(element).collect()
        })
        .collect();
    let views = tensors.iter().zip(&data).map(|((name, shape), data)| {
        (
            (*name).to_owned(),
            TensorView::new(dtype, shape.to_vec(), data).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

fn encode(value: f64, dtype: Dtype) -> Vec<u8> {
    match dtype {
        Dtype::F64 => value.to_le_bytes().to_vec(),
        #[allow(clippy::cast_possible_truncation)]
        Dtype::F32 => (value as f32).to_le_bytes().to_vec(),
        Dtype::F16 => f16::from_f64(value).to_le_bytes().to_vec(),
        Dtype::BF16 => bf16::from_f64(value).to_le_bytes().to_vec(),
        other => panic!("{other:?}"),
    }
}

const FLOATS: [Dtype; 4] = [Dtype::F64, Dtype::F32, Dtype::F16, Dtype::BF16];

#[test]
fn an_lstm_in_every_type() {
    for dtype in FLOATS {
        let tensors: &[(&str, &[usize])] = &[
            ("weight_ih_l0", &[4, 2]),
            ("weight_hh_l0", &[4, 1]),
            ("bias_ih_l0", &[4]),
            ("bias_hh_l0", &[4]),
            ("weight_peephole_i_l0", &[1]),
            ("weight_peephole_f_l0", &[1]),
            ("weight_peephole_o_l0", &[1]),
        ];
        let p = parse_parameters(&counting(tensors, dtype), "w", None).unwrap();
        assert_eq!((p.kind, p.hidden(), p.inputs()), (CellKind::Lstm, 1, 2));
        assert_eq!(p.w, array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]);
        assert_eq!(p.r, array![[9.0], [10.0], [11.0], [12.0]]);
        let biases = [
            array![13.0, 14.0, 15.0, 16.0],
            array![17.0, 18.0, 19.0, 20.0],
        ];
        assert_eq!(p.biases, Some(biases));
        assert_eq!(
            p.peepholes,
            Some([array![21.0], array![22.0], array![23.0]])
        );
    }
}

#[test]
fn an_rnn_without_biases_inside_a_model() {
    let tensors: &[(&str, &[usize])] = &[
        ("model.encoder.rnn.weight_ih_l0", &[2, 1]),
        ("model.encoder.rnn.weight_hh_l0", &[2, 2]),
        ("model.encoder.weight", &[3]),
        ("model.decoder.weight", &[3, 2]),
    ];
    let p = parse_parameters(&counting(tensors, Dtype::F32), "w", Some(CellKind::Rnn)).unwrap();
    assert_eq!((p.kind, p.biases, p.peepholes), (CellKind::Rnn, None, None));
    assert_eq!(p.w, array![[1.0], [2.0]]);
    assert_eq!(p.r, array![[3.0, 4.0], [5.0, 6.0]]);
}

/// `nn.LSTMCell` has no layers in its names; peepholes are written with and without them.
#[test]
fn names_of_cells() {
    let tensors: &[(&str, &[usize])] = &[
        ("weight_ih", &[4, 1]),
        ("weight_hh", &[4, 1]),
        ("weight_peephole_i", &[1]),
        ("weight_peephole_f", &[1]),
        ("weight_peephole_o", &[1]),
    ];
    let p = parse_parameters(&counting(tensors, Dtype::F64), "w", Some(CellKind::Lstm)).unwrap();
    assert_eq!(p.peepholes, Some([array![9.0], array![10.0], array![11.0]]));
}

#[test]
fn metadata_and_other_types_beside_the_module_do_not_matter() {
    let data = vec![0; 8 * 4 + 3];
    let header = r#"{"__metadata__":{"format":"pt"},
        "steps":{"dtype":"I64","shape":[],"data_offsets":[0,8]},
        "rnn.weight_hh_l0":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]},
        "rnn.weight_ih_l0":{"dtype":"F64","shape":[1,2],"data_offsets":[16,32]},
        "nothing":{"dtype":"F32","shape":[0,7],"data_offsets":[32,32]},
        "later":{"dtype":"F3_NEW","shape":[8],"data_offsets":[32,35]}}"#;
    let bytes = [
        &(header.len() as u64).to_le_bytes(),
        header.as_bytes(),
        &data,
    ]
    .concat();
    let p = parse_parameters(&bytes, "w", None).unwrap();
    assert_eq!((p.hidden(), p.inputs()), (1, 2));
}

#[test]
fn the_source_is_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w\u{1b}.safetensors");
    let tensors: &[(&str, &[usize])] = &[("weight_ih_l0", &[1, 1]), ("weight_hh_l0", &[1, 1])];
    fs::write(&path, counting(tensors, Dtype::F64)).unwrap();
    let named = load_parameters(&path, None).unwrap();
    assert!(
        named.source.ends_with("w\u{fffd}.safetensors"),
        "{}",
        named.source
    );
}

// ----------------------------------------------------------------------------------- arrays

fn written(array: &impl WriteNpyExt) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).unwrap();
    bytes
}

fn numbers(bytes: Vec<u8>) -> Array2<f64> {
    match parse_sequence(bytes, "x").unwrap() {
        Sequence::Numbers(numbers) => numbers,
        Sequence::Text(_) => panic!("taken as text"),
    }
}

#[test]
fn npy_of_every_type_in_both_orders() {
    fn check<T: WritableElement + Copy>(cast: impl Fn(u8) -> T) {
        let c = array![[1, 2, 3], [4, 5, 6]].mapv(&cast);
        let expected = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
        assert_eq!(numbers(written(&c)), expected);
        let mut fortran = Array2::from_elem((2, 3).f(), cast(0));
        fortran.assign(&c);
        let read = numbers(written(&fortran));
        assert_eq!(read, expected);
        assert!(read.is_standard_layout());
        assert_eq!(
            numbers(written(&c.row(0).to_owned())),
            array![[1.0], [2.0], [3.0]]
        );
    }
    check(f64::from);
    check(f32::from);
    check(i64::from);
    check(i32::from);
    check(i16::from);
    check(|x| i8::try_from(x).unwrap());
    check(u64::from);
    check(u32::from);
    check(u16::from);
    check(|x| x);
    assert_eq!(numbers(written(&array![true, false])), array![[1.0], [0.0]]);
}

/// What `numpy.save` writes for types that the other writer does not know.
#[test]
fn npy_of_half_and_of_the_other_byte_order() {
    let file = |descr: &str, data: &[u8]| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}\n");
        let length = u32::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x02\x00", &length[..], header.as_bytes(), data].concat()
    };
    let expected = array![[1.5], [-2.0]];
    let half = [1.5, -2.0].map(|x| f16::from_f64(x).to_le_bytes()).concat();
    assert_eq!(numbers(file("<f2", &half)), expected);
    let big = [1.5_f64, -2.0].map(f64::to_be_bytes).concat();
    assert_eq!(numbers(file(">f8", &big)), expected);
    let big = [3_i16, -300].map(i16::to_be_bytes).concat();
    assert_eq!(numbers(file(">i2", &big)), array![[3.0], [-300.0]]);
}

#[test]
fn files_are_told_apart_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        load_sequence(&path).unwrap().value
    };
    let table = Sequence::Numbers(array![[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(read("a.csv", b"x,y\n1,2\n3,4\n"), table);
    assert_eq!(read("a.TSV", b"1\t2\n3\t4\n"), table);
    assert_eq!(
        read("a.npy", &written(&array![[1.0, 2.0], [3.0, 4.0]])),
        table
    );
    assert_eq!(
        read(
            "npy_without_extension",
            &written(&array![[1.0, 2.0], [3.0, 4.0]])
        ),
        table
    );
    assert_eq!(
        read("a.txt", b"1,2\n3,4\n"),
        Sequence::Text(b"1,2\n3,4\n".to_vec())
    );
    assert_eq!(read("a", b"\xff\0"), Sequence::Text(b"\xff\0".to_vec()));
}

#[test]
fn standard_input_is_told_apart_by_its_bytes() {
    let table = Sequence::Numbers(array![[1.0, 2.0], [3.0, 4.0]]);
    let parse = |bytes: &[u8]| parse_sequence(bytes.to_vec(), "standard input");
    for text in ["1,2\n3,4\n", "x,y\n1,2\n\n3,4", "1\t2\r\n3\t4\r\n"] {
        assert_eq!(parse(text.as_bytes()), Ok(table.clone()), "{text:?}");
    }
    assert_eq!(parse(&written(&array![[1_u8, 2], [3, 4]])), Ok(table));
    for text in ["Hello, world\n", "x,y\n", "1,2\nthree,4\n", "\0\u{1b}"] {
        assert_eq!(
            parse(text.as_bytes()),
            Ok(Sequence::Text(text.as_bytes().to_vec()))
        );
    }
    // Mistakes in numbers are reported rather than taken as text.
    assert!(parse(b"1,2\n3\n").is_err());
}

#[test]
fn vectors_and_matrices_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: Vec<u8>| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let v = array![1.0, 2.0, 3.0];
    for path in [
        file("flat.npy", written(&v)),
        file("row.npy", written(&array![[1.0, 2.0, 3.0]])),
        file("column.npy", written(&array![[1.0], [2.0], [3.0]])),
        file("row.csv", b"1,2,3\n".to_vec()),
        file("column.csv", b"v\n1\n2\n3\n".to_vec()),
    ] {
        assert_eq!(load_vector(&path).unwrap().value, v, "{}", path.display());
    }
    let one = file("one.npy", written(&Array1::from_elem(1, 5_i32)));
    assert_eq!(load_vector(&one).unwrap().value, array![5.0]);
    let flat = file("flat.npy", written(&v));
    assert_eq!(
        load_matrix(&flat).unwrap().value,
        array![[1.0], [2.0], [3.0]]
    );
    let wide = file("wide.csv", b"1,2\n3,4\n".to_vec());
    let named = load_matrix(&wide).unwrap();
    assert_eq!(named.value, array![[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(named.source, wide.display().to_string());
    let cube = file("cube.npy", written(&Array3::<f64>::zeros((1, 1, 1))));
    assert!(load_matrix(&cube).is_err());
}

// ---------------------------------------------------------------------------------- damage

/// A change to a file: at a place in the thousandth parts of its length.
#[derive(Clone, Debug)]
enum Damage {
    Set(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = || prop_oneof![0_usize..1000, 0_usize..100];
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(i, b)| Damage::Set(i, b)),
        at().prop_map(Damage::Cut),
        (at(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(i, b)| Damage::Insert(i, b)),
        (at(), "[0-9,\\[\\]{}():'\"-]{1,6}").prop_map(|(i, s)| Damage::Insert(i, s.into_bytes())),
        (at(), 1_usize..9).prop_map(|(i, n)| Damage::Remove(i, n)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let place = |at: usize| at * bytes.len() / 1000;
    match damage {
        Damage::Set(at, b) => {
            let at = place(*at);
            if let Some(old) = bytes.get_mut(at) {
                *old = *b;
            }
        }
        Damage::Cut(at) => bytes.truncate(place(*at)),
        Damage::Insert(at, new) => {
            let at = place(*at);
            bytes.splice(at..at, new.iter().copied());
        }
        Damage::Remove(at, n) => {
            let at = place(*at);
            bytes.drain(at..(at + n).min(bytes.len()));
        }
    }
}

fn is_one_safe_sentence(error: &InputError) -> bool {
    let sentence = error.to_string();
    sentence == sanitise(&sentence) && sentence.len() < 600
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn damaged_weights_are_refused_in_a_sentence(changes in prop::collection::vec(damage(), 1..4)) {
        let tensors: &[(&str, &[usize])] = &[
            ("a.weight_ih_l0", &[8, 3]),
            ("a.weight_hh_l0", &[8, 2]),
            ("a.bias_ih_l0", &[8]),
            ("a.bias_hh_l0", &[8]),
        ];
        let mut bytes = counting(tensors, Dtype::F32);
        for change in &changes {
            apply(&mut bytes, change);
        }
        match parse_parameters(&bytes, "w", None) {
            Ok(p) => prop_assert!(p.r.iter().all(|x| x.is_finite())),
            Err(error) => prop_assert!(is_one_safe_sentence(&error), "{}", error),
        }
    }

    #[test]
    fn damaged_arrays_are_refused_in_a_sentence(changes in prop::collection::vec(damage(), 1..4)) {
        let mut bytes = written(&array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        for change in &changes {
            apply(&mut bytes, change);
        }
        check_sequence(bytes)?;
    }

    #[test]
    fn damaged_tables_are_refused_in_a_sentence(changes in prop::collection::vec(damage(), 1..4)) {
        let mut bytes = b"x,\"y\"\n1,2\n3,4e5\n-5,6\n".to_vec();
        for change in &changes {
            apply(&mut bytes, change);
        }
        check_sequence(bytes)?;
    }

    #[test]
    fn any_bytes_are_something(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_sequence(bytes.clone())?;
        let error = parse_parameters(&bytes, "w", None).unwrap_err();
        prop_assert!(is_one_safe_sentence(&error), "{}", error);
    }
}

fn check_sequence(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    match parse_sequence(bytes, "x") {
        Ok(Sequence::Numbers(x)) => prop_assert!(!x.is_empty() && x.iter().all(|x| x.is_finite())),
        Ok(Sequence::Text(text)) => prop_assert!(!text.is_empty()),
        Err(error) => prop_assert!(is_one_safe_sentence(&error), "{}", error),
    }
    Ok(())
}

// -------------------------------------------------------------------------------------- out

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let name = |e: std::io::Result<fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}

#[test]
fn a_new_file_is_written_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    write_new(&path, b"{}", false).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"{}");
    assert_eq!(names(folder.path()), ["out.json"]);
}

#[test]
fn an_existing_file_is_kept_unless_asked_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    fs::write(&path, b"old").unwrap();
    let error = write_new(&path, b"new", false).unwrap_err();
    assert!(matches!(error, OutputError::Exists { .. }));
    let sentence = "the file exists already; give --force to overwrite it";
    assert_eq!(error.to_string(), format!("{}: {sentence}", path.display()));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    write_new(&path, b"new", true).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["out.json"]);
}

#[test]
fn places_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nowhere/out.json");
    let sentence = "cannot be written: there is no such file or folder";
    assert_eq!(
        write_new(&missing, b"x", false).unwrap_err().to_string(),
        format!("{}: {sentence}", missing.display())
    );
    let sentence = "cannot be written: expected a file, found a folder";
    for overwrite in [false, true] {
        assert_eq!(
            write_new(folder.path(), b"x", overwrite)
                .unwrap_err()
                .to_string(),
            format!("{}: {sentence}", folder.path().display())
        );
    }
    assert!(names(folder.path()).is_empty());
    assert!(write_new(Path::new(""), b"x", false).is_err());
}

#[cfg(unix)]
#[test]
fn links_permissions_and_devices() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    fs::write(&target, b"old").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&target, &link).unwrap();
    assert!(write_new(&link, b"new", false).is_err());
    write_new(&link, b"new", true).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::metadata(&target).unwrap().permissions().mode() & 0o777,
        0o640
    );

    let dangling = folder.path().join("dangling");
    symlink(folder.path().join("gone"), &dangling).unwrap();
    let error = write_new(&dangling, b"x", false).unwrap_err();
    assert!(matches!(error, OutputError::Exists { .. }));
    write_new(&dangling, b"x", true).unwrap();
    assert_eq!(fs::read(&dangling).unwrap(), b"x");

    write_new(Path::new("/dev/null"), b"x", true).unwrap();
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn a_name_as_long_as_names_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x".repeat(255));
    write_new(&path, b"1", false).unwrap();
    write_new(&path, b"2", true).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"2");
}
